//! Reports that are made by themselves, each once, and kept as they were.
//!
//! `schedules` says when. What has too many rows is kept as a problem, and told on the report's page and on
//! the board; a failure of the machine leaves the schedule where it is, to be tried again.

use jiff::Timestamp;

use super::{Ready, Refusal, Runtime, Setback, Unmade};
use crate::report::{Of, Regular};
use crate::store::{self, MadeReport, ScheduleRow};

impl Runtime {
    /// Makes the report of one time of its schedule, unless it was made before; whether it was made now.
    pub(super) async fn make_scheduled(
        &self,
        row: &ScheduleRow,
        due_at: Timestamp,
    ) -> Result<bool, Refusal> {
        let (organisation, name) = (row.organisation.as_str(), row.name.as_str());
        if self.store().has_report(organisation, (name, due_at)).await? {
            return Ok(false);
        }
        let ready = self.report(organisation, name).await?.ok_or(Refusal::Busy)?;
        let regular = ready.report.regular.as_ref().ok_or(Refusal::Busy)?;
        self.keep_report(&ready, regular, due_at).await
    }

    /// Tries once more what could not be made; whether it was made now.
    pub(super) async fn remake_report(
        &self,
        organisation: &str,
        (name, due_at): (&str, Timestamp),
    ) -> Result<bool, store::Error> {
        let remade = async {
            let Some(ready) = self.report(organisation, name).await? else { return Ok(false) };
            let Some(regular) = &ready.report.regular else { return Ok(false) };
            self.keep_report(&ready, regular, due_at).await
        };
        match remade.await {
            Ok(is_made) => Ok(is_made),
            Err(refusal) => {
                tracing::error!(%organisation, %name, %due_at, %refusal, "a report was not made");
                Ok(false)
            }
        }
    }

    async fn keep_report(
        &self,
        ready: &Ready,
        regular: &Regular,
        due_at: Timestamp,
    ) -> Result<bool, Refusal> {
        let (organisation, calendar) = (&ready.organisation.id, &ready.organisation.calendar);
        let now = self.clock().now();
        let of_day = calendar.date(due_at);
        let span = ready.span(of_day).map(|span| match regular.of() {
            Of::This => span,
            Of::Last => span.before(calendar),
        });
        let day = span.map_or(of_day, |span| span.first);
        let made = self.make_report(ready, day).await;
        let (table, problem) = match made {
            Ok(table) => (Some(table), None),
            Err(Unmade::TooMany(_)) => (None, Some(Setback::TooManyRows.json())),
            Err(Unmade::Failed(error)) => return Err(error.into()),
        };
        let is_made = table.is_some();
        let count = table.as_ref().map_or(0, crate::report::Table::count);
        let row = MadeReport {
            report: ready.report.id.value.clone(),
            due_at,
            title: ready.report.title.clone(),
            days: span.map(|span| (span.first, span.last)),
            made_at: now,
            keep_until: calendar.kept_until(now, regular.keep),
            count: u32::try_from(count).unwrap_or(u32::MAX),
            problem,
        };
        Ok(self.store().save_report(organisation, &row, table.as_ref()).await? && is_made)
    }
}
