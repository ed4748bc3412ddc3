//! From a sheet to the Typst markup of one copy, by minijinja.
//!
//! The markup of the template itself goes out as it stands; every value is escaped, whatever the
//! template says about escaping. What a name means is told by the sheet alone. Called by the
//! module's entry functions.

use std::io::{self, Write};
use std::sync::Arc;

use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, ErrorKind, Output, UndefinedBehavior};
use serde_json::{Map, json};

use super::filter::{self, Words};
use super::{Error, MAX_MARKUP, Sheet, check_shape, escape};

/// Instructions that one copy may take. A table's row of eight columns takes about fifty.
const FUEL: u64 = 200_000;

/// How deep macros, blocks and includes may nest; threads for blocking work have small stacks.
const MAX_DEPTH: usize = 100;

/// How values are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// As they are.
    Printed,
    /// All of a kind alike: see `blank`.
    Blanked,
}

pub(super) fn markup(sheet: &Sheet, copy: u32, values: Values) -> Result<String, Error> {
    let words = Arc::new(Words::of(sheet));
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    env.set_recursion_limit(MAX_DEPTH);
    // Errors then know their bytes, and which name is undefined.
    env.set_debug(true);
    // Anything but `None`: then what macros and blocks made counts as markup, not as a value.
    env.set_auto_escape_callback(|_| AutoEscape::Custom("typst".into()));
    filter::register(&mut env, &words);
    let writer = Arc::clone(&words);
    env.set_formatter(move |out, _, value| print(out, value, &writer, values));

    for (name, text) in &sheet.files {
        check_shape(name, text)?;
        env.add_template(name, text).map_err(|error| problem(&error, name))?;
    }
    let template =
        env.get_template(&sheet.template).map_err(|error| problem(&error, &sheet.template))?;
    let context = Value::from(Serde(context(sheet, copy, &words)));
    let mut paper = Paper { text: Vec::new(), is_full: false };
    let rendered = template.render_captured_to(context, &mut paper).map(|_| ());
    match rendered {
        _ if paper.is_full => Err(Error::TooLong),
        Err(error) => Err(problem(&error, &sheet.template)),
        // minijinja writes whole strings, and the paper keeps them whole.
        Ok(()) => Ok(String::from_utf8_lossy(&paper.text).into_owned()),
    }
}

/// The sheet's context with what only the printing knows: which copy this is.
fn context(sheet: &Sheet, copy: u32, words: &Words) -> serde_json::Value {
    let copies = sheet.copies.max(1);
    let mark = match copy {
        _ if copies == 1 => serde_json::Value::Null,
        1 => json!(words.language.text("copy-original", &[])),
        _ => json!(words.language.text("copy-numbered", &[("number", (copy - 1).into())])),
    };
    let mut context = sheet.context.clone();
    if !context.is_object() {
        context = json!({});
    }
    if !context["document"].is_object() {
        context["document"] = serde_json::Value::Object(Map::new());
    }
    let document = &mut context["document"];
    document["copy"] = json!(copy);
    document["copies"] = json!(copies);
    document["copy_mark"] = mark;
    document["is_draft"] = json!(sheet.is_draft);
    context
}

/// Prints one value. Markup that the template made (macros, `super()`, set blocks) goes as it is.
fn print(
    out: &mut Output<'_>,
    value: &Value,
    words: &Words,
    values: Values,
) -> Result<(), minijinja::Error> {
    let text = match value.kind() {
        // Strict mode has refused the unknown ones already; this is `x if y` without an else.
        ValueKind::Undefined | ValueKind::None => return Ok(()),
        ValueKind::Bool => words.language.text(if value.is_true() { "yes" } else { "no" }, &[]),
        ValueKind::Number => match filter::decimal(value) {
            Some(number) => words.language.plain_number(&number),
            None => value.to_string(),
        },
        ValueKind::String => match value.as_str() {
            Some(markup) if value.is_safe() => return Ok(out.write_str(markup)?),
            text => text.unwrap_or_default().to_owned(),
        },
        kind => {
            let message = format!("a {kind} can't be printed; name the field that is meant");
            return Err(minijinja::Error::new(ErrorKind::InvalidOperation, message));
        }
    };
    let text = if values == Values::Blanked { blank(text) } else { text };
    if text.len() > MAX_MARKUP {
        return Err(minijinja::Error::new(ErrorKind::InvalidOperation, "this text is too long"));
    }
    Ok(out.write_str(&escape::markup(&text, words.language.direction()))?)
}

/// What stands for all values that Typst could not tell from this one, wherever they are printed: a word of
/// ASCII letters could be a name of its code, and digits a number; the rest is text and nothing else.
fn blank(text: String) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        "1".to_owned()
    } else if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        text
    } else {
        "—".to_owned()
    }
}

/// The output, which has an end.
struct Paper {
    text: Vec<u8>,
    is_full: bool,
}

impl Write for &mut Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.text.len() + bytes.len() > MAX_MARKUP {
            self.is_full = true;
            return Err(io::Error::from(io::ErrorKind::WriteZero));
        }
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The innermost error: "error in include" is of no help, the line in the included file is.
fn problem(error: &minijinja::Error, template: &str) -> Error {
    let mut inner = error;
    let mut next = std::error::Error::source(error);
    while let Some(source) = next {
        if let Some(source) = source.downcast_ref::<minijinja::Error>() {
            inner = source;
        }
        next = source.source();
    }
    let detail = inner.detail().map(str::to_owned);
    let message = match inner.kind() {
        ErrorKind::OutOfFuel => "the template does not come to an end".to_owned(),
        ErrorKind::UndefinedError => match detail {
            Some(detail) => format!("not filled in, and not guarded by `is defined`: {detail}"),
            None => "something is not filled in, and not guarded by `is defined`".to_owned(),
        },
        kind => detail.unwrap_or_else(|| kind.to_string()),
    };
    Error::Template {
        file: inner.name().unwrap_or(template).to_owned(),
        line: inner.line().unwrap_or(0),
        range: inner.range(),
        message,
    }
}
