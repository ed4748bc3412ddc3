//! `tramite play`: a case in the terminal, on a database in memory.

mod ask;
mod tell;

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::Outcome;
use super::workspace::Workspace;
use crate::document::print::pdf;
use crate::drive::{self, Driver, Turn, Wish};
use crate::engine::{Actor, Command, Rejection};
use crate::expression::Value;
use crate::field::Kind;
use crate::language::Language;
use crate::procedure::Executable;
use crate::runtime::{Clock, Handled, Refusal, Runtime};
use crate::store::Store;
use crate::wording::role_title;

#[derive(Debug, Args)]
pub struct Play {
    /// ORGANISATION/PROCEDURE, such as tupiza/registro
    procedure: String,
    /// Fill every field with valid sample data and take the way that leads on
    #[arg(long)]
    auto: bool,
    /// Other samples
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// STEP=LABEL: what is chosen at a step; each is used once, in order
    #[arg(long = "decide", value_name = "STEP=LABEL")]
    decide: Vec<Wish>,
    /// VARIABLE=VALUE: what goes into a field, such as inspeccion.viable=false
    #[arg(long = "set", value_name = "VARIABLE=VALUE", value_parser = assignment)]
    set: Vec<(String, Value)>,
    /// Write the documents into this folder as PDF
    #[arg(long, value_name = "DIR")]
    documents: Option<PathBuf>,
    /// The journal, an entry a line, then a summary line
    #[arg(long)]
    json: bool,
    /// Give up after this many steps
    #[arg(long, default_value_t = 500)]
    max_steps: usize,
    #[command(flatten)]
    workspace: Workspace,
}

