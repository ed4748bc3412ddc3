//! Messages and signals: each message once, to one case; kept while nobody listens.

use super::*;
use crate::engine::Received;
use crate::store::{Posted, Taken};

on_both!(
    a_message_is_kept_until_somebody_listens_and_then_delivered_once,
    of_several_the_oldest_goes_to_whoever_waits_longest,
    a_signal_reaches_those_that_listen_now,
    a_step_tells_another_case,
    two_servers_deliver_each_message_once,
    what_does_not_fit_stays_and_says_why,
    an_id_is_its_senders_own,
    a_server_that_stops_loses_no_signal,
    a_timer_that_is_refused_is_held,
    a_key_is_no_letter,
);

const OFFICE: &str = r#"
organisation: charcas
name: Charcas
language: en
roles: { ape: Desk, jefe: Head }
messages:
  paid: { by: ape, keep: 2 days, fields: { amount: { label: Amount, type: money } } }
signals: { closing: { by: jefe } }
---
form: account
title: Account
fields: { account: { label: Account } }
---
procedure: wait
title: Wait
starts: { by: ape }
steps:
  1: { role: ape, activity: Ask., form: account }
  2:
    wait: { message: paid, key: "{{ account }}", into: payment }
    on: [{ after: 10 days, end: given up }, { signal: closing, end: closed }]
  3: { role: ape, activity: Receipt. }
---
procedure: twice
title: Twice
starts: { by: ape }
steps:
  1: { role: ape, activity: Ask., form: account }
  2: { wait: { message: paid, key: "{{ account }}{{ account }}" } }
---
procedure: trap
title: Trap
starts: { by: ape }
steps:
  1: { role: ape, activity: Ask., form: account }
  2: { wait: { until: 1 days } }
  3: { set: { share: 1 / (visits(2) - 1) } }
---
procedure: pay
title: Pay
starts: { by: ape }
steps:
  1: { role: ape, activity: Take the money., form: account, sends: { message: paid, key: "{{ account }}", with: { amount: 12.5 } }, signals: closing }
"#;

struct Desk {
    runtime: Runtime,
}

impl Desk {
    async fn open(on: Kind) -> Self {
        let runtime = made(on).await;
        let files = Files::from([("charcas.yaml".to_owned(), OFFICE.to_owned())]);
        let mut found = Diagnostics::default();
        let library = Library::read(&files, &mut found);
        crate::check::check(&library, &mut found);
        assert!(!found.has_errors(), "{:?}", found.iter().collect::<Vec<_>>());
        runtime.publish(&library, "charcas").await.expect("published");
        Self { runtime }
    }

    async fn begin(&self, procedure: &str, account: &str) -> CaseId {
        let begun = self.runtime.start_case(&clerk(), "charcas", procedure, None).await;
        let case = begun.expect("begun").case;
        let submission = Map::from([("account".to_owned(), Value::text(account))]);
        let command = Command::CompleteTask { task: 1, submission, choice: None };
        self.runtime.handle(&clerk(), &case, command, None).await.expect("done");
        case
    }

    async fn post(&self, id: &str, key: &str, amount: &str) -> bool {
        let contents = Map::from([("amount".to_owned(), Value::text(amount))]);
        self.posts(&self.message(id, key, contents)).await == Taken::New
    }

    async fn posts(&self, posted: &Posted) -> Taken {
        self.runtime.post(posted).await.expect("taken in")
    }

    fn message(&self, id: &str, key: &str, contents: Map) -> Posted {
        let (id, name, key) = (id.to_owned(), "paid".to_owned(), key.to_owned());
        let sender = "bank".to_owned();
        let received = Received { sender, id, name, key, contents, is_signal: false };
        self.posted(received)
    }

    fn posted(&self, received: Received) -> Posted {
        let now = self.runtime.clock().now();
        Posted {
            organisation: "charcas".to_owned(),
            received,
            keep_until: now + SignedDuration::from_hours(48),
            sent_by: ("bank".to_owned(), "Bank".to_owned()),
        }
    }

