//! Which closed cases are due: their own version says for how long they are kept. `archive` asks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::runtime::{Error, Runtime};
use crate::store::{self, CaseId, Closed};

/// Closed cases that are looked at once.
const PAGE: u32 = 500;

/// What would be archived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// By organisation and procedure.
    pub due: BTreeMap<(String, String), Due>,
    /// Versions whose files can't be read; their cases stay.
    pub unreadable: Vec<String>,
}

/// The cases of one procedure that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub cases: u64,
    /// When the first and the last of them ended.
    pub oldest: Timestamp,
    pub newest: Timestamp,
}

impl Plan {
    pub(super) fn count(&mut self, case: &Closed) {
        let ended = case.ended_at;
        let name = (case.organisation.clone(), case.procedure.clone());
        let first = Due { cases: 0, oldest: ended, newest: ended };
        let due = self.due.entry(name).or_insert(first);
        due.cases += 1;
        due.oldest = due.oldest.min(ended);
        due.newest = due.newest.max(ended);
    }
}

/// Goes through the closed cases from the one that ended first.
pub(super) struct Walk<'a> {
    runtime: &'a Runtime,
    now: Timestamp,
    before: Option<Date>,
    /// None has to be looked at that ended later.
    until: Timestamp,
    after: Option<(Timestamp, CaseId)>,
    unreadable: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(runtime: &'a Runtime, before: Option<Date>) -> Self {
        let now = runtime.clock().now();
        // Wherever the day begins last.
        let day = |date: Date| {
            let begins = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
            begins.checked_add(SignedDuration::from_hours(24)).ok()
        };
        let until = before.and_then(day).map_or(now, |day| day.min(now));
        Self { runtime, now, before, until, after: None, unreadable: BTreeSet::new() }
    }

    /// Those of the next page that are due, perhaps none; nothing at the end.
    pub(super) async fn page(&mut self) -> Result<Option<Vec<Closed>>, Error> {
        let page = self.runtime.store().closed(self.after, self.until, PAGE).await?;
        let Some(last) = page.last() else { return Ok(None) };
        self.after = Some((last.ended_at, last.id));
        let mut due = Vec::new();
        for case in page {
            if self.is_due(&case).await? {
                due.push(case);
            }
        }
        Ok(Some(due))
    }

    pub(super) fn unreadable(&self) -> Vec<String> {
        self.unreadable.iter().cloned().collect()
    }

    async fn is_due(&mut self, case: &Closed) -> Result<bool, Error> {
        let version = (case.organisation.as_str(), case.procedure.as_str(), case.version);
        let runtime = self.runtime;
        let is_due = match kept_until(runtime, version, case.ended_at).await {
            Ok(end) => end.is_some_and(|end| end <= self.now),
            // An old version that nobody can read any more is no reason to keep all the others.
            Err(
                error @ (Error::Unreadable { .. } | Error::Store(store::Error::Damaged { .. })),
            ) => {
                tracing::warn!(%error, "its cases are not archived");
                let (organisation, procedure, version) = version;
                self.unreadable.insert(format!("{organisation}/{procedure} version {version}"));
                false
            }
            Err(error) => return Err(error),
        };
        let Some(before) = self.before.filter(|_| is_due) else { return Ok(is_due) };
        let executable =
            runtime.executable(&case.organisation, &case.procedure, case.version).await?;
        Ok(executable.is_some_and(|made| made.organisation.calendar.date(case.ended_at) < before))
    }
}

/// Until when a case of this version that ended then is kept; nothing: for ever.
pub(super) async fn kept_until(
    runtime: &Runtime,
    (organisation, procedure, version): (&str, &str, u32),
    ended_at: Timestamp,
) -> Result<Option<Timestamp>, Error> {
    let Some(made) = runtime.executable(organisation, procedure, version).await? else {
        return Ok(None);
    };
    let retention = made.procedure.retention;
    Ok(retention.map(|retention| made.organisation.calendar.kept_until(ended_at, retention)))
}
