//! `step_gap`: the manual's numbers jump, and nothing says that the manual does.

use std::collections::BTreeMap;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::procedure::{Step, Within};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    let mut last = 0_u32;
    // Branches stand one after the other and are worked side by side: each has its own order.
    let mut highest: BTreeMap<Option<Within>, (u32, &Step)> = BTreeMap::new();
    let steps = || subject.steps().filter_map(|(_, step)| Some((number_of(step)?, step)));
    let numbers: BTreeMap<u32, &Step> = steps().collect();
    for (number, step) in steps() {
        // 7a may stand further down, behind what began beside 7.
        let is_part = !step.id.bytes().all(|sign| sign.is_ascii_digit());
        match highest.get(&step.within) {
            Some((high, above)) if number < *high && !is_part => {
                out_of_order((number, step), above, found);
            }
            Some((high, _)) if number < *high => {}
            _ => {
                highest.insert(step.within, (number, step));
            }
        }
        let is_explained = |missing: u32| {
            let errata = &subject.procedure.errata;
            errata
                .iter()
                .filter_map(|erratum| erratum.step.as_ref())
                .any(|step| **step == missing.to_string())
        };
        let missing: Vec<u32> = (last + 1..number)
            .take(50)
            .filter(|missing| !is_explained(*missing) && !numbers.contains_key(missing))
            .collect();
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
        last = if is_part { last.max(number) } else { number };
    }
}

/// The manual's number: 7a belongs to 7.
fn number_of(step: &Step) -> Option<u32> {
    let digits: String = step.id.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// A step that stands behind a later one: without a `go` it would follow that one.
fn out_of_order((number, step): (u32, &Step), above: &Step, found: &mut Diagnostics) {
    let headline = format!("step {} is out of order", *step.id);
    found.push(
        Diagnostic::new("step_gap", step.id.span, headline)
            .label(format!("stands behind step {}", *above.id))
            .also(above.id.span, format!("{number} comes before this"))
            .help("put it in its place: without `go`, steps follow each other as they stand here"),
    );
}