    /// At what step the case stands: one that waits, or a task's.
    async fn step(&self, case: &CaseId) -> String {
        let row = self.runtime.row(case).await;
        row.state.tokens().map(|token| token.step.to_owned()).collect()
    }
}

fn clerk() -> Actor {
    let roles = std::collections::BTreeSet::from(["ape".to_owned()]);
    Actor { id: "ana".to_owned(), name: "Ana".to_owned(), roles }
}

async fn a_message_is_kept_until_somebody_listens_and_then_delivered_once(on: Kind) {
    let desk = Desk::open(on).await;
    assert!(desk.post("m1", "7", "10").await);
    assert!(!desk.post("m1", "7", "10").await, "sent again");
    let case = desk.begin("wait", "7").await;
    assert_eq!(desk.step(&case).await, "2");
    assert_eq!(desk.runtime.deliver_messages().await.expect("looked"), 1);
    assert_eq!(desk.step(&case).await, "3");
    let amount = desk.runtime.row(&case).await.state.data["payment"].clone();
    assert_eq!(amount.as_map().expect("a group")["amount"], Value::number(10));
    // Its id is known although it is gone.
    assert!(!desk.post("m1", "7", "10").await);
    let other = desk.begin("wait", "7").await;
    assert_eq!(desk.runtime.deliver_messages().await.expect("looked"), 0);
    assert_eq!(desk.step(&other).await, "2");
    // One that nobody wanted in time is not delivered any more.
    assert!(desk.post("m2", "8", "10").await);
    desk.runtime.clock().advance(SignedDuration::from_hours(49));
    let late = desk.begin("wait", "8").await;
    assert_eq!(desk.runtime.deliver_messages().await.expect("looked"), 0);
    assert_eq!(desk.step(&late).await, "2");
    assert_eq!(desk.runtime.ailments().await, [""; 0]);
}

async fn of_several_the_oldest_goes_to_whoever_waits_longest(on: Kind) {
    let desk = Desk::open(on).await;
    let mut cases = Vec::new();
    for _ in 0..2 {
        cases.push(desk.begin("wait", "7").await);
        desk.runtime.clock().advance(SignedDuration::from_secs(1));
    }
    for (id, amount) in [("b", "1"), ("a", "2"), ("c", "3")] {
        let contents = Map::from([("amount".to_owned(), Value::text(amount))]);
        let now = desk.runtime.clock().now();
        desk.runtime.store().take_in(&desk.message(id, "7", contents), now).await.expect("in");
        desk.runtime.clock().advance(SignedDuration::from_secs(1));
    }
    assert_eq!(desk.runtime.deliver_messages().await.expect("delivered"), 2);
    for (case, amount) in cases.iter().zip([1, 2]) {
        let state = desk.runtime.row(case).await.state;
        let payment = state.data["payment"].as_map().expect("a group").clone();
        assert_eq!(payment["amount"], Value::number(amount));
    }
    let fate =
        desk.runtime.store().fate("charcas", "bank", "c").await.expect("read").expect("kept");
    assert_eq!(fate.delivered_at, None);
    assert_eq!(desk.runtime.ailments().await, [""; 0]);
}

async fn a_signal_reaches_those_that_listen_now(on: Kind) {
    let desk = Desk::open(on).await;
    let (one, two) = (desk.begin("wait", "1").await, desk.begin("wait", "2").await);
    let signal = |id: &str| {
        desk.posted(Received {
            sender: "jefe".to_owned(),
            id: id.to_owned(),
            name: "closing".to_owned(),
            key: String::new(),
            contents: Map::new(),
            is_signal: true,
        })
    };
    assert_eq!(desk.posts(&signal("s1")).await, Taken::New);
    for case in [&one, &two] {
        assert_eq!(desk.runtime.row(case).await.state.outcome.as_deref(), Some("closed"));
    }
    let three = desk.begin("wait", "3").await;
    assert_eq!(desk.posts(&signal("s1")).await, Taken::Known, "the same signal");
    assert_eq!(desk.step(&three).await, "2", "lost on whoever comes later");
    assert_eq!(desk.posts(&signal("s2")).await, Taken::New);
    assert_eq!(desk.runtime.row(&three).await.state.outcome.as_deref(), Some("closed"));
    assert_eq!(desk.runtime.ailments().await, [""; 0]);
}

