//! `moves`: what a step moves between the accounts of a ledger.

use crate::diagnostic::Diagnostics;
use crate::diagnostic::Sources;
use crate::expression::Expression;
use crate::yaml::{Entries, Kind, Node, Spanned, wrong_shape};

/// One movement, or one for each row of a table.
#[derive(Debug, Clone)]
pub struct Move {
    /// The register.
    pub ledger: Spanned<String>,
    /// The variable that names what is moved: a row of the register, or its key.
    pub item: Spanned<String>,
    pub amount: Expression,
    /// Accounts.
    pub from: Spanned<String>,
    pub to: Spanned<String>,
    /// The table whose rows are moved; `item`, `amount` and `when` see its columns first.
    pub each: Option<Spanned<String>>,
    pub when: Option<Expression>,
}

/// One movement or a list of them.
pub(super) fn moves(
    entries: &mut Entries<'_>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<Move> {
    let Some(node) = entries.get("moves") else { return Vec::new() };
    match &node.kind {
        Kind::Sequence(items) => {
            items.iter().filter_map(|node| written(node, sources, found)).collect()
        }
        Kind::Mapping(_) => written(node, sources, found).into_iter().collect(),
        _ => {
            found.push(wrong_shape(node, "moves", "a movement or a list of them"));
            Vec::new()
        }
    }
}

fn written(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Move> {
    let mut entries = Entries::open(node, "a movement", found)?;
    let ledger = entries.require_text("ledger", found);
    let item = entries.require_text("item", found);
    let amount = entries.require("amount", found);
    let amount = amount.and_then(|node| Expression::parse(node, sources, found));
    let from = entries.require_text("from", found);
    let to = entries.require_text("to", found);
    let each = entries.text("each", found);
    let when = entries.get("when").and_then(|node| Expression::parse(node, sources, found));
    entries.finish(found);
    Some(Move { ledger: ledger?, item: item?, amount: amount?, from: from?, to: to?, each, when })
}
