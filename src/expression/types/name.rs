//! Names in expressions: what they stand for, and what was meant by one that nothing is called by.

use super::super::ast::{Binary, Expr, Part};
use super::{Checker, Type, Types};
use crate::diagnostic::{Diagnostic, Span, did_you_mean};

const FILTERS: [&str; 6] = ["default", "sum", "length", "round", "lower", "upper"];
const FUNCTIONS: [&str; 5] = ["issued", "number_of", "visits", "days", "parameter"];

impl Types {
    /// The dotted paths of fields with this name: `claim.kind` for `kind`.
    pub fn paths_to(&self, name: &str) -> Vec<String> {
        fn walk(kind: &Type, path: &str, name: &str, paths: &mut Vec<String>) {
            let Type::Group(fields) = kind else { return };
            for (field, kind) in fields.iter() {
                let path = format!("{path}.{field}");
                walk(kind, &path, name, paths);
                if field == name {
                    paths.push(path);
                }
            }
        }
        let mut paths = Vec::new();
        self.names.iter().for_each(|(root, kind)| walk(kind, root, name, &mut paths));
        paths
    }
}

impl Checker<'_> {
    pub(super) fn name(&mut self, part: &Part, name: &str) -> Type {
        match self.known(name) {
            Some(kind) => kind,
            None => {
                self.unknown(part, name, None);
                Type::Any
            }
        }
    }

    fn known(&self, name: &str) -> Option<Type> {
        if name == "today" { Some(Type::Date) } else { self.types.names.get(name).cloned() }
    }

    /// The types of two values that are compared.
    pub(super) fn two_sides(&mut self, left: &Part, right: &Part) -> (Type, Type) {
        let is_word =
            |part: &Part| matches!(&part.expr, Expr::Name(name) if self.known(name).is_none());
        if is_word(left) && !is_word(right) {
            let b = self.part(right);
            return (self.word(left, &b), b);
        }
        let a = self.part(left);
        let b = self.word(right, &a);
        (a, b)
    }

    /// The type of a part beside a value of another type. A word that is no variable and stands where a
    /// text could was most likely meant as one.
    pub(super) fn word(&mut self, part: &Part, beside: &Type) -> Type {
        if let (Expr::List(items), Type::Text | Type::Choice(_)) = (&part.expr, beside) {
            let kinds: Vec<Type> = items.iter().map(|item| self.word(item, beside)).collect();
            return Type::List(Box::new(kinds.into_iter().next().unwrap_or(Type::Any)));
        }
        let written = self.expression.source.get(part.start..part.end).unwrap_or_default();
        let is_word = match &part.expr {
            Expr::Name(name) => self.known(name).is_none(),
            // `gas-leak` without quotes is read as a subtraction.
            Expr::Binary(Binary::Subtract, left, _) => {
                matches!(&left.expr, Expr::Name(name) if self.known(name).is_none())
            }
            _ => false,
        };
        let meant = match beside {
            Type::Choice(options) if is_word => options
                .iter()
                .find(|option| *option == written)
                .map(String::as_str)
                .or_else(|| did_you_mean(written, options.iter().map(String::as_str))),
            Type::Text if matches!(part.expr, Expr::Name(_)) => Some(written),
            _ => None,
        };
        match meant.filter(|_| is_word) {
            Some(meant) => {
                self.unknown(part, written, Some(meant));
                Type::Any
            }
            None => self.part(part),
        }
    }

    /// Reports a name that nothing is called by. `text` is what it would be as a text.
    fn unknown(&mut self, part: &Part, name: &str, text: Option<&str>) {
        let span = self.expression.place(self.text, part);
        let finding =
            Diagnostic::new("unknown_variable", span, format!("there is no variable `{name}`"))
                .label("no form fills this in");
        let names = || self.types.names.keys().map(String::as_str);
        let paths = self.types.paths_to(name);
        // Quotes around a whole value are YAML's own and are gone when the expression is read.
        let is_whole = part.start == 0 && part.end == self.expression.source.trim_end().len();
        let quoted = |text: &str| match is_whole {
            true => format!("`\"'{text}'\"`"),
            false => format!("`'{text}'`"),
        };
        let finding = match text {
            Some(text) if paths.is_empty() && did_you_mean(name, names()).is_none() => {
                finding.help(format!("did you mean the text {}?", quoted(text)))
            }
            Some(text) if name == text && self.is_option(text) => {
                finding.help(format!("did you mean the text {}?", quoted(text)))
            }
            _ if !paths.is_empty() => {
                let paths: Vec<String> =
                    paths.iter().take(3).map(|path| format!("`{path}`")).collect();
                finding.help(format!("did you mean {}?", paths.join(" or ")))
            }
            _ => {
                let finding = finding.suggest(name, names());
                match did_you_mean(name, names()) {
                    Some(_) => finding,
                    None => finding.help(format!("a text stands in quotes: {}", quoted(name))),
                }
            }
        };
        self.found.push(finding);
    }

    /// Whether some choice has this option.
    fn is_option(&self, text: &str) -> bool {
        fn has(kind: &Type, text: &str) -> bool {
            match kind {
                Type::Choice(options) => options.iter().any(|option| option == text),
                Type::Group(fields) => fields.values().any(|kind| has(kind, text)),
                Type::List(row) => has(row, text),
                _ => false,
            }
        }
        self.types.names.values().any(|kind| has(kind, text))
    }

    /// A filter or a function that doesn't exist, or is the other of the two.
    pub(super) fn unknown_use(&mut self, span: Span, kind: &str, name: &str) {
        let finding =
            Diagnostic::new("unknown_function", span, format!("there is no {kind} `{name}`"))
                .label("not known");
        let (known, others): (&[&str], &[&str]) = match kind {
            "filter" => (&FILTERS, &FUNCTIONS),
            _ => (&FUNCTIONS, &FILTERS),
        };
        self.found.push(match (others.contains(&name), kind) {
            (true, "filter") => finding.help(format!("it is a function: write `{name}(…)`")),
            (true, _) => finding.help(format!("it is a filter: write `value | {name}`")),
            _ if matches!(name, "label" | "money" | "date" | "long_date" | "number") => {
                finding.help(format!("`{name}` puts a value into words: in documents and subjects"))
            }
            _ => finding.suggest(name, known.iter().copied()),
        });
    }
}
