//! `step_gap`: the manual's numbers jump, and nothing says that the manual does.

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let mut last = 0_u32;
    for (_, step) in subject.steps() {
        // 7a belongs to 7.
        let digits: String = step.id.chars().take_while(char::is_ascii_digit).collect();
        let Ok(number) = digits.parse::<u32>() else { continue };
        let is_explained = |missing: u32| {
            let errata = &subject.procedure.errata;
            errata
                .iter()
                .filter_map(|erratum| erratum.step.as_ref())
                .any(|step| **step == missing.to_string())
        };
        let missing: Vec<u32> =
            (last + 1..number).take(50).filter(|missing| !is_explained(*missing)).collect();
        if let Some(first) = missing.first() {
            found.push(
                Diagnostic::new("step_gap", step.id.span, format!("there is no step {first}"))
                    .label(if last == 0 {
                        "the first step".to_owned()
                    } else {
                        format!("follows step {last}")
                    })
                    .help(format!(
                        "if the manual has none either, say so: `errata: [{{ step: {first}, says: …, why: … }}]`"
                    )),
            );
        }
        // Nor does one that stands further down, behind what began beside it.
        let is_part = digits.len() < step.id.len();
        last = if is_part { last.max(number) } else { number };
    }
}
