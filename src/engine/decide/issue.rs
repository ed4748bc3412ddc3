//! Issuing and signing documents: number, frozen data and version in the same decision as the step.

use super::Working;
use super::complete::{in_hand, no_way};
use crate::engine::{Entry, Rejection, frozen};
use crate::procedure::{DocumentUse, Step};

pub(super) fn issue(
    working: &mut Working<'_>,
    step: &Step,
    issues: &[DocumentUse],
) -> Result<(), Rejection> {
    for issue in issues {
        if !is_wanted(working, step, issue)? {
            continue;
        }
        let executable = working.executable;
        let Some(document) = executable.documents.get(issue.name.as_str()) else { continue };
        let Some(series) = executable.organisation.series(&document.series) else { continue };
        let (year, counter, number) = working.next_number(series);
        let frozen = frozen(
            executable,
            (&working.state, working.here.as_ref()),
            document,
            step,
            &number,
            working.actor,
            working.facts.now,
        );
        working.emit(Entry::DocumentIssued {
            no: u32::try_from(working.state.documents.len() + 1).unwrap_or(u32::MAX),
            document: document.id.value.clone(),
            title: document.title.clone(),
            number,
            series: series.id.value.clone(),
            year,
            counter,
            copies: issue.copies.unwrap_or(document.copies),
            step: step.id.value.clone(),
            version: working.state.version,
            frozen: Box::new(frozen),
        });
    }
    Ok(())
}

/// Signing comes last: what the step itself has just issued can be signed at it.
pub(super) fn sign(working: &mut Working<'_>, step: &Step) -> Result<(), Rejection> {
    in_hand(working, step, &step.signs)?;
    for signed in &step.signs {
        if !is_wanted(working, step, signed)? {
            continue;
        }
        if let Some(no) = working.state.document(&signed.name).map(|issued| issued.no) {
            working.emit(Entry::DocumentSigned { no, step: step.id.value.clone() });
        }
    }
    Ok(())
}

/// Whether a document's own condition holds now.
pub(super) fn is_wanted(
    working: &Working<'_>,
    step: &Step,
    used: &DocumentUse,
) -> Result<bool, Rejection> {
    match &used.when {
        None => Ok(true),
        Some(when) => when.holds(&working.scope()).map_err(|fault| no_way(step, fault.message)),
    }
}
