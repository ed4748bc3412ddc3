//! The two transactions: one that writes and one that sees everything at one moment.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::chain::Stored;
use super::columns::get;
use super::commands::Key;
use super::sql::{Begun, Dialect, On, Script, query};
use super::{
    CaseId, CaseRow, DocumentRow, Error, Hash, NumberRow, Store, TaskRow, VersionRow, commands,
    journal, versions,
};
use crate::engine::{Record, State};

/// A transaction that writes. Dropped, it changes nothing.
pub(crate) struct Writing {
    transaction: Begun,
    mark: Option<Mark>,
}

/// Something that is in the database if and only if the transaction took effect.
pub(super) enum Mark {
    /// PostgreSQL's own number of the transaction: it is asked what became of it. A server that was killed
    /// gives numbers anew that never reached its disk: what is committed under this one may be another's, and
    /// must have left this trace, too.
    Transaction {
        number: String,
        trace: Option<Box<Self>>,
    },
    Line {
        case: CaseId,
        seq: u32,
        hash: Hash,
    },
    Command {
        actor: String,
        name: String,
    },
    Version(VersionRow),
}

impl Mark {
    async fn is_there(&self, on: &mut On<'_>) -> Result<bool, Error> {
        Ok(match self {
            Self::Transaction { number, trace } => {
                let row = query(WHAT_BECAME).bind(number).fetch_optional(on).await?;
                match row.map(|row| get::<Option<String>>(&row, "status")).transpose()?.flatten() {
                    Some(status) if status == "committed" => match trace {
                        Some(trace) => Box::pin(trace.is_there(on)).await?,
                        None => true,
                    },
                    Some(status) if status == "aborted" => false,
                    // Its connection is lost and it is still at work, or it is too old to tell.
                    _ => return Err(Error::Unknown),
                }
            }
            Self::Line { case, seq, hash } => journal::has(on, case, *seq, *hash).await?,
            Self::Command { actor, name } => commands::has(on, (actor, name)).await?,
            Self::Version(version) => versions::has(on, version).await?,
        })
    }
}

/// What one command does to a case.
pub(crate) struct Change<'a> {
    pub(crate) case: &'a CaseId,
    pub(crate) organisation: &'a str,
    /// None: the case begins.
    pub(crate) before: Option<&'a CaseRow>,
    pub(crate) after: &'a State,
    pub(crate) subject: &'a str,
    /// The new lines of the journal; none: only the key is kept.
    pub(crate) records: &'a [Record],
    /// What is to be done at each task that these lines offer.
    pub(crate) activities: &'a BTreeMap<u32, String>,
    /// The person, and the key under which the command is not done again.
    pub(crate) key: Option<Key<'a>>,
}

/// For how long it is looked what became of a commit.
const LOOKING: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

const OWN_NUMBER: &str = "SELECT pg_current_xact_id()::text AS number";

const WHAT_BECAME: &str = "SELECT pg_xact_status($1::text::xid8) AS status";

impl Store {
    pub(crate) async fn begin(&self) -> Result<Writing, Error> {
        Ok(Writing { transaction: self.begin_writing().await?, mark: None })
    }

    /// On disk when this returns; not done when it fails, except with [`Error::Unknown`].
    ///
    /// A commit may take effect and fail all the same: then its trace is looked for.
    pub(crate) async fn commit(&self, writing: Writing) -> Result<(), Error> {
        let Writing { transaction, mark } = writing;
        let Err(error) = self.try_commit(transaction).await else { return Ok(()) };
        let Some(mark) = mark else { return Err(error) };
        tracing::warn!(%error, "a commit failed; whether it took effect is looked up");
        let end = Instant::now() + LOOKING;
        // A database that has just gone away may be back in a moment, and nobody else can tell.
        let found = loop {
            let Ok(found) = timeout_at(end, self.has(&mark)).await else {
                break Err(Error::Unknown);
            };
            let is_open =
                matches!(found, Err(Error::Away { .. } | Error::Busy { .. } | Error::Unknown));
            if !is_open || Instant::now() >= end {
                break found;
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        };
        match found {
            Ok(true) => Ok(()),
            Ok(false) => Err(error),
            Err(blind) => {
                tracing::error!(%error, %blind, "whether a commit took effect is not known");
                Err(Error::Unknown)
            }
        }
    }

    async fn try_commit(&self, transaction: Begun) -> Result<(), Error> {
        #[cfg(test)]
        return self.faults.commit(transaction).await;
        #[cfg(not(test))]
        transaction.commit().await
    }

    /// Asked on a connection that writes: only there what was left open is sure to be taken back.
    async fn has(&self, mark: &Mark) -> Result<bool, Error> {
        let mut looking = self.begin().await?;
        let found = mark.is_there(&mut looking.on()).await?;
        looking.roll_back().await?;
        Ok(found)
    }

    pub(crate) async fn snapshot(&self) -> Result<Snapshot, Error> {
        Ok(Snapshot { transaction: self.begin_looking().await? })
    }
}

impl Writing {
    pub(crate) async fn roll_back(self) -> Result<(), Error> {
        self.transaction.roll_back().await
    }

