//! Work beside a step: what begins while it stays open, what waits for it, and what takes it away.

use jiff::SignedDuration;
use tramite::engine::{CaseStatus, Command, Received, replay};
use tramite::expression::{Map, Value};
use tramite::library::Files;
use tramite::runtime::Handled;
use tramite::store::Posted;

use crate::office::{Office, person, request, text};
use crate::world::read;

impl Office {
    /// A message of the bank comes, with an amount.
    async fn paid(&self, id: &str, amount: &str) {
        let received = Received {
            sender: "bank".to_owned(),
            id: id.to_owned(),
            name: "paid".to_owned(),
            key: "7".to_owned(),
            contents: Map::from([("amount".to_owned(), Value::text(amount))]),
            is_signal: false,
        };
        let keep_until = self.runtime.clock().now() + SignedDuration::from_hours(1);
        let sent_by = ("bank".to_owned(), "Bank".to_owned());
        let organisation = "office".to_owned();
        let posted = Posted { organisation, received, keep_until, sent_by };
        self.runtime.post(&posted).await.expect("posted");
        self.runtime.deliver_messages().await.expect("delivered");
    }

    async fn hours_later(&self, hours: i64) {
        self.runtime.clock().advance(SignedDuration::from_hours(hours));
        self.runtime.fire_timers().await.expect("timers fire");
    }

    /// The case as it stands; its journal tells the same.
    async fn standing(&self, case: &Handled) -> Handled {
        let store = self.runtime.store();
        let row = store.case(&case.case).await.expect("reads").expect("the case");
        let records = store.journal(&case.case).await.expect("reads");
        assert_eq!(replay(&records), *row.state);
        assert_eq!(self.runtime.doctor().await.expect("a doctor"), []);
        Handled { case: case.case, records, state: row.state }
    }

    /// Completes the task of a step.
    async fn filled(&self, case: &Handled, step: &str, data: Map, choice: Option<&str>) -> Handled {
        let case = self.standing(case).await;
        let mut tasks = case.state.tasks.iter();
        let (task, open) = tasks.find(|(_, open)| open.step == step).expect("an open task");
        let (task, submission) = (*task, data);
        let choice = choice.map(ToOwned::to_owned);
        let command = Command::CompleteTask { task, submission, choice };
        self.ask(&case, &person("eva", &open.role), command).await.expect("completed")
    }
}

fn open(case: &Handled) -> Vec<&str> {
    case.state.tasks.values().map(|task| task.step.as_str()).collect()
}

#[tokio::test]
async fn each_time_that_a_message_comes_has_values_of_its_own() {
    let office = Office::with(
        r#"
  1: { role: clerk, activity: Ask., form: request }
  2:
    role: clerk
    activity: Make the visit.
    on:
      - message: paid
        key: "{{ person.id }}"
        into: payment
        does:
          2a: { role: boss, activity: Look at the payment., form: answer, set: { twice: payment.amount * 2 } }
  3: { role: clerk, activity: File it. }
"#,
    )
    .await;
    let case = office.begin().await;
    let case = office.filled(&case, "1", request("7", "50"), None).await;
    office.paid("a", "10").await;
    office.paid("b", "20").await;
    let case = office.standing(&case).await;
    assert_eq!(open(&case), ["2", "2a", "2a"]);
    let places: Vec<_> = case.state.tasks.values().map(|task| task.within.as_ref()).collect();
    let seen = |at: usize| {
        case.state
            .variable(places[at], "payment")
            .and_then(|payment| payment.as_map()?.get("amount").map(ToString::to_string))
    };
    assert_eq!((seen(0), seen(1), seen(2)), (None, Some("10".into()), Some("20".into())));
    let lines = office.runtime.store();
    let row = lines.case(&case.case).await.expect("reads").expect("the case");
    assert!(!row.state.data.contains_key("payment"), "it is nobody else's");
    let mut yes = Map::new();
    Value::put(&mut yes, "answer.ok", Value::Bool(true));
    let case = office.filled(&case, "2", Map::new(), None).await;
    assert_eq!(open(&case), ["2a", "2a"], "the case waits for what began beside it");
    let case = office.filled(&case, "2a", yes.clone(), None).await;
    let case = office.filled(&case, "2a", yes, None).await;
    assert_eq!(open(&case), ["3"]);
    assert!(!case.state.data.contains_key("twice") && case.state.blocks.is_empty());
}

