//! The type of `parameter('set.value', day)`.

use super::{Checker, Type};
use crate::diagnostic::Diagnostic;
use crate::expression::Value;
use crate::expression::ast::{Expr, Part};

impl Checker<'_> {
    /// A parameter has the type that its set says; its name must be written out, so that it is known.
    pub(super) fn parameter(&mut self, part: &Part, args: &[Part]) -> Type {
        let (name, on) = match args {
            [name] => (name, None),
            [name, on] => (name, Some(on)),
            _ => {
                self.report(
                    "type_mismatch",
                    part,
                    "`parameter` takes a name and perhaps a day".to_owned(),
                    format!("{} values here", args.len()),
                );
                return Type::Any;
            }
        };
        if let Some(on) = on {
            self.expect(on, &Type::Date, "a parameter is in force on a day");
        }
        let Expr::Literal(Value::Text(path)) = &name.expr else {
            let kind = self.part(name);
            return self.mismatch(name, "the name must be written out here", &kind);
        };
        if let Some(kind) = self.types.parameters.get(path) {
            return kind.clone();
        }
        let span = self.expression.place(self.text, name);
        self.found.push(
            Diagnostic::new("unknown_parameter", span, format!("there is no parameter `{path}`"))
                .label("no set of `parameters` has it")
                .suggest(path, self.types.parameters.keys().map(String::as_str)),
        );
        Type::Any
    }
}
