//! A small office for tests: three roles, a form, a register, a document, and whatever steps a test has.

use std::collections::BTreeSet;

use tramite::engine::{Actor, Command, Rejection};
use tramite::expression::{Map, Value};
use tramite::library::{Files, Library};
use tramite::runtime::{Clock, Handled, Refusal, Runtime};
use tramite::store::Store;

use crate::world::read;

/// A Monday morning, in UTC.
pub const MORNING: &str = "2026-11-23T09:00:00Z";

/// The office with these steps, in one file.
pub fn text(steps: &str) -> String {
    format!(
        r#"
organisation: office
name: Office
language: en
time_zone: UTC
roles:
  clerk: Clerk
  boss: Boss
  guest: {{ title: Guest, external: true, attended_by: clerk }}
series:
  letters: {{ title: Letters, pattern: "L-{{year}}-{{number:03}}" }}
papers: {{ card: Identity card }}
messages:
  paid: {{ by: clerk, keep: 2 days, fields: {{ amount: {{ label: Amount, type: money }} }} }}
  withdrawn: {{ by: clerk, keep: 1 hour }}
signals: {{ closing: {{ by: boss }} }}
---
registers:
  people:
    title: People
    key: id
    fields: {{ id: {{ label: Id }}, name: {{ label: Name }} }}
---
form: request
title: Request
fields:
  person:
    label: Person
    fields: {{ id: {{ label: Id }}, name: {{ label: Name }} }}
  amount: {{ label: Amount, type: money, min: 1, max: 1000 }}
---
form: orders
title: Orders
fields:
  orders: {{ label: Orders, rows: {{ what: {{ label: What }} }} }}
---
form: answer
title: Answer
fields:
  answer:
    label: Answer
    fields: {{ ok: {{ label: All right, type: yes_no }} }}
---
document: letter
title: Letter
series: letters
template: "For {{{{ person.name }}}}"
---
procedure: flow
title: Flow
starts: {{ by: [clerk, boss] }}
cancels: {{ by: boss }}
steps:
{steps}"#
    )
}

pub struct Office {
    pub runtime: Runtime,
}

impl Office {
    /// An office with these steps; three roles, a form with a number, a register, a document.
    pub async fn with(steps: &str) -> Self {
        Self::of(&text(steps)).await
    }

    /// The office of a whole file.
    pub async fn of(text: &str) -> Self {
        let text = text.to_owned();
        let (library, found) = read(&Files::from([("office.yaml".to_owned(), text)]));
        let errors: Vec<_> = found
            .iter()
            .filter(|finding| !finding.code.starts_with("unused_"))
            .map(|finding| {
                (finding.code, &finding.headline, library.sources.place(finding.primary.span))
            })
            .collect();
        assert_eq!(errors, [], "the example is sound");
        Self { runtime: start(&library).await }
    }

    pub async fn begin(&self) -> Handled {
        self.runtime
            .start_case(&person("ana", "clerk"), "office", "flow", None)
            .await
            .expect("begun")
    }

    pub async fn ask(
        &self,
        handled: &Handled,
        who: &Actor,
        command: Command,
    ) -> Result<Handled, Refusal> {
        self.runtime.handle(who, &handled.case, command, None).await
    }

    /// Completes the open task.
    pub async fn complete(
        &self,
        handled: &Handled,
        who: &Actor,
        data: Map,
        choice: Option<&str>,
    ) -> Handled {
        let command = complete(handled, data, choice);
        self.ask(handled, who, command).await.expect("completed")
    }

    pub async fn refused(&self, handled: &Handled, who: &Actor, command: Command) -> Rejection {
        match self.ask(handled, who, command).await {
            Err(Refusal::Rejected(rejection)) => rejection,
            other => panic!("not rejected: {other:?}"),
        }
    }
}

async fn start(library: &Library) -> Runtime {
    let clock = Clock::manual(MORNING.parse().expect("an instant"));
    let store = Store::memory().await.expect("a database");
    let runtime = Runtime::start(store, clock).await.expect("a runtime");
    runtime.publish(library, "office").await.expect("published");
    runtime
}

pub fn person(id: &str, role: &str) -> Actor {
    Actor { id: id.to_owned(), name: id.to_owned(), roles: BTreeSet::from([role.to_owned()]) }
}

pub fn complete(handled: &Handled, submission: Map, choice: Option<&str>) -> Command {
    let task = *handled.state.tasks.keys().next().expect("an open task");
    Command::CompleteTask { task, submission, choice: choice.map(ToOwned::to_owned) }
}

pub fn request(id: &str, amount: &str) -> Map {
    let mut map = Map::new();
    Value::put(&mut map, "person.id", Value::text(id));
    Value::put(&mut map, "person.name", Value::text("Rosa Quispe"));
    Value::put(&mut map, "amount", Value::text(amount));
    map
}

pub fn step(handled: &Handled) -> &str {
    handled.state.tasks.values().next().map_or("", |task| &task.step)
}
