//! Reports for a reader: which they may see, the day that is asked for, and the two files.
//!
//! The page and the API ask here, so that neither shows what the other does not.

use std::sync::Arc;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::Date;

use super::fail::Fail;
use super::pages::document::{POLICY, disposition};
use super::session::Here;
use crate::report::{MAX_PRINTED, Table, pdf, xlsx};
use crate::runtime::{Ready, Unmade};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The kinds of files, by the end of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum File {
    Pdf,
    Xlsx,
}

impl File {
    pub(super) fn parse(ending: &str) -> Option<Self> {
        match ending {
            "pdf" => Some(Self::Pdf),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

impl Here {
    /// The reports that the person may see.
    pub(super) async fn reports(&self) -> Result<Vec<Arc<Ready>>, Fail> {
        let mut all = self.app.runtime.reports(&self.person.organisation).await?;
        all.retain(|ready| ready.is_seen_by(&self.actor));
        Ok(all)
    }

    /// One of them; one that they may not see isn't there.
    pub(super) async fn report(&self, id: &str) -> Result<Arc<Ready>, Fail> {
        let mut all = self.reports().await?.into_iter();
        all.find(|ready| *ready.report.id == id).ok_or(Fail::NotFound)
    }

    /// A written day; today when none was.
    pub(super) fn day(&self, written: Option<&str>) -> Option<Date> {
        match written.map(str::trim).filter(|written| !written.is_empty()) {
            None => Some(self.speaker.today()),
            // Days at the ends of what can be counted have no period around them.
            Some(written) => {
                written.parse().ok().filter(|day: &Date| (1900..=9000).contains(&day.year()))
            }
        }
    }

    /// The table of the period around a day.
    pub(super) async fn table(&self, ready: &Ready, day: Date) -> Result<Table, Unmade> {
        self.app.runtime.make_report(ready, day).await
    }

    /// What was made of a report by itself; what isn't there can't be told from what they may not see.
    pub(super) async fn made_report(&self, id: &str, due_at: &str) -> Result<Table, Fail> {
        let ready = self.report(id).await?;
        let due_at: Timestamp = due_at.parse().map_err(|_| Fail::NotFound)?;
        let name = (self.person.organisation.as_str(), ready.report.id.as_str());
        let table = self.app.runtime.store().made_report(name, due_at).await?;
        table.ok_or(Fail::NotFound)
    }

    /// The file of a table.
    pub(super) async fn report_file(&self, table: Table, file: File) -> Result<Response, Fail> {
        if file == File::Pdf && table.count() > MAX_PRINTED {
            let words = self.speaker.t("web-report-too-long", &[("most", count(MAX_PRINTED))]);
            return Err(Fail::Rejected { words, back: format!("/reports/{}", table.report) });
        }
        let permit = Arc::clone(&self.app.printing).acquire_owned().await;
        let permit = permit.map_err(|_| Fail::Busy)?;
        let name = match table.span {
            Some(span) if span.first == span.last => format!("{} {}", table.title, span.first),
            Some(span) => format!("{} {} {}", table.title, span.first, span.last),
            None => table.title.clone(),
        };
        let making = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            match file {
                File::Pdf => pdf(&table).map_err(|error| Fail::broken(&error)),
                File::Xlsx => xlsx(&table).map_err(|error| Fail::broken(&error)),
            }
        });
        let bytes = making.await.map_err(|error| Fail::broken(&error))??;
        let (kind, how, ending) = match file {
            File::Pdf => ("application/pdf", "inline", "pdf"),
            File::Xlsx => (XLSX, "attachment", "xlsx"),
        };
        let headers = [
            (CONTENT_TYPE, kind.to_owned()),
            (CONTENT_DISPOSITION, disposition(how, &name, ending)),
            (CONTENT_SECURITY_POLICY, POLICY.to_owned()),
            (CACHE_CONTROL, "private, no-store".to_owned()),
        ];
        Ok((headers, bytes).into_response())
    }

    /// Why there is no table, as a page.
    pub(super) fn unmade(&self, unmade: Unmade, id: &str) -> Fail {
        match unmade {
            Unmade::TooMany(_) => {
                let most = count(crate::report::MAX_ROWS);
                let words = self.speaker.t("web-report-too-many", &[("most", most)]);
                Fail::Rejected { words, back: format!("/reports/{id}") }
            }
            Unmade::Failed(error) => error.into(),
        }
    }
}

fn count(number: usize) -> crate::language::Arg<'static> {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}
