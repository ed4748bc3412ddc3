//! What comes by itself: cases (`starts: { by: ape, every: working day at 17:00 }`) and reports.
//!
//! Publishing sets a procedure's next time; every server looks which have come, leases them, and starts
//! the case as the clock, under a key that is made of procedure and occurrence. A server that dies
//! between starting and moving on has the next one start the same case again, which the key answers:
//! each occurrence begins one case at most, and none is forgotten but by what the procedure declares.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;

use super::{Error, Key, Refusal, Runtime, Setback};
use crate::engine::{Actor, Cause};
use crate::library::Group;
use crate::organisation::Organisation;
use crate::procedure::{Executable, Missed, Schedule};
use crate::store::{self, ScheduleKind, ScheduleRow, Writing};

const TOGETHER: u32 = 64;

/// Starting a case takes much less; a server that dies holds a schedule up for so long at most.
const LEASE: SignedDuration = SignedDuration::from_secs(10);

/// What the engine refuses today it may take after the next publication; asking each second would only
/// fill the log.
const REFUSED: SignedDuration = SignedDuration::from_mins(10);

/// How late an occurrence may begin that is skipped when it was missed: a server may be restarted.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// What comes by itself, as it is published.
pub(super) struct Recurring {
    kind: ScheduleKind,
    name: String,
    schedule: Schedule,
}

impl Recurring {
    pub(super) fn of(group: &Group) -> Vec<Self> {
        let cases = group.procedures.iter().filter_map(|procedure| {
            let (kind, name) = (ScheduleKind::Case, procedure.id.value.clone());
            Some(Self { kind, name, schedule: procedure.starts.schedule.clone()? })
        });
        let reports = group.reports.iter().filter_map(|report| {
            let (kind, name) = (ScheduleKind::Report, report.id.value.clone());
            Some(Self { kind, name, schedule: report.regular.as_ref()?.schedule.clone() })
        });
        cases.chain(reports).collect()
    }

    fn is(&self, row: &ScheduleRow) -> bool {
        self.kind == row.kind && self.name == row.name
    }
}

/// Makes the schedules of an organisation those of its files. One that says the same as before goes on
/// where it was, by the calendar of today, and what was refused is tried again; any other begins now.
pub(super) async fn publish(
    writing: &mut Writing,
    organisation: &Organisation,
    recurring: &[Recurring],
    is_new: bool,
    now: Timestamp,
) -> Result<(), store::Error> {
    let id = organisation.id.as_str();
    let before = writing.schedules(id).await?;
    for one in recurring {
        let Recurring { kind, name, schedule } = one;
        let recurrence = schedule.written.value.clone();
        let known = before.iter().find(|row| one.is(row) && row.recurrence == recurrence);
        if known.is_some() && !is_new {
            continue;
        }
        let after_at = known.map_or(now, |row| row.after_at);
        let next = organisation.calendar.next(after_at, &schedule.every);
        let row = ScheduleRow {
            organisation: id.to_owned(),
            kind: *kind,
            name: name.clone(),
            recurrence,
            after_at,
            next_at: next.unwrap_or(NEVER),
        };
        writing.save_schedule(&row).await?;
    }
    for row in before {
        if recurring.iter().all(|one| !one.is(&row)) {
            writing.remove_schedule(&row).await?;
        }
    }
    Ok(())
}

/// A recurrence that comes no more; the checker refuses those that never do.
const NEVER: Timestamp = Timestamp::MAX;

impl Runtime {
    /// Starts every case and makes every report whose time has come; how many. Tests with a manual clock call this
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

