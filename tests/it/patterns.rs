//! Runs the chapters of `tests/spec/patterns`: each is a workflow pattern in an office's words, with a
//! procedure, commands and the journal that must come out. Their README says how they are written.

use std::fs;

use jiff::SignedDuration;
use tramite::engine::{Command, Entry, Received, Record, State, Task};
use tramite::expression::Map;
use tramite::library::Files;
use tramite::runtime::Handled;
use tramite::store::{CaseId, Posted};

use crate::office::{Office, person, text};
use crate::world::{read, root};

/// A fenced part of a chapter: what stands behind the fence, and the lines in it.
struct Part<'a> {
    kind: &'a str,
    lines: Vec<&'a str>,
}

fn parts(chapter: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut open: Option<Part<'_>> = None;
    for line in chapter.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(part)) => parts.push(part),
            (Some(kind), None) => open = Some(Part { kind, lines: Vec::new() }),
            (None, Some(mut part)) => {
                part.lines.push(line);
                open = Some(part);
            }
            (None, None) => {}
        }
    }
    parts
}

/// Steps as the office takes them: `steps:` stands in the chapter for the reader.
fn steps(lines: &[&str]) -> String {
    lines.iter().filter(|line| **line != "steps:").map(|line| format!("{line}\n")).collect()
}

/// What a line of `work` asks, and of whom; none when there is no such task or block.
fn asked(state: &State, line: &str) -> Option<(String, Command)> {
    let boss = |command| Some(("boss".to_owned(), command));
    let block = |step: &str| {
        let mut blocks = state.blocks.iter();
        blocks.find(|(_, open)| open.step == step).map(|(number, _)| *number)
    };
    if let Some(reason) = line.strip_prefix("cancel: ") {
        return boss(Command::CancelCase { reason: reason.to_owned() });
    }
    if let Some(step) = line.strip_prefix("add ") {
        return boss(Command::AddItem { block: block(step)? });
    }
    if let Some(step) = line.strip_prefix("close ") {
        return boss(Command::CloseItems { block: block(step)? });
    }
    let (line, submission) = match line.split_once(" with ") {
        Some((line, json)) => (line, serde_json::from_str(json).expect("JSON behind `with`")),
        None => (line, Map::new()),
    };
    let (line, choice) = match line.split_once(": ") {
        Some((line, choice)) => (line, Some(choice.to_owned())),
        None => (line, None),
    };
    let (line, branch) = match line.split_once(" in ") {
        Some((line, branch)) => (line, Some(branch)),
        None => (line, None),
    };
    let step = line.strip_prefix("claim ").unwrap_or(line);
    let is_it = |open: &Task| {
        let own = open.within.as_ref().map(|place| place.branch.as_str());
        open.step == step && branch.is_none_or(|branch| own == Some(branch))
    };
    let (task, open) = state.tasks.iter().rev().find(|(_, open)| is_it(open))?;
    let task = *task;
    let command = if line == step {
        Command::CompleteTask { task, submission, choice }
    } else {
        Command::ClaimTask { task }
    };
    Some((open.role.clone(), command))
}

/// A case as it stands now.
async fn standing(office: &Office, case: &CaseId) -> Handled {
    let row = office.runtime.store().case(case).await.expect("read").expect("a case");
    Handled { case: *case, records: Vec::new(), state: row.state }
}

/// Does a line of `work`; what the office refuses ends in ` (refused)`.
async fn command(office: &Office, case: &mut Handled, line: &str) -> Result<(), String> {
    if line == "machines" {
        office.runtime.do_jobs().await.expect("machines");
        *case = standing(office, &case.case).await;
        return Ok(());
    }
    if let Some(line) = line.strip_prefix("below: ") {
        let mut jobs = case.state.jobs.values();
        let child = jobs.find_map(|job| job.child.as_ref()).ok_or("no case stands below")?;
        let mut below = standing(office, &child.case.parse().expect("an id")).await;
        return Box::pin(command(office, &mut below, line)).await;
    }
    let (line, is_refused) = match line.strip_suffix(" (refused)") {
        Some(line) => (line, true),
        None => (line, false),
    };
    if let Some(done) = outside(office, case, line).await {
        return done;
    }
    let Some((role, command)) = asked(&case.state, line) else {
        return if is_refused { Ok(()) } else { Err(format!("`{line}`: nothing like it is open")) };
    };
    match (office.ask(case, &person(&role, &role), command).await, is_refused) {
        (Ok(_), true) => Err(format!("`{line}` was not refused")),
        (Ok(done), false) => {
            *case = done;
            Ok(())
        }
        (Err(_), true) => Ok(()),
        (Err(refusal), false) => Err(format!("`{line}`: {refusal}")),
    }
}

/// What comes from outside: time passes, a message or a signal comes.
async fn outside(office: &Office, case: &mut Handled, line: &str) -> Option<Result<(), String>> {
    let (what, rest) = line.split_once(": ")?;
    match what {
        "clock" => {
            let span = rest.parse().expect("a length of time, such as 2h");
            office.runtime.clock().advance(span);
            office.runtime.fire_timers().await.expect("timers fire");
        }
        "message" | "signal" => {
            let (name, key) = rest.split_once(' ').unwrap_or((rest, ""));
            let journal = office.runtime.store().journal(&case.case).await.expect("reads");
            let received = Received {
                sender: "bank".to_owned(),
                id: format!("{line} {}", journal.len()),
                name: name.to_owned(),
                key: key.to_owned(),
                contents: Map::new(),
                is_signal: what == "signal",
            };
            let now = office.runtime.clock().now();
            let posted = Posted {
                organisation: "office".to_owned(),
                received,
                keep_until: now + SignedDuration::from_hours(1),
                sent_by: ("bank".to_owned(), "Bank".to_owned()),
            };
            office.runtime.post(&posted).await.expect("posted");
        }
        _ => return None,
    }
    office.runtime.deliver_messages().await.expect("messages are delivered");
    let row = office.runtime.store().case(&case.case).await.expect("reads").expect("the case");
    case.state = row.state;
    Some(Ok(()))
}

