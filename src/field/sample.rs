//! Valid examples of fields: for `play --auto`, for demos and for rendering every document once when
//! a version is published.

use rust_decimal::Decimal;

use super::{Field, Kind, NumberStyle};
use crate::expression::{Layer, Map, Scope, Value};

/// Where examples come from. The same seed gives the same examples.
pub struct Samples<'a> {
    pub seed: u64,
    /// Keys of a register's rows.
    pub keys: &'a dyn Fn(&str) -> Vec<String>,
    pub scope: &'a dyn Scope,
    pub currency_decimals: u32,
}

impl Samples<'_> {
    /// The next pseudo-random number (splitmix64): examples need variety, not secrecy.
    fn next(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap_or(0)
    }
}

/// What somebody could have typed into `fields`: raw, to be read like any submission. `data` is what
/// the case holds; defaults see it.
pub fn sample(fields: &[&Field], data: &Map, samples: &mut Samples<'_>) -> Map {
    let mut known = data.clone();
    let mut raw = Map::new();
    for field in fields {
        if let Some(value) = one(field, &known, samples) {
            if !matches!(field.kind, Kind::Record { .. }) {
                known.insert(field.name.value.clone(), value.clone());
            }
            raw.insert(field.name.value.clone(), value);
        }
    }
    raw
}

fn one(field: &Field, known: &Map, samples: &mut Samples<'_>) -> Option<Value> {
    if !field.is_asked() {
        return None;
    }
    if let Some(value) = &field.sample {
        return Some(value.clone());
    }
    if let Some(default) = &field.default {
        let scope = Layer { own: known, outer: samples.scope };
        if let Ok(value) = default.evaluate(&scope)
            && !value.is_null()
        {
            return Some(value);
        }
    }
    Some(match &field.kind {
        Kind::Text { max_length, .. } => {
            Value::text(field.label.chars().take(*max_length).collect::<String>())
        }
        Kind::Number { style, min, max, .. } => number(field, *style, *min, *max, samples),
        Kind::Date { min, max } => {
            let scope = Layer { own: known, outer: samples.scope };
            let limit = min.as_ref().or(max.as_ref()).and_then(|limit| limit.evaluate(&scope).ok());
            limit
                .filter(|limit| !limit.is_null())
                .unwrap_or_else(|| Value::text(samples.scope.today().to_string()))
        }
        Kind::YesNo => Value::Bool(true),
        Kind::Choice { options } => {
            let at = samples.below(options.len());
            Value::text(options.get(at)?.0.clone())
        }
        Kind::Record { register, .. } => {
            let keys = (samples.keys)(register);
            let at = samples.below(keys.len());
            Value::text(keys.get(at)?.clone())
        }
        Kind::Group { fields } => {
            let fields: Vec<&Field> = fields.iter().collect();
            Value::Map(sample(&fields, known, samples))
        }
        Kind::Table { columns, min_rows, max_rows } => {
            let rows = (*min_rows).max(1 + samples.below(3)).min(*max_rows);
            let columns: Vec<&Field> = columns.iter().collect();
            Value::List((0..rows).map(|_| Value::Map(sample(&columns, known, samples))).collect())
        }
    })
}

fn number(
    field: &Field,
    style: NumberStyle,
    min: Option<Decimal>,
    max: Option<Decimal>,
    samples: &mut Samples<'_>,
) -> Value {
    let low = min.unwrap_or(Decimal::ONE);
    let offset = Decimal::from(samples.below(40) as u64);
    let mut number = low + offset;
    if style != NumberStyle::Integer && field.decimals(samples.currency_decimals) >= 2 {
        number += Decimal::new(5, 1);
    }
    if let Some(max) = max.filter(|max| number > *max) {
        number = max;
    }
    Value::number(number.round_dp(field.decimals(samples.currency_decimals)))
}
