//! What kind of value an expression gives, found before any case runs on it.
//!
//! `Any` is the type of what is not known (after a mistake that has been reported); it agrees with
//! everything, so that one mistake gives one finding.

mod name;
mod parameter;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Value;
use super::ast::{Binary, Comparison, Expr, Expression, Part};
use crate::diagnostic::{Diagnostic, Diagnostics, Span};

/// The type of a field or an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    Any,
    Text,
    Number,
    Bool,
    Date,
    /// A span of days, from `days(3)` or from date minus date.
    Days,
    /// One of these ids.
    Choice(Arc<Vec<String>>),
    List(Box<Type>),
    Group(Arc<BTreeMap<String, Type>>),
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "anything",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Bool => "a yes or no",
            Self::Date => "a date",
            Self::Days => "a number of days",
            Self::Choice(_) => "one of a choice",
            Self::List(_) => "a list",
            Self::Group(_) => "a group of fields",
        })
    }
}

impl Type {
    /// Whether a value of this type may be compared with, or put in the place of, the other.
    pub fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Text | Self::Choice(_), Self::Text | Self::Choice(_)) => true,
            (Self::Number | Self::Days, Self::Number | Self::Days) => true,
            (Self::List(a), Self::List(b)) => a.agrees(b),
            // Groups are compared by what both have: a table may be filled from a wider one.
            (Self::Group(a), Self::Group(b)) => {
                a.iter().all(|(name, one)| b.get(name).is_none_or(|two| one.agrees(two)))
            }
            (a, b) => a == b,
        }
    }
}

/// Everything that an expression may name where it stands.
#[derive(Debug, Clone, Default)]
pub struct Types {
    pub names: BTreeMap<String, Type>,
    /// What `issued()` and `number_of()` may ask for.
    pub documents: Vec<String>,
    /// What `visits()` may ask for.
    pub steps: Vec<String>,
    /// What `parameter()` may ask for: `set.value`.
    pub parameters: BTreeMap<String, Type>,
}

impl Types {
    /// Adds a field at a dotted path; groups on the way are made.
    pub fn add(&mut self, path: &str, kind: Type) {
        fn insert(map: &mut BTreeMap<String, Type>, path: &str, kind: Type) {
            let Some((group, rest)) = path.split_once('.') else {
                match (map.get_mut(path), kind) {
                    // Two forms may fill parts of one group.
                    (Some(Type::Group(old)), Type::Group(new)) => {
                        let old = Arc::make_mut(old);
                        for (name, kind) in new.iter() {
                            insert(old, name, kind.clone());
                        }
                    }
                    (_, kind) => {
                        map.insert(path.to_owned(), kind);
                    }
                }
                return;
            };
            let entry = map.entry(group.to_owned()).or_insert_with(|| Type::Group(Arc::default()));
            if let Type::Group(inner) = entry {
                insert(Arc::make_mut(inner), rest, kind);
            }
        }
        insert(&mut self.names, path, kind);
    }

    /// These names with a row's columns in front.
    #[must_use]
    pub fn with(&self, columns: impl IntoIterator<Item = (String, Type)>) -> Self {
        let mut inner = self.clone();
        inner.names.extend(columns);
        inner
    }

    /// The type behind a path; `[]` is the element of a list. On failure: how many parts were found.
    pub fn resolve(&self, path: &[String]) -> Result<Type, usize> {
        let mut kind = match path.first() {
            Some(root) => self.names.get(root).cloned().ok_or(0_usize)?,
            None => return Ok(Type::Any),
        };
        for (at, part) in path.iter().enumerate().skip(1) {
            kind = match (&kind, part.as_str()) {
                (Type::Any, _) => return Ok(Type::Any),
                (Type::List(element), "[]") => (**element).clone(),
                (Type::Group(fields), name) => fields.get(name).cloned().ok_or(at)?,
                _ => return Err(at),
            };
        }
        Ok(kind)
    }

