//! `GET /cases/{case}`: where a case stands, its documents, its data and its story. After a task is
//! completed it also says what was issued and who is next.

use std::collections::BTreeSet;

use axum::extract::{Path, Query};
use axum::response::Html;
use serde::{Deserialize, Serialize};

use super::cases::outcome_words;
use super::items::{OpenBlock, open_blocks};
use super::job::{Link, Machine, link, machines};
use crate::engine::{CaseStatus, Entry, Record, Task};
use crate::field::leaves;
use crate::procedure::{COMPLETED, Executable};
use crate::store::{CaseRow, DocumentRow};
use crate::web::body::new_key;
use crate::web::fail::Fail;
use crate::web::house::procedure_title;
use crate::web::journal::{Moment, moments};
use crate::web::session::Here;
use crate::web::speaker::Term;
use crate::web::value::{Shown, Words};
use crate::web::waits::{Wait, lines, notes, waits};
use crate::web::{routes, view};
use crate::wording::{paper_title, role_title};

/// Open steps on a page, of each kind: a case may have thousands.
const MOST: usize = 100;
/// Steps that are told to come next.
const MOST_NEXT: usize = 10;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    /// The first journal entry of what was just done.
    done: Option<u32>,
}

#[derive(Serialize)]
struct CasePage {
    case: Head,
    done: Option<Done>,
    stands: Vec<Stand>,
    waits: Vec<Wait>,
    machines: Vec<Machine>,
    /// What is open and not told.
    more: usize,
    /// The case that began this one.
    parent: Option<Link>,
    open_blocks: Vec<OpenBlock>,
    papers_handed: Vec<String>,
    documents: Vec<Paper>,
    sections: Vec<Section>,
    moments: Vec<Moment>,
    can_cancel: bool,
    key: String,
}

/// What every page around a case says about it.
#[derive(Serialize)]
pub(in crate::web) struct Head {
    pub(in crate::web) href: String,
    pub(in crate::web) number: String,
    pub(in crate::web) subject: String,
    pub(in crate::web) procedure: String,
    pub(in crate::web) status: &'static str,
    pub(in crate::web) outcome: Option<String>,
    pub(in crate::web) started: String,
    pub(in crate::web) ended: Option<String>,
}

/// A task that is open now.
#[derive(Serialize)]
struct Stand {
    step: String,
    /// The branch that the step stands in, where several are open at once.
    branch: Option<String>,
    role: String,
    activity: String,
    since: String,
    due: Option<Term>,
    opens: Option<String>,
    holder: Option<String>,
    /// Reminders, other queues, a term that stands still.
    notes: Vec<String>,
    /// Only for people of the role.
    href: Option<String>,
}

/// An issued document.
#[derive(Serialize)]
pub(in crate::web) struct Paper {
    title: String,
    number: String,
    issued: String,
    copies: u32,
    is_signed: bool,
    href: String,
}

#[derive(Serialize)]
struct Section {
    title: String,
    items: Vec<Shown>,
}

/// What was just done, and how it goes on.
#[derive(Serialize)]
struct Done {
    step: Option<String>,
    is_start: bool,
    issued: Vec<Paper>,
    next: Vec<Stand>,
    /// Steps that come next and are not told.
    more: usize,
    outcome: Option<String>,
    is_cancelled: bool,
}

