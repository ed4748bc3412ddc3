//! Works random cases as people and machines do: through the runtime, on a database.

use jiff::{SignedDuration, Timestamp};
use tramite::engine::{Actor, Command, Entry, Received, Record, State, replay};
use tramite::library::Library;
use tramite::procedure::Executable;
use tramite::runtime::{Clock, Refusal, Runtime};
use tramite::store::{CaseId, Posted, Store};

use super::maker::Dice;
use super::wishes::{Mood, Wish, doer, everybody, next};
use crate::office::MORNING;

/// Commands of one case, at most.
const MOST: usize = 250;

/// After so many only what leads on is wanted.
const PATIENCE: usize = 30;

/// One office with its database, under a clock that is moved by hand.
pub struct Desk {
    runtime: Runtime,
    clock: Clock,
}

impl Desk {
    pub async fn open(store: Store, library: &Library) -> Self {
        let clock = Clock::manual(MORNING.parse().expect("an instant"));
        let runtime = Runtime::start(store, clock.clone()).await.expect("a runtime");
        runtime.publish(library, "office").await.expect("published");
        Self { runtime, clock }
    }

    /// Works one case to its end; its journal. An error says what is wrong.
    pub async fn work(&self, executable: &Executable, seed: u64) -> Result<Vec<Record>, String> {
        let mut dice = Dice::new(seed);
        let (ana, name) = (everybody(0), executable.procedure.id.as_str());
        let begun = self.runtime.start_case(&ana, "office", name, None).await;
        let case = begun.map_err(|refusal| refusal.to_string())?.case;
        let is_silent = dice.once_in(3);
        for count in 0..MOST {
            let state = self.state(&case).await;
            if !state.is_open() {
                break;
            }
            // Nobody else's messages have this key.
            let (id, now) = (seed.to_string(), self.clock.now());
            let mood = Mood { goes_on: count > PATIENCE, is_silent, id, now };
            for wish in next(executable, &state, &mut dice, &mood) {
                let who = doer(executable, &state, &wish, &mut dice);
                if self.grant(&case, &who, wish).await? {
                    break;
                }
            }
            self.runtime.deliver_messages().await.expect("delivered");
        }
        let mut journal = self.runtime.store().journal(&case).await.expect("a journal");
        let state = self.state(&case).await;
        if state.is_open() {
            return Err("not over".to_owned());
        }
        if replay(&journal) != state {
            return Err("the journal tells another state".to_owned());
        }
        journal.iter_mut().for_each(|record| forget_case(&mut record.entry));
        Ok(journal)
    }

    async fn state(&self, case: &CaseId) -> State {
        let row = self.runtime.store().case(case).await.expect("read").expect("a case");
        State::clone(&row.state)
    }

    /// Whether it took effect.
    async fn grant(&self, case: &CaseId, who: &Actor, wish: Wish) -> Result<bool, String> {
        self.pass_time(wish.at).await;
        match wish.command {
            // The clock has seen to it.
            Command::FireTimer { .. } => Ok(true),
            Command::Deliver { received, .. } => {
                self.post(*received).await;
                Ok(true)
            }
            command => match self.runtime.handle(who, case, command, None).await {
                Ok(_) => Ok(true),
                Err(Refusal::Rejected(_)) => Ok(false),
                Err(refusal) => Err(refusal.to_string()),
            },
        }
    }

    async fn pass_time(&self, at: Option<Timestamp>) {
        let Some(at) = at else { return };
        self.clock.advance(self.clock.now().duration_until(at).max(SignedDuration::ZERO));
        self.runtime.fire_timers().await.expect("fired");
    }

    async fn post(&self, received: Received) {
        let keep_until = self.clock.now() + SignedDuration::from_hours(1);
        let sent_by = ("eva".to_owned(), "eva".to_owned());
        let organisation = "office".to_owned();
        let posted = Posted { organisation, received, keep_until, sent_by };
        self.runtime.post(&posted).await.expect("taken in");
    }

    /// What is wrong with the database after all of that.
    pub async fn close(self) -> Vec<String> {
        let ailments = self.runtime.doctor().await.expect("a doctor");
        self.runtime.shutdown().await;
        self.runtime.store().close().await;
        ailments.iter().map(|ailment| format!("{ailment:?}")).collect()
    }
}

/// What cases send is named by their ids, which are never the same.
fn forget_case(entry: &mut Entry) {
    if let Entry::SignalReceived { signal: id, sender, .. }
    | Entry::MessageReceived { message: id, sender, .. } = entry
        && sender == Received::STEP
    {
        *id = id.rsplit('/').next().unwrap_or_default().to_owned();
    }
}