#[tokio::test]
async fn the_way_that_was_chosen_is_kept_until_the_rest_is_done() {
    let office = Office::with(
        r"
  1:
    role: clerk
    activity: Judge.
    decide: { Good: 2, Bad: { end: refused }, Again: 1 }
    on: { after: 2 hours, does: { 1a: { role: boss, activity: Ask why it takes so long. } } }
  2: { role: clerk, activity: File it. }
",
    )
    .await;
    let case = office.begin().await;
    office.hours_later(2).await;
    // The same step again: its clock runs anew, and what began beside it before is done first.
    let case = office.filled(&case, "1", Map::new(), Some("Again")).await;
    assert_eq!(open(&case), ["1a"]);
    let case = office.filled(&case, "1a", Map::new(), None).await;
    assert_eq!(open(&case), ["1"]);
    office.hours_later(2).await;
    let case = office.filled(&case, "1", Map::new(), Some("Good")).await;
    let case = office.filled(&case, "1a", Map::new(), None).await;
    assert_eq!(open(&case), ["2"]);
    // An end is an end, whatever is open.
    let case = office.begin().await;
    office.hours_later(2).await;
    let case = office.filled(&case, "1", Map::new(), Some("Bad")).await;
    assert_eq!(case.state.outcome.as_deref(), Some("refused"));
    office.standing(&case).await;
}

#[tokio::test]
async fn what_is_not_waited_for_is_withdrawn_or_goes_on_by_itself() {
    let office = Office::with(
        r"
  1:
    parallel:
      one: { 2: { role: clerk, activity: Visit. } }
      two: { 3: { role: clerk, activity: Reckon. } }
    on:
      - { after: 1 hour, every: 1 hour, missed: all, rest: cancel, does: { 1a: { role: boss, activity: Look after it. } } }
      - { after: 3 hours, wait: false, does: { 1b: { role: boss, activity: Call., set: { called: 1 } } } }
  4: { role: clerk, activity: File it. }
",
    )
    .await;
    let case = office.begin().await;
    office.hours_later(3).await;
    let case = office.standing(&case).await;
    assert_eq!(open(&case), ["2", "3", "1a", "1a", "1a", "1b"]);
    let case = office.filled(&case, "2", Map::new(), None).await;
    let case = office.filled(&case, "3", Map::new(), None).await;
    assert_eq!(open(&case), ["1b", "4"], "the case has gone on");
    let case = office.filled(&case, "4", Map::new(), None).await;
    assert_eq!((open(&case), case.state.status), (vec!["1b"], CaseStatus::Running));
    let case = office.filled(&case, "1b", Map::new(), None).await;
    assert_eq!(case.state.outcome.as_deref(), Some("completed"));
    office.standing(&case).await;
}

#[tokio::test]
async fn it_stands_beside_waits_and_in_branches_and_goes_with_what_is_around() {
    let office = Office::with(
        r"
  1:
    parallel:
      one:
        2:
          wait: { signal: closing }
          on: { after: 1 hour, does: { 2a: { role: boss, activity: Call. }, 2b: { role: boss, activity: Write. } } }
      two: { 3: { role: clerk, activity: Reckon. } }
    join: { first: 1, rest: cancel }
  4: { role: clerk, activity: File it. }
",
    )
    .await;
    let case = office.begin().await;
    office.hours_later(1).await;
    let case = office.filled(&case, "2a", Map::new(), None).await;
    assert_eq!(open(&case), ["3", "2b"]);
    let case = office.filled(&case, "3", Map::new(), None).await;
    assert_eq!(open(&case), ["4"], "the other branch is withdrawn, with all that began in it");
    let case = office.standing(&case).await;
    assert!(case.state.blocks.is_empty() && case.state.waits.is_empty());
}

