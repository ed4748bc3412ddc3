//! Data made of expressions: what a machine is given.

use crate::diagnostic::{Diagnostics, Sources};
use crate::expression::{Expression, Fault, Map, Scope, Value};
use crate::yaml::{Kind, Node, Spanned, pairs};

/// A value in the making: an expression, or a table or list of them.
#[derive(Debug, Clone)]
pub enum Shape {
    Value(Box<Expression>),
    Map(Vec<(Spanned<String>, Shape)>),
    List(Vec<Shape>),
}

impl Default for Shape {
    fn default() -> Self {
        Self::Map(Vec::new())
    }
}

impl Shape {
    pub fn parse(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            Kind::Scalar { .. } => {
                let value = Expression::parse(node, sources, found)?;
                Some(Self::Value(Box::new(value)))
            }
            Kind::Sequence(items) => {
                let items = items.iter().filter_map(|item| Self::parse(item, sources, found));
                Some(Self::List(items.collect()))
            }
            Kind::Mapping(_) => {
                let parts = pairs(node, "data", found)
                    .into_iter()
                    .filter_map(|(name, node)| Some((name, Self::parse(node, sources, found)?)));
                Some(Self::Map(parts.collect()))
            }
        }
    }

    /// The value as the case's data gives it.
    pub fn evaluate(&self, scope: &dyn Scope) -> Result<Value, Fault> {
        match self {
            Self::Value(value) => value.evaluate(scope),
            Self::Map(parts) => {
                let mut map = Map::new();
                for (name, part) in parts {
                    map.insert(name.value.clone(), part.evaluate(scope)?);
                }
                Ok(Value::Map(map))
            }
            Self::List(items) => {
                let items = items.iter().map(|item| item.evaluate(scope));
                Ok(Value::List(items.collect::<Result<_, _>>()?))
            }
        }
    }

    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            Self::Value(value) => vec![value],
            Self::Map(parts) => parts.iter().flat_map(|(_, part)| part.expressions()).collect(),
            Self::List(items) => items.iter().flat_map(Self::expressions).collect(),
        }
    }
}