fn assignment(text: &str) -> Result<(String, Value), String> {
    let (path, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}` must be VARIABLE=VALUE"))?;
    Ok((path.trim().to_owned(), Value::text(value.trim())))
}

impl Play {
    pub fn run(self) -> anyhow::Result<Outcome> {
        let Some(library) = self.workspace.sound()? else { return Ok(Outcome::Findings) };
        let Some(executable) = library.executable(&self.procedure) else {
            return Err(super::workspace::no_procedure(&self.procedure, &library));
        };
        for (path, value) in &self.set {
            let Some(field) = executable.field(path) else {
                anyhow::bail!("no form of {} has a field `{path}`", self.procedure);
            };
            if let Kind::Choice { options } = &field.kind
                && !options.iter().any(|(id, _)| Some(id.as_str()) == value.as_text())
            {
                let known: Vec<&str> = options.iter().map(|(id, _)| id.as_str()).collect();
                anyhow::bail!("`{value}` is no option of `{path}`; there are {}", known.join(", "));
            }
        }
        if let Some(folder) = &self.documents {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("making the folder {}", folder.display()))?;
        }
        super::block_on(async {
            let clock = Clock::manual(jiff::Timestamp::now());
            let runtime = Runtime::start(Store::memory().await?, clock).await?;
            runtime.publish(&library, &executable.organisation.id).await?;
            let outcome = self.play(&runtime, &executable).await;
            runtime.shutdown().await;
            outcome
        })
    }

    async fn play(&self, runtime: &Runtime, executable: &Executable) -> anyhow::Result<Outcome> {
        let organisation = &executable.organisation;
        let language = Language::parse(&organisation.language);
        let actor = |role: &str, excluded: &BTreeSet<String>| -> Actor {
            let mut ids = std::iter::once(role.to_owned())
                .chain((2..).map(|number| format!("{role}-{number}")));
            // The ids go on for ever, so that one is always free.
            let id = ids.find(|id| !excluded.contains(id)).unwrap_or_else(|| role.to_owned());
            Actor {
                id,
                name: role_title(organisation, role),
                roles: BTreeSet::from([role.to_owned()]),
            }
        };
        let mut driver = Driver {
            runtime,
            executable,
            seed: self.seed,
            wishes: self.decide.clone(),
            fixed: self.set.clone(),
            actor: &actor,
        };
        let mut handled = match driver.begin().await {
            Err(drive::Error::Refused(Refusal::Rejected(rejection))) => {
                tell::rejection(executable, &rejection, &language);
                return Ok(Outcome::Findings);
            }
            other => other?,
        };
        let mut records = handled.records.clone();
        if !self.json {
            tell::beginning(executable, &handled);
        }
        let mut is_refused = false;
        for _ in 0..self.max_steps {
            if !handled.state.is_open() {
                break;
            }
            let next = if self.auto || handled.state.tasks.is_empty() {
                match driver.step(&handled).await {
                    Err(drive::Error::Refused(Refusal::Rejected(rejection))) => {
                        tell::refused(executable, driver.next(&handled.state));
                        tell::rejection(executable, &rejection, &language);
                        is_refused = true;
                        break;
                    }
                    other => other?,
                }
            } else {
                self.ask(&mut driver, &handled, &language).await?
            };
            let Some(next) = next else { break };
            if !self.json {
                tell::step(executable, &next);
            }
            records.extend(next.records.clone());
            handled = next;
        }
        // After a refusal it is plain why the case is open, and why something came to nothing.
        if handled.state.is_open() && !is_refused {
            tell::waiting(&handled.state, self.max_steps);
        }
        for left in driver.wishes.iter().filter(|_| !is_refused) {
            eprintln!("nothing came of --decide \"{}={}\"", left.step, left.label);
        }
        let is_fine = !handled.state.is_open() && driver.wishes.is_empty();
        let documents = self.print(runtime, &handled).await?;
        if self.json {
            tell::json(&records, &handled, &documents)?;
        } else {
            tell::ending(&handled, &documents, &language);
        }
        Ok(if is_fine { Outcome::Fine } else { Outcome::Findings })
    }

    /// One step with a person at the terminal: asks until the engine accepts.
    async fn ask(
        &self,
        driver: &mut Driver<'_>,
        handled: &Handled,
        language: &Language,
    ) -> anyhow::Result<Option<Handled>> {
        let Some((task, open)) = driver.next(&handled.state) else { return Ok(None) };
        let executable = driver.executable;
        let Some(place) = executable.place(&open.step) else { return Ok(None) };
        let step = &executable.procedure.steps[place];
        // Each wish is for one visit: at the next one the person is asked.
        let wished = driver.wishes.iter().any(|wish| wish.step == *step.id);
        let mut turn = driver.turn(&handled.state.seen_from(open.within.as_ref()), place).await?;
        loop {
            ask::turn(driver, handled, place, &mut turn, wished).await?;
            let Turn { submission, choice } = &turn;
            let command = Command::CompleteTask {
                task,
                submission: submission.clone(),
                choice: choice.clone(),
            };
            let actor = driver.actor_for(&handled.state, step, &open.role);
            match driver.runtime.handle(&actor, &handled.case, command, None).await {
                Ok(done) => {
                    driver.came_true(&done.records);
                    return Ok(Some(done));
                }
                Err(Refusal::Rejected(Rejection::NotOpenYet { opens_at })) => {
                    let wait = driver.runtime.clock().now().duration_until(opens_at);
                    driver.runtime.clock().advance(wait);
                    eprintln!("… {wait:#}");
                }
                Err(Refusal::Rejected(rejection)) => {
                    tell::rejection(executable, &rejection, language);
                }
                Err(other) => return Err(other.into()),
            }
        }
    }

    /// Prints every document; the files only where a folder was named.
    async fn print(
        &self,
        runtime: &Runtime,
        handled: &Handled,
    ) -> anyhow::Result<Vec<tell::Printed>> {
        let mut printed = Vec::new();
        for row in runtime.store().documents(&handled.case).await? {
            let file = match &self.documents {
                None => None,
                Some(folder) => {
                    let sheet = runtime.sheet(&handled.case, row.no).await?;
                    let sheet = sheet.context("the document was just issued")?;
                    let name = format!("{:02}-{}.pdf", row.no, row.document);
                    let path = folder.join(name);
                    let bytes = pdf(&sheet).with_context(|| format!("printing {}", row.title))?;
                    std::fs::write(&path, bytes)
                        .with_context(|| format!("writing {}", path.display()))?;
                    Some(path.display().to_string())
                }
            };
            printed.push(tell::Printed {
                name: row.document,
                number: row.number,
                copies: row.copies,
                file,
            });
        }
        Ok(printed)
    }
}