/// An entry in a line; none for those that no pattern is about.
fn told(record: &Record) -> Option<String> {
    let detail = match &record.entry {
        Entry::CaseStarted { .. }
        | Entry::TaskClaimed { .. }
        | Entry::VariablesSet { .. }
        | Entry::BesideOpened { .. }
        | Entry::RowKept { .. } => {
            return None;
        }
        Entry::TaskOffered { step, .. }
        | Entry::TaskCompleted { step, .. }
        | Entry::JobCreated { step, .. }
        | Entry::JobCompleted { step, .. }
        | Entry::StepPassed { step }
        | Entry::StepSkipped { step }
        | Entry::TokenParked { step, .. }
        | Entry::WayChosen { step, .. } => step.clone(),
        Entry::WatchSet { .. } | Entry::WatchEnded { .. } => return None,
        Entry::LockWanted { name, .. }
        | Entry::MessageReceived { name, .. }
        | Entry::SignalReceived { name, .. }
        | Entry::MessageSent { name, .. }
        | Entry::SignalSent { name } => name.clone(),
        Entry::WaitBegun { step, .. }
        | Entry::WaitEnded { step, .. }
        | Entry::Interrupted { step, .. }
        | Entry::Reminded { step, .. } => step.clone(),
        Entry::WaitWithdrawn { wait } => format!("#{wait}"),
        Entry::TaskEscalated { role, .. } => role.clone(),
        Entry::BranchTaken { branch, .. } => branch.clone(),
        Entry::TaskWithdrawn { task } => format!("#{task}"),
        Entry::TokenHeld { to, .. } => to.clone().unwrap_or_default(),
        Entry::BlockEntered { step, branches, .. } => format!("{step}: {}", branches.join(", ")),
        Entry::BranchBegun { branch, .. }
        | Entry::BranchEnded { branch, .. }
        | Entry::TokenArrived { branch, .. } => branch.clone(),
        Entry::BlockJoined { withdrawn, .. } if !withdrawn.is_empty() => {
            format!("without {}", withdrawn.join(", "))
        }
        Entry::CaseEnded { outcome } => outcome.clone(),
        _ => String::new(),
    };
    Some(format!("{} {detail}", record.entry.kind()).trim().to_owned())
}

/// What is wrong with a chapter.
async fn run(chapter: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut office: Option<Office> = None;
    let mut case: Option<Handled> = None;
    for part in parts(chapter) {
        let mut words = part.kind.split(' ');
        match (words.next(), words.next()) {
            (Some("yaml"), Some("wrong")) => {
                let files = Files::from([("office.yaml".to_owned(), text(&steps(&part.lines)))]);
                let (_, found) = read(&files);
                let codes: Vec<&str> = found
                    .iter()
                    .map(|finding| finding.code)
                    .filter(|code| !code.starts_with("unused_"))
                    .collect();
                if codes != words.collect::<Vec<_>>() {
                    wrong.push(format!("the checker says {codes:?}"));
                }
            }
            (Some("yaml"), _) => {
                office = Some(Office::with(&steps(&part.lines)).await);
            }
            (Some("work"), _) => {
                let Some(office) = &office else { return vec!["work before a yaml".to_owned()] };
                let mut begun = office.begin().await;
                let mut another: Option<Handled> = None;
                for line in &part.lines {
                    // What one gives back the other may have got.
                    if !begun.state.locks.is_empty() {
                        begun = standing(office, &begun.case).await;
                    }
                    let done = match line.strip_prefix("another: ") {
                        Some(line) => {
                            let other = match another.take() {
                                Some(other) => standing(office, &other.case).await,
                                None => office.begin().await,
                            };
                            command(office, another.insert(other), line).await
                        }
                        None => command(office, &mut begun, line).await,
                    };
                    wrong.extend(done.err());
                }
                if !office.runtime.doctor().await.expect("a doctor").is_empty() {
                    wrong.push("the doctor finds something".to_owned());
                }
                case = Some(begun);
            }
            (Some("journal"), _) => {
                let (Some(office), Some(case)) = (&office, &case) else {
                    return vec!["a journal before the work".to_owned()];
                };
                let journal = office.runtime.store().journal(&case.case).await.expect("a journal");
                let lines: Vec<String> = journal.iter().filter_map(told).collect();
                if lines != part.lines {
                    wrong.push(format!("the journal is\n{}", lines.join("\n")));
                }
            }
            (other, _) => wrong.push(format!("what is a part of {other:?}?")),
        }
    }
    wrong
}

#[tokio::test]
async fn every_chapter_of_the_patterns_comes_true() {
    let mut paths: Vec<_> = fs::read_dir(root().join("tests/spec/patterns"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .collect();
    paths.sort();
    let mut wrong = Vec::new();
    for path in &paths {
        let chapter = fs::read_to_string(path).expect("a text");
        if chapter.lines().count() >= 80 {
            wrong.push(format!("{}: too long", path.display()));
        }
        if !chapter.contains("```journal") {
            wrong.push(format!("{}: no journal", path.display()));
        }
        let found = tokio::spawn(async move { run(&chapter).await }).await;
        let found = found.unwrap_or_else(|_| vec!["the example is not sound".to_owned()]);
        wrong.extend(found.into_iter().map(|what| format!("{}: {what}", path.display())));
    }
    assert!(paths.len() >= 16, "only {} chapters", paths.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