async fn a_step_tells_another_case(on: Kind) {
    let desk = Desk::open(on).await;
    let waiting = desk.begin("wait", "7").await;
    desk.begin("pay", "7").await;
    assert_eq!(desk.step(&waiting).await, "2", "not before it is looked for");
    assert!(desk.runtime.deliver_messages().await.expect("delivered") >= 1);
    let state = desk.runtime.row(&waiting).await.state;
    // Message and signal were given in one breath: the signal's way is first, and the message is kept.
    assert_eq!(state.outcome.as_deref(), Some("closed"));
    let next = desk.begin("wait", "7").await;
    assert_eq!(desk.runtime.deliver_messages().await.expect("delivered"), 1);
    assert_eq!(desk.step(&next).await, "3");
    assert_eq!(desk.runtime.ailments().await, [""; 0]);
}

async fn two_servers_deliver_each_message_once(on: Kind) {
    let desk = Desk::open(on).await;
    let mut cases = Vec::new();
    for _ in 0..20 {
        cases.push(desk.begin("wait", "7").await);
    }
    let now = desk.runtime.clock().now();
    for number in 0..15 {
        let contents = Map::from([("amount".to_owned(), Value::text(format!("{number}")))]);
        let message = desk.message(&format!("m{number}"), "7", contents);
        desk.runtime.store().take_in(&message, now).await.expect("in");
    }
    let clock = desk.runtime.clock().clone();
    let other = Runtime::start(desk.runtime.store().clone(), clock).await.expect("starts");
    for _ in 0..10 {
        let (one, two) = tokio::join!(desk.runtime.deliver_messages(), other.deliver_messages());
        one.and(two).expect("delivered");
        desk.runtime.clock().advance(SignedDuration::from_secs(61));
    }
    let mut amounts = Vec::new();
    for case in &cases {
        let state = desk.runtime.row(case).await.state;
        let payment = state.data.get("payment").and_then(Value::as_map);
        amounts.extend(payment.map(|payment| payment["amount"].to_string()));
    }
    amounts.sort();
    let mut expected: Vec<String> = (0..15).map(|number| number.to_string()).collect();
    expected.sort();
    assert_eq!(amounts, expected, "each once, and none twice");
    assert_eq!(desk.runtime.ailments().await, [""; 0]);
}

async fn what_does_not_fit_stays_and_says_why(on: Kind) {
    let desk = Desk::open(on).await;
    let case = desk.begin("wait", "7").await;
    let contents = Map::from([("amount".to_owned(), Value::text("much"))]);
    let message = desk.message("m1", "7", contents);
    assert_eq!(desk.posts(&message).await, Taken::New);
    assert_eq!(desk.step(&case).await, "2");
    let fate =
        desk.runtime.store().fate("charcas", "bank", "m1").await.expect("read").expect("kept");
    let problem = Setback::read(fate.problem.as_deref().expect("a problem"));
    assert_eq!(problem.to_string(), "refused: invalid-submission");
    assert_eq!(desk.runtime.ailments().await, [""; 0]);
}

