//! Branches that are open at once: whatever the order in which they end, they are joined once, and what
//! is stored is what the journal tells.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tramite::diagnostic::Diagnostics;
use tramite::engine::{
    Actor, CaseStatus, Command, Entry, Facts, Record, Rejection, State, decide, replay,
};
use tramite::expression::{Map, Value};
use tramite::library::{Files, Library};
use tramite::runtime::Handled;

use crate::office::{MORNING, Office, person, request, text};
use crate::world::read;

/// Whoever has the role.
fn of(role: &str) -> Actor {
    person(role, role)
}

/// The open steps, in the order in which they were offered.
fn open(case: &Handled) -> Vec<&str> {
    case.state.tasks.values().map(|task| task.step.as_str()).collect()
}

impl Office {
    /// Completes the open task of a step.
    async fn done(&self, case: &Handled, step: &str) -> Handled {
        self.done_with(case, step, Map::new(), None).await
    }

    async fn chosen(&self, case: &Handled, step: &str, choice: &str) -> Handled {
        self.done_with(case, step, Map::new(), Some(choice)).await
    }

    async fn done_with(
        &self,
        case: &Handled,
        step: &str,
        submission: Map,
        choice: Option<&str>,
    ) -> Handled {
        let mut tasks = case.state.tasks.iter();
        let (task, open) = tasks.find(|(_, open)| open.step == step).expect("an open step");
        let command = Command::CompleteTask {
            task: *task,
            submission,
            choice: choice.map(ToOwned::to_owned),
        };
        let done = self.ask(case, &of(&open.role), command).await.expect("completed");
        self.holds(&done).await;
        done
    }

    /// What must hold after every command.
    async fn holds(&self, case: &Handled) {
        let journal = self.journal(case).await;
        assert_eq!(replay(&journal), *case.state, "the journal tells the state");
        assert_eq!(self.runtime.doctor().await.expect("a doctor"), []);
    }

    async fn journal(&self, case: &Handled) -> Vec<Record> {
        self.runtime.store().journal(&case.case).await.expect("a journal")
    }

    async fn count(&self, case: &Handled, kind: &str) -> usize {
        self.journal(case).await.iter().filter(|record| record.entry.kind() == kind).count()
    }
}

fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for first in of {
        let rest: Vec<usize> = of.iter().copied().filter(|other| other != first).collect();
        for mut tail in permutations(&rest) {
            tail.insert(0, *first);
            all.push(tail);
        }
    }
    all
}

#[tokio::test]
async fn in_whatever_order_branches_end_they_are_joined_once() {
    for count in 2..=4_usize {
        let branches: String = (0..count)
            .map(|at| format!("      b{at}: {{ {}: {{ role: clerk, activity: Work }} }}\n", at + 2))
            .collect();
        let office = Office::with(&format!(
            "  1:\n    parallel:\n{branches}  {}: {{ role: boss, activity: Close }}\n",
            count + 2
        ))
        .await;
        let last = (count + 2).to_string();
        for order in permutations(&(0..count).collect::<Vec<_>>()) {
            let mut case = office.begin().await;
            assert_eq!(open(&case).len(), count);
            for (at, branch) in order.iter().enumerate() {
                assert!(!open(&case).contains(&last.as_str()), "not before the last of {order:?}");
                case = office.done(&case, &(branch + 2).to_string()).await;
                assert_eq!(open(&case).len(), (count - at - 1).max(1));
            }
            assert_eq!(open(&case), [last.as_str()]);
            assert!(case.state.blocks.is_empty(), "what is over is not kept");
            assert_eq!(office.count(&case, "block_joined").await, 1);
            let case = office.done(&case, &last).await;
            assert_eq!(case.state.outcome.as_deref(), Some("completed"));
        }
    }
}

