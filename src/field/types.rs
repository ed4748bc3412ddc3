//! Fields as the expression checker sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Field, Kind};
use crate::expression::Type;

/// The type of one field. `registers` gives the columns of a register by its id.
pub fn type_of(field: &Field, registers: &BTreeMap<String, Type>) -> Type {
    match &field.kind {
        Kind::Text { .. } => Type::Text,
        Kind::Number { .. } => Type::Number,
        Kind::Date { .. } => Type::Date,
        Kind::YesNo => Type::Bool,
        Kind::Choice { options } => {
            Type::Choice(Arc::new(options.iter().map(|(id, _)| id.clone()).collect()))
        }
        Kind::Record { register, .. } => {
            registers.get(register.as_str()).cloned().unwrap_or(Type::Any)
        }
        Kind::Group { fields } => Type::Group(Arc::new(types_of(fields, registers))),
        Kind::Table { columns, .. } => {
            Type::List(Box::new(Type::Group(Arc::new(types_of(columns, registers)))))
        }
    }
}

/// The types of several fields by name.
pub fn types_of(fields: &[Field], registers: &BTreeMap<String, Type>) -> BTreeMap<String, Type> {
    fields.iter().map(|field| (field.name.value.clone(), type_of(field, registers))).collect()
}