    /// Journal, state, tasks, documents, numbers, registers and keys together, of commands to
    /// different cases, in their order. A statement or two for each table, however many changes
    /// there are: every statement is a trip to the connection's thread. The ends of the journals that
    /// went on, in the order of the changes that have lines.
    pub(crate) async fn append(&mut self, changes: &[Change<'_>]) -> Result<Vec<Hash>, Error> {
        let mut written = Vec::with_capacity(changes.len());
        for change in changes.iter().filter(|change| !change.records.is_empty()) {
            written.push((change, journal::lines(change)?));
        }
        if let Some(line) = written.iter().find_map(|(_, lines)| lines.last()) {
            self.mark(Mark::Line { case: *line.case, seq: line.seq, hash: line.hash });
        } else if let Some(Key { name: (actor, name), .. }) =
            changes.iter().find_map(|change| change.key)
        {
            self.mark(Mark::Command { actor: actor.to_owned(), name: name.to_owned() });
        }
        let dialect = self.on().dialect();
        let touched = super::tasks::touched(changes);
        let mut script = Script::default();
        super::cases::write(&mut script, &written)?;
        journal::write(&mut script, &written);
        super::words::write(&mut script, changes);
        let deltas = super::tasks::write(&mut script, &touched);
        super::timers::write(&mut script, changes);
        super::subscriptions::write(&mut script, changes);
        super::messages::write(&mut script, changes)?;
        super::locks::write(&mut script, changes);
        super::jobs::write(&mut script, changes);
        super::notices::write(&mut script, changes);
        super::documents::write(&mut script, changes)?;
        super::series::write(&mut script, changes)?;
        super::registers::write(&mut script, changes)?;
        super::ledgers::write(&mut script, changes)?;
        commands::write(&mut script, changes);
        // Last, because these rows are shared: who has one waits for nothing more.
        super::counts::write(&mut script, dialect, deltas, changes);
        if let Some(number) = script.run(&mut self.on()).await? {
            self.mark_number(number);
        }
        Ok(written.iter().filter_map(|(_, lines)| Some(lines.last()?.hash)).collect())
    }

    /// On PostgreSQL what was committed may be hidden for a while by a commit that is still at work
    /// after its connection broke; the server knows each transaction by a number.
    pub(super) async fn mark_by_number(&mut self) -> Result<(), Error> {
        if self.on().dialect() == Dialect::Postgres
            && let Some(row) = query(OWN_NUMBER).fetch_optional(&mut self.on()).await?
        {
            self.mark_number(get(&row, "number")?);
        }
        Ok(())
    }

    fn mark_number(&mut self, number: String) {
        let trace = self.mark.take().map(Box::new);
        self.mark = Some(Mark::Transaction { number, trace });
    }

    pub(super) fn mark(&mut self, mark: Mark) {
        self.mark = Some(mark);
    }

    pub(super) fn on(&mut self) -> On<'_> {
        self.transaction.on()
    }
}

/// The database at one moment, whatever is written meanwhile. For comparing tables with each other.
pub(crate) struct Snapshot {
    transaction: Begun,
}

impl Snapshot {
    pub(crate) async fn case(&mut self, id: &CaseId) -> Result<Option<CaseRow>, Error> {
        super::cases::case(&mut self.on(), id).await
    }

    pub(crate) async fn journal(&mut self, id: &CaseId) -> Result<Vec<Record>, Error> {
        journal::all(&mut self.on(), id).await
    }

    pub(crate) async fn stored(&mut self, id: &CaseId) -> Result<Vec<Stored>, Error> {
        journal::stored(&mut self.on(), id).await
    }

    pub(crate) async fn tasks(&mut self, id: &CaseId) -> Result<BTreeMap<u32, TaskRow>, Error> {
        super::tasks::all(&mut self.on(), id).await
    }

    pub(crate) async fn documents(&mut self, id: &CaseId) -> Result<Vec<DocumentRow>, Error> {
        super::documents::all(&mut self.on(), id).await
    }

    pub(crate) async fn numbers(&mut self, id: &CaseId) -> Result<Vec<NumberRow>, Error> {
        super::series::of_case(&mut self.on(), id).await
    }

    pub(super) fn on(&mut self) -> On<'_> {
        self.transaction.on()
    }
}