#[tokio::test]
async fn two_people_who_end_the_last_branches_at_once_join_them_once() {
    let office = Office::with(
        "  1:\n    parallel:\n      a: { 2: { role: clerk, activity: A } }\n      \
         b: { 3: { role: boss, activity: B } }\n  4: { role: clerk, activity: Close }\n",
    )
    .await;
    for _ in 0..10 {
        let case = office.begin().await;
        let ask = |task, role| {
            let command = Command::CompleteTask { task, submission: Map::new(), choice: None };
            let (office, case) = (&office, &case);
            async move { office.ask(case, &of(role), command).await.expect("completed") }
        };
        let (one, two) = tokio::join!(ask(1, "clerk"), ask(2, "boss"));
        let last = if one.records.last().map(|it| it.seq) > two.records.last().map(|it| it.seq) {
            one
        } else {
            two
        };
        assert_eq!(open(&last), ["4"]);
        office.holds(&last).await;
        assert_eq!(office.count(&last, "block_joined").await, 1);
    }
}

const NESTED: &str = "
  1:
    parallel:
      outer: { 2: { role: clerk, activity: Alone } }
      deep:
        3:
          parallel:
            left: { 4: { role: clerk, activity: Left } }
            right: { 5: { role: boss, activity: Right } }
        6: { role: clerk, activity: Both sides }
  7: { role: boss, activity: Close }
";

#[tokio::test]
async fn blocks_in_blocks_are_joined_from_the_innermost() {
    let office = Office::with(NESTED).await;
    let case = office.begin().await;
    assert_eq!(open(&case), ["2", "4", "5"]);
    let case = office.done(&case, "4").await;
    let case = office.done(&case, "2").await;
    assert_eq!(open(&case), ["5"]);
    let case = office.done(&case, "5").await;
    assert_eq!(open(&case), ["6"]);
    let case = office.done(&case, "6").await;
    assert_eq!(open(&case), ["7"]);
    assert_eq!(case.state.visits["3"], 1);
    assert_eq!(case.state.visits["1"], 1);
    let case = office.done(&case, "7").await;
    assert_eq!(case.state.status, CaseStatus::Ended);
}

#[tokio::test]
async fn a_case_is_cancelled_with_all_that_is_open() {
    let office = Office::with(NESTED).await;
    let case = office.begin().await;
    let cancel = Command::CancelCase { reason: "The guest left".to_owned() };
    let case = office.ask(&case, &of("boss"), cancel).await.expect("cancelled");
    office.holds(&case).await;
    assert!(case.state.tasks.is_empty() && case.state.blocks.is_empty());
    assert_eq!(office.count(&case, "task_withdrawn").await, 3);
}

#[tokio::test]
async fn the_first_branch_withdraws_the_rest_however_deep() {
    let steps = NESTED.replacen("  7:", "    join: { first: 1, rest: cancel }\n  7:", 1);
    let office = Office::with(&steps).await;
    let case = office.begin().await;
    let case = office.done(&case, "4").await;
    let case = office.done(&case, "2").await;
    assert_eq!(open(&case), ["7"]);
    assert!(case.state.blocks.is_empty());
    assert_eq!(office.count(&case, "task_withdrawn").await, 1);
    assert_eq!(office.count(&case, "block_withdrawn").await, 1);
    let joined = office.journal(&case).await.into_iter().find_map(|record| match record.entry {
        Entry::BlockJoined { withdrawn, .. } => Some(withdrawn),
        _ => None,
    });
    assert_eq!(joined, Some(vec!["deep".to_owned()]));
    // A withdrawn task is nobody's any more.
    let late = Command::CompleteTask { task: 3, submission: Map::new(), choice: None };
    assert_eq!(office.refused(&case, &of("boss"), late).await, Rejection::TaskNotOpen);
}