async fn an_id_is_its_senders_own(on: Kind) {
    let desk = Desk::open(on).await;
    let waiting = desk.begin("wait", "7").await;
    let pays = desk.runtime.start_case(&clerk(), "charcas", "pay", None).await.expect("begun").case;
    let amount = |amount: &str| Map::from([("amount".to_owned(), Value::text(amount))]);
    // Somebody takes the ids of what the step will send: they are not the step's.
    for line in 1..20 {
        assert_eq!(
            desk.posts(&desk.message(&format!("{pays}/{line}"), "x", amount("1"))).await,
            Taken::New
        );
    }
    let submission = Map::from([("account".to_owned(), Value::text("7"))]);
    let command = Command::CompleteTask { task: 1, submission, choice: None };
    desk.runtime.handle(&clerk(), &pays, command, None).await.expect("sent");
    assert!(desk.runtime.deliver_messages().await.expect("delivered") >= 1);
    assert_eq!(desk.runtime.row(&waiting).await.state.outcome.as_deref(), Some("closed"));
    // Two senders count for themselves.
    let message = desk.message("m1", "8", amount("1"));
    let mut other = message.clone();
    other.received.sender = "shop".to_owned();
    assert_eq!(desk.posts(&message).await, Taken::New);
    assert_eq!(desk.posts(&other).await, Taken::New);
    // And give an id once.
    for (key, contents) in [("9", amount("1")), ("8", amount("2"))] {
        assert_eq!(desk.posts(&desk.message("m1", key, contents)).await, Taken::Other);
    }
    assert_eq!(desk.posts(&message).await, Taken::Known);
    let signal = |sender: &str| {
        let (id, name) = ("s".to_owned(), "closing".to_owned());
        let (sender, key, contents) = (sender.to_owned(), String::new(), Map::new());
        desk.posted(Received { sender, id, name, key, contents, is_signal: true })
    };
    let case = desk.begin("wait", "9").await;
    let now = desk.runtime.clock().now();
    for sender in ["shop", "jefe"] {
        desk.runtime.store().take_in(&signal(sender), now).await.expect("taken in");
    }
    desk.runtime.deliver_messages().await.expect("delivered");
    assert_eq!(desk.runtime.row(&case).await.state.outcome.as_deref(), Some("closed"));
    assert_eq!(desk.runtime.ailments().await, [""; 0]);
}

async fn a_server_that_stops_loses_no_signal(on: Kind) {
    let desk = Desk::open(on).await;
    let case = desk.begin("wait", "7").await;
    let (id, name) = ("s1".to_owned(), "closing".to_owned());
    let (sender, key, contents) = ("jefe".to_owned(), String::new(), Map::new());
    let signal = desk.posted(Received { sender, id, name, key, contents, is_signal: true });
    let clock = desk.runtime.clock().clone();
    let second = Runtime::start(desk.runtime.store().clone(), clock).await.expect("starts");
    desk.runtime.shutdown().await;
    // It is taken in, and the writers of this server take no more orders.
    assert_eq!(desk.posts(&signal).await, Taken::New);
    assert_eq!(second.deliver_messages().await.expect("looked"), 0, "it is still leased");
    second.clock().advance(SignedDuration::from_secs(10));
    assert_eq!(second.deliver_messages().await.expect("delivered"), 1);
    assert_eq!(second.row(&case).await.state.outcome.as_deref(), Some("closed"));
}

async fn a_timer_that_is_refused_is_held(on: Kind) {
    let desk = Desk::open(on).await;
    let case = desk.begin("trap", "7").await;
    desk.runtime.clock().advance(SignedDuration::from_hours(25));
    assert_eq!(desk.runtime.fire_timers().await.expect("looked"), 0);
    assert_eq!(desk.step(&case).await, "2", "it can't be divided by nothing");
    let lease = SignedDuration::from_secs(1);
    let store = desk.runtime.store();
    desk.runtime.clock().advance(SignedDuration::from_mins(9));
    let leased = store.lease_timers(desk.runtime.clock().now(), lease, 9).await.expect("looked");
    assert_eq!(leased, []);
    desk.runtime.clock().advance(SignedDuration::from_mins(2));
    let leased = store.lease_timers(desk.runtime.clock().now(), lease, 9).await.expect("looked");
    assert_eq!(leased, [(case, 1)]);
}

async fn a_key_is_no_letter(on: Kind) {
    let desk = Desk::open(on).await;
    let begin = async |account: String| {
        let begun = desk.runtime.start_case(&clerk(), "charcas", "twice", None).await;
        let submission = Map::from([("account".to_owned(), Value::text(account))]);
        let command = Command::CompleteTask { task: 1, submission, choice: None };
        desk.runtime.handle(&clerk(), &begun.expect("begun").case, command, None).await
    };
    begin("ñ".repeat(100)).await.expect("fits");
    let refused = begin("ñ".repeat(101)).await;
    let Err(Refusal::Rejected(Rejection::NoWayOn { step, reason })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((step.as_str(), reason.contains("200 letters")), ("2", true), "{reason}");
}
