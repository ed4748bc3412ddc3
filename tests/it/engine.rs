//! The engine under random people: whatever they ask, a journal replays to its state, a case that is open
//! has a task, and what comes back is an entry or a reason.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use proptest::prelude::*;
use tramite::engine::{
    Actor, BLOCK, BlockStatus, CASE, CaseStatus, Command, Entry, Facts, Record, State, TASK,
    decide, replay,
};
use tramite::expression::{Layer, Map, Value};
use tramite::field::{Field, Samples, sample};
use tramite::procedure::Executable;

use crate::world::{executable, morning};

const PROCEDURES: [&str; 5] = ["registro", "reconexion", "corte", "retiro", "formularios"];

/// One thing that somebody tries.
#[derive(Debug, Clone)]
enum Try {
    Claim {
        role: u8,
    },
    Release {
        role: u8,
    },
    /// With sample data of this seed, or with rubbish; by the n-th choice.
    Complete {
        seed: u64,
        choice: u8,
        is_rubbish: bool,
        is_right_role: bool,
    },
    Cancel {
        role: u8,
        has_reason: bool,
    },
    Wait {
        minutes: u16,
    },
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        2 => (0..9_u8).prop_map(|role| Try::Claim { role }),
        1 => (0..9_u8).prop_map(|role| Try::Release { role }),
        12 => (any::<u64>(), any::<u8>(), prop::bool::weighted(0.1), prop::bool::weighted(0.9))
            .prop_map(|(seed, choice, is_rubbish, is_right_role)| {
                Try::Complete { seed, choice, is_rubbish, is_right_role }
            }),
        1 => (0..200_u8, any::<bool>())
            .prop_map(|(role, has_reason)| Try::Cancel { role, has_reason }),
        2 => (0..600_u16).prop_map(|minutes| Try::Wait { minutes }),
    ];
    prop::collection::vec(one, 1..60)
}

struct Game {
    executable: Executable,
    state: State,
    journal: Vec<Record>,
    facts: Facts,
}

impl Game {
    fn new(name: &str) -> Self {
        let executable = executable(&format!("tupiza/{name}"));
        let mut records = BTreeMap::new();
        for register in executable.registers.iter() {
            for row in &register.rows {
                let key = register.key_of(row).expect("a key");
                records.insert((register.id.value.clone(), key), row.clone());
            }
        }
        let facts = Facts { now: morning(), records, ..Facts::default() };
        Self { executable, state: State::default(), journal: Vec::new(), facts }
    }

    fn roles(&self) -> Vec<String> {
        self.executable.organisation.roles.iter().map(|role| role.id.value.clone()).collect()
    }

    fn actor(&self, role: &str) -> Actor {
        Actor {
            id: role.to_owned(),
            name: role.to_owned(),
            roles: BTreeSet::from([role.to_owned()]),
        }
    }

    /// Asks, and checks what must hold of every answer.
    fn ask(&mut self, actor: &Actor, command: &Command) {
        // Deciding gets a copy, so that a rejection changes nothing here.
        let state = self.state.clone();
        let decision = decide(&self.executable, state, actor, command, &self.facts);
        let Ok(decision) = decision else { return };
        for entry in decision.entries {
            self.count(&entry);
            let seq = u32::try_from(self.journal.len() + 1).expect("few entries");
            self.journal.push(Record {
                seq,
                at: self.facts.now,
                actor: actor.id.clone(),
                actor_name: actor.name.clone(),
                entry,
            });
        }
        self.state = decision.state;
        self.check();
    }

    fn count(&mut self, entry: &Entry) {
        if let Entry::DocumentIssued { series, counter, .. }
        | Entry::NumberAssigned { series, counter, .. }
        | Entry::CaseStarted { series, counter, .. } = entry
        {
            let last = self.facts.last_numbers.insert(series.clone(), *counter);
            if let Some(last) = last {
                assert_eq!(*counter, last + 1, "no gap in {series}");
            }
        }
    }

    fn check(&self) {
        assert_eq!(replay(&self.journal), self.state, "applying gives what deciding said");
        let text = serde_json::to_string(&self.journal).expect("writes");
        let back: Vec<Record> = serde_json::from_str(&text).expect("reads");
        assert_eq!(back, self.journal, "a journal survives being stored");
        assert_eq!(replay(&back), self.state);
        let stored = serde_json::to_string(&self.state).expect("writes");
        let read: State = serde_json::from_str(&stored).expect("reads");
        assert_eq!(read, self.state, "a state survives being stored");
        match self.state.status {
            CaseStatus::Running => assert!(!self.state.tasks.is_empty(), "an open case waits"),
            _ => assert!(self.state.tasks.is_empty(), "a closed case waits for nobody"),
        }
    }