#[tokio::test]
async fn what_is_not_waited_for_may_be_finished_and_leads_nowhere() {
    let steps = NESTED.replacen("  7:", "    join: { first: 1, rest: ignore }\n  7:", 1);
    let office = Office::with(&steps).await;
    let case = office.begin().await;
    let case = office.done(&case, "2").await;
    assert_eq!(open(&case), ["4", "5", "7"]);
    let case = office.done(&case, "5").await;
    let case = office.done(&case, "4").await;
    assert_eq!(open(&case), ["7", "6"]);
    let finished = office.done(&case, "6").await;
    assert_eq!(open(&finished), ["7"]);
    assert!(finished.state.blocks.is_empty());
    assert_eq!(office.count(&finished, "block_joined").await, 2, "each block once");
    let ended = office.done(&finished, "7").await;
    assert_eq!(ended.state.status, CaseStatus::Ended);
    // The case ends with its main way; what is still open then is withdrawn.
    let case = office.begin().await;
    let case = office.done(&case, "2").await;
    let case = office.done(&case, "7").await;
    assert_eq!(case.state.status, CaseStatus::Ended);
    assert_eq!(office.count(&case, "task_withdrawn").await, 2);
}

#[tokio::test]
async fn a_branch_left_over_inside_a_branch_that_ended_is_withdrawn_with_what_is_around() {
    let office = Office::with(
        "
  1:
    parallel:
      a:
        2:
          parallel:
            b:
              3:
                parallel:
                  c: { 4: { role: clerk, activity: Quick } }
                  d: { 5: { role: clerk, activity: Slow } }
                join: { first: 1, rest: ignore }
            e: { 6: { role: clerk, activity: Beside } }
          join: { first: 1, rest: ignore }
        7: { role: clerk, activity: Then }
      f: { 8: { role: boss, activity: Other } }
    join: { first: 1, rest: cancel }
  9: { role: boss, activity: Close }
",
    )
    .await;
    let case = office.begin().await;
    let case = office.done(&case, "4").await;
    // `b` has ended with 5 left over in it, `e` is left over too.
    assert_eq!(open(&case), ["5", "6", "8", "7"]);
    let case = office.done(&case, "6").await;
    let other = office.done(&case, "8").await;
    assert_eq!(open(&other), ["9"]);
    assert!(other.state.blocks.is_empty());
}

#[tokio::test]
async fn a_branch_may_go_round_and_end_early() {
    let office = Office::with(
        "
  1:
    parallel:
      a:
        2: { role: clerk, activity: Try }
        3: { role: boss, activity: Look, decide: { Again: 2, Fine: join, More: {} } }
        4: { role: clerk, activity: More }
      b: { 5: { role: clerk, activity: Beside } }
",
    )
    .await;
    let case = office.begin().await;
    let case = office.done(&case, "2").await;
    let case = office.chosen(&case, "3", "Again").await;
    assert_eq!(open(&case), ["5", "2"]);
    let case = office.done(&case, "5").await;
    let case = office.done(&case, "2").await;
    let more = office.chosen(&case, "3", "More").await;
    assert_eq!(open(&more), ["4"]);
    let more = office.done(&more, "4").await;
    assert_eq!(more.state.outcome.as_deref(), Some("completed"));
    assert_eq!(more.state.visits["3"], 2);
}

#[tokio::test]
async fn an_end_in_a_branch_ends_the_case() {
    let office = Office::with(
        "
  1:
    parallel:
      a: { 2: { role: clerk, activity: Ask, decide: { Yes: {}, No: { end: refused } } } }
      b: { 3: { role: clerk, activity: Beside } }
  4: { role: boss, activity: Close }
",
    )
    .await;
    let case = office.begin().await;
    let case = office.chosen(&case, "2", "No").await;
    assert_eq!(case.state.outcome.as_deref(), Some("refused"));
    assert!(case.state.tasks.is_empty() && case.state.blocks.is_empty());
    assert_eq!(office.count(&case, "task_withdrawn").await, 1);
}

