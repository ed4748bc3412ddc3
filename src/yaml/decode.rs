//! Reading a table of keys field by field, reporting every mistake and going on.

use std::ops::Deref;

use super::{Kind, Node, ScalarStyle, torn};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};

/// A value that remembers where it was written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spanned<T> {
    pub value: T,
    pub span: Span,
}

impl<T> Spanned<T> {
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

impl<T> Deref for Spanned<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A table that is being read: every key must be asked for, or [`Entries::finish`] reports it.
#[derive(Debug)]
pub struct Entries<'a> {
    entries: &'a [(Node, Node)],
    known: Vec<&'static str>,
    /// Required keys whose absence has been told.
    missing: Vec<&'static str>,
    what: &'static str,
    /// Other words for keys that people know from elsewhere.
    meant: &'static [(&'static str, &'static str)],
    /// The place of the whole table.
    pub span: Span,
}

impl<'a> Entries<'a> {
    /// Opens a table; anything else is reported as not being `what`.
    pub fn open(node: &'a Node, what: &'static str, found: &mut Diagnostics) -> Option<Self> {
        let entries = match &node.kind {
            Kind::Mapping(entries) => entries.as_slice(),
            _ if node.is_null() => &[],
            _ => {
                found.push(wrong_shape(node, what, "a table of keys"));
                return None;
            }
        };
        Some(Self {
            entries,
            known: Vec::new(),
            missing: Vec::new(),
            what,
            meant: &[],
            span: node.span,
        })
    }

    /// The same, knowing what is meant by words that are no keys here: `("deadline", "due")`.
    #[must_use]
    pub fn meaning(self, meant: &'static [(&'static str, &'static str)]) -> Self {
        Self { meant, ..self }
    }

    /// The value of `key`, when it was written and isn't empty.
    pub fn get(&mut self, key: &'static str) -> Option<&'a Node> {
        self.known.push(key);
        let (_, value) = self.entries.iter().find(|(name, _)| name.text() == Some(key))?;
        (!value.is_null()).then_some(value)
    }

    /// Where the key itself stands, for findings about the key.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(name, _)| name.span)
    }

