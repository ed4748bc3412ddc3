//! What a case waits for, in words: for its page and its story.

use serde::Serialize;

use super::fail::Fail;
use super::pages::job::Link;
use super::routes;
use super::session::Here;
use crate::engine::{Awaits, Holder, LockStatus, Owner, State, Task};
use crate::procedure::Executable;
use crate::store::CaseRow;
use crate::wording::role_title;

/// A step that waits by itself, or stands in line.
#[derive(Serialize)]
pub(super) struct Wait {
    step: String,
    /// The branch that the step stands in, where several are open at once.
    branch: Option<String>,
    activity: String,
    /// What it waits for.
    what: String,
    /// What may happen meanwhile, and would lead on elsewhere.
    meanwhile: Vec<String>,
    /// The case that has it.
    holder: Option<Link>,
}

/// The steps in front of which the case stands in line for what another case has. Whose turn it is, knows
/// only the store; and whoever sees a case sees the others of its organisation.
pub(super) async fn lines(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
    most: usize,
) -> Result<Vec<Wait>, Fail> {
    let mut lines = Vec::new();
    let wanted = case.state.locks.values().filter(|lock| lock.status == LockStatus::Wanted);
    for lock in wanted.take(most) {
        let Some(parked) = case.state.parked.get(&lock.token) else { continue };
        let holder = here.app.runtime.store().lock_holder(&case.organisation, &lock.name).await?;
        let step = executable.step(&parked.step);
        lines.push(Wait {
            step: here.speaker.step(&parked.step),
            branch: case.state.branch_in_words(executable, parked.within.as_ref()),
            activity: step.map(|step| step.activity.clone()).unwrap_or_default(),
            what: here.speaker.t("web-waits-lock", &[("name", (&lock.name).into())]),
            meanwhile: Vec::new(),
            holder: holder
                .map(|holder| Link { href: routes::case(&holder.case), number: holder.number }),
        });
    }
    Ok(lines)
}

/// The steps at which the case waits by itself, at most so many.
pub(super) fn waits(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
    most: usize,
) -> Vec<Wait> {
    let state = &case.state;
    let tokens = state.tokens().filter_map(|token| match token.holder {
        Holder::Wait(wait) => Some((wait, token.step)),
        _ => None,
    });
    let wait = |(wait, step): (u32, &str)| {
        let of = Owner::Wait(wait);
        let own = state.watches.values().find(|watch| watch.of == of && watch.line.is_none());
        Wait {
            step: here.speaker.step(step),
            branch: executable.branch(step),
            activity: executable.step(step).map(|step| step.activity.clone()).unwrap_or_default(),
            what: own.map(|watch| awaited(here, executable, &watch.awaits)).unwrap_or_default(),
            meanwhile: meanwhile(here, executable, state, of),
            holder: None,
        }
    };
    tokens.take(most).map(wait).collect()
}

/// What is listened for besides at a task or a wait.
fn meanwhile(here: &Here, executable: &Executable, state: &State, of: Owner) -> Vec<String> {
    let besides = state.watches.values().filter(|watch| watch.of == of && watch.line.is_some());
    besides.map(|watch| awaited(here, executable, &watch.awaits)).collect()
}

/// One thing that is waited for.
pub(super) fn awaited(here: &Here, executable: &Executable, awaits: &Awaits) -> String {
    let speaker = &here.speaker;
    let organisation = &executable.organisation;
    match awaits {
        Awaits::Until(at) => speaker.t("web-waits-until", &[("when", speaker.when(*at).into())]),
        Awaits::Message { name, key } => {
            let name = organisation.message_title(name);
            if key.is_empty() {
                speaker.t("web-waits-message", &[("name", name.into())])
            } else {
                let args = [("name", name.into()), ("key", key.into())];
                speaker.t("web-waits-message-of", &args)
            }
        }
        Awaits::Signal { name } => {
            let name = organisation.signal_title(name);
            speaker.t("web-waits-signal", &[("name", name.into())])
        }
    }
}

/// What an open task has behind it, in a few words each: reminders, other queues, a term that stands
/// still.
pub(super) fn notes(here: &Here, executable: &Executable, state: &State, task: u32) -> Vec<String> {
    let Some(open) = state.tasks.get(&task) else { return Vec::new() };
    let stands_still = state.due_watch(task).is_some_and(|(_, watch)| watch.left.is_some());
    let mut notes = reminded(here, open.reminders);
    notes.extend(came_from(here, executable, open));
    notes.extend(stands_still.then(|| here.speaker.t("web-suspended", &[])));
    notes
}

/// How often somebody was reminded.
pub(super) fn reminded(here: &Here, count: u32) -> Vec<String> {
    let say = || here.speaker.t("web-reminded", &[("count", count.into())]);
    Vec::from_iter((count > 0).then(say))
}

fn came_from(here: &Here, executable: &Executable, open: &Task) -> Option<String> {
    let from = open.escalated_from.first()?;
    let role = role_title(&executable.organisation, from);
    Some(here.speaker.t("web-escalated", &[("role", role.into())]))
}
