//! What the names in a report mean: their types, and how each column is written.
//!
//! Asked by the checker, and by the runtime when a report is made, so that both see the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::expression::{Expr, Part, Type, Types, Value};
use crate::field::{Field, Kind, NumberStyle, find};
use crate::language::Language;
use crate::organisation::Organisation;
use crate::procedure::{Executable, register_types};
use crate::register::Register;
use crate::report::{Cell, Column, Head, ROW, Report, Source, Style};

/// A report's names and columns.
#[derive(Debug)]
pub struct Meaning {
    /// What `when` and the columns may name.
    pub types: Types,
    pub heads: Vec<Head>,
    /// How each column's values are said.
    shown: Vec<Shown>,
}

#[derive(Debug, Clone)]
enum Shown {
    AsIs,
    /// The labels of a choice.
    Labels(BTreeMap<String, String>),
    /// The row of the register by its key.
    Row(String),
}

/// The names that a report has beside the data of the case, with their types; none where there is no case.
pub fn built_in(source: &Source) -> BTreeMap<String, Type> {
    use Type::{Bool, Date, Text};
    let group = |names: &[(&str, Type)]| {
        let names = names.iter().map(|(name, kind)| ((*name).to_owned(), kind.clone()));
        Type::Group(Arc::new(names.collect()))
    };
    let case = group(&[
        ("number", Text),
        ("subject", Text),
        ("procedure", Text),
        ("status", Text),
        ("outcome", Text),
        ("started_on", Date),
        ("ended_on", Date),
    ]);
    let (name, own) = match source {
        Source::Documents(_) => {
            let own = [("title", Text), ("number", Text), ("step", Text), ("issued_on", Date)];
            let own: Vec<_> = own.into_iter().chain([("is_signed", Bool)]).collect();
            ("document", group(&own))
        }
        Source::Steps(_) => {
            let own = [("step", Text), ("role", Text), ("by", Text), ("completed_on", Date)];
            ("task", group(&own))
        }
        Source::Register(_) => return BTreeMap::new(),
    };
    BTreeMap::from([("case".to_owned(), case), (name.to_owned(), own)])
}

/// Whether a report has rows out of cases of this procedure.
pub fn tells_of(report: &Report, executable: &Executable) -> bool {
    match &report.source {
        Source::Documents(documents) => {
            documents.iter().any(|id| executable.documents.contains_key(id.as_str()))
        }
        Source::Steps(steps) => {
            steps.iter().any(|(procedure, _)| **procedure == *executable.procedure.id)
        }
        Source::Register(_) => false,
    }
}

impl Meaning {
    /// `executables` are all of the organisation's.
    pub fn of(
        report: &Report,
        organisation: &Organisation,
        registers: &[Register],
        executables: &[&Executable],
    ) -> Self {
        let told = executables.iter().copied().filter(|executable| tells_of(report, executable));
        let world = World { report, organisation, registers, told: told.collect() };
        let types = world.types();
        let columns = report.columns.iter().map(|column| world.column(column, &types));
        let (heads, shown) = columns.unzip();
        Self { types, heads, shown }
    }

    /// What stands in column `at` for a value.
    pub fn cell(&self, at: usize, value: Value, world: &Words<'_>) -> Cell {
        match (&self.shown[at], value) {
            (_, Value::Bool(yes)) => {
                Value::text(world.language.text(if yes { "yes" } else { "no" }, &[]))
            }
            (Shown::Labels(labels), Value::Text(id)) => {
                Value::Text(labels.get(&id).cloned().unwrap_or(id))
            }
            (Shown::Row(id), Value::Map(row)) => {
                let register = world.registers.iter().find(|register| *register.id == *id);
                let key = register.and_then(|register| register.key_of(&row));
                Value::text(key.unwrap_or_else(|| Value::Map(row).to_string()))
            }
            (Shown::AsIs, value @ (Value::List(_) | Value::Map(_))) => {
                Value::text(value.to_string())
            }
            // A number where days stand: it stays what it is.
            (_, value) => value,
        }
    }
}

/// What cells are put into words with.
#[derive(Debug)]
pub struct Words<'a> {
    pub language: &'a Language,
    pub registers: &'a [Register],
}

struct World<'a> {
    report: &'a Report,
    organisation: &'a Organisation,
    registers: &'a [Register],
    told: Vec<&'a Executable>,
}