    /// Like [`Entries::get`], and reported when missing.
    pub fn require(&mut self, key: &'static str, found: &mut Diagnostics) -> Option<&'a Node> {
        let value = self.get(key);
        if value.is_none() {
            self.missing.push(key);
            let span = self.key_span(key).unwrap_or_else(|| self.first_place());
            found.push(
                Diagnostic::new("missing_key", span, format!("{} needs `{key}`", self.what))
                    .label(format!("`{key}` is missing")),
            );
        }
        value
    }

    pub fn text(&mut self, key: &'static str, found: &mut Diagnostics) -> Option<Spanned<String>> {
        text(self.get(key)?, key, found)
    }

    pub fn require_text(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Option<Spanned<String>> {
        text(self.require(key, found)?, key, found)
    }

    /// A yes or no; `otherwise` when not written.
    pub fn flag(&mut self, key: &'static str, otherwise: bool, found: &mut Diagnostics) -> bool {
        let Some(node) = self.get(key) else { return otherwise };
        match node.text() {
            Some("true" | "yes") => true,
            Some("false" | "no") => false,
            _ => {
                found.push(wrong_shape(node, key, "`true` or `false`"));
                otherwise
            }
        }
    }

    /// A whole number that is not negative.
    pub fn count(&mut self, key: &'static str, found: &mut Diagnostics) -> Option<u32> {
        let node = self.get(key)?;
        let number = node.text().and_then(|text| text.parse().ok());
        if number.is_none() {
            found.push(wrong_shape(node, key, "a whole number"));
        }
        number
    }

    /// One text or a list of texts.
    pub fn texts(&mut self, key: &'static str, found: &mut Diagnostics) -> Vec<Spanned<String>> {
        self.get(key).map(|node| texts(node, key, found)).unwrap_or_default()
    }

    /// The entries of the table under `key`, in the order of the file.
    pub fn pairs(
        &mut self,
        key: &'static str,
        found: &mut Diagnostics,
    ) -> Vec<(Spanned<String>, &'a Node)> {
        self.get(key).map(|node| pairs(node, key, found)).unwrap_or_default()
    }

    /// The list under `key`.
    pub fn list(&mut self, key: &'static str, found: &mut Diagnostics) -> &'a [Node] {
        match self.get(key).map(|node| (&node.kind, node)) {
            None => &[],
            Some((Kind::Sequence(items), _)) => items,
            Some((_, node)) => {
                found.push(wrong_shape(node, key, "a list"));
                &[]
            }
        }
    }

    /// Reports every key that nobody asked for, and every key without a value.
    pub fn finish(self, found: &mut Diagnostics) {
        #[cfg(test)]
        asked::note(self.what, &self.known);
        for (at, (key, value)) in self.entries.iter().enumerate() {
            let Some(name) = key.text() else { continue };
            if !self.known.contains(&name) {
                let finding = Diagnostic::new(
                    "unknown_key",
                    key.span,
                    format!("{} has no `{name}`", self.what),
                )
                .label("this key is not known here");
                let meant = self.meant.iter().find(|(word, _)| *word == name);
                found.push(match (torn(self.entries, at), meant) {
                    (Some(help), _) => finding.help(help),
                    (None, Some((_, key))) => finding.help(format!("did you mean `{key}`?")),
                    (None, None) => finding.suggest(name, self.known.iter().copied()),
                });
            } else if value.is_null() && !self.missing.contains(&name) {
                found.push(
                    Diagnostic::new("wrong_shape", key.span, format!("`{name}` says nothing"))
                        .label("no value stands behind it")
                        .help("write the value, or take the key out"),
                );
            }
        }
    }

    /// Where to point when something is missing: the first key, not the whole table.
    fn first_place(&self) -> Span {
        self.entries.first().map_or(self.span, |(key, _)| key.span)
    }
}

/// The entries of a table whose keys are names.
pub fn pairs<'a>(
    node: &'a Node,
    what: &str,
    found: &mut Diagnostics,
) -> Vec<(Spanned<String>, &'a Node)> {
    match &node.kind {
        Kind::Mapping(entries) => entries
            .iter()
            .filter_map(|(key, value)| {
                Some((Spanned::new(key.text()?.to_owned(), key.span), value))
            })
            .collect(),
        _ if node.is_null() => Vec::new(),
        _ => {
            found.push(wrong_shape(node, what, "a table of keys"));
            Vec::new()
        }
    }
}

/// Reports a thing that is only its name: in lists and on screens it would be called nothing.
pub fn named(id: &Spanned<String>, node: &Node, what: &str, found: &mut Diagnostics) {
    if node.text().is_some_and(|title| node.is_null() || title.trim().is_empty()) {
        found.push(
            Diagnostic::new("wrong_shape", id.span, format!("`{}` says nothing", id.value))
                .label(format!("{what} needs a title"))
                .help(format!("write it as `{}: A title`", id.value)),
        );
    }
}

/// Like [`wrong_shape`] for a table of keys, with how one is written.
pub fn no_table(node: &Node, what: &str, example: &str) -> Diagnostic {
    wrong_shape(node, what, "a table of keys").help(format!("write it as `{example}`"))
}

/// A scalar as a text.
pub fn text(node: &Node, what: &str, found: &mut Diagnostics) -> Option<Spanned<String>> {
    match &node.kind {
        Kind::Scalar { text, style, .. } => {
            let text = if *style == ScalarStyle::Block { text.trim_end() } else { text };
            Some(Spanned::new(text.to_owned(), node.span))
        }
        _ => {
            found.push(wrong_shape(node, what, "a text"));
            None
        }
    }
}

/// One text or a list of texts.
pub fn texts(node: &Node, what: &str, found: &mut Diagnostics) -> Vec<Spanned<String>> {
    match &node.kind {
        Kind::Sequence(items) => items.iter().filter_map(|item| text(item, what, found)).collect(),
        _ => text(node, what, found).into_iter().collect(),
    }
}

/// The finding for a value of the wrong shape.
pub fn wrong_shape(node: &Node, what: &str, wanted: &str) -> Diagnostic {
    Diagnostic::new("wrong_shape", node.span, format!("`{what}` must be {wanted}"))
        .label(format!("this is {}", node.describe()))
}

/// Which keys the decoders have asked for in which kind of table: the schemas are held against it.
#[cfg(test)]
pub(crate) mod asked {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    type Asked = BTreeMap<&'static str, BTreeSet<&'static str>>;

    thread_local! {
        static ASKED: RefCell<Asked> = const { RefCell::new(BTreeMap::new()) };
    }

    pub(super) fn note(what: &'static str, known: &[&'static str]) {
        ASKED.with_borrow_mut(|asked| asked.entry(what).or_default().extend(known));
    }

    /// By this thread, so far.
    pub fn so_far() -> Asked {
        ASKED.with_borrow(Clone::clone)
    }
}
