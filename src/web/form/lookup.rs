//! Groups that a register fills: a customer whom it knows need not be typed again.
//!
//! A row is looked up when its key is new, told by the key that the page before had looked up: after
//! that every field is the person's own, also to be emptied. When the key becomes another, what the old
//! row had filled in goes with it, so that nobody gets a neighbour's name.

use std::collections::BTreeMap;

use super::Registers;
use super::prefill::{Sources, fill, take_back};
use crate::expression::{Map, Value};
use crate::field::{Field, Kind};
use crate::procedure::Executable;
use crate::web::body::{LOOKED, Sent};

/// Keys whose rows have been looked up, by the names of their groups.
#[derive(Debug, Default)]
pub(in crate::web) struct Looked(BTreeMap<String, String>);

impl Looked {
    /// As the page that was sent had it.
    pub(in crate::web) fn sent(fields: &[Field], sent: &Sent) -> Self {
        let key = |field: &Field| {
            let key = sent.get(&format!("{LOOKED}{}", *field.name))?.trim();
            (!key.is_empty()).then(|| (field.name.value.clone(), key.to_owned()))
        };
        Self(fields.iter().filter_map(key).collect())
    }

    /// What the case knows already stays as it is.
    pub(in crate::web) fn known(executable: &Executable, fields: &[Field], raw: &Map) -> Self {
        let key = |field: &Field| {
            let group = raw.get(field.name.as_str())?.as_map()?;
            Some((field.name.value.clone(), looked_up(executable, field, group)?.1))
        };
        Self(fields.iter().filter_map(key).collect())
    }

    /// A row had been looked up, and the key has become another since.
    pub(in crate::web) fn is_stale(
        &self,
        executable: &Executable,
        fields: &[Field],
        raw: &Map,
    ) -> bool {
        let now = Self::known(executable, fields, raw);
        self.0.iter().any(|(group, key)| now.0.get(group).is_some_and(|now| now != key))
    }

    /// The rows that [`look_up`] wants: (register, key).
    pub(in crate::web) fn rows<'a>(
        &'a self,
        executable: &'a Executable,
        fields: &'a [Field],
        raw: &'a Map,
    ) -> impl Iterator<Item = (String, String)> + 'a {
        fields.iter().filter(|field| field.from.is_some()).flat_map(|field| {
            let group = raw.get(field.name.as_str()).and_then(Value::as_map);
            let now = group.and_then(|group| looked_up(executable, field, group));
            let register = field.from.as_ref().map(|register| register.value.clone());
            let before = register.zip(self.0.get(field.name.as_str()).cloned());
            now.into_iter().chain(before)
        })
    }
}

/// The row that a group is filled from: its register and the key that was typed.
pub(super) fn looked_up(
    executable: &Executable,
    field: &Field,
    group: &Map,
) -> Option<(String, String)> {
    let register = executable.register(field.from.as_ref()?)?;
    let Kind::Group { fields } = &field.kind else { return None };
    fields.iter().find(|field| *field.name == *register.key)?;
    let typed = group.get(register.key.as_str()).and_then(Value::as_text).unwrap_or_default();
    Some((register.id.value.clone(), typed.trim().to_owned()))
}

/// Fills the groups of `fields` whose key is not the one that was `looked` up; tells whether it did.
pub(in crate::web) fn look_up(
    fields: &[Field],
    raw: &mut Map,
    looked: &Looked,
    registers: &Registers,
    sources: &Sources<'_>,
) -> bool {
    let mut has_filled = false;
    for field in fields {
        let (Kind::Group { fields }, Some(Value::Map(group))) =
            (&field.kind, raw.get_mut(field.name.as_str()))
        else {
            continue;
        };
        let Some((register, key)) = looked_up(sources.executable, field, group) else { continue };
        let before = looked.0.get(field.name.as_str()).map_or("", String::as_str);
        if key == before {
            continue;
        }
        if let Some(row) = registers.row(&register, before) {
            take_back(group, fields, row, sources);
        }
        if let Some(row) = registers.row(&register, &key) {
            fill(group, fields, row, sources);
            has_filled = true;
        }
    }
    has_filled
}
