//! The store: every SQL statement of the crate, one file per family of tables. Only here is sqlx
//! named.
//!
//! Reading goes through [`Store`], from anywhere: each read is one statement, has a limit where it
//! can grow, and never waits for a writer. What belongs to a case is written by `runtime` alone,
//! through [`Writing`]: one transaction that holds the journal, the state, the tasks, the
//! documents, the numbers and the registers together, of up to a few dozen commands at once. People and sessions belong to no case, and
//! `web` and `cli` save them through [`Store`].
//!
//! One database of two kinds: SQLite in a file, or PostgreSQL for many servers. Both have the same
//! tables, and the same statements where they agree (`sql`). SQLite has one connection that
//! writes: it lets only one write at a time anyway, and with a single one nobody ever meets
//! "database is locked". PostgreSQL has a few, in as many servers as there are: what two of them
//! want at once is locked in one order, and every case is compared with what was read of it.
//!
//! What lists show is read out of an index: a page costs the same with a thousand cases as with a
//! million (`examples/growth.rs` measures it). A count that is shown is kept, never counted.
//!
//! ```text
//!   cases ─┬─ entries (the journal) ─┬─ documents
//!          ├─ tasks ── open_counts   └─ assigned_numbers ── series
//!          ├─ timers
//!          ├─ subscriptions ── messages, signal_calls
//!          ├─ locks (what one case at a time can have)
//!          ├─ jobs
//!          ├─ notices (mails about tasks)
//!          ├─ movements ── balances (ledgers)
//!          ├─ case_words (searching)
//!          └─ commands (done already)        archived (what is left of a case in a file)
//!   versions ─┬─ bundles
//!             └─ schedules, message_starts (what comes by itself) ── made_reports
//!   records (registers)        people ── person_roles        sessions
//! ```

mod again;
mod archive;
mod backup;
mod cases;
mod chain;
#[cfg(test)]
#[path = "../../tests/it/cluster.rs"]
pub(crate) mod cluster;
mod columns;
mod commands;
mod counts;
mod documents;
mod error;
#[cfg(test)]
mod faults;
mod fill;
mod health;
mod jobs;
mod journal;
mod ledgers;
mod lists;
mod locks;
mod made;
mod measure;
mod messages;
mod notices;
mod open;
mod people;
mod pools;
mod queue;
mod raw;
mod refusals;
mod registers;
mod reports;
mod schedules;
mod search;
mod series;
mod sessions;
mod sql;
mod starters;
mod stuck;
mod subscriptions;
mod tasks;
#[cfg(test)]
pub(crate) mod tests;
mod timers;
mod transaction;
mod versions;
mod words;

pub use archive::Tombstone;
pub use cases::{CaseId, CaseRow};
pub use chain::Hash;
pub use counts::OpenCount;
pub use documents::DocumentRow;
pub use error::Error;
#[doc(hidden)]
pub use fill::{Filling, Template};
pub use jobs::{IncidentRow, JobFilter, JobPlace};
pub use ledgers::{BalanceRow, MovementRow, NumberedMovement};
pub use lists::{CaseFilter, Page};
pub use locks::LockHolder;
pub use made::MadeReport;
pub use messages::{MessageFate, Posted, Taken};
pub(crate) use notices::Notice;
pub use people::Person;
pub use queue::{QueueFilter, QueuePlace, QueueRow};
pub use raw::{Raw, Step};
pub use refusals::{Refused, RefusedFilter, RefusedRow};
pub use schedules::ScheduleKind;
pub use stuck::{StuckFilter, StuckRow, StuckStep};
pub use tasks::TaskPlace;
pub use versions::VersionRow;
pub use words::CasePlace;

pub(crate) use archive::{Closed, Dossier, Fate, Shelf, Slip};
pub(crate) use cases::{Known, Loaded};
pub(crate) use chain::{Head, START, first_break, following, hash_at};
pub(crate) use commands::{Done, Key, Name};
pub(crate) use documents::issued;
pub(crate) use jobs::{CHILD, JobRow, Leased, STOP};
pub(crate) use ledgers::{AccountKey, moved};
pub(crate) use locks::{InLine, in_line};
pub(crate) use messages::{Listener, OnItsWay};
pub(crate) use open::without_password;
pub(crate) use registers::RecordKey;
pub(crate) use reports::{Between, Place, Told, What};
pub(crate) use schedules::ScheduleRow;
pub(crate) use series::{Counter, NumberRow, assigned};
pub(crate) use subscriptions::subscribed;
pub(crate) use tasks::{TaskRow, tasks_after};
pub(crate) use transaction::{Change, Snapshot, Writing};
pub(crate) use versions::Bundle;

use self::pools::Pools;

/// The database. Cheap to clone: all clones share its connections.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    #[cfg(test)]
    pub(crate) faults: faults::Faults,
}

impl Store {
    fn of(pools: Pools) -> Self {
        Self {
            pools,
            #[cfg(test)]
            faults: faults::Faults::default(),
        }
    }
}
