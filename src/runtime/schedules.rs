//! Cases that begin by themselves: `starts: { by: ape, every: working day at 17:00 }`.
//!
//! Publishing sets a procedure's next time; every server looks which have come, leases them, and starts
//! the case as the clock, under a key that is made of procedure and occurrence. A server that dies
//! between starting and moving on has the next one start the same case again, which the key answers:
//! each occurrence begins one case at most, and none is forgotten but by what the procedure declares.

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::{Error, Key, Refusal, Runtime};
use crate::engine::Actor;
use crate::library::Group;
use crate::organisation::Organisation;
use crate::procedure::{Missed, Schedule};
use crate::store::{self, ScheduleRow, VersionRow, Writing};

const TOGETHER: u32 = 64;

/// Starting a case takes much less; a server that dies holds a schedule up for so long at most.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// What the engine refuses today it may take after the next publication; asking each second would only
/// fill the log.
const REFUSED: SignedDuration = SignedDuration::from_mins(10);

/// How late an occurrence may begin that is skipped when it was missed: a server may be restarted.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// A procedure that begins by itself, as it is published.
pub(super) struct Recurring {
    procedure: String,
    schedule: Schedule,
}

impl Recurring {
    pub(super) fn of(group: &Group) -> Vec<Self> {
        let scheduled = group.procedures.iter().filter_map(|procedure| {
            let schedule = procedure.schedule.clone()?;
            Some(Self { procedure: procedure.id.value.clone(), schedule })
        });
        scheduled.collect()
    }
}

/// Makes the schedules of an organisation those of its files. One that says the same as before goes on
/// where it was, by the calendar of today; any other begins now.
pub(super) async fn publish(
    writing: &mut Writing,
    organisation: &Organisation,
    recurring: &[Recurring],
    versions: &[VersionRow],
    now: Timestamp,
) -> Result<(), store::Error> {
    let id = organisation.id.as_str();
    let before = writing.schedules(id).await?;
    for Recurring { procedure, schedule } in recurring {
        let newest = versions.iter().filter(|version| version.procedure == *procedure);
        let Some(version) = newest.map(|version| version.version).max() else { continue };
        let written = schedule.written.value.clone();
        let known = before.iter().find(|row| row.procedure == *procedure);
        let known = known.filter(|row| row.recurrence == written);
        if known.is_some_and(|row| row.version == version) {
            continue;
        }
        let after_at = known.map_or(now, |row| row.after_at);
        let next = organisation.calendar.next(after_at, &schedule.every);
        let row = ScheduleRow {
            organisation: id.to_owned(),
            procedure: procedure.clone(),
            version,
            recurrence: written,
            after_at,
            next_at: next.unwrap_or(NEVER),
        };
        writing.save_schedule(&row).await?;
    }
    for row in before {
        if recurring.iter().all(|one| one.procedure != row.procedure) {
            writing.remove_schedule(id, &row.procedure).await?;
        }
    }
    Ok(())
}

/// A recurrence that comes no more; the checker refuses those that never do.
const NEVER: Timestamp = Timestamp::MAX;

impl Runtime {
    /// Starts every case whose time has come; how many began. Tests with a manual clock call this
    /// themselves.
    pub async fn fire_schedules(&self) -> Result<usize, store::Error> {
        let mut begun = 0;
        loop {
            let now = self.clock().now();
            let due = self.store().lease_schedules(now, LEASE, TOGETHER).await?;
            if due.is_empty() {
                return Ok(begun);
            }
            let mut starting = JoinSet::new();
            for row in due {
                let runtime = self.clone();
                starting.spawn(async move { runtime.follow_schedule(&row, now).await });
            }
            while let Some(done) = starting.join_next().await {
                begun += usize::from(done.unwrap_or(false));
            }
        }
    }

    /// Whether a case began. What could not be done is found again when its lease has ended.
    async fn follow_schedule(&self, row: &ScheduleRow, now: Timestamp) -> bool {
        match self.start_scheduled(row, now).await {
            Ok(has_begun) => has_begun,
            Err(Refusal::Busy | Refusal::InFlight) => false,
            Err(refusal) => {
                let ScheduleRow { organisation, procedure, next_at, .. } = row;
                tracing::error!(%organisation, %procedure, %next_at, %refusal,
                    "a case could not begin by itself");
                let until = now.checked_add(REFUSED).unwrap_or(now);
                if let Err(error) = self.store().hold_schedule(row, until).await {
                    tracing::warn!(%error, "a schedule could not be held back");
                }
                false
            }
        }
    }

    async fn start_scheduled(&self, row: &ScheduleRow, now: Timestamp) -> Result<bool, Refusal> {
        let ScheduleRow { organisation, procedure, version, .. } = row;
        let executable = self.executable(organisation, procedure, *version).await?;
        let unreadable = || Error::Unreadable {
            organisation: organisation.clone(),
            procedure: procedure.clone(),
            version: *version,
        };
        let executable = executable.ok_or_else(unreadable)?;
        let schedule = executable.procedure.schedule.as_ref().ok_or_else(unreadable)?;
        let next = |after| executable.organisation.calendar.next(after, &schedule.every);
        let (occurrence, is_wanted) = wanted(row.next_at, now, schedule.missed, next);
        let mut has_begun = false;
        if is_wanted {
            let name = format!("schedule:{organisation}/{procedure}@{occurrence}");
            let key = Some(Key::api(&name));
            let handled = self.start_case(&Actor::clock(), organisation, procedure, key).await?;
            // An older case answers for one that a server began before it died.
            has_begun = handled.records.first().is_some_and(|record| record.at >= now);
        }
        self.store().move_schedule_on(row, occurrence, next(occurrence).unwrap_or(NEVER)).await?;
        Ok(has_begun)
    }
}

/// The occurrence to see to now, and whether a case begins for it.
fn wanted(
    first: Timestamp,
    now: Timestamp,
    missed: Missed,
    next: impl Fn(Timestamp) -> Option<Timestamp>,
) -> (Timestamp, bool) {
    if missed == Missed::All {
        return (first, true);
    }
    let mut last = first;
    while let Some(later) = next(last).filter(|later| *later <= now) {
        last = later;
    }
    (last, missed == Missed::Once || last.duration_until(now) <= LATE)
}