pub(in crate::web) async fn show(
    here: Here,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fail> {
    let case = here.case(&id).await?;
    let executable = here.app.executable_of(&case).await?;
    let store = here.app.runtime.store();
    let journal = store.journal(&case.id).await?;
    let documents = store.documents(&case.id).await?;
    let (stands, more) = stands(&here, &case, &executable).await?;
    let done = match asked.done {
        Some(seq) => done(&here, &case, &executable, &journal, &documents, seq).await?,
        None => None,
    };
    let cancels = &executable.procedure.cancels;
    let mut waits = waits(&here, &case, &executable, MOST);
    waits.extend(lines(&here, &case, &executable, MOST).await?);
    let titles = case.state.papers.iter().map(|paper| paper_title(&executable, paper));
    let page = CasePage {
        case: head(&here, &case, &executable),
        done,
        stands,
        parent: case.state.parent.as_ref().map(|parent| link(&parent.case, &parent.number)),
        waits,
        machines: machines(&here, &case, &executable, MOST),
        more,
        open_blocks: open_blocks(&here, &case, &executable, MOST),
        papers_handed: titles.collect(),
        documents: documents.iter().map(|row| paper(&here, row)).collect(),
        sections: sections(&here, &case, &executable),
        moments: moments(&here, &executable, &case.id, &journal),
        can_cancel: case.status == CaseStatus::Running
            && cancels.iter().any(|role| here.actor.has(role)),
        key: new_key(),
    };
    view::page(&here, "case.html", page)
}

pub(in crate::web) fn head(here: &Here, case: &CaseRow, executable: &Executable) -> Head {
    Head {
        href: routes::case(&case.id),
        number: case.number.clone(),
        subject: case.subject.clone(),
        procedure: procedure_title(executable),
        status: case.status.name(),
        // The plain end is told by the status already.
        outcome: case
            .outcome
            .as_deref()
            .filter(|outcome| *outcome != COMPLETED)
            .map(|outcome| outcome_words(here, outcome)),
        started: here.speaker.when(case.started_at),
        ended: case.ended_at.map(|at| here.speaker.when(at)),
    }
}

pub(in crate::web) fn paper(here: &Here, row: &DocumentRow) -> Paper {
    Paper {
        title: row.title.clone(),
        number: row.number.clone(),
        issued: here.speaker.when(row.issued_at),
        copies: row.copies,
        is_signed: row.is_signed,
        href: routes::document(&row.case, row.no),
    }
}

/// The open tasks, those of the person's own roles first, and how much is not told: of the tasks, and of
/// what machines and the world are waited for.
async fn stands(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
) -> Result<(Vec<Stand>, usize), Fail> {
    let state = &case.state;
    let mut tasks: Vec<(u32, &Task)> = state.tasks.iter().map(|(no, task)| (*no, task)).collect();
    tasks.sort_by_key(|(_, task)| !task.roles().any(|role| here.actor.has(role)));
    let mut stands = Vec::new();
    for (number, task) in tasks.into_iter().take(MOST) {
        stands.push(stand(here, case, executable, number, task).await?);
    }
    let open = [state.tasks.len(), state.jobs.len(), state.waits.len()];
    Ok((stands, open.into_iter().map(|count| count.saturating_sub(MOST)).sum()))
}

async fn stand(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
    number: u32,
    task: &Task,
) -> Result<Stand, Fail> {
    let holder = match &task.claimed_by {
        Some(by) => here.name_of(by).await?,
        None => None,
    };
    let step = executable.step(&task.step);
    let speaker = &here.speaker;
    Ok(Stand {
        step: speaker.step(&task.step),
        branch: case.state.branch_in_words(executable, task.within.as_ref()),
        role: role_title(&executable.organisation, &task.role),
        activity: step.map(|step| step.activity.clone()).unwrap_or_default(),
        since: speaker.when(task.offered_at),
        due: task.due_at.map(|at| speaker.due(at)),
        opens: task.opens_at.filter(|at| *at > speaker.now).map(|at| speaker.when(at)),
        holder,
        notes: notes(here, executable, &case.state, number),
        href: task.roles().any(|role| here.actor.has(role)).then(|| routes::task(&case.id, number)),
    })
}

/// The case's data, form by form in the order of the steps, and what no form asks for.
fn sections(here: &Here, case: &CaseRow, executable: &Executable) -> Vec<Section> {
    let words = Words { executable, speaker: &here.speaker };
    let (mut seen, mut asked): (Vec<&str>, _) = (Vec::new(), BTreeSet::new());
    let mut sections = Vec::new();
    for field in executable.begins_with() {
        asked.extend(leaves(std::slice::from_ref(field)).into_iter().map(|(path, _)| path));
        let items = words.filled(std::slice::from_ref(field), &case.state.data);
        if !items.is_empty() {
            sections.push(Section { title: field.label.clone(), items });
        }
    }
    let inputs = executable.procedure.inputs.iter();
    let inputs = inputs.filter_map(|form| executable.forms.get(form.id.as_str()));
    let steps = executable.procedure.steps.iter();
    for form in inputs.chain(steps.flat_map(|step| executable.forms_of(step))) {
        if seen.contains(&form.id.as_str()) {
            continue;
        }
        seen.push(&form.id);
        asked.extend(leaves(&form.fields).into_iter().map(|(path, _)| path));
        let items = words.filled(&form.fields, &case.state.data);
        if !items.is_empty() {
            sections.push(Section { title: form.title.clone(), items });
        }
    }
    let items = words.unasked(&case.state.data, &|path, _| !asked.contains(path));
    if !items.is_empty() {
        sections.push(Section { title: here.speaker.t("web-data-unasked", &[]), items });
    }
    sections
}

async fn done(
    here: &Here,
    case: &CaseRow,
    executable: &Executable,
    journal: &[Record],
    documents: &[DocumentRow],
    seq: u32,
) -> Result<Option<Done>, Fail> {
    let Some(first) = journal.iter().find(|record| record.seq == seq) else { return Ok(None) };
    let mut done = Done {
        step: None,
        is_start: false,
        issued: Vec::new(),
        next: Vec::new(),
        more: 0,
        outcome: None,
        is_cancelled: false,
    };
    for record in journal.iter().filter(|record| record.at == first.at) {
        match &record.entry {
            Entry::CaseStarted { .. } => done.is_start = true,
            Entry::TaskCompleted { step, .. } => done.step = Some(here.speaker.step(step)),
            Entry::DocumentIssued { no, .. } => {
                let rows = documents.iter().filter(|row| row.no == *no);
                done.issued.extend(rows.map(|row| paper(here, row)));
            }
            Entry::TaskOffered { task, .. } => {
                let open = case.state.tasks.get(task);
                if done.next.len() == MOST_NEXT {
                    done.more += usize::from(open.is_some());
                } else if let Some(open) = open {
                    done.next.push(stand(here, case, executable, *task, open).await?);
                }
            }
            Entry::CaseEnded { outcome } => done.outcome = Some(outcome_words(here, outcome)),
            Entry::CaseCancelled { .. } => done.is_cancelled = true,
            _ => {}
        }
    }
    Ok(Some(done))
}
