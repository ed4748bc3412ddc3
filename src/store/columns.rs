//! Reading columns into the crate's own types.
//!
//! Whatever stands in the database may have been damaged: nothing here panics, every mistake names
//! its column.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::Error;

/// A text, a whole number, or either of them or nothing.
pub(super) fn get<'r, T>(row: &'r SqliteRow, column: &str) -> Result<T, Error>
where
    T: sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    Ok(row.try_get(column)?)
}

pub(super) fn instant(row: &SqliteRow, column: &str) -> Result<Timestamp, Error> {
    let micros = get(row, column)?;
    Timestamp::from_microsecond(micros).map_err(|error| Error::unreadable(column, error))
}

pub(super) fn instant_if_any(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, Error> {
    match get::<Option<i64>>(row, column)? {
        Some(_) => instant(row, column).map(Some),
        None => Ok(None),
    }
}

/// JSON kept as text.
pub(super) fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, Error> {
    let text: &str = get(row, column)?;
    serde_json::from_str(text).map_err(|error| Error::unreadable(column, error))
}

/// One of the names of an enum, such as a status.
pub(super) fn name<'r, T: Deserialize<'r>>(row: &'r SqliteRow, column: &str) -> Result<T, Error> {
    let text: &'r str = get(row, column)?;
    T::deserialize(StrDeserializer::<Unknown>::new(text))
        .map_err(|error| Error::unreadable(column, error))
}

/// A value as JSON: a column, or the rows of one statement.
///
/// `jsonb_each` takes those apart again: `json_each` would write each row as text for every column that
/// is taken out of it, and read it again.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::unreadable("a value to be stored", error))
}
