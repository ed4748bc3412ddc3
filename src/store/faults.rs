//! Commits that fail, for tests: before they take effect, or after it and nobody is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::Error;
use super::sql::Begun;

/// Which commits fail. Clones are one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Arc<Plan>);

#[derive(Debug, Default)]
struct Plan {
    /// Of a hundred commits.
    percent: AtomicU32,
    seed: AtomicU64,
    commits: AtomicU32,
    before: AtomicU32,
    after: AtomicU32,
}

impl Faults {
    /// From now on so many of a hundred commits fail, half of them after taking effect.
    pub(crate) fn set(&self, percent: u32) {
        self.0.percent.store(percent, Ordering::SeqCst);
    }

    /// How many commits were asked for.
    pub(crate) fn commits(&self) -> u32 {
        self.0.commits.load(Ordering::SeqCst)
    }

    /// How many failed before and after they took effect.
    pub(crate) fn counts(&self) -> (u32, u32) {
        (self.0.before.load(Ordering::SeqCst), self.0.after.load(Ordering::SeqCst))
    }

    pub(super) async fn commit(&self, transaction: Begun) -> Result<(), Error> {
        self.0.commits.fetch_add(1, Ordering::SeqCst);
        let (percent, at) = (self.0.percent.load(Ordering::SeqCst), self.next() % 200);
        let failed = sqlx::Error::Io(std::io::Error::other("a fault that was ordered"));
        if at < u64::from(percent) {
            self.0.before.fetch_add(1, Ordering::SeqCst);
            drop(transaction);
            return Err(failed.into());
        }
        transaction.commit().await?;
        if at < u64::from(percent) * 2 {
            self.0.after.fetch_add(1, Ordering::SeqCst);
            return Err(failed.into());
        }
        Ok(())
    }

    /// SplitMix64: the same faults in every run.
    fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.0.seed.fetch_add(STEP, Ordering::SeqCst).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
