//! Reading a column of a row, whichever database it came from.
//!
//! Whatever stands in a database may have been damaged: a value of another kind is an error that
//! names its column, never a panic.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use crate::store::Error;

/// A row of either database.
pub(in crate::store) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What can be read out of a column.
pub(in crate::store) trait Column<'r>: Sized {
    fn read(row: &'r Row, column: &str) -> Result<Self, Error>;
}

macro_rules! as_it_is {
    ($($kind:ty),*) => {
        $(impl<'r> Column<'r> for $kind {
            fn read(row: &'r Row, column: &str) -> Result<Self, Error> {
                use sqlx::Row as _;
                Ok(match row {
                    Row::Sqlite(row) => row.try_get(column)?,
                    Row::Postgres(row) => row.try_get(column)?,
                })
            }
        })*
    };
}

as_it_is!(
    i64,
    Option<i64>,
    &'r str,
    String,
    Option<String>,
    Option<&'r str>,
    bool,
    Uuid,
    &'r [u8],
    Option<&'r [u8]>
);

macro_rules! narrower {
    ($($kind:ty),*) => {
        $(impl<'r> Column<'r> for $kind {
            fn read(row: &'r Row, column: &str) -> Result<Self, Error> {
                let wide = i64::read(row, column)?;
                wide.try_into().map_err(|error| Error::unreadable(column, error))
            }
        }

        impl<'r> Column<'r> for Option<$kind> {
            fn read(row: &'r Row, column: &str) -> Result<Self, Error> {
                let wide = Option::<i64>::read(row, column)?;
                let narrow = wide.map(<$kind>::try_from).transpose();
                narrow.map_err(|error| Error::unreadable(column, error))
            }
        })*
    };
}

narrower!(i16, u32, u64);