    /// The names that may follow `path`, for "did you mean".
    pub fn names_at(&self, path: &[String]) -> Vec<String> {
        if path.is_empty() {
            return self.names.keys().cloned().collect();
        }
        match self.resolve(path) {
            Ok(Type::Group(fields)) => fields.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }
}

impl Expression {
    /// The type of the whole; every mistake is reported. `text` is the whole file's text.
    pub fn check(&self, types: &Types, text: &str, found: &mut Diagnostics) -> Type {
        Checker { expression: self, types, text, found }.part(&self.root)
    }

    /// Like [`Expression::check`], and reported unless the type is the one that is wanted here.
    pub fn check_as(&self, wanted: &Type, types: &Types, text: &str, found: &mut Diagnostics) {
        let mut checker = Checker { expression: self, types, text, found };
        let kind = checker.word(&self.root, wanted);
        if kind.agrees(wanted) {
            checker.option(wanted, &self.root);
        } else {
            found.push(
                Diagnostic::new(
                    "type_mismatch",
                    self.place_of(text, 0, self.source.len()),
                    format!("this must be {wanted}"),
                )
                .label(format!("this is {kind}")),
            );
        }
    }
}

struct Checker<'a> {
    expression: &'a Expression,
    types: &'a Types,
    text: &'a str,
    found: &'a mut Diagnostics,
}

