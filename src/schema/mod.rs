//! The files of a workspace as JSON Schema, for editors: completion, hover docs, mistakes while typing.
//!
//! Files are decoded by hand, so that every mistake of every file is told at its place; the types here
//! say the same once more, with their doc comments as the words that an editor shows. They are never
//! made: only their shape counts. A test asks the decoders which keys they know, and fails when the
//! types here don't know the same; `title` of a type is what its decoder calls the table. Used by the
//! command line, which writes `schemas/`, and by the reference in `docs/`.

pub mod calendar;
pub mod decision;
pub mod demo;
pub mod document;
pub mod errand;
pub mod event;
pub mod field;
pub mod form;
pub mod organisation;
pub mod parameter;
pub mod procedure;
mod reference;
pub mod register;
pub mod report;
pub mod scalar;
pub mod step;
#[cfg(test)]
mod tests;

pub use reference::reference;

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

/// One kind of file.
pub struct Kind {
    /// The first key of such a file, and the name of its schema.
    pub name: &'static str,
    /// Where such files lie, for people.
    pub place: &'static str,
    make: fn(SchemaGenerator) -> Schema,
}

/// Every kind, in the order of the book.
pub const KINDS: &[Kind] = &[
    kind::<organisation::Organisation>(
        "organisation",
        "workflows/<organisation>/organisation.yaml",
    ),
    kind::<register::Registers>("registers", "workflows/<organisation>/registers.yaml"),
    kind::<form::Form>("form", "forms/<organisation>/<form>.yaml"),
    kind::<document::Document>("document", "the head of forms/<organisation>/<document>.typ.j2"),
    kind::<procedure::Procedure>("procedure", "workflows/<organisation>/<any name>.yaml"),
    kind::<decision::Table>("table", "workflows/<organisation>/<any name>.yaml"),
    kind::<parameter::Parameters>("parameters", "workflows/<organisation>/<any name>.yaml"),
    kind::<report::Report>("report", "workflows/<organisation>/<any name>.yaml"),
    kind::<demo::Written>("demo", "workflows/<organisation>/demo.yaml"),
];

const fn kind<T: JsonSchema>(name: &'static str, place: &'static str) -> Kind {
    Kind { name, place, make: |generator| generator.into_root_schema_for::<T>() }
}

/// The kind of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Kind {
    /// The schema, in the draft that editors know best.
    pub fn schema(&self) -> Value {
        let settings = SchemaSettings::draft07().with_transform(Said);
        (self.make)(settings.into_generator()).to_value()
    }

    /// The schema as its file holds it.
    pub fn text(&self) -> String {
        // A tree of texts and numbers can always be written.
        let text = serde_json::to_string_pretty(&self.schema()).unwrap_or_default();
        format!("{text}\n")
    }
}

/// A key is written with a value or not at all: nowhere is `null` one.
#[derive(Debug, Clone)]
struct Said;

impl Transform for Said {
    fn transform(&mut self, schema: &mut Schema) {
        let is_null = |schema: &Value| schema.get("type").and_then(Value::as_str) == Some("null");
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name.as_str() != Some("null"));
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(ways)) = schema.get_mut("anyOf") {
            ways.retain(|way| !is_null(way));
            if let [only] = ways.as_slice()
                && let Value::Object(only) = only.clone()
            {
                schema.remove("anyOf");
                let is_bare = schema.as_object().is_none_or(serde_json::Map::is_empty);
                match only.get("$ref") {
                    // Beside a reference nothing counts in this draft.
                    Some(_) if !is_bare => {
                        schema.insert("allOf".to_owned(), Value::Array(vec![Value::Object(only)]));
                    }
                    _ => {
                        for (key, value) in only {
                            schema.insert(key, value);
                        }
                    }
                }
            }
        }
        schema.remove("default");
        schema.remove("format");
        transform_subschemas(self, schema);
    }
}
