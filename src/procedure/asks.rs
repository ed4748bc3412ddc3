//! What a step may ask the store for: the same for every case, so it is found once, with the executable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Move, Procedure, Save, Step};
use crate::document::Document;
use crate::field::{Field, Kind};
use crate::organisation::Organisation;
use crate::register::Register;

/// Counters and rows that a command may look at, as far as the procedure alone tells.
#[derive(Debug, Default)]
pub struct Asks {
    /// Series that a number may be taken from.
    pub series: Arc<BTreeSet<String>>,
    /// Registers that a row may be saved to, each with the path of the row's key among the variables.
    pub saves: Vec<(String, String)>,
    /// What may be drawn from accounts that are never negative.
    pub draws: Vec<Draw>,
    /// A submission of the step may name rows of registers.
    pub names_records: bool,
    /// The key of a row that is saved may come up only while the command is worked.
    pub saves_late: bool,
}

/// A movement out of an account whose balance has to be known.
#[derive(Debug)]
pub struct Draw {
    pub ledger: String,
    /// The register's key field.
    pub key: String,
    pub account: String,
    pub each: Option<String>,
    pub item: String,
}

/// What an executable is being made of.
pub(super) struct World<'a> {
    pub(super) procedure: &'a Procedure,
    pub(super) organisation: &'a Organisation,
    pub(super) registers: &'a [Register],
    pub(super) documents: &'a BTreeMap<String, Document>,
}

impl World<'_> {
    /// What completing each step asks for: what the step itself does, and what every automatic one does,
    /// because it may be passed in the same command.
    pub(super) fn of_steps(&self, fields: &[Vec<Field>]) -> Vec<Asks> {
        let asks = |(step, fields): (&Step, &Vec<Field>)| Asks {
            names_records: names_records(fields),
            ..self.of([step].into_iter().chain(self.automatic()), None)
        };
        self.procedure.steps.iter().zip(fields).map(asks).collect()
    }

    /// What beginning a case asks for: its number, and what the automatic steps do that it begins with.
    pub(super) fn of_start(&self) -> Asks {
        let begins_alone = self.procedure.steps.first().is_some_and(Step::is_automatic);
        let steps = self.automatic().filter(|_| begins_alone);
        self.of(steps, Some(self.organisation.case_series.id.value.clone()))
    }

    /// What the automatic steps do, which may be passed whenever something happens.
    pub(super) fn alone(&self) -> Asks {
        self.of(self.automatic(), None)
    }

    fn automatic(&self) -> impl Iterator<Item = &Step> {
        self.procedure.steps.iter().filter(|step| step.is_automatic())
    }

    fn of<'s>(&self, steps: impl Iterator<Item = &'s Step>, first: Option<String>) -> Asks {
        let mut series: BTreeSet<String> = first.into_iter().collect();
        let (mut saves, mut draws, mut saves_late) = (Vec::new(), Vec::new(), false);
        for step in steps {
            saves_late |= saves_late_at(step);
            series.extend(step.assigns.iter().map(|assign| assign.series.value.clone()));
            let issued = step.all_issues().filter_map(|used| self.documents.get(&*used.name.value));
            series.extend(issued.map(|document| document.series.value.clone()));
            let of_choices = step.choices().iter().flat_map(|choice| &choice.saves);
            saves.extend(step.saves.iter().chain(of_choices).filter_map(|save| self.key(save)));
            draws.extend(step.all_moves().filter_map(|written| self.draw(written)));
        }
        Asks { series: Arc::new(series), saves, draws, names_records: false, saves_late }
    }

    fn draw(&self, written: &Move) -> Option<Draw> {
        let register = self.registers.iter().find(|known| *known.id == *written.ledger)?;
        let account = register.ledger.as_ref()?.account(&written.from)?;
        let is_drawn = account.is_never_negative && !account.is_in_transit;
        is_drawn.then(|| Draw {
            ledger: register.id.value.clone(),
            key: register.key.value.clone(),
            account: account.id.value.clone(),
            each: written.each.as_ref().map(|each| each.value.clone()),
            item: written.item.value.clone(),
        })
    }

    fn key(&self, save: &Save) -> Option<(String, String)> {
        let register = self.registers.iter().find(|known| *known.id == *save.register)?;
        let path = format!("{}.{}", save.variable.value, register.key.value);
        Some((register.id.value.clone(), path))
    }
}

/// What a step saves by itself, or after it has reckoned something.
fn saves_late_at(step: &Step) -> bool {
    let choices = step.choices();
    let saves = !step.saves.is_empty() || choices.iter().any(|choice| !choice.saves.is_empty());
    let reckons = !step.set.is_empty()
        || !step.assigns.is_empty()
        || !step.looks_up.is_empty()
        || choices.iter().any(|choice| !choice.set.is_empty());
    saves && (step.is_automatic() || reckons)
}

fn names_records(fields: &[Field]) -> bool {
    fields.iter().any(|field| match &field.kind {
        Kind::Record { .. } => true,
        Kind::Group { fields } | Kind::Table { columns: fields, .. } => names_records(fields),
        _ => false,
    })
}
