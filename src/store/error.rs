//! What can go wrong with the database.

/// A failure of the machine, never of a person: logged once where it leaves the program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database {url} can't be opened")]
    Open { url: String, source: sqlx::Error },
    /// A file, or a database, without our tables: making them would make a mistake look like an office
    /// without cases.
    #[error(
        "{url} is not a database of tramite: it has no cases. Is it the right file? `tramite serve` \
         and `tramite people save` make a new one, `tramite restore` one from a backup"
    )]
    NotOurs { url: String },
    #[error("{product} {found} is too old: this needs {wanted}, or a later one")]
    TooOld { product: &'static str, found: String, wanted: &'static str },
    #[error(
        "{url} would not keep what it acknowledged: its {setting} is `{found}`, not `{wanted}`"
    )]
    NotDurable { url: String, setting: &'static str, found: String, wanted: &'static str },
    #[error("the database can't be brought to this release's form")]
    Migration { source: sqlx::migrate::MigrateError },
    /// Something stored does not read back; `doctor` tells more.
    #[error("stored data can't be read: {what}")]
    Damaged { what: String, source: Option<Box<dyn std::error::Error + Send + Sync>> },
    #[error("`{login}` is somebody else's login")]
    LoginTaken { login: String },
    /// The case is not any more as it was read: another server or program wrote in between. What
    /// was decided on what was read is worth nothing; deciding again is worth a try.
    #[error("somebody else wrote into the database: case {case} is no longer as it was read")]
    Conflict { case: String },
    /// Another server's transaction was in the way. Nothing has been done; trying again is right.
    #[error("another server was in the way")]
    Contended { source: sqlx::Error },
    /// What may be there once is there already. On PostgreSQL another server may have put it there a
    /// moment ago (two that give the first number of a series): then trying again is right.
    #[error("something is in the database already that may be there only once")]
    Taken { source: sqlx::Error },
    /// The database has gone away, or is only coming up.
    #[error("the database can't be reached")]
    Away { source: sqlx::Error },
    /// What only one of the two databases can do.
    #[error("{what}")]
    Unsupported { what: &'static str },
    /// The commit failed, and so did looking whether it took effect. The command may be sent again
    /// under its key: it will be done once.
    #[error("the database failed, and it is not known whether the step was done")]
    Unknown,
    /// Another program held the database longer than one waits.
    #[error("the database is busy")]
    Busy { source: sqlx::Error },
    #[error("the database failed")]
    Database { source: sqlx::Error },
}

impl Error {
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Damaged { what: what.into(), source: None }
    }

    /// Something stored in `what` that does not read back.
    pub(super) fn unreadable(
        what: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Damaged { what: what.into(), source: Some(source.into()) }
    }
}

impl Error {
    /// Nothing has been done, and coming again in a moment is right.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. } | Self::Away { .. } | Self::Contended { .. } | Self::Conflict { .. }
        )
    }

    /// Whether it is this constraint that was broken.
    pub(super) fn breaks(&self, constraint: &str) -> bool {
        let Self::Taken { source } = self else { return false };
        // SQLite names the columns instead of the constraint; no statement can break two.
        let error = source.as_database_error();
        error.is_some_and(|error| error.constraint().is_none_or(|broken| broken == constraint))
    }
}

/// SQLITE_BUSY and SQLITE_LOCKED; the upper bytes of a code only tell more.
const BUSY: [u32; 2] = [5, 6];

/// PostgreSQL: a serialization failure, a deadlock, a lock that was not to be had.
const CONTENDED: [&str; 3] = ["40001", "40P01", "55P03"];

/// PostgreSQL: a transaction that stood still too long, connections lost or refused, shutting down, starting up, too many clients.
const AWAY: [&str; 9] =
    ["25P03", "08000", "08003", "08006", "57P01", "57P02", "57P03", "53300", "08P01"];

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        match source {
            sqlx::Error::ColumnDecode { index, source } => Self::unreadable(index, source),
            sqlx::Error::PoolTimedOut => Self::Busy { source },
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::BeginFailed => {
                Self::Away { source }
            }
            sqlx::Error::Database(error) if error.is_unique_violation() => {
                Self::Taken { source: sqlx::Error::Database(error) }
            }
            sqlx::Error::Database(error) => {
                let code = error.code().map(|code| code.into_owned()).unwrap_or_default();
                // SQLSTATE has five letters, SQLite's codes are numbers of up to four digits.
                let sqlite = code.parse::<u32>().ok().filter(|_| code.len() < 5);
                let source = sqlx::Error::Database(error);
                match code.as_str() {
                    _ if sqlite.is_some_and(|code| BUSY.contains(&(code & 0xff))) => {
                        Self::Busy { source }
                    }
                    code if CONTENDED.contains(&code) => Self::Contended { source },
                    code if AWAY.contains(&code) => Self::Away { source },
                    _ => Self::Database { source },
                }
            }
            source => Self::Database { source },
        }
    }
}
