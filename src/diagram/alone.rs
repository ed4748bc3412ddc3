//! What a step does by itself, in a few words: for the box of one that has no activity. Called by `card`.

use crate::procedure::{Executable, Step};

/// What is waited for, reckoned, numbered, saved, moved and sent.
pub fn work(executable: &Executable, step: &Step) -> String {
    let organisation = &executable.organisation;
    let label = |variable: &str| {
        let field = executable.field(variable);
        field.map_or_else(|| variable.to_owned(), |field| field.label.clone())
    };
    let register = |id: &str| {
        let known = executable.register(id);
        known.map_or_else(|| id.to_owned(), |register| register.title.clone())
    };
    let series = |id: &str| {
        let known = organisation.series.iter().find(|series| *series.id == id);
        known.map_or_else(|| id.to_owned(), |series| series.title.clone())
    };
    let waits = step.wait.iter().map(|awaited| awaited.title(organisation));
    let looks_up = step.looks_up.iter().map(|look_up| {
        let found = look_up.found.as_ref();
        found.map_or_else(|| look_up.table.value.clone(), |table| table.title.clone())
    });
    let sets =
        step.set.iter().map(|set| format!("{} = {}", label(&set.variable), set.value.source));
    let assigns = step
        .assigns
        .iter()
        .map(|assign| format!("{}: {}", label(&assign.variable), series(&assign.series)));
    let saves = step.saves.iter().map(|save| format!("→ {}", register(&save.register)));
    let moves = step.moves.iter().map(|written| format!("⇄ {}", register(&written.ledger)));
    let sends = step.sends.iter().map(|sends| organisation.message_title(&sends.name));
    let gives = step.signals.iter().map(|name| organisation.signal_title(name));
    let tells = sends.chain(gives).map(|title| format!("→ {title}"));
    let all = waits.chain(looks_up).chain(sets).chain(assigns).chain(saves).chain(moves);
    all.chain(tells).collect::<Vec<_>>().join(" · ")
}
