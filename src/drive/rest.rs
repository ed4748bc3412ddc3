//! What happens to a case when nobody has a task: a machine answers, a list of items is closed, what it
//! waits for comes, time passes.

use jiff::SignedDuration;

use super::{Driver, Error};
use crate::engine::{Actor, BlockStatus, Command};
use crate::procedure::Begins;
use crate::runtime::{Clock, Handled, Refusal};

impl Driver<'_> {
    /// The next of these that can be done. None when the case waits for something else.
    pub(super) async fn rest(&mut self, handled: &Handled) -> Result<Option<Handled>, Error> {
        if let Some(done) = self.answer(handled).await? {
            return Ok(Some(done));
        }
        if let Some(done) = self.close_items(handled).await? {
            return Ok(Some(done));
        }
        // It may have been given what it stood in line for.
        if !handled.state.locks.is_empty()
            && let Some(done) = self.look_again(handled).await?
        {
            return Ok(Some(done));
        }
        // The way that leads on is mostly the one on which somebody answers; silence may be wished for.
        if let Some(done) = self.hear(handled).await? {
            return Ok(Some(done));
        }
        self.pass_time(handled).await
    }

    /// Does the oldest job as a machine would, with sample data: nothing leaves the house while things are
    /// tried out.
    async fn answer(&mut self, handled: &Handled) -> Result<Option<Handled>, Error> {
        let Some((job, open)) = handled.state.jobs.iter().next() else { return Ok(None) };
        let Some(place) = self.executable.place(&open.step) else { return Ok(None) };
        let seen = handled.state.seen_from(open.within.as_ref());
        let turn = self.turn(&seen, place).await?;
        let answer = turn.submission.into_values().next().unwrap_or_default();
        let command = Command::CompleteJob { job: *job, answer };
        let done = self.runtime.handle(&Actor::machine(), &handled.case, command, None).await?;
        self.came_true(&done.records);
        Ok(Some(done))
    }

    /// Says of an open `each` that there are no more items.
    async fn close_items(&mut self, handled: &Handled) -> Result<Option<Handled>, Error> {
        let is_waited_for = |status| status == BlockStatus::Running;
        let open = handled.state.blocks.iter();
        let found = open
            .filter(|(_, block)| block.is_open && is_waited_for(block.status))
            .find_map(|(number, block)| {
                let step = self.executable.step(&block.step)?;
                let Begins::Each(each) = &step.block.as_ref()?.begins else { return None };
                Some((*number, step, each.open.as_ref()?.value.as_str()))
            });
        let Some((block, step, role)) = found else { return Ok(None) };
        let actor = self.actor_for(&handled.state, step, role);
        let command = Command::CloseItems { block };
        Ok(Some(self.runtime.handle(&actor, &handled.case, command, None).await?))
    }

    /// Lets a manual clock go on to the next thing that happens by itself.
    async fn pass_time(&mut self, handled: &Handled) -> Result<Option<Handled>, Error> {
        let clock = self.runtime.clock();
        let Some(next) = handled.state.timers().map(|(_, fires_at)| fires_at).min() else {
            return Ok(None);
        };
        if !matches!(clock, Clock::Manual(_)) {
            return Ok(None);
        }
        clock.advance(clock.now().duration_until(next).max(SignedDuration::ZERO));
        self.runtime.fire_timers().await.map_err(failed)?;
        self.look_again(handled).await
    }

    /// What has happened to the case by itself.
    pub(super) async fn look_again(&mut self, handled: &Handled) -> Result<Option<Handled>, Error> {
        let store = self.runtime.store();
        let Some(row) = store.case(&handled.case).await.map_err(failed)? else { return Ok(None) };
        let mut records = store.journal(&handled.case).await.map_err(failed)?;
        let known = handled.records.last().map_or(0, |record| record.seq);
        records.retain(|record| record.seq > known);
        if records.is_empty() {
            return Ok(None);
        }
        self.came_true(&records);
        Ok(Some(Handled { case: handled.case, records, state: row.state }))
    }
}

fn failed(error: crate::store::Error) -> Refusal {
    Refusal::Failed(error.into())
}
