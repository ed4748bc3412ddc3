//! One line of text with expressions in it, such as a case's subject: `{{ cliente.nombre }} · {{ cliente.ci }}`.

use super::spoken::Spoken;
use super::{Expression, Scope, Type, Types, Value};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span};
use crate::yaml::{Kind, Node};

/// A text with holes. What has not been filled in yet shows as nothing: a subject is wanted from the
/// first moment of a case on.
#[derive(Debug, Clone)]
pub struct Line {
    pub pieces: Vec<Piece>,
    /// The whole line in its file.
    pub span: Span,
}

#[derive(Debug, Clone)]
pub enum Piece {
    Text(String),
    Value(Expression),
    /// As people say it; only in a [`Line::spoken`].
    Spoken(Expression, Spoken),
}

impl Line {
    pub fn parse(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Self> {
        let Kind::Scalar { text, .. } = &node.kind else {
            found.push(crate::yaml::wrong_shape(node, "line", "a text"));
            return None;
        };
        let file = &sources.get(node.span.file).text;
        let mut pieces = Vec::new();
        let mut at = 0;
        while let Some(open) = text[at..].find("{{") {
            let start = at + open + 2;
            let Some(length) = text[start..].find("}}") else {
                found.push(
                    Diagnostic::new(
                        "bad_expression",
                        node.locate(file, at + open, text.len()),
                        "this `{{` is never closed",
                    )
                    .label("`}}` is missing"),
                );
                return None;
            };
            pieces.push(Piece::Text(text[at..at + open].to_owned()));
            let hole = &text[start..start + length];
            let lead = hole.len() - hole.trim_start().len();
            let from = start + lead;
            let inner = Node {
                span: node.locate(file, from, from + hole.trim().len()),
                kind: Kind::Scalar {
                    text: hole.trim().to_owned(),
                    style: crate::yaml::ScalarStyle::Plain,
                },
            };
            pieces.push(Piece::Value(Expression::parse(&inner, sources, found)?));
            at = start + length + 2;
        }
        pieces.push(Piece::Text(text[at..].to_owned()));
        Some(Self { pieces, span: node.span })
    }

    /// The same for people's eyes only: its values may be put into words.
    #[must_use]
    pub fn spoken(mut self) -> Self {
        for piece in &mut self.pieces {
            if let Piece::Value(expression) = piece
                && let Some(spoken) = Spoken::take(expression)
            {
                *piece = Piece::Spoken(expression.clone(), spoken);
            }
        }
        self
    }

    /// The text, when the line has no holes.
    pub fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The expressions in the line.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value(expression) | Piece::Spoken(expression, _) => Some(expression),
            Piece::Text(_) => None,
        })
    }

    /// Reports mistakes in the holes; anything but a group or a table may be shown.
    pub fn check(&self, types: &Types, text: &str, found: &mut Diagnostics) {
        for piece in &self.pieces {
            let expression = match piece {
                Piece::Text(_) => continue,
                Piece::Value(expression) => expression,
                Piece::Spoken(expression, spoken) => {
                    spoken.check(expression, (types, text), found);
                    continue;
                }
            };
            let kind = expression.check(types, text, found);
            if matches!(kind, Type::Group(_) | Type::List(_)) {
                found.push(
                    Diagnostic::new("type_mismatch", expression.span, "one value is needed here")
                        .label(format!("this is {kind}")),
                );
            }
        }
    }

    /// The line with its holes filled; white space and separators around empty holes are trimmed.
    pub fn fill(&self, scope: &dyn Scope) -> String {
        self.say(scope, |_, value| value.to_string())
    }

    /// [`Line::fill`], with somebody who puts values into words.
    pub fn say(&self, scope: &dyn Scope, say: impl Fn(&Spoken, &Value) -> String) -> String {
        let mut line = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => line.push_str(text),
                Piece::Value(expression) => match expression.look(scope).as_deref() {
                    Ok(Value::Text(text)) => line.push_str(text),
                    Ok(value) => line.push_str(&value.to_string()),
                    Err(_) => {}
                },
                Piece::Spoken(expression, spoken) => match expression.look(scope).as_deref() {
                    Ok(Value::Null) | Err(_) => {}
                    Ok(value) => line.push_str(&say(spoken, value)),
                },
            }
        }
        let separators = |letter: char| letter.is_whitespace() || "·-–—,;:/".contains(letter);
        match line.trim_matches(separators) {
            trimmed if trimmed.len() == line.len() => line,
            trimmed => trimmed.to_owned(),
        }
    }
}
