//! `POST /board/refused`: what was to come by itself and was refused is tried at once, or dropped; and how it
//! is told on the board. For those who may cancel cases of its procedure.

use std::sync::Arc;

use axum::response::Redirect;
use serde::Serialize;

use super::board::in_charge;
use crate::engine::Rejection;
use crate::procedure::Executable;
use crate::runtime::Setback;
use crate::store::{Refused, RefusedFilter, RefusedRow, ScheduleKind};
use crate::web::body::{Pairs, Sent, new_key};
use crate::web::fail::Fail;
use crate::web::house::procedure_title;
use crate::web::rejection::said;
use crate::web::routes;
use crate::web::session::{Here, local};
use crate::wording;

/// Of each kind.
const MOST: u32 = 30;

/// One thing that did not come.
#[derive(Serialize)]
pub(super) struct Line {
    /// What the buttons say it is.
    what: String,
    /// The page of its case or report.
    href: Option<String>,
    number: Option<String>,
    /// Its own name: a procedure's, a case's, a report's.
    title: String,
    /// Whose it is, where the title doesn't tell.
    of: Option<String>,
    /// What was to come.
    says: String,
    reasons: Vec<String>,
    since: String,
    next_try: Option<String>,
    may_drop: bool,
    key: String,
}

/// Everything that was refused of the procedures that the person looks after, or of one of them.
pub(super) async fn lines(
    here: &Here,
    executables: &[Arc<Executable>],
    procedure: &str,
) -> Result<Vec<Line>, Fail> {
    let mut lines = Vec::new();
    for row in rows(here, executables).await? {
        if procedure.is_empty() || row.procedure == procedure {
            lines.push(line(here, executables, row).await?);
        }
    }
    Ok(lines)
}

pub(in crate::web) async fn submit(here: Here, pairs: Pairs) -> Result<Redirect, Fail> {
    let sent = Sent::new(pairs);
    let wanted: Refused = serde_json::from_str(sent.text("what")).map_err(|_| Fail::NotFound)?;
    let executables = in_charge(&here).await?;
    let rows = rows(&here, &executables).await?;
    let back = Redirect::to(local(sent.text("back")));
    // It has come a moment ago, or somebody else was quicker; or it is none of theirs.
    if !rows.iter().any(|row| row.what == wanted) {
        return Ok(back);
    }
    let (runtime, organisation) = (&here.app.runtime, &here.person.organisation);
    if sent.text("do") == "drop" {
        runtime.drop_refused(&here.actor, organisation, &wanted).await?;
    } else {
        runtime.try_refused(organisation, &wanted).await?;
    }
    Ok(back)
}

async fn rows(here: &Here, executables: &[Arc<Executable>]) -> Result<Vec<RefusedRow>, Fail> {
    let procedures: Vec<String> =
        executables.iter().map(|executable| executable.procedure.id.value.clone()).collect();
    let reports: Vec<String> =
        here.reports().await?.iter().map(|ready| ready.report.id.value.clone()).collect();
    let filter = RefusedFilter {
        organisation: &here.person.organisation,
        procedures: &procedures,
        reports: &reports,
        limit: MOST,
    };
    Ok(here.app.runtime.store().refused(&filter).await?)
}

async fn line(here: &Here, executables: &[Arc<Executable>], row: RefusedRow) -> Result<Line, Fail> {
    let speaker = &here.speaker;
    let executable = executables.iter().find(|one| one.procedure.id.value == row.procedure);
    let procedure = executable.map_or_else(|| row.procedure.clone(), |one| procedure_title(one));
    let when = row.due_at.map(|at| speaker.when(at)).unwrap_or_default();
    let (key, args) = match (&row.what, &row.message) {
        (Refused::Message { .. }, Some((message, key))) => {
            let known = here.organisation.message(message);
            let title = known.and_then(|known| known.title.clone());
            let title = title.unwrap_or_else(|| message.clone());
            let word = if key.is_empty() { "web-alone-message" } else { "web-alone-message-of" };
            (word, vec![("message", title.into()), ("key", key.clone().into())])
        }
        (Refused::Timer { .. }, _) => ("web-alone-timer", vec![("when", when.into())]),
        (Refused::Schedule { kind: ScheduleKind::Report, .. } | Refused::Report { .. }, _) => {
            ("web-alone-report", vec![("when", when.into())])
        }
        _ => ("web-alone-schedule", vec![("when", when.into())]),
    };
    let says = speaker.t(key, &args);
    let (title, of, href) = match (&row.what, &row.case) {
        (_, Some((case, _, subject))) => {
            let subject = Some(subject.clone()).filter(|subject| !subject.is_empty());
            let subject = subject.unwrap_or_else(|| speaker.t("web-no-subject", &[]));
            (subject, Some(procedure), Some(routes::case(case)))
        }
        (
            Refused::Schedule { kind: ScheduleKind::Report, name } | Refused::Report { name, .. },
            _,
        ) => {
            let title = here.report(name).await?.report.title.clone();
            (title, None, Some(format!("/reports/{name}")))
        }
        _ => (procedure, None, None),
    };
    Ok(Line {
        what: serde_json::to_string(&row.what).map_err(|error| Fail::broken(&error))?,
        href,
        number: row.case.map(|(_, number, _)| number),
        title,
        of,
        says,
        reasons: reasons(here, executable.map(Arc::as_ref), &row.problem).await?,
        since: speaker.when(row.since),
        next_try: (row.next_try > speaker.now).then(|| speaker.when(row.next_try)),
        may_drop: !matches!(row.what, Refused::Timer { .. }),
        key: new_key(),
    })
}

/// Why, in sentences.
async fn reasons(
    here: &Here,
    executable: Option<&Executable>,
    problem: &str,
) -> Result<Vec<String>, Fail> {
    let language = &here.speaker.language;
    Ok(match (Setback::read(problem), executable) {
        (Setback::Refused(rejection), Some(executable)) => {
            let mut reasons = vec![said(here, executable, &rejection).await?];
            if let Rejection::InvalidSubmission { errors } = &rejection {
                let label = |path: &str| {
                    let field = executable.field(path);
                    field.map_or_else(|| path.to_owned(), |field| field.label.clone())
                };
                reasons.extend(errors.iter().map(|error| {
                    let problem = wording::problem(language, &error.problem);
                    format!("{}: {problem}", label(&error.path))
                }));
            }
            reasons
        }
        (Setback::TooManyRows, _) => {
            let most = i64::try_from(crate::report::MAX_ROWS).unwrap_or(i64::MAX);
            vec![here.speaker.t("web-report-too-many", &[("most", most.into())])]
        }
        (setback, _) => vec![setback.to_string()],
    })
}
