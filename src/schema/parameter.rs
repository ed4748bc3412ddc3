//! Parameters.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::field::Field;
use super::scalar::{Named, Text};

/// Tariffs and thresholds that somebody decrees, with the days from which they hold.
#[derive(JsonSchema)]
#[schemars(title = "a file of parameters", deny_unknown_fields)]
pub struct Parameters {
    /// The sets by their ids.
    pub parameters: Named<Set>,
}

/// Values that are decreed together.
#[derive(JsonSchema)]
#[schemars(title = "a set of parameters", deny_unknown_fields)]
pub struct Set {
    /// For people.
    pub title: Option<Text>,
    /// The values by name, each with a label and a type; read as `parameter('set.value')`.
    pub values: Named<Field>,
    /// What holds from which day on, in the order of the days.
    pub periods: Vec<Period>,
}

/// What holds from a day on. A value that it leaves out goes on as before.
#[derive(Debug)]
pub struct Period;

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "PeriodInForce".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What holds from a day on. A value that it leaves out goes on as before.",
            "type": "object",
            "properties": {
                "from": { "type": "string", "description": "The first day: `2026-07-01`." },
                "until": {
                    "type": "string",
                    "description": "The last day; unless said, until a later period gives the value anew."
                },
                "says": { "type": "string", "description": "By which act it was decreed." }
            },
            "required": ["from"],
            "additionalProperties": { "type": ["string", "number", "boolean"] }
        })
    }
}
