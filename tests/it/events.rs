//! What happens from outside: terms, reminders, escalation, waits, and terms that stand still.

use jiff::SignedDuration;
use tramite::engine::{CaseStatus, Command, Entry, Rejection};
use tramite::expression::Map;
use tramite::runtime::Handled;

use crate::office::{Office, complete, person, step};

impl Office {
    /// So many hours later, with all that fires until then.
    async fn later(&self, case: &Handled, hours: i64) -> Handled {
        self.runtime.clock().advance(SignedDuration::from_hours(hours));
        self.runtime.fire_timers().await.expect("timers fire");
        self.now(case).await
    }

    /// The case as it is now, with its journal as what was done last.
    async fn now(&self, case: &Handled) -> Handled {
        let store = self.runtime.store();
        let row = store.case(&case.case).await.expect("reads").expect("the case");
        let records = store.journal(&case.case).await.expect("reads");
        assert_eq!(self.runtime.doctor().await.expect("a doctor"), []);
        Handled { case: case.case, records, state: row.state }
    }
}

fn count(case: &Handled, kind: &str) -> usize {
    case.records.iter().filter(|record| record.entry.kind() == kind).count()
}

#[tokio::test]
async fn a_task_that_lies_is_reminded_of_and_goes_up_and_is_taken_away() {
    let office = Office::with(
        r"
  1:
    role: clerk
    activity: Answer the letter.
    on:
      - { after: 8 hours, every: 8 hours, remind: true }
      - { after: 1 day, escalate: boss }
      - { after: 2 days, go: 3 }
  2: { role: clerk, activity: File the answer., end: answered }
  3: { role: boss, activity: Apologise. }
",
    )
    .await;
    let (ana, max) = (person("ana", "clerk"), person("max", "boss"));
    let case = office.begin().await;
    office.ask(&case, &ana, Command::ClaimTask { task: 1 }).await.expect("claimed");
    let case = office.later(&case, 8).await;
    assert_eq!(case.state.tasks[&1].reminders, 1);
    office.later(&case, 8).await;
    let case = office.later(&case, 8).await;
    let open = &case.state.tasks[&1];
    assert_eq!((open.reminders, open.role.as_str(), &open.claimed_by), (3, "boss", &None));
    let counts = office.runtime.store().open_counts("office").await.expect("counts");
    let counted: Vec<(&str, i64)> =
        counts.iter().map(|count| (count.role.as_str(), count.open)).collect();
    assert_eq!(counted, [("boss", 1)]);
    // Whoever had it may still do it.
    office.ask(&case, &ana, Command::ClaimTask { task: 1 }).await.expect("claimed again");
    office.ask(&case, &ana, Command::ReleaseTask { task: 1 }).await.expect("and given back");
    office.ask(&case, &max, Command::ClaimTask { task: 1 }).await.expect("the boss's now");
    let case = office.later(&case, 24).await;
    assert_eq!(step(&case), "3");
    assert_eq!(case.state.watches.len(), 0, "nothing of step 1 is listened for");
    let late = office.refused(&case, &max, Command::ClaimTask { task: 1 }).await;
    assert_eq!(late, Rejection::TaskNotOpen);
    let case = office.complete(&case, &max, Map::new(), None).await;
    assert_eq!(case.state.status, CaseStatus::Ended);
}

#[tokio::test]
async fn missed_reminders_follow_the_declared_policy() {
    for (missed, expected) in [("once", 1), ("all", 6), ("skip", 0)] {
        let steps = format!(
            "  1: {{ role: clerk, activity: Answer., on: {{ after: 1 hour, every: 1 hour, \
             remind: true, missed: {missed} }} }}\n"
        );
        let office = Office::with(&steps).await;
        let case = office.begin().await;
        let case = office.later(&case, 6).await;
        assert_eq!(count(&case, "reminded"), expected, "{missed}");
        // On time again.
        let case = office.later(&case, 1).await;
        assert_eq!(count(&case, "reminded"), expected + 1, "{missed}");
    }
}

#[tokio::test]
async fn silence_is_an_outcome() {
    let office = Office::with(
        r"
  1: { role: clerk, activity: Hand the application in. }
  2:
    parallel:
      technical: { 3: { role: clerk, activity: Visit. }, 4: { role: clerk, activity: Report. } }
      legal: { 5: { role: boss, activity: Examine the papers. } }
    on: { after: 10 days, end: granted by silence }
  6: { role: boss, activity: Decide. }
",
    )
    .await;
    let ana = person("ana", "clerk");
    let case = office.begin().await;
    let case = office.complete(&case, &ana, Map::new(), None).await;
    let case = office.complete(&case, &ana, Map::new(), None).await;
    let case = office.later(&case, 24 * 9).await;
    assert_eq!(case.state.tasks.len(), 2, "4 and 5 are still worked on");
    let case = office.later(&case, 24).await;
    assert_eq!(case.state.outcome.as_deref(), Some("granted by silence"));
    assert_eq!(count(&case, "task_withdrawn"), 2);
}