    fn try_it(&mut self, try_it: &Try) {
        let roles = self.roles();
        let role = |number: u8| roles[usize::from(number) % roles.len()].clone();
        let open = self.state.tasks.iter().next().map(|(task, open)| (*task, open.clone()));
        match (try_it, open) {
            (Try::Wait { minutes }, _) => {
                self.facts.now += SignedDuration::from_mins(i64::from(*minutes));
            }
            (Try::Cancel { role: number, has_reason }, _) => {
                let reason = if *has_reason { "ya no lo quiere" } else { " " }.to_owned();
                self.ask(&self.actor(&role(*number)), &Command::CancelCase { reason });
            }
            (_, None) => {}
            (Try::Claim { role: number }, Some((task, _))) => {
                self.ask(&self.actor(&role(*number)), &Command::ClaimTask { task });
            }
            (Try::Release { role: number }, Some((task, _))) => {
                self.ask(&self.actor(&role(*number)), &Command::ReleaseTask { task });
            }
            (Try::Complete { seed, choice, is_rubbish, is_right_role }, Some((task, open))) => {
                let place = self.executable.place(&open.step).expect("a step");
                let submission =
                    if *is_rubbish { rubbish(*seed) } else { self.sample(place, *seed) };
                let choices = self.executable.procedure.steps[place].choices();
                let choice = choices
                    .get(usize::from(*choice) % choices.len().max(1))
                    .map(|choice| choice.label.value.clone());
                let by = if *is_right_role { open.role.clone() } else { role(7) };
                // Whoever claimed it completes it; anybody else is refused.
                self.ask(&self.actor(&by), &Command::CompleteTask { task, submission, choice });
            }
        }
    }

    fn sample(&self, place: usize, seed: u64) -> Map {
        let keys = |register: &str| -> Vec<String> {
            let register = self.executable.register(register).expect("a register");
            register.rows.iter().filter_map(|row| register.key_of(row)).collect()
        };
        let today = self.executable.organisation.calendar.date(self.facts.now);
        let scope = tramite::engine::CaseScope::of(&self.executable, &self.state, today);
        let layer = Layer { own: &self.state.data, outer: &scope };
        let mut samples = Samples { seed, keys: &keys, scope: &layer, currency_decimals: 2 };
        let fields: Vec<&Field> = self.executable.fields(place).iter().collect();
        let mut raw = sample(&fields, &self.state.data, &mut samples);
        if seed.is_multiple_of(3) {
            let viable = Value::Bool(seed.is_multiple_of(2));
            if raw.contains_key("inspeccion") {
                Value::put(&mut raw, "inspeccion.viable", viable);
            }
        }
        raw
    }
}

fn rubbish(seed: u64) -> Map {
    let values = [Value::Null, Value::Bool(true), Value::text("☃"), Value::List(vec![Value::Null])];
    let names = ["cliente", "servicio", "materiales", "medidor", "nada", ""];
    names
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let pick = usize::try_from(seed >> (at * 2)).unwrap_or(0) % values.len();
            ((*name).to_owned(), values[pick].clone())
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn random_people_never_break_a_case(which in 0..PROCEDURES.len(), tries in tries()) {
        let mut game = Game::new(PROCEDURES[which]);
        let ape = game.executable.procedure.starts.by[0].value.clone();
        game.ask(&game.actor(&ape), &Command::StartCase { version: 1 });
        prop_assert_eq!(game.state.status, CaseStatus::Running);
        for try_it in &tries {
            game.try_it(try_it);
        }
    }
}

/// From every state of a life there is a way to where it ends, and nothing leads out of an end.
#[test]
fn lives_end() {
    for end in [CaseStatus::Ended, CaseStatus::Cancelled] {
        assert!(CASE.iter().all(|change| change.from != end));
        assert!(CASE.iter().any(|change| change.to == end));
    }
    assert!(BLOCK.iter().all(|change| change.from != BlockStatus::Withdrawn));
    for change in TASK {
        assert!(change.from.is_open(), "{change:?}");
    }
    assert!(TASK.iter().any(|change| !change.to.is_open()));
}