/// What the checker finds in these steps, and says of it.
fn found(steps: &str) -> Vec<(&'static str, String)> {
    let (_, found) = read(&Files::from([("office.yaml".to_owned(), text(steps))]));
    let found = found.iter().filter(|finding| !finding.code.starts_with("unused_"));
    found.map(|finding| (finding.code, finding.headline.clone())).collect()
}

fn codes(steps: &str) -> Vec<&'static str> {
    found(steps).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn the_checker_knows_what_may_have_been_done_beside_a_step() {
    let steps = |line: &str, read: &str| {
        format!(
            "  1: {{ role: clerk, activity: Visit., set: {{ seen: 1 }}, on: {line} }}\n  2: {{ role: clerk, \
             activity: File., choose: [{{ when: {read}, go: 3 }}, {{ end: done }}] }}\n  3: {{ role: boss, \
             activity: Thank. }}\n"
        )
    };
    let once =
        "{ after: 1 day, does: { 1a: { role: boss, activity: Call., set: { called: 1 } } } }";
    assert_eq!(codes(&steps(once, "called is defined and called > 0")), [""; 0]);
    assert_eq!(codes(&steps(once, "called > 0")), ["not_filled_in"]);
    let sees =
        "{ after: 1 day, does: { 1a: { role: boss, activity: Call., set: { called: seen } } } }";
    assert_eq!(codes(&steps(sees, "seen > 0")), ["not_filled_in"], "the step is still open");
    let both = "{ after: 1 day, does: { 1a: { role: boss, activity: Call., set: { seen: 2 } } } }";
    assert_eq!(codes(&steps(both, "seen > 0")), ["written_at_once"]);
    let later = "{ after: 1 day, wait: false, does: { 1a: { role: boss, activity: Call., set: { last: 2 } } } }";
    let text = steps(later, "seen > 0").replace("Thank. }", "Thank., set: { last: 1 } }");
    assert_eq!(codes(&text), ["written_at_once"]);
}

#[test]
fn the_checker_walks_over_what_begins_beside_a_step() {
    // Nobody ever does step 9 while step 1 is open, and only then can 1a be done.
    let steps = "  1: { role: clerk, activity: Visit., mutex: car, on: { after: 1 day, does: { 1a: { role: boss, \
                 activity: Call., mutex: car } } } }\n  2: { role: clerk, activity: File. }\n";
    assert_eq!(codes(steps), [""; 0], "it waits for the car, and the step gives it back");
    let steps = "  1: { role: clerk, activity: Visit., on: { after: 1 day, does: { 1a: { role: boss, activity: \
                 Call., join: { tokens: 2 } } } } }\n";
    let told = found(steps);
    assert_eq!(told[0].0, "waits_for_ever", "{told:?}");
    let steps = "  1: { role: clerk, activity: Visit., on: { after: 1 day, does: { 1a: { role: boss, activity: \
                 Call., go: 2 } } } }\n  2: { role: clerk, activity: File. }\n";
    assert_eq!(codes(steps), ["leaves_branch"]);
    let steps = "  1: { set: { seen: 1 }, on: { after: 1 day, does: { 1a: { role: boss, activity: Call. } } } }\n";
    assert!(codes(steps).contains(&"never_happens"));
    let steps =
        "  1: { role: clerk, activity: Visit., on: { after: 1 day, remind: true, wait: false } }\n";
    assert_eq!(codes(steps), ["bad_event"]);
    let steps = "  1: { role: clerk, activity: Visit., on: { after: 1 day, does: {} } }\n";
    assert_eq!(codes(steps), ["empty_branch"]);
}