    /// Whether something came of it. What could not be done is found again when its lease has ended.
    pub(super) async fn follow_schedule(&self, row: &ScheduleRow, now: Timestamp) -> bool {
        match self.see_to(row, now).await {
            Ok(has_begun) => has_begun,
            Err(Refusal::Busy | Refusal::InFlight) => false,
            Err(refusal) => {
                let ScheduleRow { organisation, kind, name, next_at, .. } = row;
                tracing::error!(%organisation, ?kind, %name, %next_at, %refusal,
                    "nothing came of a schedule");
                let problem = Setback::of(&refusal).json();
                let until = now.checked_add(REFUSED).unwrap_or(now);
                let kept = self.store().refuse_schedule(row, &problem, (now, until)).await;
                if let Err(error) = kept {
                    tracing::warn!(%error, "a schedule could not be held back");
                }
                false
            }
        }
    }

    async fn see_to(&self, row: &ScheduleRow, now: Timestamp) -> Result<bool, Refusal> {
        // Taken out, or published anew, a moment ago: then the row is gone or another.
        let (organisation, schedule) = self.written(row).await?.ok_or(Refusal::Busy)?;
        let next = |after| organisation.calendar.next(after, &schedule.every);
        let (occurrence, is_wanted) = wanted(row.next_at, now, schedule.missed, next);
        let has_come = match row.kind {
            _ if !is_wanted => false,
            ScheduleKind::Case => self.start_scheduled(row, occurrence, now).await?,
            ScheduleKind::Report => self.make_scheduled(row, occurrence).await?,
        };
        self.store().move_schedule_on(row, occurrence, next(occurrence).unwrap_or(NEVER)).await?;
        Ok(has_come)
    }

    async fn start_scheduled(
        &self,
        row: &ScheduleRow,
        occurrence: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Refusal> {
        let names @ (organisation, procedure) = (row.organisation.as_str(), row.name.as_str());
        let name = format!("schedule:{organisation}/{procedure}@{occurrence}");
        let (key, cause) = (Some(Key::api(&name)), Cause::Time(occurrence));
        let handled = self.start_alone(&Actor::clock(), names, cause, key).await?;
        // An older case answers for one that a server began before it died.
        Ok(handled.records.first().is_some_and(|record| record.at >= now))
    }

    /// Leaves out the time that was refused, with those that one case would have stood for. Not when what
    /// it is a schedule of has gone.
    pub(super) async fn leave_out(
        &self,
        row: &ScheduleRow,
        now: Timestamp,
    ) -> Result<bool, store::Error> {
        let written = match self.written(row).await {
            Ok(written) => written,
            Err(Error::Store(error)) => return Err(error),
            Err(error) => {
                tracing::error!(%error, "a schedule could not be left out");
                None
            }
        };
        let Some((organisation, schedule)) = written else { return Ok(false) };
        let next = |after| organisation.calendar.next(after, &schedule.every);
        let (occurrence, _) = wanted(row.next_at, now, schedule.missed, next);
        self.store().move_schedule_on(row, occurrence, next(occurrence).unwrap_or(NEVER)).await?;
        Ok(true)
    }

    /// What the newest files say of a schedule.
    async fn written(
        &self,
        row: &ScheduleRow,
    ) -> Result<Option<(Arc<Organisation>, Schedule)>, Error> {
        Ok(match row.kind {
            ScheduleKind::Case => {
                let executable = self.newest(&row.organisation, &row.name).await?;
                executable.and_then(|executable| {
                    let schedule = executable.procedure.starts.schedule.clone()?;
                    Some((Arc::clone(&executable.organisation), schedule))
                })
            }
            ScheduleKind::Report => {
                let ready = self.report(&row.organisation, &row.name).await?;
                ready.and_then(|ready| {
                    let schedule = ready.report.regular.as_ref()?.schedule.clone();
                    Some((Arc::clone(&ready.organisation), schedule))
                })
            }
        })
    }

    /// The newest version of a procedure.
    async fn newest(
        &self,
        organisation: &str,
        procedure: &str,
    ) -> Result<Option<Arc<Executable>>, Error> {
        let versions = self.store().latest_versions(organisation).await?;
        match versions.iter().find(|version| version.procedure == procedure) {
            Some(newest) => self.executable(organisation, procedure, newest.version).await,
            None => Ok(None),
        }
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
