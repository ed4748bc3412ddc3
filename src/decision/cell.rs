//! One condition in a row of a decision table: `- `, a value, `< 100`, `10..20`, or a list of such.

use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::expression::Value;
use crate::field::{Field, Kind, literal};
use crate::yaml::{Kind as Yaml, Node, ScalarStyle};

/// A condition: it holds when one of its alternatives does, each a list of tests that all must hold.
#[derive(Debug, Clone)]
pub struct Cell {
    pub any_of: Vec<Vec<Atom>>,
    pub span: Span,
}

/// One test of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Atom {
    Is(Value),
    IsNot(Value),
    Below(Value),
    UpTo(Value),
    From(Value),
    Above(Value),
    /// `none`: nothing was filled in.
    Nothing,
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 6] = ["<=", ">=", "!=", "<", ">", "="];

impl Cell {
    /// Holds whatever the value is.
    pub fn any(span: Span) -> Self {
        Self { any_of: vec![Vec::new()], span }
    }

    pub fn is_any(&self) -> bool {
        self.any_of.iter().any(Vec::is_empty)
    }

    pub fn holds(&self, value: &Value) -> bool {
        self.any_of.iter().any(|all_of| all_of.iter().all(|atom| atom.holds(value)))
    }

    /// The values that it compares with.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.any_of.iter().flatten().filter_map(Atom::value)
    }

    /// Reads the cell of an input.
    pub(super) fn decode(
        node: &Node,
        input: &Field,
        sources: &Sources,
        found: &mut Diagnostics,
    ) -> Option<Self> {
        let text = &sources.get(node.span.file).text;
        let mut reader = Reader { input, text, found };
        let any_of = match &node.kind {
            Yaml::Sequence(items) => {
                let read: Vec<_> = items.iter().map(|item| reader.alternative(item)).collect();
                read.into_iter().collect::<Option<Vec<_>>>()?
            }
            _ => vec![reader.alternative(node)?],
        };
        Some(Self { any_of, span: node.span })
    }
}

impl Atom {
    fn value(&self) -> Option<&Value> {
        match self {
            Self::Is(value)
            | Self::IsNot(value)
            | Self::Below(value)
            | Self::UpTo(value)
            | Self::From(value)
            | Self::Above(value) => Some(value),
            Self::Nothing => None,
        }
    }

    /// Numbers by their exact values, dates by their days. Nothing is only ever `none`.
    fn holds(&self, given: &Value) -> bool {
        let order = |than: &Value| match (given, than) {
            (Value::Number(given), Value::Number(than)) => Some(given.cmp(than)),
            (Value::Text(given), Value::Text(than)) => Some(given.cmp(than)),
            _ => None,
        };
        match self {
            Self::Nothing => given.is_null(),
            _ if given.is_null() => false,
            Self::Is(value) => given == value,
            Self::IsNot(value) => given != value,
            Self::Below(than) => order(than).is_some_and(|order| order.is_lt()),
            Self::UpTo(than) => order(than).is_some_and(|order| order.is_le()),
            Self::From(than) => order(than).is_some_and(|order| order.is_ge()),
            Self::Above(than) => order(than).is_some_and(|order| order.is_gt()),
        }
    }
}

struct Reader<'a> {
    input: &'a Field,
    /// The whole file's.
    text: &'a str,
    found: &'a mut Diagnostics,
}

impl Reader<'_> {
    /// One cell that is no list, or one item of a list.
    fn alternative(&mut self, node: &Node) -> Option<Vec<Atom>> {
        let Some(text) = node.text() else {
            self.found.push(crate::yaml::wrong_shape(node, &self.input.name, "one condition"));
            return None;
        };
        let trimmed = text.trim();
        if trimmed == "-" || node.is_null() {
            return Some(Vec::new());
        }
        if trimmed == "none" && self.input.is_optional {
            return Some(vec![Atom::Nothing]);
        }
        let has_signs = trimmed.starts_with("!=") || self.is_ordered();
        if !has_signs {
            return Some(vec![Atom::Is(self.value(node, 0, text.len())?)]);
        }
        let mut atoms = Vec::new();
        let mut at = 0;
        for part in text.split(" and ") {
            atoms.extend(self.part(node, at, part)?);
            at += part.len() + " and ".len();
        }
        Some(atoms)
    }

    fn is_ordered(&self) -> bool {
        matches!(self.input.kind, Kind::Number { .. } | Kind::Date { .. })
    }

    /// `< 100`, `10..20` or a value; `at` is where it begins in the scalar.
    fn part(&mut self, node: &Node, at: usize, part: &str) -> Option<Vec<Atom>> {
        let lead = part.len() - part.trim_start().len();
        let trimmed = part.trim();
        let (at, end) = (at + lead, at + lead + trimmed.len());
        if let Some(sign) = SIGNS.into_iter().find(|sign| trimmed.starts_with(sign)) {
            let value = self.value(node, at + sign.len(), end)?;
            let atom = match sign {
                "<" => Atom::Below(value),
                "<=" => Atom::UpTo(value),
                ">=" => Atom::From(value),
                ">" => Atom::Above(value),
                "!=" => Atom::IsNot(value),
                _ => Atom::Is(value),
            };
            if self.is_ordered() || matches!(sign, "!=" | "=") {
                return Some(vec![atom]);
            }
            self.refuse(node, at, end, &format!("`{}` has no order", *self.input.name));
            return None;
        }
        let Some(dots) = trimmed.find("..").filter(|_| self.is_ordered()) else {
            return Some(vec![Atom::Is(self.value(node, at, end)?)]);
        };
        let (from, until) = (trimmed[..dots].trim(), trimmed[dots + 2..].trim());
        if from.is_empty() && until.is_empty() {
            self.refuse(node, at, end, "this range has no ends");
            return None;
        }
        let mut atoms = Vec::new();
        if !from.is_empty() {
            atoms.push(Atom::From(self.value(node, at, at + dots)?));
        }
        if !until.is_empty() {
            atoms.push(Atom::UpTo(self.value(node, at + dots + 2, end)?));
        }
        Some(atoms)
    }

    /// The value that the bytes of a scalar are, read as the input's field reads values.
    fn value(&mut self, node: &Node, start: usize, end: usize) -> Option<Value> {
        let written = node.text()?.get(start..end)?;
        let lead = written.len() - written.trim_start().len();
        let trimmed = written.trim();
        let from = start + lead;
        let span = node.locate(self.text, from, from + trimmed.len());
        if trimmed.is_empty() {
            self.refuse(node, start, end, "a value is missing here");
            return None;
        }
        let kind = Yaml::Scalar { text: trimmed.to_owned(), style: ScalarStyle::Quoted };
        let value = literal(&Node { kind, span }, &self.input.kind, self.found)?;
        match &value {
            Value::Number(number) if !Value::is_storable(number) => {
                self.refuse(node, start, end, "this number has too many digits");
                None
            }
            _ => Some(value),
        }
    }

    fn refuse(&mut self, node: &Node, start: usize, end: usize, headline: &str) {
        self.found.push(
            Diagnostic::new("bad_value", node.locate(self.text, start, end), headline)
                .label("can't be read")
                .help("write a value, a list of values, `< 100`, `10..20`, or `-` for any"),
        );
    }
}
