//! YAML as plain values, without places: what is made by a program and then written.
//!
//! Reading files goes through [`Node`], which knows where everything stands; nothing that reports
//! mistakes should use this. Tables keep their order.

use super::{Kind, Node, ScalarStyle};

/// A value to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// Nothing behind a key.
    Null,
    Text(Text),
    List(Vec<Plain>),
    Table(Table),
}

/// A scalar. The field that reads it knows its type; for everybody else quotes tell a text from a
/// number, so that they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub text: String,
    pub is_quoted: bool,
}

/// Keys with their values, in order.
pub type Table = Vec<(String, Plain)>;

impl Plain {
    /// The same value without its places.
    pub fn of(node: &Node) -> Self {
        match &node.kind {
            _ if node.is_null() => Self::Null,
            Kind::Scalar { text, style } => {
                // What `yaml::text` reads: the line break that ends a block is no part of the text.
                let text = if *style == ScalarStyle::Block { text.trim_end() } else { text };
                let is_quoted = *style != ScalarStyle::Plain;
                Self::Text(Text { text: text.to_owned(), is_quoted })
            }
            Kind::Sequence(items) => Self::List(items.iter().map(Self::of).collect()),
            Kind::Mapping(entries) => Self::Table(
                entries
                    .iter()
                    .filter_map(|(key, value)| Some((key.text()?.to_owned(), Self::of(value))))
                    .collect(),
            ),
        }
    }

    /// A text of an author: in quotes where it looks like a number.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(Text { text: text.into(), is_quoted: true })
    }

    /// A word of the language, a number or a condition: never in quotes that it doesn't need.
    pub fn word(text: impl Into<String>) -> Self {
        Self::Text(Text { text: text.into(), is_quoted: false })
    }

    /// A list of texts of an author.
    pub fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// The text of a scalar.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(&text.text),
            _ => None,
        }
    }

    pub fn as_table(&self) -> Option<&Table> {
        match self {
            Self::Table(table) => Some(table),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Plain]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }
}

/// The value of a key.
pub fn get<'a>(table: &'a Table, key: &str) -> Option<&'a Plain> {
    table.iter().find(|(name, _)| name == key).map(|(_, value)| value)
}

/// Takes a key out of a table.
pub fn take(table: &mut Table, key: &str) -> Option<Plain> {
    let at = table.iter().position(|(name, _)| name == key)?;
    Some(table.remove(at).1)
}
