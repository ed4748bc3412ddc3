//! A form as the browser sent it: names and texts, in order.
//!
//! Names of fields are their paths (`cliente.ci`, `materiales.0.cantidad`). What a button says has a
//! name with a colon, which no field can have.

use std::collections::HashMap;

use axum::Form;

use crate::runtime::Key;

/// Which button was pressed: one of the `DO_…`, or `add` and `remove` with a table.
pub(super) const DO: &str = ":do";
/// The label of a decision.
pub(super) const CHOICE: &str = ":choice";
/// The key that makes a command that is sent twice count once.
pub(super) const KEY: &str = ":key";

/// Before the name of a group: the key whose row filled it.
pub(super) const LOOKED: &str = ":looked ";
/// Before the name of a field that was typed when the session ended, on the page that asks to sign in.
pub(super) const RESUME: &str = ":resume ";

pub(super) type Pairs = Form<Vec<(String, String)>>;

/// Names that one form may send: the largest table that a form may have, and then some. A form of a
/// hundred thousand names is an attack on the server's time.
const MAX_PAIRS: usize = 20_000;

/// What was sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pairs: Vec<(String, String)>,
    /// The first place of each name.
    places: HashMap<String, usize>,
}

impl Sent {
    pub(super) fn new(Form(pairs): Pairs) -> Self {
        Self::of(pairs)
    }

    fn of(mut pairs: Vec<(String, String)>) -> Self {
        pairs.truncate(MAX_PAIRS);
        let mut places = HashMap::with_capacity(pairs.len());
        for (at, (name, _)) in pairs.iter().enumerate() {
            places.entry(name.clone()).or_insert(at);
        }
        Self { pairs, places }
    }

    /// The text of a name; the first, if it came twice.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.places.get(name).map(|at| self.pairs[*at].1.as_str())
    }

    /// The same, empty when it didn't come.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Texts that are kept while somebody signs in again: those of fields, not of buttons.
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        let is_kept = |name: &str| !name.starts_with(':') || name.starts_with(LOOKED);
        self.pairs.iter().filter(|(name, _)| is_kept(name)).cloned().collect()
    }

    /// The kept texts, sent with the sign-in.
    pub(super) fn resumed(&self) -> Self {
        let own = |(name, text): &(String, String)| {
            name.strip_prefix(RESUME).map(|name| (name.to_owned(), text.clone()))
        };
        Self::of(self.pairs.iter().filter_map(own).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Numbers of the rows of the table at `path`, in order; they need not be without gaps.
    pub(super) fn rows(&self, path: &str) -> Vec<usize> {
        let number = |name: &str| -> Option<usize> {
            let rest = name.strip_prefix(path)?.strip_prefix('.')?;
            rest.split('.').next()?.parse().ok()
        };
        let mut rows: Vec<usize> = self.pairs.iter().filter_map(|(name, _)| number(name)).collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// The key, if it looks like one of ours.
    pub(super) fn key(&self) -> Option<Key<'_>> {
        self.get(KEY).filter(|key| !key.is_empty() && key.len() <= 64).map(Key::form)
    }
}

/// A key for a form that is about to be shown.
pub(super) fn new_key() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_names() {
        let pairs = ["m.2.a", "m.10.b", "m.2.b", "n.7.a", "m.x.a", "m", "mm.1.a", "m.0"];
        let sent = Sent::of(pairs.iter().map(|name| ((*name).to_owned(), String::new())).collect());
        assert_eq!(sent.rows("m"), [0, 2, 10]);
        assert_eq!(sent.rows("n"), [7]);
        assert_eq!(sent.key(), None);
    }

    #[test]
    fn what_is_kept_comes_back_and_buttons_do_not() {
        let pair = |name: &str| (name.to_owned(), "x".to_owned());
        let sent = Sent::of([":do", ":key", ":looked a", "a.b", "t.0.c"].map(pair).to_vec());
        let kept = sent.kept();
        let again = kept.iter().map(|(name, text)| (format!("{RESUME}{name}"), text.clone()));
        let back = Sent::of(again.chain([pair("login")]).collect()).resumed();
        assert_eq!(back.pairs, [":looked a", "a.b", "t.0.c"].map(pair));
    }
}
