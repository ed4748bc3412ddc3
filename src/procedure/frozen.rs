//! What a document prints from, taken out of a case at the moment of issue and never again changed.
//!
//! The engine freezes, the journal keeps, the checker freezes sample data to try every template.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::executable::Labels;
use super::{Executable, Step};
use crate::document::Document;
use crate::document::print::{Figure, Sheet};
use crate::expression::{Map, Value};

/// The data of one document. With the template of its version it prints the same bytes for ever.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Frozen {
    /// Only the variables that the template reads, and the built-in names.
    pub context: Map,
    /// Labels of choices, by the field's path and the option's id.
    pub labels: Arc<Labels>,
    /// Numbers of the case's documents so far.
    pub numbers: BTreeMap<String, String>,
}

/// The moment of issue.
#[derive(Debug, Clone)]
pub struct Moment<'a> {
    pub data: &'a Map,
    pub case_number: &'a str,
    pub started_on: Option<Date>,
    pub today: Date,
    /// Who completes the step.
    pub actor: &'a str,
    /// The document's own number; a dash for a draft.
    pub number: &'a str,
    /// Numbers of the documents issued before.
    pub numbers: BTreeMap<String, String>,
}

/// The data of `document` as issued at `step`.
pub fn freeze(
    executable: &Executable,
    document: &Document,
    step: &Step,
    moment: Moment<'_>,
) -> Frozen {
    let reads = executable.reads(&document.id);
    let mut context = Map::new();
    for name in reads {
        // What this case has not filled in is there as nothing, so that `{% if medidor.numero is
        // defined %}` can ask.
        context.insert(name.clone(), moment.data.get(name).cloned().unwrap_or_default());
    }
    context.extend(built_in(executable, document, step, &moment));
    let labels = executable.labels(&document.id);
    let mut numbers = moment.numbers;
    numbers.insert(document.id.value.clone(), moment.number.to_owned());
    Frozen { context, labels, numbers }
}

/// The names that every template may use besides the case's variables.
fn built_in(executable: &Executable, document: &Document, step: &Step, moment: &Moment<'_>) -> Map {
    let organisation = &executable.organisation;
    let procedure = &executable.procedure;
    let day = |date: Date| Value::text(date.to_string());
    let approvals: Map = ["prepared_by", "reviewed_by", "approved_by", "resolution"]
        .into_iter()
        .map(|key| (key.to_owned(), optional(organisation.manual.approvals.get(key))))
        .collect();
    let mut own = map([
        ("name", text(&organisation.name)),
        ("short_name", text(&organisation.short_name)),
        ("approvals", Value::Map(approvals)),
    ]);
    for key in ["address", "city", "phone", "email", "tax_id"] {
        own.insert(key.to_owned(), optional(organisation.contact.get(key)));
    }
    let role = step.role.as_ref().and_then(|role| organisation.role(role));
    let case = map([
        ("number", text(moment.case_number)),
        ("started_on", moment.started_on.map_or(Value::Null, day)),
    ]);
    let of_procedure =
        map([("title", text(&procedure.title)), ("section", optional(procedure.section.as_ref()))]);
    let of_document = map([
        ("title", text(&document.title)),
        ("number", text(moment.number)),
        ("issued_on", day(moment.today)),
    ]);
    let of_step = map([
        ("number", text(&step.id)),
        ("role", text(role.map_or("", |role| role.title.as_str()))),
    ]);
    map([
        ("organisation", Value::Map(own)),
        ("case", Value::Map(case)),
        ("procedure", Value::Map(of_procedure)),
        ("document", Value::Map(of_document)),
        ("step", Value::Map(of_step)),
        ("actor", Value::Map(map([("name", text(moment.actor))]))),
    ])
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: &str) -> Value {
    Value::text(text)
}

fn optional(line: Option<&String>) -> Value {
    line.map_or(Value::Null, |line| Value::text(line.as_str()))
}

fn figures(executable: &Executable) -> BTreeMap<String, Vec<Figure>> {
    let figures = executable.parameters.figures().into_iter();
    let told = |(from, until, value): (Date, Option<Date>, Value)| {
        (from, until, serde_json::to_value(value).unwrap_or_default())
    };
    figures.map(|(path, given)| (path, given.into_iter().map(told).collect())).collect()
}

/// Everything that printing depends on: frozen data, and the templates of the executable's version.
pub fn sheet(
    executable: &Executable,
    document: &Document,
    frozen: Frozen,
    copies: u32,
    is_draft: bool,
    issued_at: Timestamp,
) -> Sheet {
    let organisation = &executable.organisation;
    let mut files: BTreeMap<String, String> = executable
        .layouts
        .iter()
        .map(|(name, layout)| (name.clone(), layout.text.clone()))
        .collect();
    let template = document.file_name();
    files.insert(template.clone(), document.template.text.clone());
    Sheet {
        template,
        files,
        context: serde_json::to_value(&frozen.context).unwrap_or_default(),
        labels: Arc::unwrap_or_clone(frozen.labels),
        numbers: frozen.numbers,
        parameters: figures(executable),
        language: organisation.language.clone(),
        currency_symbol: organisation.currency.symbol.clone(),
        currency_decimals: organisation.currency.decimals,
        copies,
        is_draft,
        issued_at,
        time_zone: organisation.calendar.zone.iana_name().unwrap_or("UTC").to_owned(),
    }
}
