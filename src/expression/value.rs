//! The values that fields hold, conditions compare and documents print.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Named values, in the order of their names so that equal data has equal bytes.
pub type Map = BTreeMap<String, Value>;

/// Digits that a stored number may have: as many as JSON carries through any reader unharmed.
pub const MAX_DIGITS: u32 = 15;

/// A value. Dates are texts `2026-11-23`: they sort as they stand and need no tag in JSON; that a text
/// is a date is known from its field's type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Value {
    /// Nothing was filled in.
    #[default]
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    List(Vec<Value>),
    Map(Map),
}

impl Value {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number in its shortest form, so that equal numbers are written equally.
    pub fn number(number: impl Into<Decimal>) -> Self {
        Self::Number(number.into().normalize())
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value behind a dotted path such as `cliente.nombre`.
    pub fn at<'a>(map: &'a Map, path: &str) -> Option<&'a Value> {
        let mut parts = path.split('.');
        let mut value = map.get(parts.next()?)?;
        for part in parts {
            value = value.as_map()?.get(part)?;
        }
        Some(value)
    }

    /// Puts a value at a dotted path, making the groups on the way.
    pub fn put(map: &mut Map, path: &str, value: Value) {
        match path.split_once('.') {
            None => {
                map.insert(path.to_owned(), value);
            }
            Some((group, rest)) => {
                let entry = map.entry(group.to_owned()).or_default();
                if !matches!(entry, Self::Map(_)) {
                    *entry = Self::Map(Map::new());
                }
                if let Self::Map(inner) = entry {
                    Self::put(inner, rest, value);
                }
            }
        }
    }

    /// A number as it can be stored: rounded to `decimals`, or to as many as there is room for. None when
    /// even its whole part is too long.
    pub fn fit(number: Decimal, decimals: Option<u32>) -> Option<Decimal> {
        let whole = number.trunc().abs().to_string().len();
        let room = MAX_DIGITS.saturating_sub(u32::try_from(whole).unwrap_or(u32::MAX));
        let places = decimals.unwrap_or(room).min(room);
        let strategy = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        let rounded = number.round_dp_with_strategy(places, strategy).normalize();
        Self::is_storable(&rounded).then_some(rounded)
    }

    /// Fits in what is stored: at most [`MAX_DIGITS`] digits.
    pub fn is_storable(number: &Decimal) -> bool {
        number.normalize().mantissa().unsigned_abs() < 10_u128.pow(MAX_DIGITS)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::number(value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(value),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if at == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
            Self::Map(map) => {
                for (at, (name, value)) in map.iter().enumerate() {
                    write!(f, "{}{name}: {value}", if at == 0 { "" } else { ", " })?;
                }
                Ok(())
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            // Within MAX_DIGITS both ways are exact: the shortest text of the f64 is the decimal.
            Self::Number(value) => match value.to_i64().filter(|_| value.fract().is_zero()) {
                Some(whole) => serializer.serialize_i64(whole),
                None => serializer.serialize_f64(value.to_f64().unwrap_or_default()),
            },
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.len()))?;
                for (name, value) in map {
                    out.serialize_entry(name, value)?;
                }
                out.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::number(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        // Through the shortest text, so that 0.1 stays 0.1.
        Decimal::from_str(&value.to_string())
            .ok()
            .or_else(|| Decimal::from_f64(value))
            .map(Value::number)
            .ok_or_else(|| E::custom("this number is too large"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::text(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, value)) = entries.next_entry()? {
            map.insert(name, value);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_exactly_up_to_fifteen_digits() {
        for text in ["0.1", "12.5", "9999999999999.99", "-0.000000000000001", "123456789012345"] {
            let value = Value::number(Decimal::from_str(text).expect("a decimal"));
            let json = serde_json::to_string(&value).expect("writes");
            let back: Value = serde_json::from_str(&json).expect("reads");
            assert_eq!(back, value, "{text} went out as {json}");
        }
    }
}
