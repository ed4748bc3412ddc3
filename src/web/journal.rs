//! A case's journal in words: what somebody did in one go is one moment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::pages::cases::outcome_words;
use super::pages::job::{asked, link};
use super::routes;
use super::session::Here;
use super::value::{Shown, Words, row_name};
use super::view::{initials, tint};
use super::waits::awaited;
use crate::engine::{Entry, Record};
use crate::expression::{Map, Value};
use crate::field::leaves;
use crate::language::Arg;
use crate::procedure::{Begins, Executable};
use crate::store::CaseId;
use crate::wording::{paper_title, role_title};

/// Lines of one moment: a step may begin a thousand others.
const MOST_LINES: usize = 100;

/// What one person did at one moment.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Moment {
    pub(super) seq: u32,
    pub(super) when: String,
    pub(super) exact: String,
    pub(super) who: String,
    pub(super) initials: String,
    pub(super) tint: usize,
    /// The step that was completed.
    pub(super) step: Option<String>,
    pub(super) lines: Vec<Line>,
    /// What was written down or changed.
    pub(super) data: Vec<Shown>,
}

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    /// `start`, `done`, `paper`, `document`, `sign`, `record`, `way`, `join`, `next`, `end`, `stop`, `hold`.
    pub(super) icon: &'static str,
    pub(super) words: String,
    pub(super) href: Option<String>,
}

/// Tells a journal, the newest moment first.
pub(super) fn moments(
    here: &Here,
    executable: &Executable,
    case: &CaseId,
    journal: &[Record],
) -> Vec<Moment> {
    let mut teller = Teller {
        here,
        executable,
        case,
        data: Map::new(),
        steps: BTreeMap::new(),
        documents: BTreeMap::new(),
        blocks: BTreeMap::new(),
        around: BTreeMap::new(),
        jobs: BTreeMap::new(),
        locks: BTreeMap::new(),
    };
    let together = journal.chunk_by(|left, right| left.at == right.at && left.actor == right.actor);
    let mut moments: Vec<Moment> = together.map(|records| teller.moment(records)).collect();
    moments.reverse();
    moments
}

struct Teller<'a> {
    here: &'a Here,
    executable: &'a Executable,
    case: &'a CaseId,
    /// The variables so far, to see what changed.
    data: Map,
    /// Steps by the numbers of their tasks.
    steps: BTreeMap<u32, String>,
    /// Titles and numbers of documents.
    documents: BTreeMap<u32, (String, String)>,
    /// Steps by the numbers of their blocks.
    blocks: BTreeMap<u32, String>,
    /// Steps beside which branches may begin, by the numbers of what stands around them.
    around: BTreeMap<u32, String>,
    /// Steps by the numbers of their jobs.
    jobs: BTreeMap<u32, String>,
    /// Names of what the case stood in line for.
    locks: BTreeMap<u32, String>,
}

