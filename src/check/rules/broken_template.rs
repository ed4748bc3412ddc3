//! `broken_template`: a document can't be printed. Every document of a procedure is laid out once with
//! sample data, through the very code that will print it: names, filters, Typst markup; and its markup is
//! made once more with nothing but what is surely filled in when it is issued.
//!
//! Laying out is nearly all that a check costs. So it is done at once on all processors, and what several
//! procedures print alike is laid out for the first of them only.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::check::Subject;
use crate::check::net::{Fact, Net};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::document::print::{Error, Sheet, markup, outline, try_out};
use crate::document::{Document, Template};
use crate::expression::{Layer, Map, Scope, Value, known_where_it_holds};
use crate::field::{Context, Field, Samples, leaves, read, sample};
use crate::procedure::{DocumentUse, Executable, Moment, Step, freeze, sheet};

/// A document that a step issues, to be laid out.
pub struct Print<'a> {
    subject: &'a Subject<'a>,
    document: &'a Document,
    step: &'a Step,
    sheet: Sheet,
}

/// Makes the markup of each document; what is to be laid out of it.
pub fn check<'a>(
    subject: &'a Subject<'a>,
    net: &Net<'_>,
    found: &mut Diagnostics,
) -> Vec<Print<'a>> {
    let executable = &subject.executable;
    let data = sample_data(executable);
    let mut prints = Vec::new();
    for (id, document) in &executable.documents {
        let issued_by = |step: &&Step| step.all_issues().any(|issue| *issue.name == *id);
        if let Some(step) = subject.procedure.steps.iter().find(issued_by) {
            let sheet = sample_sheet(executable, document, step, &data);
            prints.push(Print { subject, document, step, sheet });
        }
        for (place, step) in subject.steps().filter(|(_, step)| issued_by(step)) {
            for issue in step.all_issues().filter(|issue| *issue.name == *id) {
                let sure = sure_data(subject, net, place, issue, &data);
                let sheet = sample_sheet(executable, document, step, &sure);
                let failed = guarded(|| markup(&sheet, 1).map(drop));
                report(subject, document, step, failed, found);
            }
        }
    }
    prints
}

/// Lays out the documents of an organisation.
pub fn lay_out(prints: &[Print<'_>], found: &mut Diagnostics) {
    let (next, done) = (AtomicUsize::new(0), Mutex::default());
    let failed = Mutex::new(vec![None; prints.len()]);
    let work = || {
        while let Some((at, print)) = take(&next, prints) {
            let error = guarded(|| print.lay_out(&done));
            held(&failed)[at] = error;
        }
    };
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 1..processors.min(prints.len()) {
            scope.spawn(work);
        }
        work();
    });
    for (print, failed) in prints.iter().zip(std::mem::take(&mut *held(&failed))) {
        report(print.subject, print.document, print.step, failed, found);
    }
}

fn take<'a, 'b>(next: &AtomicUsize, prints: &'b [Print<'a>]) -> Option<(usize, &'b Print<'a>)> {
    let at = next.fetch_add(1, Relaxed);
    Some((at, prints.get(at)?))
}

impl Print<'_> {
    /// `done`: documents with the outlines that were laid out.
    fn lay_out(&self, done: &Mutex<BTreeSet<(String, String)>>) -> Result<(), Error> {
        let markup = markup(&self.sheet, 1)?;
        let name = (self.document.id.value.clone(), outline(&self.sheet)?);
        if !held(done).contains(&name) {
            try_out(&self.sheet, markup)?;
            held(done).insert(name);
        }
        Ok(())
    }
}

/// Nobody stops in the middle of changing what is in there.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The data with nothing in what may be missing or empty when the document is issued.
fn sure_data(
    subject: &Subject<'_>,
    net: &Net<'_>,
    place: usize,
    issue: &DocumentUse,
    data: &Map,
) -> Map {
    let there = net.done(place);
    let known = issue.when.as_ref().map(known_where_it_holds).unwrap_or_default();
    let mut sure = data.clone();
    for form in subject.executable.forms.values() {
        for (path, _) in leaves(&form.fields) {
            let is_known = known.iter().any(|guard| {
                let guard = guard.join(".");
                path == guard || path.starts_with(&format!("{guard}."))
            });
            let is_there = net.has(&there, &Fact::Variable(path.clone()));
            if !is_known && (!is_there || subject.may_be_empty(&path)) {
                Value::put(&mut sure, &path, Value::Null);
            }
        }
    }
    sure
}

/// A template can make the libraries beneath panic: a fault of the template here, not of ours.
fn guarded(print: impl FnOnce() -> Result<(), Error>) -> Option<Error> {
    match catch_unwind(AssertUnwindSafe(print)) {
        Ok(printed) => printed.err(),
        Err(_) => Some(Error::Template {
            file: String::new(),
            line: 1,
            range: None,
            message: "printing this stopped in the middle".to_owned(),
        }),
    }
}

fn sample_sheet(executable: &Executable, document: &Document, step: &Step, data: &Map) -> Sheet {
    let moment = Moment {
        data,
        case_number: "1",
        started_on: Some(Date::constant(2026, 1, 2)),
        today: Date::constant(2026, 1, 2),
        actor: "—",
        number: "1",
        numbers: executable.documents.keys().map(|id| (id.clone(), "1".to_owned())).collect(),
    };
    let mut frozen = freeze(executable, document, step, moment);
    // As if all steps had the same number: what is laid out for one procedure is for another one, too.
    Value::put(&mut frozen.context, "step.number", Value::text("1.1"));
    sheet(executable, document, frozen, 1, true, Timestamp::UNIX_EPOCH)
}