impl Checker<'_> {
    fn report(&mut self, code: &'static str, part: &Part, headline: String, label: String) {
        let span = self.expression.place(self.text, part);
        self.found.push(Diagnostic::new(code, span, headline).label(label));
    }

    /// Where the name of a filter or test stands: behind the value that it is used on.
    fn name_after(&self, of: &Part, part: &Part, name: &str) -> Span {
        let behind = self.expression.source.get(of.end..part.end).unwrap_or_default();
        let start = of.end + behind.find(name).unwrap_or(0);
        self.expression.place_of(self.text, start, start + name.len())
    }

    fn mismatch(&mut self, part: &Part, headline: &str, kind: &Type) -> Type {
        self.report("type_mismatch", part, headline.to_owned(), format!("this is {kind}"));
        Type::Any
    }

    fn part(&mut self, part: &Part) -> Type {
        match &part.expr {
            Expr::Literal(literal) => type_of(literal),
            Expr::Name(name) => self.name(part, name),
            Expr::Attribute(of, name) => self.attribute(part, of, name),
            Expr::Not(of) => {
                self.condition(of);
                Type::Bool
            }
            Expr::Negate(of) => self.expect(of, &Type::Number, "only a number can be negative"),
            Expr::Binary(op, left, right) => self.binary(*op, left, right),
            Expr::Compare(first, rest) => {
                let mut left = first.as_ref();
                for (op, right) in rest {
                    // `0 < fase < 60`: one wrong name between two limits is one mistake.
                    if !self.compare(*op, left, right) {
                        break;
                    }
                    left = right;
                }
                Type::Bool
            }
            Expr::If(test, yes, no) => {
                self.condition(test);
                let kind = self.part(yes);
                let other = no.as_ref().map_or(Type::Any, |no| self.part(no));
                if kind.agrees(&other) {
                    kind
                } else {
                    self.mismatch(part, "both ways must give the same kind of value", &other)
                }
            }
            Expr::Filter(name, of, args) => self.filter(part, name, of, args),
            Expr::Test(name, of) => {
                self.part(of);
                if !matches!(name.as_str(), "defined" | "undefined" | "none") {
                    let span = self.name_after(of, part, name);
                    self.found.push(
                        Diagnostic::new(
                            "unknown_function",
                            span,
                            format!("there is no test `{name}`"),
                        )
                        .label("not known")
                        .suggest(name, ["defined", "undefined", "none"]),
                    );
                }
                Type::Bool
            }
            Expr::Call(name, args) => self.call(part, name, args),
            Expr::List(items) => {
                let kinds: Vec<Type> = items.iter().map(|item| self.part(item)).collect();
                Type::List(Box::new(kinds.into_iter().next().unwrap_or(Type::Any)))
            }
        }
    }

    fn attribute(&mut self, part: &Part, of: &Part, name: &str) -> Type {
        if matches!(&of.expr, Expr::Name(root) if root == "case") && name == "number" {
            return Type::Text;
        }
        match self.part(of) {
            Type::Any => Type::Any,
            Type::Group(fields) => match fields.get(name) {
                Some(kind) => kind.clone(),
                None => {
                    let span = self.expression.place_of(self.text, part.end - name.len(), part.end);
                    self.found.push(
                        Diagnostic::new(
                            "unknown_field",
                            span,
                            format!("there is no field `{name}` here"),
                        )
                        .label("no form fills this in")
                        .suggest(name, fields.keys().map(String::as_str)),
                    );
                    Type::Any
                }
            },
            kind => self.mismatch(of, &format!("`{name}` can't be read from this"), &kind),
        }
    }

    fn condition(&mut self, part: &Part) {
        self.expect(part, &Type::Bool, "a condition must be a yes or no");
    }

    fn expect(&mut self, part: &Part, wanted: &Type, headline: &str) -> Type {
        let kind = self.part(part);
        if kind.agrees(wanted) { kind } else { self.mismatch(part, headline, &kind) }
    }

    fn binary(&mut self, op: Binary, left: &Part, right: &Part) -> Type {
        match op {
            Binary::And | Binary::Or => {
                self.condition(left);
                self.condition(right);
                return Type::Bool;
            }
            Binary::Join => {
                self.part(left);
                self.part(right);
                return Type::Text;
            }
            _ => {}
        }
        let (a, b) = (self.part(left), self.part(right));
        match (op, &a, &b) {
            (_, Type::Any, _) | (_, _, Type::Any) => Type::Any,
            (Binary::Add | Binary::Subtract, Type::Date, Type::Days | Type::Number) => Type::Date,
            (Binary::Subtract, Type::Date, Type::Date) => Type::Days,
            (_, Type::Number | Type::Days, Type::Number | Type::Days) => Type::Number,
            (_, Type::Number | Type::Days | Type::Date, _) => {
                self.mismatch(right, "this can't be reckoned with", &b)
            }
            _ => self.mismatch(left, "this can't be reckoned with", &a),
        }
    }

    /// Whether the two can be compared; reported if not.
    fn compare(&mut self, op: Comparison, left: &Part, right: &Part) -> bool {
        let (a, b) = self.two_sides(left, right);
        if matches!(op, Comparison::In | Comparison::NotIn) {
            match &b {
                Type::List(element) if element.agrees(&a) => {}
                Type::Text | Type::Any if a.agrees(&Type::Text) => {}
                _ => {
                    self.mismatch(right, "`in` needs a list of such values, or a text", &b);
                    return false;
                }
            }
            if let Expr::List(items) = &right.expr {
                for item in items {
                    self.option(&a, item);
                }
            }
            return true;
        }
        if matches!(left.expr, Expr::Literal(Value::Null))
            || matches!(right.expr, Expr::Literal(Value::Null))
        {
            return true;
        }
        if !a.agrees(&b) {
            let headline = format!("{a} is compared with {b}");
            self.mismatch(right, &headline, &b);
            return false;
        }
        let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(a, Type::Bool | Type::List(_) | Type::Group(_)) {
            self.mismatch(left, "these have no order", &a);
        }
        self.option(&a, right);
        self.option(&b, left);
        true
    }

    /// A text that is compared with a choice must be one of its options.
    fn option(&mut self, choice: &Type, part: &Part) {
        let (Type::Choice(options), Expr::Literal(Value::Text(written))) = (choice, &part.expr)
        else {
            return;
        };
        if !options.contains(written) {
            let span = self.expression.place(self.text, part);
            self.found.push(
                Diagnostic::new("unknown_option", span, format!("`{written}` is never chosen"))
                    .label("not one of the options")
                    .suggest(written, options.iter().map(String::as_str)),
            );
        }
    }

    fn filter(&mut self, part: &Part, name: &str, of: &Part, args: &[Part]) -> Type {
        let kind = self.part(of);
        match name {
            "default" => {
                let other = args.first().map_or(Type::Any, |arg| self.part(arg));
                match args.first() {
                    Some(arg) if !kind.agrees(&other) => {
                        self.mismatch(arg, &format!("this stands in for {kind}"), &other)
                    }
                    _ if kind == Type::Any => other,
                    _ => kind,
                }
            }
            "sum" => self.sum(of, &kind, args),
            "length" => {
                if !matches!(kind, Type::Any | Type::List(_) | Type::Text | Type::Choice(_)) {
                    self.mismatch(of, "only lists and texts have a length", &kind);
                }
                Type::Number
            }
            "round" => self.filtered(of, kind, &Type::Number, name),
            "lower" | "upper" => self.filtered(of, kind, &Type::Text, name),
            _ => {
                let span = self.name_after(of, part, name);
                self.unknown_use(span, "filter", name);
                Type::Any
            }
        }
    }

    fn filtered(&mut self, of: &Part, kind: Type, wanted: &Type, name: &str) -> Type {
        if kind.agrees(wanted) {
            return wanted.clone();
        }
        self.mismatch(of, &format!("`{name}` needs {wanted}"), &kind)
    }

    fn sum(&mut self, of: &Part, kind: &Type, args: &[Part]) -> Type {
        let Type::List(element) = kind else {
            if *kind != Type::Any {
                self.mismatch(of, "only the rows of a table can be summed up", kind);
            }
            return Type::Number;
        };
        match (&**element, args.first().map(|arg| (&arg.expr, arg))) {
            (Type::Group(columns), Some((Expr::Literal(Value::Text(column)), arg))) => {
                match columns.get(column) {
                    Some(kind) if kind.agrees(&Type::Number) => {}
                    Some(kind) => {
                        self.mismatch(arg, "only numbers can be summed up", kind);
                    }
                    None => {
                        let span = self.expression.place(self.text, arg);
                        self.found.push(
                            Diagnostic::new(
                                "unknown_field",
                                span,
                                format!("there is no column `{column}`"),
                            )
                            .label("not a column of this table")
                            .suggest(column, columns.keys().map(String::as_str)),
                        );
                    }
                }
            }
            (Type::Group(_), _) => {
                self.mismatch(of, "`sum` needs the name of a column: sum('parcial')", kind);
            }
            _ => {}
        }
        Type::Number
    }

    fn call(&mut self, part: &Part, name: &str, args: &[Part]) -> Type {
        let (known, result) = match name {
            "issued" => (Some(&self.types.documents), Type::Bool),
            "number_of" => (Some(&self.types.documents), Type::Text),
            "visits" => (Some(&self.types.steps), Type::Number),
            "days" => (None, Type::Days),
            "parameter" => return self.parameter(part, args),
            _ => {
                let span = self.expression.place(self.text, part);
                self.unknown_use(span, "function", name);
                return Type::Any;
            }
        };
        let [argument] = args else {
            self.report(
                "type_mismatch",
                part,
                format!("`{name}` takes one value"),
                format!("{} here", args.len()),
            );
            return result;
        };
        match (known, &argument.expr) {
            (None, _) => {
                self.expect(argument, &Type::Number, "`days` needs a number");
            }
            (Some(known), Expr::Literal(written)) => {
                let written = written.to_string();
                if !known.contains(&written) {
                    let code = if name == "visits" { "unknown_step" } else { "unknown_document" };
                    let span = self.expression.place(self.text, argument);
                    self.found.push(
                        Diagnostic::new(code, span, format!("there is no `{written}`"))
                            .label("not known")
                            .suggest(&written, known.iter().map(String::as_str)),
                    );
                }
            }
            (Some(_), _) => {
                let kind = self.part(argument);
                self.mismatch(argument, "the name must be written out here", &kind);
            }
        }
        result
    }
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::Null => Type::Any,
        Value::Bool(_) => Type::Bool,
        Value::Number(_) => Type::Number,
        Value::Text(_) => Type::Text,
        Value::List(items) => Type::List(Box::new(items.first().map_or(Type::Any, type_of))),
        Value::Map(_) => Type::Any,
    }
}