impl Teller<'_> {
    fn moment(&mut self, records: &[Record]) -> Moment {
        let first = &records[0]; // `chunk_by` gives no empty chunk
        let mut moment = Moment {
            seq: first.seq,
            when: self.here.speaker.when(first.at),
            exact: self.here.speaker.exact(first.at),
            who: first.actor_name.clone(),
            initials: initials(&first.actor_name),
            tint: tint(&first.actor),
            step: None,
            lines: Vec::new(),
            data: Vec::new(),
        };
        let completed: Vec<u32> = records
            .iter()
            .filter_map(|record| match record.entry {
                Entry::TaskCompleted { task, .. } => Some(task),
                _ => None,
            })
            .collect();
        for record in records {
            match &record.entry {
                Entry::VariablesSet { values, .. } => moment.data.extend(self.changed(values)),
                // Completing a free task claims it in passing: not worth a line.
                Entry::TaskClaimed { task } if completed.contains(task) => {}
                entry => moment.lines.extend(self.line(entry)),
            }
            if let Entry::TaskCompleted { step, .. } = &record.entry {
                moment.step = Some(self.step(step));
            }
        }
        // What was done comes before what it brought about.
        moment.lines.sort_by_key(|line| !matches!(line.icon, "start" | "done"));
        let more = moment.lines.len().saturating_sub(MOST_LINES);
        if more > 0 {
            moment.lines.truncate(MOST_LINES);
            let words = self.here.speaker.t("web-and-more", &[("count", more.into())]);
            moment.lines.push(Line { icon: "next", words, href: None });
        }
        moment
    }

    fn say(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.here.speaker.t(&format!("web-journal-{key}"), args)
    }

    fn step(&self, id: &str) -> String {
        self.here.speaker.step(id)
    }

    fn line(&mut self, entry: &Entry) -> Option<Line> {
        self.remember(entry);
        let (icon, words) = self.words(entry)?;
        let href = match entry {
            Entry::DocumentIssued { no, .. } => Some(routes::document(self.case, *no)),
            Entry::ChildStarted { case, number, .. } => Some(link(case, number).href),
            _ => None,
        };
        Some(Line { icon, words, href })
    }

    /// What later entries name only by its number.
    fn remember(&mut self, entry: &Entry) {
        match entry {
            Entry::TaskOffered { task, step, .. } => {
                self.steps.insert(*task, step.clone());
            }
            Entry::BlockEntered { block, step, .. } => {
                self.blocks.insert(*block, step.clone());
            }
            Entry::BesideOpened { block, step, .. } => {
                self.around.insert(*block, step.clone());
            }
            Entry::JobCreated { job, step, .. } => {
                self.jobs.insert(*job, step.clone());
            }
            Entry::LockWanted { lock, name, .. } => {
                self.locks.insert(*lock, name.clone());
            }
            Entry::NumberAssigned { variable, number, .. } => {
                Value::put(&mut self.data, variable, Value::text(number));
            }
            Entry::TableLookedUp { variable, value, .. } => {
                Value::put(&mut self.data, variable, value.clone());
            }
            Entry::DocumentIssued { no, title, number, .. } => {
                self.documents.insert(*no, (title.clone(), number.clone()));
            }
            _ => {}
        }
    }

    /// An entry's icon and sentence; none for what is told as data.
    fn words(&self, entry: &Entry) -> Option<(&'static str, String)> {
        Some(match entry {
            Entry::CaseStarted { number, .. } => {
                ("start", self.say("started", &[("number", number.into())]))
            }
            Entry::TaskOffered { step, role, .. } => {
                let role = role_title(&self.executable.organisation, role);
                let args = [("step", self.step(step).into()), ("role", role.into())];
                ("next", self.say("offered", &args))
            }
            Entry::TaskClaimed { task } => ("hold", self.of_task("claimed", *task)),
            Entry::TaskReleased { task } => ("hold", self.of_task("released", *task)),
            Entry::TaskWithdrawn { task } => ("stop", self.of_task("withdrawn", *task)),
            Entry::TaskOverdue { task } => ("late", self.of_task("overdue", *task)),
            Entry::TaskCompleted { step, choice: None, .. } => {
                ("done", self.say("completed", &[("step", self.step(step).into())]))
            }
            Entry::TaskCompleted { step, choice: Some(choice), .. } => {
                let args = [("step", self.step(step).into()), ("choice", choice.into())];
                ("done", self.say("decided", &args))
            }
            Entry::StepPassed { step } => {
                ("done", self.say("passed", &[("step", self.step(step).into())]))
            }
            Entry::VariablesSet { .. } | Entry::RowKept { .. } => return None,
            Entry::PapersHandedIn { papers, .. } => ("paper", self.handed_in(papers)),
            Entry::NumberAssigned { variable, number, .. } => {
                ("record", self.assigned(variable, number))
            }
            Entry::Moved { ledger, item, amount, from, to, .. } => {
                ("move", self.moved(ledger, (item, amount), (from, to)))
            }
            Entry::TableLookedUp { table, variable, rows, value, .. } => {
                ("way", self.looked_up(table, variable, rows, value))
            }
            Entry::RecordSaved { register, key, row } => ("record", self.saved(register, key, row)),
            Entry::DocumentIssued { no, .. } => ("document", self.of_document("issued", *no)),
            Entry::DocumentSigned { no, .. } => ("sign", self.of_document("signed", *no)),
            Entry::WayChosen { step, branch } => {
                let step = self.executable.step(step)?;
                let label = step.branches().get(*branch as usize)?.label.as_deref()?;
                ("way", self.say("way", &[("label", label.into())]))
            }
            Entry::WaitBegun { .. }
            | Entry::WaitEnded { .. }
            | Entry::WaitWithdrawn { .. }
            | Entry::WatchSet { .. }
            | Entry::WatchEnded { .. }
            | Entry::MessageReceived { .. }
            | Entry::SignalReceived { .. }
            | Entry::MessageSent { .. }
            | Entry::SignalSent { .. }
            | Entry::Interrupted { .. }
            | Entry::Reminded { .. }
            | Entry::TaskEscalated { .. }
            | Entry::TermSuspended { .. }
            | Entry::TermResumed { .. }
            | Entry::BranchTaken { .. } => return self.event(entry),
            Entry::BlockEntered { step, branches, is_open: true, .. } if branches.is_empty() => {
                ("way", self.say("list-opened", &[("step", self.step(step).into())]))
            }
            Entry::BlockEntered { step, branches, .. } if branches.is_empty() => {
                ("way", self.say("no-branch", &[("step", self.step(step).into())]))
            }
            Entry::BlockEntered { step, branches, .. } => ("way", self.begun(step, branches)),
            Entry::TokenParked { step, .. } => {
                ("way", self.say("parked", &[("step", self.step(step).into())]))
            }
            Entry::LockWanted { lock, .. } => ("lock", self.of_lock("lock-wanted", *lock)),
            Entry::LockTaken { lock } => ("hold", self.of_lock("lock-taken", *lock)),
            Entry::LockReleased { lock } => ("out", self.of_lock("lock-released", *lock)),
            Entry::LockWithdrawn { .. }
            | Entry::TokenReleased { .. }
            | Entry::TokenWithdrawn { .. }
            | Entry::TokenArrived { .. }
            | Entry::BesideOpened { .. }
            | Entry::BlockPassed { .. } => return None,
            Entry::StepSkipped { step } => {
                ("stop", self.say("skipped", &[("step", self.step(step).into())]))
            }
            Entry::BranchBegun { block, branch, .. } if self.is_repeat(*block) => {
                ("way", self.say("round", &[("round", branch.into())]))
            }
            Entry::BranchEnded { block, branch } if self.is_repeat(*block) => {
                ("join", self.say("round-ended", &[("round", branch.into())]))
            }
            Entry::BranchBegun { block, branch, .. } => {
                let branch = self.branch(*block, branch)?;
                ("way", self.say("branch-begun", &[("branch", branch.into())]))
            }
            Entry::TokenHeld { block, .. } => {
                let step = self.around.get(block)?;
                ("join", self.say("held", &[("step", self.step(step).into())]))
            }
            Entry::ItemsClosed { block } => ("stop", self.of_block("items-closed", *block)),
            Entry::BlockJoined { block, .. } | Entry::BlockWithdrawn { block }
                if self.around.contains_key(block) =>
            {
                return None;
            }
            Entry::BranchEnded { block, branch } => {
                let branch = self.branch(*block, branch)?;
                ("join", self.say("branch-ended", &[("branch", branch.into())]))
            }
            Entry::BlockJoined { block, withdrawn } if withdrawn.is_empty() => {
                ("join", self.of_block("joined", *block))
            }
            Entry::BlockJoined { withdrawn, .. } => {
                let args = [("branches", withdrawn.join(", ").into())];
                ("join", self.say("joined-without", &args))
            }
            Entry::BlockWithdrawn { block } => ("stop", self.of_block("block-withdrawn", *block)),
            Entry::JobCreated { step, request, .. } => {
                let what = asked(self.here, request);
                let args = [("step", self.step(step).into()), ("what", what.into())];
                ("next", self.say("job-created", &args))
            }
            Entry::ChildStarted { number, .. } => {
                ("start", self.say("child-started", &[("number", number.into())]))
            }
            Entry::JobCompleted { step, .. } => {
                ("done", self.say("job-completed", &[("step", self.step(step).into())]))
            }
            Entry::JobFailed { reason, .. } => {
                ("late", self.say("job-failed", &[("reason", reason.into())]))
            }
            Entry::ErrorHandled { step, reason, .. } => {
                let args = [("step", self.step(step).into()), ("reason", reason.into())];
                ("way", self.say("error-handled", &args))
            }
            Entry::JobWithdrawn { job } => ("stop", self.of_job("job-withdrawn", *job)),
            Entry::IncidentRaised { job, .. } => ("late", self.of_job("incident-raised", *job)),
            Entry::IncidentResolved { job, .. } => ("done", self.of_job("incident-resolved", *job)),
            Entry::CaseEnded { outcome } => {
                let outcome = outcome_words(self.here, outcome);
                ("end", self.say("ended", &[("outcome", outcome.into())]))
            }
            Entry::CaseCancelled { reason } => {
                ("stop", self.say("cancelled", &[("reason", reason.into())]))
            }
        })
    }

    /// What happened from outside, and what the case listens for.
    fn event(&self, entry: &Entry) -> Option<(&'static str, String)> {
        let of_step = |key: &str, step: &str| self.say(key, &[("step", self.step(step).into())]);
        let organisation = &self.executable.organisation;
        let named = |key: &str, name: &str| self.say(key, &[("name", name.into())]);
        let message = |key: &str, name: &str| named(key, organisation.message_title(name));
        let signal = |key: &str, name: &str| named(key, organisation.signal_title(name));
        Some(match entry {
            Entry::WaitBegun { step, awaits, .. } => {
                let args = [
                    ("step", self.step(step).into()),
                    ("what", awaited(self.here, self.executable, awaits).into()),
                ];
                ("clock", self.say("wait-begun", &args))
            }
            Entry::MessageReceived { name, .. } => ("start", message("message-received", name)),
            Entry::SignalReceived { name, .. } => ("start", signal("signal-received", name)),
            Entry::MessageSent { name, .. } => ("out", message("message-sent", name)),
            Entry::SignalSent { name } => ("out", signal("signal-sent", name)),
            Entry::WaitEnded { step, .. } => ("done", of_step("wait-ended", step)),
            Entry::Interrupted { step, line } => {
                let on = &self.executable.step(step)?.on;
                let organisation = &self.executable.organisation;
                let what = on.get(*line as usize).map(|line| line.awaited.title(organisation));
                let args =
                    [("step", self.step(step).into()), ("what", what.unwrap_or_default().into())];
                ("stop", self.say("interrupted", &args))
            }
            Entry::Reminded { step, .. } => ("late", of_step("reminded", step)),
            Entry::TaskEscalated { task, role, .. } => {
                let step = self.steps.get(task).map_or("", String::as_str);
                let role = role_title(&self.executable.organisation, role);
                let args = [("step", self.step(step).into()), ("role", role.into())];
                ("out", self.say("escalated", &args))
            }
            Entry::TermSuspended { task: Some(task), .. } => {
                ("hold", self.of_task("suspended", *task))
            }
            Entry::TermResumed { task: Some(task), until, .. } => {
                let step = self.steps.get(task).map_or("", String::as_str);
                let when = self.here.speaker.when(*until);
                let args = [("step", self.step(step).into()), ("when", when.into())];
                ("clock", self.say("resumed", &args))
            }
            Entry::BranchTaken { branch, .. } => {
                ("way", self.say("branch-taken", &[("branch", branch.into())]))
            }
            _ => return None,
        })
    }

    fn begins(&self, step: &str) -> Option<&Begins> {
        self.executable.step(step)?.block.as_ref().map(|block| &block.begins)
    }

    fn is_repeat(&self, block: u32) -> bool {
        let step = self.blocks.get(&block);
        step.is_some_and(|step| matches!(self.begins(step), Some(Begins::Repeat(_))))
    }

    /// Which branches of a block begin, or wait for what comes.
    fn begun(&self, step: &str, branches: &[String]) -> String {
        let names = branches.join(", ");
        match self.begins(step) {
            Some(Begins::Repeat(_)) => self.say("round", &[("round", names.into())]),
            Some(Begins::AnyOrder { .. }) => self.say("any-order", &[("branches", names.into())]),
            Some(Begins::First) => self.say("whatever-first", &[("branches", names.into())]),
            _ => self.say("branches", &[("branches", names.into())]),
        }
    }

    fn handed_in<'p>(&self, papers: impl IntoIterator<Item = &'p String>) -> String {
        let titles: Vec<String> =
            papers.into_iter().map(|paper| paper_title(self.executable, paper)).collect();
        self.say("handed-in", &[("papers", titles.join(", ").into())])
    }

    fn assigned(&self, variable: &str, number: &str) -> String {
        let field = self.executable.field(variable);
        let label = field.map_or(variable, |field| field.label.as_str());
        format!("{label}: {number}")
    }

    fn moved(
        &self,
        ledger: &str,
        (item, amount): (&str, &Value),
        (from, to): (&str, &str),
    ) -> String {
        let register = self.executable.register(ledger);
        let known = register.and_then(|register| register.ledger.as_ref());
        let title = |id: &str| {
            let account = known.and_then(|ledger| ledger.account(id));
            account.map_or_else(|| id.to_owned(), |account| account.title.clone())
        };
        let amount = amount.as_number().unwrap_or_default();
        let args = [
            ("amount", self.here.speaker.language.plain_number(&amount).into()),
            ("item", item.into()),
            ("from", title(from).into()),
            ("to", title(to).into()),
        ];
        self.say("moved", &args)
    }

    fn looked_up(&self, table: &str, variable: &str, rows: &[u32], value: &Value) -> String {
        let steps = self.executable.procedure.steps.iter();
        let mut look_ups = steps.flat_map(|step| &step.looks_up);
        let known =
            look_ups.find(|known| *known.table == table).and_then(|known| known.found.as_ref());
        let title = known.map_or(table, |table| table.title.as_str());
        let words = Words { executable: self.executable, speaker: &self.here.speaker };
        let text = |path: &str, value: &Value| match self.executable.field(path) {
            Some(field) => format!("{}: {}", field.label, words.text(field, value)),
            None => value.to_string(),
        };
        let result = match value {
            Value::Map(outputs) => {
                let told =
                    outputs.iter().map(|(name, value)| text(&format!("{variable}.{name}"), value));
                told.collect::<Vec<_>>().join(" · ")
            }
            value => text(variable, value),
        };
        let rows: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let args = [("table", title.into()), ("result", result.into())];
        if rows.is_empty() {
            return self.say("looked-up-otherwise", &args);
        }
        let [table, result] = args;
        self.say("looked-up", &[table, ("rows", rows.join(", ").into()), result])
    }

    fn saved(&self, register: &str, key: &str, row: &Map) -> String {
        let known = self.executable.register(register);
        let title = known.map_or(register, |register| register.title.as_str());
        let name =
            known.map_or_else(|| key.to_owned(), |known| row_name(known, row, &self.here.speaker));
        self.say("saved", &[("register", title.into()), ("row", name.into())])
    }

    fn of_document(&self, key: &str, no: u32) -> String {
        let (title, number) = self.documents.get(&no).cloned().unwrap_or_default();
        self.say(key, &[("title", title.into()), ("number", number.into())])
    }

    /// A branch in words; none for a step itself beside which others may begin.
    fn branch(&self, block: u32, branch: &str) -> Option<String> {
        match self.around.get(&block) {
            Some(step) => self.executable.step(step)?.beside_in_words(branch),
            None => Some(branch.to_owned()),
        }
    }

    fn of_block(&self, key: &str, block: u32) -> String {
        let step = self.blocks.get(&block).map_or("", String::as_str);
        self.say(key, &[("step", self.step(step).into())])
    }

    fn of_job(&self, key: &str, job: u32) -> String {
        let step = self.jobs.get(&job).map_or("", String::as_str);
        self.say(key, &[("step", self.step(step).into())])
    }

    fn of_lock(&self, key: &str, lock: u32) -> String {
        let name = self.locks.get(&lock).map_or("", String::as_str);
        self.say(key, &[("name", name.into())])
    }

    fn of_task(&self, key: &str, task: u32) -> String {
        let step = self.steps.get(&task).map_or("", String::as_str);
        self.say(key, &[("step", self.step(step).into())])
    }

    /// The fields whose values are new, and what they are now.
    fn changed(&mut self, values: &Map) -> Vec<Shown> {
        let words = Words { executable: self.executable, speaker: &self.here.speaker };
        let fields = self.executable.forms.values().flat_map(|form| leaves(&form.fields));
        let is_new = |path: &str, value: &Value| {
            value != Value::at(&self.data, path).unwrap_or(&Value::Null)
        };
        let mut asked = BTreeSet::new();
        let mut shown = Vec::new();
        for (path, field) in fields {
            let value = Value::at(values, &path).filter(|value| is_new(&path, value));
            if asked.insert(path)
                && let Some(value) = value
            {
                shown.push(words.of(field, value));
            }
        }
        let is_wanted = |path: &str, value: &Value| !asked.contains(path) && is_new(path, value);
        shown.extend(words.unasked(values, &is_wanted));
        self.data.extend(values.clone());
        shown
    }
}