#[tokio::test]
async fn branches_that_run_by_themselves_are_passed_at_once() {
    let office = Office::with(
        "
  1: { role: clerk, activity: Ask, form: request }
  2:
    parallel:
      a: { 3: { set: { fee: amount * 0.1 } } }
      b: { 4: { set: { until: today } } }
    end: reckoned
",
    )
    .await;
    let case = office.begin().await;
    let case = office.done_with(&case, "1", request("7", "100"), None).await;
    assert_eq!(case.state.outcome.as_deref(), Some("reckoned"));
    assert!(case.state.data.contains_key("fee") && case.state.data.contains_key("until"));
    // The first that ends by itself joins; the other is never asked.
    let office = Office::with(
        "
  1:
    parallel:
      a: { 2: { set: { fee: 1 } } }
      b: { 3: { role: clerk, activity: Work } }
    join: { first: 1, rest: cancel }
  4: { role: boss, activity: Close }
",
    )
    .await;
    let case = office.begin().await;
    office.holds(&case).await;
    assert_eq!(open(&case), ["4"]);
    assert_eq!(office.count(&case, "task_offered").await, 1);
}

#[tokio::test]
async fn of_choose_any_those_begin_whose_condition_holds() {
    let steps = "
  1: { role: clerk, activity: Ask, form: request }
  2:
    choose_any:
      large: { when: amount > 500, 3: { role: boss, activity: Look } }
      named: { when: person.name == 'Rosa Quispe', 4: { role: clerk, activity: Greet } }
      plain: { else: true, 5: { role: clerk, activity: File } }
  6: { role: clerk, activity: Close }
";
    let office = Office::with(steps).await;
    let with = |amount: &str, name: &str| {
        let mut data = request("7", amount);
        Value::put(&mut data, "person.name", Value::text(name));
        data
    };
    for (amount, name, expected) in [
        ("600", "Rosa Quispe", vec!["3", "4"]),
        ("600", "Ana", vec!["3"]),
        ("1", "Rosa Quispe", vec!["4"]),
        ("1", "Ana", vec!["5"]),
    ] {
        let case = office.begin().await;
        let mut case = office.done_with(&case, "1", with(amount, name), None).await;
        assert_eq!(open(&case), expected);
        for step in expected {
            case = office.done(&case, step).await;
        }
        assert_eq!(open(&case), ["6"]);
    }
    // Without an else the case goes straight on.
    let steps =
        steps.replace("      plain: { else: true, 5: { role: clerk, activity: File } }\n", "");
    let office = Office::with(&steps.replace("  6:", "  5:")).await;
    let case = office.begin().await;
    let case = office.done_with(&case, "1", with("1", "Ana"), None).await;
    assert_eq!(open(&case), ["5"]);
    assert_eq!(office.count(&case, "block_joined").await, 1);
}

/// Steps with blocks in them, by a seed: sound by the way they are made.
struct Maker {
    seed: u64,
    number: u32,
}

impl Maker {
    fn dice(&mut self, sides: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.seed >> 33) % sides
    }

    fn level(&mut self, depth: usize, out: &mut String) {
        let indent = "  ".repeat(1 + 3 * depth);
        let first = self.number + 1;
        for at in 0..=self.dice(3) {
            self.number += 1;
            let number = self.number;
            match self.dice(6) {
                0 | 1 if depth < 3 => {
                    out.push_str(&format!("{indent}{number}:\n{indent}  parallel:\n"));
                    let count = 1 + self.dice(3);
                    for branch in 0..count {
                        out.push_str(&format!("{indent}    b{branch}:\n"));
                        self.level(depth + 1, out);
                    }
                    let first = 1 + self.dice(count);
                    match self.dice(3) {
                        0 => {}
                        1 => out.push_str(&format!(
                            "{indent}  join: {{ first: {first}, rest: cancel }}\n"
                        )),
                        _ => out.push_str(&format!(
                            "{indent}  join: {{ first: {first}, rest: ignore }}\n"
                        )),
                    }
                }
                2 if at > 0 => out.push_str(&format!(
                    "{indent}{number}: {{ role: clerk, activity: x, decide: {{ On: {{}}, \
                     Back: {first} }} }}\n"
                )),
                3 if depth > 0 && at > 0 => out.push_str(&format!(
                    "{indent}{number}: {{ role: clerk, activity: x, decide: {{ On: {{}}, \
                     Join: join, Stop: {{ end: stopped }} }} }}\n"
                )),
                4 => out.push_str(&format!("{indent}{number}: {{ set: {{ v{number}: 1 }} }}\n")),
                _ => out.push_str(&format!("{indent}{number}: {{ role: boss, activity: x }}\n")),
            }
        }
    }
}

