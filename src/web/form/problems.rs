//! What is wrong with a submission, in words: at the top all at once, and at each field.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::field::{Field, FieldError, find};
use crate::web::speaker::Speaker;
use crate::wording::problem;

/// The id of the input of a field.
pub(in crate::web) fn input_id(path: &str) -> String {
    format!("f-{path}")
}

#[derive(Debug, Default)]
pub(in crate::web) struct Problems {
    by_path: BTreeMap<String, Vec<String>>,
    pub(in crate::web) summary: Vec<Line>,
}

/// One line of the summary: a link to the field, unless the form as a whole is meant.
#[derive(Debug, Clone, Serialize)]
pub(in crate::web) struct Line {
    pub(in crate::web) target: Option<String>,
    pub(in crate::web) label: String,
    pub(in crate::web) words: String,
}

impl Problems {
    pub(in crate::web) fn of(errors: &[FieldError], fields: &[Field], speaker: &Speaker) -> Self {
        let mut problems = Self::default();
        for error in errors {
            let words = problem(&speaker.language, &error.problem);
            problems.summary.push(Line {
                target: (!error.path.is_empty()).then(|| input_id(&error.path)),
                label: label(&error.path, fields, speaker),
                words: words.clone(),
            });
            problems.by_path.entry(error.path.clone()).or_default().push(words);
        }
        problems
    }

    pub(in crate::web) fn at(&self, path: &str) -> Vec<String> {
        self.by_path.get(path).cloned().unwrap_or_default()
    }
}

/// `Cantidad`, or `Detalle de materiales, fila 3: Cantidad`.
fn label(path: &str, fields: &[Field], speaker: &Speaker) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    let is_number =
        |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let row = parts.iter().position(is_number);
    let plain: Vec<&str> = match row {
        Some(at) => parts[..at].iter().chain(&parts[at + 1..]).copied().collect(),
        None => parts.clone(),
    };
    let name = |path: &str| find(fields, path).map_or(String::new(), |field| field.label.clone());
    let own = name(&plain.join("."));
    match row.and_then(|at| parts[at].parse::<usize>().ok().map(|number| (at, number))) {
        Some((at, number)) => speaker.t(
            "web-row-field",
            &[
                ("table", name(&parts[..at].join(".")).into()),
                ("row", (number + 1).into()),
                ("field", own.into()),
            ],
        ),
        _ => own,
    }
}