fn report(
    subject: &Subject<'_>,
    document: &Document,
    step: &Step,
    error: Option<Error>,
    found: &mut Diagnostics,
) {
    let Some(error) = error else { return };
    let (span, message, help) = explain(subject, document, &error);
    found.push(
        Diagnostic::new(
            "broken_template",
            span,
            format!("the document `{}` can't be printed", *document.id),
        )
        .label(message)
        .also(step.id.span, "this step issues it")
        .help(help),
    );
}

/// Where and what, as near as it is known: Typst speaks of the markup that the template made.
fn explain(subject: &Subject<'_>, document: &Document, error: &Error) -> (Span, String, String) {
    const CHECKED: &str = "a document is printed once with sample data when it is checked";
    match error {
        Error::Template { file, line, range, message } => {
            let template = subject.executable.layouts.get(file).unwrap_or(&document.template);
            let range = range.clone().unwrap_or_else(|| line_range(&template.text, *line));
            (locate(subject, template, range), message.clone(), CHECKED.to_owned())
        }
        Error::Typst { text, message, .. } => {
            let layouts = subject.executable.layouts.values();
            let place = std::iter::once(&document.template).chain(layouts).find_map(|template| {
                let at = template.text.find(text.as_str()).filter(|_| text.len() > 3)?;
                Some(locate(subject, template, at..at + text.len()))
            });
            (
                place.unwrap_or(document.id.span),
                message.clone(),
                format!("the markup there is `{}`", text.chars().take(120).collect::<String>()),
            )
        }
        other => (document.id.span, other.to_string(), CHECKED.to_owned()),
    }
}

fn locate(subject: &Subject<'_>, template: &Template, range: std::ops::Range<usize>) -> Span {
    template.locate(subject.text(template.file()), range.start, range.end)
}

fn line_range(text: &str, line: usize) -> std::ops::Range<usize> {
    let mut start = 0;
    for (at, content) in text.split('\n').enumerate() {
        if at + 1 == line {
            let indent = content.len() - content.trim_start().len();
            return start + indent..start + content.trim_end().len().max(indent);
        }
        start += content.len() + 1;
    }
    0..0
}

/// Every variable of the procedure, filled in as somebody could have.
fn sample_data(executable: &Executable) -> Map {
    let scope = Nothing;
    let mut data = Map::new();
    let decimals = executable.organisation.currency.decimals;
    let row = |register: &str, key: &str| {
        let register = executable.register(register)?;
        let row = register.rows.iter().find(|row| register.key_of(row).as_deref() == Some(key));
        // A register may be empty when the procedure is written: its columns are what counts.
        row.cloned().or_else(|| {
            let fields: Vec<&Field> = register.fields.iter().collect();
            let mut samples = Samples {
                seed: 1,
                keys: &|_| Vec::new(),
                scope: &scope,
                currency_decimals: decimals,
            };
            let raw = sample(&fields, &Map::new(), &mut samples);
            let context =
                Context { record: &|_, _| None, currency_decimals: decimals, scope: &scope };
            let row = read(&register.fields, &raw, &context, &mut Vec::new());
            Some(register.complete(row))
        })
    };
    let keys = |register: &str| -> Vec<String> {
        let Some(register) = executable.register(register) else { return Vec::new() };
        let keys: Vec<String> =
            register.rows.iter().filter_map(|row| register.key_of(row)).collect();
        if keys.is_empty() { vec!["—".to_owned()] } else { keys }
    };
    for place in 0..executable.procedure.steps.len() {
        let fields: Vec<&Field> = executable.fields(place).iter().collect();
        let mut samples =
            Samples { seed: 1, keys: &keys, scope: &scope, currency_decimals: decimals };
        let raw = sample(&fields, &data, &mut samples);
        let known = Layer { own: &data, outer: &scope };
        let context = Context { record: &row, currency_decimals: decimals, scope: &known };
        let values = read(executable.fields(place), &raw, &context, &mut Vec::new());
        data.extend(values);
        let step = &executable.procedure.steps[place];
        for assign in &step.assigns {
            Value::put(&mut data, &assign.variable, Value::text("1"));
        }
        for look_up in &step.looks_up {
            let known = Layer { own: &data, outer: &scope };
            // Whether the samples hit a row is chance: any row shows what the template gets.
            let outcome = look_up.decide(&known, decimals);
            let value = match outcome.and_then(Result::ok) {
                Some(outcome) => outcome.value,
                None => look_up.found.as_ref().map(|table| table.sample()).unwrap_or_default(),
            };
            Value::put(&mut data, &look_up.variable, value);
        }
        let of_choices = step.choices().iter().flat_map(|choice| &choice.set);
        for set in step.set.iter().chain(of_choices) {
            let scope = Layer { own: &data, outer: &scope };
            let value = set.value.evaluate(&scope).unwrap_or_default();
            Value::put(&mut data, &set.variable, value);
        }
    }
    data
}

/// A case of which nothing is known but the day.
struct Nothing;

impl Scope for Nothing {
    fn variable(&self, _: &str) -> Option<&Value> {
        None
    }
    fn today(&self) -> Date {
        Date::constant(2026, 1, 2)
    }
    fn number_of(&self, _: &str) -> Option<String> {
        Some("1".to_owned())
    }
    fn visits(&self, _: &str) -> u32 {
        1
    }
    fn case_number(&self) -> &str {
        "1"
    }
}
