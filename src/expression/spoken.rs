//! Values in a case's subject as people say them: `{{ claim.kind | label('claim.kind') }}`, `{{ total | money }}`.
//!
//! The same filters as in documents. They are no part of conditions, where values are compared and not
//! shown: they stand last in their braces, and whoever fills the line in puts the value into words.

use super::ast::{Expr, Expression, Part};
use super::{Type, Types, Value};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How a value is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spoken {
    /// By its label: the path of the choice field.
    Label(String),
    Money,
    /// With so many decimals.
    Number(u32),
    Date,
    LongDate,
}

impl Spoken {
    /// Takes the filter off an expression that ends with one; none when it ends otherwise. A filter that
    /// is written wrongly stays, and is reported where the expression is checked.
    pub(super) fn take(expression: &mut Expression) -> Option<Self> {
        let Expr::Filter(name, of, args) = &expression.root.expr else { return None };
        let argument = match args.as_slice() {
            [] => None,
            [Part { expr: Expr::Literal(value), .. }] => Some(value),
            _ => return None,
        };
        let spoken = match (name.as_str(), argument) {
            ("label", Some(Value::Text(path))) => Self::Label(path.clone()),
            ("label", None) => Self::Label(of.path()?.join(".")),
            ("money", None) => Self::Money,
            ("number", None) => Self::Number(2),
            ("number", Some(value)) => {
                Self::Number(value.to_string().parse().ok().filter(|places| *places <= 10)?)
            }
            ("date", None) => Self::Date,
            ("long_date", None) => Self::LongDate,
            _ => return None,
        };
        expression.root = (**of).clone();
        Some(spoken)
    }

    /// Reports a value that can't be said so.
    pub(super) fn check(
        &self,
        expression: &Expression,
        (types, text): (&Types, &str),
        found: &mut Diagnostics,
    ) {
        let wanted = match self {
            Self::Label(path) => {
                expression.check(types, text, found);
                let parts: Vec<String> = path.split('.').map(ToOwned::to_owned).collect();
                if !matches!(types.resolve(&parts), Ok(Type::Choice(_) | Type::Any)) {
                    let headline = format!("`{path}` has no labels");
                    found.push(
                        Diagnostic::new("type_mismatch", expression.span, headline)
                            .label("not a field of the type `choice`")
                            .help("name the choice field: `label('claim.kind')`"),
                    );
                }
                return;
            }
            Self::Money | Self::Number(_) => Type::Number,
            Self::Date | Self::LongDate => Type::Date,
        };
        expression.check_as(&wanted, types, text, found);
    }
}
