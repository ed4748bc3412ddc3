//! From fields, what stands in them and what is wrong to inputs.

use super::inputs::{Choice, FormView, Input};
use super::lookup::looked_up;
use super::problems::input_id;
use super::{Problems, Reckoned, Registers};
use crate::expression::{Expression, Layer, Map, Scope, Value};
use crate::field::{Field, Kind, NumberStyle};
use crate::form::Form;
use crate::web::desk::Desk;
use crate::web::session::Here;
use crate::web::value::Words;

/// More options than this are a list, not buttons.
const FEW_OPTIONS: usize = 4;
/// A text of so few letters needs only half a line.
const SHORT_TEXT: usize = 40;
const SHORT_CODE: usize = 20;

/// Everything that inputs are made of.
pub(super) struct Maker<'a> {
    pub(super) words: Words<'a>,
    registers: &'a Registers,
    problems: &'a Problems,
}

/// One field with what stands in it: as typed, and as read.
pub(super) struct Place<'a> {
    pub(super) path: String,
    pub(super) raw: Option<&'a Value>,
    pub(super) value: Option<&'a Value>,
    pub(super) scope: &'a dyn Scope,
}

/// The forms of the desk's step.
pub(in crate::web) fn forms(
    here: &Here,
    desk: &Desk,
    raw: &Map,
    reckoned: &Reckoned,
    registers: &Registers,
    problems: &Problems,
) -> Vec<FormView> {
    let words = Words { executable: &desk.executable, speaker: &here.speaker };
    let maker = Maker { words, registers, problems };
    let outer = desk.scope(here);
    let scope = Layer { own: &reckoned.data, outer: &outer };
    let inputs = |fields: &[Field]| maker.all(fields, "", raw, &reckoned.data, &scope);
    let data = desk.data();
    let view = |form: &Form| FormView {
        title: form.title.clone(),
        help: form.help.clone(),
        shows: form.shows.iter().filter_map(|path| maker.words.shown(path, &data)).collect(),
        fields: inputs(&desk.executable.fields_of_form(form)),
    };
    desk.executable.forms_of(desk.step()).map(view).collect()
}

