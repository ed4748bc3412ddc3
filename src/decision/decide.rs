//! Looking a table up: which rows hold, and what comes out.

use rust_decimal::Decimal;

use super::{Collect, Hits, Output, Row, Table};
use crate::expression::{Fault, Layer, Map, Scope, Value};
use crate::field::{Field, Kind};

/// What came out, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// What was asked, as it was compared: numbers rounded to their inputs' decimals.
    pub inputs: Map,
    /// The rows that counted, from 1 as they stand in the file; none when it was `otherwise`.
    pub rows: Vec<u32>,
    pub value: Value,
}

impl Table {
    /// Looks the table up. `given` has the inputs by name; `scope` is what reckoned results may ask
    /// about besides them. A value that doesn't fit its input is a fault, never a guess.
    pub fn decide(
        &self,
        given: Map,
        scope: &dyn Scope,
        currency_decimals: u32,
    ) -> Result<Outcome, Fault> {
        let mut inputs = Map::new();
        for field in &self.inputs {
            let value = given.get(field.name.as_str()).cloned().unwrap_or_default();
            inputs.insert(field.name.value.clone(), fitted(field, value, currency_decimals)?);
        }
        let values: Vec<&Value> =
            self.inputs.iter().filter_map(|field| inputs.get(field.name.as_str())).collect();
        let holds =
            |row: &Row| row.cells.iter().zip(&values).all(|(cell, value)| cell.holds(value));
        let mut hits: Vec<usize> =
            (0..self.rows.len()).filter(|at| holds(&self.rows[*at])).collect();
        match self.hits {
            Hits::First => hits.truncate(1),
            Hits::Unique if hits.len() > 1 => {
                let (one, two) = (hits[0] + 1, hits[1] + 1);
                return Err(self.fault(&format!("rows {one} and {two} both hold"), &inputs));
            }
            _ => {}
        }
        let value = {
            let scope = Layer { own: &inputs, outer: scope };
            let mut results = Vec::with_capacity(hits.len());
            for at in &hits {
                results.push(self.result_of(&self.rows[*at].results, &scope, currency_decimals)?);
            }
            match (self.hits, results.is_empty(), &self.otherwise) {
                (Hits::Collect(collect), ..) => gathered(collect, results)?,
                (_, false, _) => results.swap_remove(0),
                (_, true, Some(otherwise)) => {
                    self.result_of(otherwise, &scope, currency_decimals)?
                }
                (_, true, None) => return Err(self.fault("no row holds", &inputs)),
            }
        };
        let rows = hits.into_iter().map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX)).collect();
        Ok(Outcome { inputs, rows, value })
    }

    fn fault(&self, what: &str, inputs: &Map) -> Fault {
        Fault::new(format!("in the table `{}` {what} for {}", *self.id, Value::Map(inputs.clone())))
    }

    fn result_of(
        &self,
        results: &[Output],
        scope: &dyn Scope,
        currency_decimals: u32,
    ) -> Result<Value, Fault> {
        let mut group = Map::new();
        for (field, result) in self.outputs.iter().zip(results) {
            let value = match result {
                Output::Value(value) => value.clone(),
                Output::Reckoned(expression) => expression.evaluate(scope)?,
            };
            let value = match value {
                Value::Number(number) => {
                    let decimals = field.decimals(currency_decimals);
                    let fitted = Value::fit(number, Some(decimals));
                    Value::Number(fitted.ok_or_else(|| {
                        Fault::new(format!("`{}` has too many digits", *field.name))
                    })?)
                }
                value => value,
            };
            group.insert(field.name.value.clone(), value);
        }
        Ok(match self.outputs.as_slice() {
            [only] => group.remove(only.name.as_str()).unwrap_or_default(),
            _ => Value::Map(group),
        })
    }
}

/// The value as its input takes it.
fn fitted(field: &Field, value: Value, currency_decimals: u32) -> Result<Value, Fault> {
    let name = &field.name;
    let wanted = match (&field.kind, &value) {
        (_, Value::Null) if field.is_optional => return Ok(value),
        (_, Value::Null) => return Err(Fault::new(format!("`{}` has not been filled in", **name))),
        (Kind::Number { min, max, .. }, Value::Number(number)) => {
            let fitted = Value::fit(*number, Some(field.decimals(currency_decimals)))
                .ok_or_else(|| Fault::new(format!("`{}` has too many digits", **name)))?;
            // What lies outside the limits is not what the rows were written for.
            return match (min, max) {
                (Some(min), _) if fitted < *min => {
                    Err(Fault::new(format!("`{}` is less than {min}", **name)))
                }
                (_, Some(max)) if fitted > *max => {
                    Err(Fault::new(format!("`{}` is more than {max}", **name)))
                }
                _ => Ok(Value::Number(fitted)),
            };
        }
        (Kind::YesNo, Value::Bool(_)) => return Ok(value),
        (Kind::Text { .. } | Kind::Choice { .. } | Kind::Date { .. }, Value::Text(_)) => {
            return Ok(value);
        }
        (Kind::Number { .. }, _) => "a number",
        (Kind::YesNo, _) => "a yes or no",
        (Kind::Date { .. }, _) => "a date",
        _ => "a text",
    };
    Err(Fault::new(format!("`{}` is not {wanted}", **name)))
}

/// One value of the results of all rows that hold.
fn gathered(collect: Collect, results: Vec<Value>) -> Result<Value, Fault> {
    Ok(match collect {
        Collect::List => Value::List(results),
        Collect::Count => Value::number(results.len() as u64),
        Collect::Sum => {
            let mut numbers = results.iter().filter_map(Value::as_number);
            let sum = numbers.try_fold(Decimal::ZERO, |sum, number| sum.checked_add(number));
            let sum = sum.and_then(|sum| Value::fit(sum, None));
            Value::number(sum.ok_or_else(|| Fault::new("the sum is too large"))?)
        }
        Collect::Min | Collect::Max => {
            // Dates as texts have the order of their days; a table's results are all of one kind.
            let key = |value: &Value| (value.as_number(), value.as_text().map(ToOwned::to_owned));
            let results = results.into_iter().filter(|value| !value.is_null());
            let found = match collect {
                Collect::Min => results.min_by_key(key),
                _ => results.max_by_key(key),
            };
            found.unwrap_or_default()
        }
    })
}