/// Works a case of these steps by chance to its end.
fn play(seed: u64, library: &Library) -> State {
    let executable = library.executable("office/flow").expect("the procedure");
    let facts = Facts { now: MORNING.parse().expect("an instant"), ..Facts::default() };
    let everybody = Actor {
        id: "all".to_owned(),
        name: "All".to_owned(),
        roles: BTreeSet::from(["clerk".to_owned(), "boss".to_owned()]),
    };
    let mut maker = Maker { seed, number: 0 };
    let mut state = State::default();
    let mut again = State::default();
    let mut command = Command::StartCase { version: 1 };
    for round in 0..400_usize {
        let decision = decide(&executable, state, &everybody, &command, &facts).expect("accepted");
        for entry in &decision.entries {
            tramite::engine::apply(&mut again, facts.now, &everybody.id, entry);
        }
        state = decision.state;
        assert_eq!(again, state, "the entries tell the state");
        let text = serde_json::to_string(&state).expect("writes");
        assert_eq!(serde_json::from_str::<State>(&text).expect("reads"), state);
        if state.status != CaseStatus::Running {
            assert!(state.tasks.is_empty() && state.blocks.is_empty());
            return state;
        }
        assert!(!state.tasks.is_empty(), "an open case waits for somebody");
        let at = maker.dice(state.tasks.len() as u64) as usize;
        let (task, open) = state.tasks.iter().nth(at).expect("a task");
        let choices = executable.step(&open.step).expect("a step").choices();
        // After a while everybody goes on.
        let which = if round > 200 { 0 } else { maker.dice(choices.len().max(1) as u64) as usize };
        command = Command::CompleteTask {
            task: *task,
            submission: Map::new(),
            choice: choices.get(which).map(|choice| choice.label.value.clone()),
        };
    }
    panic!("the case never ends");
}

proptest! {
    #[test]
    fn whatever_the_blocks_a_case_comes_to_its_end(seed in any::<u64>()) {
        let mut maker = Maker { seed, number: 0 };
        let mut steps = String::new();
        maker.level(0, &mut steps);
        let files = Files::from([("office.yaml".to_owned(), text(&steps))]);
        let library = Library::read(&files, &mut Diagnostics::default());
        // What can be run can be drawn, with every arrow.
        let executable = library.executable("office/flow").expect("the procedure");
        let drawing = tramite::diagram::svg(&executable);
        let arrows = drawing.matches("class=\"arrow\"").count();
        prop_assert_eq!(arrows, executable.graph.flows.edge_count());
        for again in 0..4 {
            play(seed ^ again, &library);
        }
        // What is left over of a block may be open twice when the case goes back to it, and what runs
        // by itself may end a case before anybody has begun. Some are too large to be proved.
        let expected = ["written_at_once", "never_reached", "not_proved"];
        let (_, found) = read(&files);
        let codes: BTreeSet<&str> = found
            .iter()
            .map(|finding| finding.code)
            .filter(|code| !code.starts_with("unused_") && !expected.contains(code))
            .collect();
        prop_assert!(codes.is_empty(), "{codes:?} in\n{steps}");
    }
}
