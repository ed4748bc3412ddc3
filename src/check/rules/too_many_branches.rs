//! `too_many_branches`: more is open at once than the engine lets a case have, whatever the data. Only
//! numbers that are written down are reckoned; of rows it is known when a case comes there.

use rust_decimal::prelude::ToPrimitive;

use crate::check::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::engine::{MAX_ITEMS, MAX_OPEN};
use crate::expression::{Expr, Expression};
use crate::procedure::{Begins, Block, Items, Strand};

pub fn check(subject: &Subject<'_>, found: &mut Diagnostics) {
    // Blocks further in stand further down, and are counted before those around them.
    let steps = &subject.procedure.steps;
    let mut open: Vec<u64> = vec![1; steps.len()];
    for (at, step) in steps.iter().enumerate().rev() {
        let Some(block) = &step.block else { continue };
        if let Some(times) = times(block)
            && number(times).is_some_and(|count| count > u64::from(MAX_ITEMS))
        {
            found.push(told(times, MAX_ITEMS, "so many branches can't begin at once"));
            continue;
        }
        let of_branch =
            |strand: &Strand| strand.steps.clone().map(|place| open[place]).max().unwrap_or(1);
        let branches = block.strands.iter().map(of_branch);
        let count = match &block.begins {
            Begins::All => branches.sum(),
            _ => branches.max().unwrap_or(1) * times(block).and_then(number).unwrap_or(1).max(1),
        };
        if count <= u64::from(MAX_OPEN) {
            open[at] = count;
            continue;
        }
        // Told once; what is around it is not told again of the same.
        found.push(match times(block) {
            Some(times) => told(times, MAX_OPEN, &format!("{count} steps would be open at once")),
            None => Diagnostic::new("too_many_branches", step.id.span, HEADLINE)
                .label(format!("{count} steps would be open at once"))
                .help(help(MAX_OPEN)),
        });
    }
}

const HEADLINE: &str = "more branches would begin than a case can have";

fn told(times: &Expression, most: u32, label: &str) -> Diagnostic {
    Diagnostic::new("too_many_branches", times.span, HEADLINE).label(label).help(help(most))
}

fn help(most: u32) -> String {
    format!("at most {most}: let a step stand for many, or begin a case for each")
}

fn times(block: &Block) -> Option<&Expression> {
    match &block.begins {
        Begins::Each(each) => match &each.of {
            Items::Times(times) => Some(times),
            Items::Rows(_) | Items::Added => None,
        },
        _ => None,
    }
}

/// A number that stands there as it is.
fn number(expression: &Expression) -> Option<u64> {
    match &expression.root.expr {
        Expr::Literal(value) => value.as_number()?.to_u64(),
        _ => None,
    }
}
