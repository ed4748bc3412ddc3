//! The schemas as a page for people: every kind of file, every key, in the words of the editor's hovers.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::KINDS;

/// `docs/reference.md`.
pub fn reference() -> String {
    let mut page = Page { text: HEAD.to_owned(), told: Vec::new() };
    for kind in KINDS {
        let schema = kind.schema();
        page.heading(2, &format!("`{}:`", kind.name));
        let _ = writeln!(page.text, "{}\n\nWhere: `{}`", said(&schema), kind.place);
        page.keys(&schema);
        let parts = schema.get("definitions").and_then(Value::as_object);
        page.parts(parts.into_iter().flatten());
    }
    page.text
}

const HEAD: &str = "\
# Every key of every file

Made from the types behind the JSON Schemas in `schemas/` by `tramite schema --reference`: what an
editor shows while a file is written, on one page. `docs/language.md` explains the same by example.

To have it in the editor, begin a file with a line such as

```yaml
# yaml-language-server: $schema=../../schemas/procedure.json
```

and use one with the YAML language server (VS Code, Neovim, Emacs, Helix, Zed …). A key with a *
must be there. Where a *text* is taken, a number or a yes or no is one, too.
";

struct Page {
    text: String,
    /// Parts that several kinds share stand where they are first met.
    told: Vec<String>,
}

impl Page {
    fn heading(&mut self, level: usize, words: &str) {
        let _ = writeln!(self.text, "\n{} {words}\n", "#".repeat(level));
    }

    fn parts<'v>(&mut self, parts: impl Iterator<Item = (&'v String, &'v Value)>) {
        for (name, schema) in parts {
            let has_keys = schema.get("properties").is_some_and(|keys| *keys != Value::Null);
            if self.told.contains(name) {
                continue;
            }
            self.told.push(name.clone());
            self.heading(3, name);
            let _ = writeln!(self.text, "{}", said(schema));
            if has_keys {
                self.keys(schema);
            } else if let Some(options) = options(schema) {
                self.text.push_str("\n| value | means |\n|---|---|\n");
                for (value, means) in options {
                    let _ = writeln!(self.text, "| `{value}` | {means} |");
                }
            }
        }
    }

    fn keys(&mut self, schema: &Value) {
        let none = Map::new();
        let keys = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
        let required = schema.get("required").and_then(Value::as_array);
        self.text.push_str("\n| key | takes | means |\n|---|---|---|\n");
        for (key, value) in keys {
            let must = required.is_some_and(|required| required.iter().any(|name| name == key));
            let star = if must { " *" } else { "" };
            let _ = writeln!(
                self.text,
                "| `{key}`{star} | {} | {} |",
                takes(value),
                said(value).replace('|', "\\|")
            );
        }
        let others = schema.get("patternProperties").and_then(Value::as_object);
        if let Some(others) = others {
            for value in others.values() {
                let _ = writeln!(self.text, "| a number | {} | |", takes(value));
            }
        }
        if let Some(others @ Value::Object(_)) = schema.get("additionalProperties") {
            let _ = writeln!(self.text, "| any other name | {} | |", takes(others));
        }
    }
}

fn said(schema: &Value) -> String {
    let said = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    said.replace('\n', " ")
}

/// The values of an enumeration with what they mean.
fn options(schema: &Value) -> Option<Vec<(String, String)>> {
    let ways = schema.get("oneOf")?.as_array()?;
    let options = ways.iter().map(|way| Some((way.get("const")?.as_str()?.to_owned(), said(way))));
    options.collect()
}

/// What a key takes, in a few words.
fn takes(schema: &Value) -> String {
    if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
        let name = to.rsplit('/').next().unwrap_or(to);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    for key in ["allOf", "anyOf"] {
        if let Some(ways) = schema.get(key).and_then(Value::as_array) {
            let mut told: Vec<String> = Vec::new();
            for way in ways.iter().map(takes).filter(|way| !way.is_empty()) {
                if !told.contains(&way) {
                    told.push(way);
                }
            }
            return told.join(" or ");
        }
    }
    match schema.get("type") {
        Some(Value::String(kind)) => match kind.as_str() {
            "array" => {
                let items = schema.get("items").map(takes).unwrap_or_default();
                format!("a list of {items}")
            }
            "object" => match schema.get("additionalProperties") {
                Some(each @ Value::Object(_)) => format!("names, each with {}", takes(each)),
                _ => "a table of keys".to_owned(),
            },
            "integer" => "a whole number".to_owned(),
            "number" => "a number".to_owned(),
            "null" => String::new(),
            _ => "text".to_owned(),
        },
        Some(Value::Array(_)) => "text".to_owned(),
        _ if schema.get("const").is_some() || schema.get("enum").is_some() => {
            "`true` or `false`".to_owned()
        }
        _ => "anything".to_owned(),
    }
}