#[tokio::test]
async fn a_step_waits_for_a_time_or_for_a_day_that_the_data_gives() {
    let office = Office::with(
        r"
  1: { set: { day: today + days(3) } }
  2: { wait: { until: day } }
  3: { wait: { until: 2 hours } }
  4: { wait: { until: today }, set: { done: true } }
  5: { role: clerk, activity: Go on. }
",
    )
    .await;
    let case = office.begin().await;
    assert_eq!(case.state.tasks.len(), 0);
    let case = office.later(&case, 48).await;
    assert_eq!(case.state.waits[&1].step, "2");
    let case = office.later(&case, 24).await;
    assert_eq!(case.state.waits[&2].step, "3", "the day has begun");
    let case = office.later(&case, 2).await;
    assert_eq!(step(&case), "5", "today has begun already: nothing to wait for");
    assert!(case.state.data.contains_key("done"));
}

#[tokio::test]
async fn the_first_thing_that_happens_is_the_way() {
    let steps = r"
  1:
    wait_any:
      clerk: { 2: { role: clerk, activity: Call the customer. }, 3: { role: clerk, activity: Note. } }
      boss: { 4: { role: boss, activity: Settle it. } }
      time: { 5: { wait: { until: 2 days }, end: forgotten } }
  6: { role: boss, activity: Close. }
";
    let office = Office::with(steps).await;
    let (ana, max) = (person("ana", "clerk"), person("max", "boss"));
    let case = office.begin().await;
    assert_eq!((case.state.tasks.len(), case.state.waits.len()), (2, 1));
    let done = office.ask(&case, &ana, Command::ClaimTask { task: 1 }).await.expect("claimed");
    assert_eq!((done.state.tasks.len(), done.state.waits.len()), (1, 0), "claiming decides");
    let taken = Entry::BranchTaken { block: 1, branch: "clerk".to_owned() };
    assert!(done.records.iter().any(|record| record.entry == taken));
    let case = office.later(&done, 24 * 3).await;
    let case = office.complete(&case, &ana, Map::new(), None).await;
    let case = office.complete(&case, &ana, Map::new(), None).await;
    assert_eq!(step(&case), "6");
    let other = office.begin().await;
    let task = *other.state.tasks.keys().last().expect("the boss's");
    let command = Command::CompleteTask { task, submission: Map::new(), choice: None };
    let other = office.ask(&other, &max, command).await.expect("completed");
    assert_eq!(step(&other), "6", "completing decides as well");
    let third = office.begin().await;
    let third = office.later(&third, 48).await;
    assert_eq!(third.state.outcome.as_deref(), Some("forgotten"));
}

#[tokio::test]
async fn terms_stand_still_while_the_case_waits_for_the_customer() {
    let office = Office::with(
        r"
  1:
    parallel:
      office: { 2: { role: boss, activity: Resolve., due: 10 days } }
      papers:
        3: { role: clerk, activity: Examine the papers. }
        4: { role: guest, activity: Bring what is missing., suspends: terms, on: { after: 30 days, end: given up } }
    on: { after: 20 days, end: granted by silence }
",
    )
    .await;
    let ana = person("ana", "clerk");
    let case = office.begin().await;
    let due_at = case.state.tasks[&1].due_at.expect("a due date");
    let case = office.later(&case, 24 * 4).await;
    let task = *case.state.tasks.keys().last().expect("examining");
    let command = Command::CompleteTask { task, submission: Map::new(), choice: None };
    let case = office.ask(&case, &ana, command).await.expect("completed");
    assert_eq!(case.state.tasks[&1].due_at, None, "the term stands still");
    assert_eq!(count(&case, "term_suspended"), 2, "of the task and of the block");
    let case = office.later(&case, 24 * 25).await;
    assert_eq!(case.state.status, CaseStatus::Running);
    let task = *case.state.tasks.keys().last().expect("the customer's");
    let command = Command::CompleteTask { task, submission: Map::new(), choice: None };
    let case = office.ask(&case, &ana, command).await.expect("brought");
    let resumed = case.state.tasks[&1].due_at.expect("it runs again");
    assert_eq!(due_at.duration_until(resumed), SignedDuration::from_hours(24 * 25));
    let case = office.later(&case, 24 * 6).await;
    assert!(case.state.tasks[&1].is_overdue);
    let case = office.later(&case, 24 * 10).await;
    assert_eq!(case.state.outcome.as_deref(), Some("granted by silence"));
    let late = office.refused(&case, &ana, complete_any()).await;
    assert_eq!(late, Rejection::CaseNotRunning);
}

fn complete_any() -> Command {
    Command::CompleteTask { task: 1, submission: Map::new(), choice: None }
}

#[tokio::test]
async fn what_is_left_of_a_term_in_working_hours_is_working_hours() {
    let office = Office::with(
        r"
  1:
    parallel:
      office: { 2: { role: boss, activity: Resolve., due: 8 working hours } }
      papers: { 3: { role: guest, activity: Bring what is missing., suspends: [2] } }
",
    )
    .await;
    let ana = person("ana", "clerk");
    let case = office.begin().await;
    assert_eq!(case.state.tasks[&1].due_at, None, "it stands still from the beginning");
    // Monday 9:00 and a day: Tuesday 9:00. Eight hours of work end on Wednesday at 9:00.
    let case = office.later(&case, 24).await;
    let task = *case.state.tasks.keys().last().expect("the customer's");
    let command = Command::CompleteTask { task, submission: Map::new(), choice: None };
    let case = office.ask(&case, &ana, command).await.expect("brought");
    let due_at = case.state.tasks[&1].due_at.expect("it runs");
    assert_eq!(due_at.to_string(), "2026-11-25T09:00:00Z");
    assert_eq!(complete(&case, Map::new(), None), complete_any());
}
