//! Rows of registers that a form offers, and those that it names.

use std::collections::{BTreeMap, BTreeSet};

use super::Looked;
use crate::expression::{Map, Value};
use crate::field::{Field, Kind};
use crate::web::desk::Desk;
use crate::web::fail::Fail;
use crate::web::session::Here;
use crate::web::value::row_name;

/// A register with more rows than this is typed into, not chosen from.
const FEW: usize = 200;
/// Rows that are proposed for what was typed.
const PROPOSED: u32 = 20;

/// Everything that a form needs of the registers, loaded beforehand.
#[derive(Debug, Default)]
pub(in crate::web) struct Registers {
    offers: BTreeMap<String, Offer>,
    /// Rows by (register, key).
    rows: BTreeMap<(String, String), Map>,
}

/// What can be chosen from one register.
#[derive(Debug, Default)]
pub(in crate::web) struct Offer {
    /// Key and name of each row, in the register's order.
    pub(in crate::web) rows: Vec<(String, String)>,
    /// All rows stand in the list.
    pub(in crate::web) is_all: bool,
}

impl Registers {
    /// Loads what `fields` offer, and the rows that `raw` and `looked` name.
    pub(in crate::web) async fn load(
        here: &Here,
        desk: &Desk,
        fields: &[Field],
        raw: &Map,
        looked: &Looked,
    ) -> Result<Self, Fail> {
        let mut named = BTreeSet::new();
        named_in(fields, raw, &mut named);
        let mut used = BTreeSet::new();
        used_in(fields, &mut used);
        let mut registers = Self::default();
        for register in used {
            registers.offer(here, desk, register, &named).await?;
        }
        named.extend(looked.rows(&desk.executable, fields, raw));
        for (register, key) in named {
            if registers.rows.contains_key(&(register.clone(), key.clone())) {
                continue;
            }
            let organisation = &here.person.organisation;
            let row = here.app.runtime.store().record(organisation, &register, &key).await?;
            if let Some(row) = row {
                registers.rows.insert((register, key), row);
            }
        }
        Ok(registers)
    }

    async fn offer(
        &mut self,
        here: &Here,
        desk: &Desk,
        id: &str,
        named: &BTreeSet<(String, String)>,
    ) -> Result<(), Fail> {
        let Some(register) = desk.executable.register(id) else { return Ok(()) };
        let store = here.app.runtime.store();
        let organisation = &here.person.organisation;
        let mut found = store.records(organisation, id, "", FEW as u32 + 1).await?;
        let is_all = found.len() <= FEW;
        if !is_all {
            found.clear();
            for (_, typed) in named.iter().filter(|(of, typed)| of == id && !typed.is_empty()) {
                found.extend(store.records(organisation, id, typed, PROPOSED).await?);
            }
        }
        let mut offer = Offer { rows: Vec::new(), is_all };
        for (key, row) in found {
            offer.rows.push((key.clone(), row_name(register, &row, &here.speaker)));
            self.rows.insert((id.to_owned(), key), row);
        }
        self.offers.insert(id.to_owned(), offer);
        Ok(())
    }

    pub(in crate::web) fn row(&self, register: &str, key: &str) -> Option<&Map> {
        self.rows.get(&(register.to_owned(), key.to_owned()))
    }

    pub(in crate::web) fn offered(&self, register: &str) -> Option<&Offer> {
        self.offers.get(register)
    }
}

fn used_in<'a>(fields: &'a [Field], used: &mut BTreeSet<&'a str>) {
    for field in fields.iter().filter(|field| field.is_asked()) {
        match &field.kind {
            Kind::Record { register, .. } => {
                used.insert(register);
            }
            Kind::Group { fields } | Kind::Table { columns: fields, .. } => used_in(fields, used),
            _ => {}
        }
    }
}

fn named_in(fields: &[Field], raw: &Map, named: &mut BTreeSet<(String, String)>) {
    for field in fields {
        match (&field.kind, raw.get(field.name.as_str())) {
            (Kind::Record { register, .. }, Some(Value::Text(key))) => {
                named.insert((register.value.clone(), key.trim().to_owned()));
            }
            (Kind::Group { fields }, Some(Value::Map(inner))) => named_in(fields, inner, named),
            (Kind::Table { columns, .. }, Some(Value::List(rows))) => {
                for row in rows.iter().filter_map(Value::as_map) {
                    named_in(columns, row, named);
                }
            }
            _ => {}
        }
    }
}
