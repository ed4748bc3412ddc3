//! Parameters: figures that somebody decrees and that change from a day on, such as tariffs and
//! thresholds.
//!
//! A set is a list of periods, as resolutions write them: from this day on, these values. What a period
//! leaves out goes on as before. Conditions read one with `parameter('tarifas.domiciliaria', fecha)`.
//! Nothing here knows what day it is, or what a value is for.

mod decode;

pub use decode::decode;

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::diagnostic::Span;
use crate::expression::{Type, Value};
use crate::field::{Field, type_of};
use crate::yaml::Spanned;

/// The sets of one organisation.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    pub sets: Vec<Set>,
}

/// Values that are decreed together.
#[derive(Debug, Clone)]
pub struct Set {
    pub id: Spanned<String>,
    pub title: String,
    pub fields: Vec<Field>,
    /// In the order of their days.
    pub periods: Vec<Period>,
}

/// What holds from a day on.
#[derive(Debug, Clone)]
pub struct Period {
    pub from: Date,
    /// The last day; none: until a later period gives the same value anew.
    pub until: Option<Date>,
    /// Only what the period gives.
    pub values: BTreeMap<String, Value>,
    pub span: Span,
}

impl Parameters {
    /// The value of `set.value` that is in force on a day; none before its first period, in a gap, and
    /// for a name that there isn't.
    pub fn in_force(&self, path: &str, on: Date) -> Option<&Value> {
        let (set, name) = path.split_once('.')?;
        let set = self.sets.iter().find(|known| *known.id == set)?;
        let begun = set.periods.iter().rev().filter(|period| period.from <= on);
        let (period, value) =
            begun.filter_map(|period| Some((period, period.values.get(name)?))).next()?;
        period.until.is_none_or(|until| on <= until).then_some(value)
    }

    /// Every `set.value` with what the periods give it, in the order of their days: from when, its last
    /// day, and the value.
    pub fn figures(&self) -> BTreeMap<String, Vec<(Date, Option<Date>, Value)>> {
        let mut figures = BTreeMap::new();
        for set in &self.sets {
            for field in &set.fields {
                let given = set.periods.iter().filter_map(|period| {
                    let value = period.values.get(field.name.as_str())?;
                    Some((period.from, period.until, value.clone()))
                });
                figures.insert(format!("{}.{}", *set.id, *field.name), given.collect());
            }
        }
        figures
    }

    /// Every `set.value` with its type.
    pub fn types(&self) -> BTreeMap<String, Type> {
        let none = BTreeMap::new();
        let mut types = BTreeMap::new();
        for set in &self.sets {
            for field in &set.fields {
                types.insert(format!("{}.{}", *set.id, *field.name), type_of(field, &none));
            }
        }
        types
    }
}
