//! Fields: what forms ask for and registers keep. Typed and labelled once, read and written everywhere.
//!
//! `decode` reads them from YAML, `submit` turns what somebody typed into values (each by `scalar`) or
//! says what is wrong, `sample` makes valid examples, `types` tells the expression checker what they are.

mod decode;
mod number;
mod sample;
mod scalar;
mod submit;
mod types;

pub(crate) use decode::literal;
pub use decode::{check_name, decode_fields};
pub use number::{NumberProblem, parse_number, parse_number_with};
pub use sample::{Samples, sample};
pub use scalar::{MAX_KEY, record_key};
pub use submit::{Context, FieldError, Problem, read};
pub use types::{type_of, types_of};

use regex::Regex;
use rust_decimal::Decimal;

use crate::expression::{Expression, Value};
use crate::yaml::Spanned;

/// One field. Its full name is its path: `cliente.nombre` is `nombre` in the group `cliente`.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: Spanned<String>,
    pub label: String,
    pub help: Option<String>,
    pub kind: Kind,
    /// May stay empty.
    pub is_optional: bool,
    /// Filled by the step's `assigns`; never asked for.
    pub is_assigned: bool,
    /// For a group: the register whose row fills what is still empty once the key is typed.
    pub from: Option<Spanned<String>>,
    /// What stands in it before anybody types.
    pub default: Option<Expression>,
    /// Reckoned; never asked for.
    pub computed: Option<Expression>,
    /// Asked for only when this holds; else it is empty.
    pub when: Option<Expression>,
    /// A valid example of the owner's.
    pub sample: Option<Value>,
}

/// What a field holds, with its own limits.
#[derive(Debug, Clone)]
pub enum Kind {
    /// One line, or several for notes. `max_length` in characters.
    Text {
        is_note: bool,
        max_length: usize,
        pattern: Option<Regex>,
    },
    /// An exact decimal.
    Number {
        style: NumberStyle,
        decimals: Option<u32>,
        min: Option<Decimal>,
        max: Option<Decimal>,
    },
    Date {
        min: Option<Box<Expression>>,
        max: Option<Box<Expression>>,
    },
    YesNo,
    /// Ids with their labels, in the order of the file.
    Choice {
        options: Vec<(String, String)>,
    },
    /// A row of a register, kept as a copy of the row as it was when it was chosen.
    Record {
        register: Spanned<String>,
        /// The register's key field; known once the register is (`Executable::new`).
        key: String,
    },
    Group {
        fields: Vec<Field>,
    },
    Table {
        columns: Vec<Field>,
        min_rows: usize,
        max_rows: usize,
    },
}

/// How a number is written and printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberStyle {
    Integer,
    Number,
    Money,
}

impl Field {
    /// Somebody fills it in, as opposed to computed and assigned fields.
    pub fn is_asked(&self) -> bool {
        self.computed.is_none() && !self.is_assigned
    }

    /// Decimal places; money without a word of its own has the currency's.
    pub fn decimals(&self, currency_decimals: u32) -> u32 {
        match &self.kind {
            Kind::Number { style: NumberStyle::Integer, .. } => 0,
            Kind::Number { style: NumberStyle::Money, decimals, .. } => {
                decimals.unwrap_or(currency_decimals)
            }
            Kind::Number { decimals, .. } => decimals.unwrap_or(2),
            _ => 0,
        }
    }
}

/// The field at a dotted path below `fields`, groups and table columns included.
pub fn find<'a>(fields: &'a [Field], path: &str) -> Option<&'a Field> {
    let (head, rest) = match path.split_once('.') {
        Some((head, rest)) => (head, Some(rest)),
        None => (path, None),
    };
    let field = fields.iter().find(|field| *field.name == head)?;
    match (rest, &field.kind) {
        (None, _) => Some(field),
        (Some(rest), Kind::Group { fields }) => find(fields, rest),
        (Some(rest), Kind::Table { columns, .. }) => find(columns, rest),
        _ => None,
    }
}

impl Field {
    /// One that nobody has to type: a machine, a message or the clock fills it in.
    pub fn bare(name: Spanned<String>, label: String, kind: Kind) -> Self {
        Self {
            name,
            label,
            help: None,
            kind,
            is_optional: false,
            is_assigned: false,
            from: None,
            default: None,
            computed: None,
            when: None,
            sample: None,
        }
    }
}

/// `fecha_de_corte` is called *Fecha de corte* where people see it and nobody gave it a label.
pub fn spoken(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Every leaf below `fields` with its path: fields that are not groups. A table is one leaf.
pub fn leaves(fields: &[Field]) -> Vec<(String, &Field)> {
    fn collect<'a>(fields: &'a [Field], before: &str, into: &mut Vec<(String, &'a Field)>) {
        for field in fields {
            let path = format!("{before}{}", *field.name);
            match &field.kind {
                Kind::Group { fields } => collect(fields, &format!("{path}."), into),
                _ => into.push((path, field)),
            }
        }
    }
    let mut into = Vec::new();
    collect(fields, "", &mut into);
    into
}
