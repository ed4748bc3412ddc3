//! The ways out of a step as its table says, each with what has no element of its own.

use crate::yaml::plain::{Plain, Table, take};

/// Where a way leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Next,
    Go(String),
    /// The branch ends.
    Join,
    End(String),
}

/// How a step leads on.
#[derive(Debug)]
pub enum Way {
    On(Target),
    Decide(Vec<Line>),
    Choose(Vec<Line>),
}

/// One line of a choice.
#[derive(Debug)]
pub struct Line {
    pub label: Option<String>,
    pub when: Option<String>,
    pub says: Option<String>,
    pub target: Target,
    pub rest: Table,
}

impl Way {
    /// Takes the way out of a step's table.
    pub fn take(step: &mut Table) -> Self {
        let target = target(step);
        match (take(step, "decide"), take(step, "choose")) {
            (Some(Plain::Table(lines)), _) => Self::Decide(
                lines.into_iter().map(|(label, value)| line(Some(label), value)).collect(),
            ),
            (_, Some(Plain::List(lines))) => {
                Self::Choose(lines.into_iter().map(|value| line(None, value)).collect())
            }
            _ => Self::On(target),
        }
    }
}

/// Takes `go` or `end` out of a table.
pub fn target(table: &mut Table) -> Target {
    let text = |value: Option<Plain>| value.and_then(|value| value.as_text().map(str::to_owned));
    match (text(take(table, "go")), text(take(table, "end"))) {
        (Some(step), _) => go(step),
        (None, Some(outcome)) => Target::End(outcome),
        (None, None) => Target::Next,
    }
}

fn go(step: String) -> Target {
    if step == "join" { Target::Join } else { Target::Go(step) }
}

pub fn line(label: Option<String>, value: Plain) -> Line {
    let (mut rest, short) = match value {
        Plain::Table(table) => (table, None),
        // `Sí cumple: 3`
        Plain::Text(text) => (Table::new(), Some(go(text.text))),
        Plain::Null | Plain::List(_) => (Table::new(), None),
    };
    let mut text = |key: &str| take(&mut rest, key).and_then(|v| v.as_text().map(str::to_owned));
    let (named, when, says) = (text("label"), text("when"), text("says"));
    let target = target(&mut rest);
    Line { label: label.or(named), when, says, target: short.unwrap_or(target), rest }
}
