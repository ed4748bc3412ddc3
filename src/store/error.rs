//! What can go wrong with the database.

/// A failure of the machine, never of a person: logged once where it leaves the program.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database {url} can't be opened")]
    Open { url: String, source: sqlx::Error },
    #[error("SQLite {found} is too old: before {wanted} it can damage a database while writing")]
    TooOld { found: String, wanted: &'static str },
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
    /// The case is not any more as it was read, though nobody else may write.
    #[error("somebody else wrote into the database: case {case} is no longer as it was read")]
    Conflict { case: String },
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

/// SQLITE_BUSY and SQLITE_LOCKED; the upper bytes of a code only tell more.
const BUSY: [u32; 2] = [5, 6];

impl From<sqlx::Error> for Error {
    fn from(source: sqlx::Error) -> Self {
        match source {
            sqlx::Error::ColumnDecode { index, source } => Self::unreadable(index, source),
            sqlx::Error::PoolTimedOut => Self::Busy { source },
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|code| code.parse::<u32>().ok());
                let is_busy = code.is_some_and(|code| BUSY.contains(&(code & 0xff)));
                let source = sqlx::Error::Database(error);
                if is_busy { Self::Busy { source } } else { Self::Database { source } }
            }
            source => Self::Database { source },
        }
    }
}