impl World<'_> {
    /// The data of all the procedures that it tells of. A name that means different things in two of them
    /// may be anything.
    fn types(&self) -> Types {
        let mut types = Types::default();
        for executable in &self.told {
            let own = executable.types();
            types.documents.extend(own.documents);
            types.steps.extend(own.steps);
            for (name, kind) in own.names {
                let known = types.names.entry(name).or_insert_with(|| kind.clone());
                if !known.agrees(&kind) {
                    *known = Type::Any;
                }
            }
        }
        let registers = register_types(self.registers);
        if let Source::Register(id) = &self.report.source
            && let Some(Type::Group(columns)) = registers.get(id.as_str())
        {
            types.names.extend(columns.iter().map(|(name, kind)| (name.clone(), kind.clone())));
        }
        types.names.extend(built_in(&self.report.source));
        if let Some(each) = &self.report.each {
            let path: Vec<String> = each.split('.').map(ToOwned::to_owned).collect();
            if let Ok(Type::List(element)) = types.resolve(&path)
                && let Type::Group(columns) = *element
            {
                types = types.with(columns.iter().map(|(name, kind)| (name.clone(), kind.clone())));
            }
        }
        types.names.insert(ROW.to_owned(), Type::Number);
        types
    }

    fn column(&self, column: &Column, types: &Types) -> (Head, Shown) {
        let mut ignored = crate::diagnostic::Diagnostics::default();
        let kind = column.value.check(types, "", &mut ignored);
        let currency = self.organisation.currency.decimals;
        let field = path_of(&column.value.root).and_then(|path| self.field(&path));
        let (style, shown) = match field {
            Some(field) => (style_of(field, currency), shown(field)),
            None => match kind {
                Type::Number | Type::Days => (Style::Number(None), Shown::AsIs),
                Type::Date => (Style::Date, Shown::AsIs),
                _ => (Style::Text, Shown::AsIs),
            },
        };
        let style = match column.number {
            None => style,
            Some((NumberStyle::Money, decimals)) => Style::Money(decimals.unwrap_or(currency)),
            Some((NumberStyle::Integer, _)) => Style::Number(Some(0)),
            Some((NumberStyle::Number, decimals)) => Style::Number(decimals),
        };
        let style = if column.is_row() { Style::Number(Some(0)) } else { style };
        (Head { label: column.label.value.clone(), style, is_total: column.is_total }, shown)
    }

    /// The field that a column shows and nothing else.
    fn field(&self, path: &str) -> Option<&Field> {
        if let Source::Register(id) = &self.report.source {
            let register = self.registers.iter().find(|register| *register.id == **id)?;
            return find(&register.fields, path);
        }
        let each = self.report.each.iter().map(|each| format!("{}.{path}", each.value));
        let paths: Vec<String> = each.chain([path.to_owned()]).collect();
        let mut found = self
            .told
            .iter()
            .flat_map(|executable| paths.iter().filter_map(|path| self.field_in(executable, path)));
        found.next()
    }

    /// A field of the procedure, or of a row that one of its fields holds.
    fn field_in<'a>(&'a self, executable: &'a Executable, path: &str) -> Option<&'a Field> {
        if let Some(field) = executable.field(path) {
            return Some(field);
        }
        let (record, name) = path.rsplit_once('.')?;
        let Kind::Record { register, .. } = &executable.field(record)?.kind else { return None };
        let register = self.registers.iter().find(|known| *known.id == **register)?;
        find(&register.fields, name)
    }
}

fn style_of(field: &Field, currency: u32) -> Style {
    match &field.kind {
        Kind::Number { style: NumberStyle::Money, .. } => Style::Money(field.decimals(currency)),
        Kind::Number { .. } => Style::Number(Some(field.decimals(currency))),
        Kind::Date { .. } => Style::Date,
        _ => Style::Text,
    }
}

fn shown(field: &Field) -> Shown {
    match &field.kind {
        Kind::Choice { options } => Shown::Labels(options.iter().cloned().collect()),
        Kind::Record { register, .. } => Shown::Row(register.value.clone()),
        _ => Shown::AsIs,
    }
}

/// `cliente.nombre`, when the expression is nothing but a name.
fn path_of(part: &Part) -> Option<String> {
    match &part.expr {
        Expr::Name(name) => Some(name.clone()),
        Expr::Attribute(of, name) => Some(format!("{}.{name}", path_of(of)?)),
        _ => None,
    }
}