impl Maker<'_> {
    fn all(
        &self,
        fields: &[Field],
        before: &str,
        raw: &Map,
        data: &Map,
        scope: &dyn Scope,
    ) -> Vec<Input> {
        let place = |field: &Field| Place {
            path: format!("{before}{}", *field.name),
            raw: raw.get(field.name.as_str()),
            value: data.get(field.name.as_str()),
            scope,
        };
        fields.iter().filter_map(|field| self.one(field, &place(field))).collect()
    }

    /// One input; none for a field that isn't asked for as things stand.
    pub(super) fn one(&self, field: &Field, at: &Place<'_>) -> Option<Input> {
        if let Some(when) = &field.when
            && !matches!(when.holds(at.scope), Ok(true))
        {
            return None;
        }
        let errors = self.problems.at(&at.path);
        let id = input_id(&at.path);
        let mut described = Vec::new();
        let help = help(field, &self.words);
        if help.is_some() {
            described.push(format!("{id}-help"));
        }
        if !errors.is_empty() {
            described.push(format!("{id}-error"));
        }
        let mut input = Input {
            name: at.path.clone(),
            label: field.label.clone(),
            help,
            is_optional: field.is_optional,
            value: at.raw.map(ToString::to_string).unwrap_or_default(),
            described_by: described.join(" "),
            errors,
            id,
            ..Input::default()
        };
        if field.is_asked() {
            self.fill(&mut input, field, at);
        } else {
            input.kind = "computed";
            input.is_short = !matches!(field.kind, Kind::Text { .. } | Kind::Record { .. });
            input.value = at.value.map(|value| self.words.text(field, value)).unwrap_or_default();
            if field.is_assigned && input.value.is_empty() {
                input.found = Some(self.words.speaker.t("web-assigned-later", &[]));
            }
        }
        Some(input)
    }

    fn fill(&self, input: &mut Input, field: &Field, at: &Place<'_>) {
        match &field.kind {
            Kind::Text { is_note, max_length, pattern } => {
                input.kind = if *is_note { "note" } else { "text" };
                // A field with a pattern holds a code, and its example tells how long codes are.
                let sample = field.sample.as_ref().map(|sample| sample.to_string().chars().count());
                let is_code =
                    pattern.is_some() && sample.is_some_and(|length| length <= SHORT_CODE);
                input.is_short = !is_note && (*max_length <= SHORT_TEXT || is_code);
            }
            Kind::Number { style, .. } => {
                input.kind = "number";
                input.is_short = true;
                let is_whole = *style == NumberStyle::Integer;
                input.keyboard = Some(if is_whole { "numeric" } else { "decimal" });
                let symbol = &self.words.speaker.currency.symbol;
                input.unit = (*style == NumberStyle::Money).then(|| symbol.clone());
            }
            Kind::Date { min, max } => {
                let limit = |limit: &Option<Box<Expression>>| {
                    let value = limit.as_ref()?.evaluate(at.scope).ok()?;
                    value.as_text().map(ToOwned::to_owned)
                };
                input.kind = "date";
                input.is_short = true;
                (input.min, input.max) = (limit(min), limit(max));
            }
            Kind::YesNo => {
                input.kind = "yes_no";
                input.options = vec![Choice {
                    value: "true".into(),
                    label: field.label.clone(),
                    is_chosen: input.value == "true",
                }];
            }
            Kind::Choice { options } => {
                input.kind = if options.len() <= FEW_OPTIONS { "radio" } else { "select" };
                input.is_short = input.kind == "select";
                input.options = options
                    .iter()
                    .map(|(value, label)| Choice {
                        is_chosen: *value == input.value,
                        value: value.clone(),
                        label: label.clone(),
                    })
                    .collect();
            }
            Kind::Record { register, .. } => self.record(input, register, field, at),
            Kind::Group { fields } => {
                let none = Map::new();
                let raw = at.raw.and_then(Value::as_map).unwrap_or(&none);
                let data = at.value.and_then(Value::as_map).unwrap_or(&none);
                input.kind = "group";
                input.value = String::new();
                let found = looked_up(self.words.executable, field, raw);
                input.looked = found.map(|(_, key)| key);
                input.fields = self.all(fields, &format!("{}.", at.path), raw, data, at.scope);
            }
            Kind::Table { columns, max_rows, .. } => self.table(input, columns, *max_rows, at),
        }
    }

    fn record(&self, input: &mut Input, register: &str, field: &Field, at: &Place<'_>) {
        let found = at.value.filter(|value| value.as_map().is_some());
        input.kind = "pick";
        input.found = found.map(|value| self.words.text(field, value));
        let Some(offer) = self.registers.offered(register) else { return };
        if offer.is_all {
            input.kind = "select";
            input.found = None;
        }
        let typed = input.value.trim();
        input.options = offer
            .rows
            .iter()
            .map(|(key, name)| Choice {
                is_chosen: key == typed,
                value: key.clone(),
                label: name.clone(),
            })
            .collect();
    }
}

/// The field's help, with its example where a form is wanted that the help doesn't show.
pub(super) fn help(field: &Field, words: &Words<'_>) -> Option<String> {
    let Kind::Text { pattern: Some(_), .. } = &field.kind else { return field.help.clone() };
    let Some(sample) = field.sample.as_ref().map(ToString::to_string) else {
        return field.help.clone();
    };
    let example = words.speaker.t("web-example", &[("sample", sample.as_str().into())]);
    match &field.help {
        Some(help) if help.contains(&sample) => Some(help.clone()),
        Some(help) => Some(format!("{help} {example}")),
        None => Some(example),
    }
}
