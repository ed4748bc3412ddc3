//! Reading columns into the crate's own types.
//!
//! Whatever stands in the database may have been damaged: nothing here panics, every mistake names
//! its column.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as Unknown, StrDeserializer};
use serde::{Deserialize, Serialize};

use super::sql::{Column, Row};
use super::{CaseId, Error};

/// A text, a whole number, or either of them or nothing.
pub(super) fn get<'r, T: Column<'r>>(row: &'r Row, column: &str) -> Result<T, Error> {
    T::read(row, column)
}

pub(super) fn case_id(row: &Row, column: &str) -> Result<CaseId, Error> {
    get(row, column).map(CaseId)
}

pub(super) fn instant(row: &Row, column: &str) -> Result<Timestamp, Error> {
    let micros = get(row, column)?;
    Timestamp::from_microsecond(micros).map_err(|error| Error::unreadable(column, error))
}

pub(super) fn instant_if_any(row: &Row, column: &str) -> Result<Option<Timestamp>, Error> {
    match get::<Option<i64>>(row, column)? {
        Some(_) => instant(row, column).map(Some),
        None => Ok(None),
    }
}

/// JSON kept as text.
pub(super) fn json<T: DeserializeOwned>(row: &Row, column: &str) -> Result<T, Error> {
    let text: &str = get(row, column)?;
    serde_json::from_str(text).map_err(|error| Error::unreadable(column, error))
}

/// One of the names of an enum, such as a status.
pub(super) fn name<'r, T: Deserialize<'r>>(row: &'r Row, column: &str) -> Result<T, Error> {
    let text: &'r str = get(row, column)?;
    T::deserialize(StrDeserializer::<Unknown>::new(text))
        .map_err(|error| Error::unreadable(column, error))
}

/// A value as JSON, to be kept as text: what was hashed must stay as it was written, to the letter.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::unreadable("a value to be stored", error))
}
