//! Ledgers: registers whose rows are moved between accounts by double entries.
//!
//! This is the written side: which accounts there are, and what may not happen to them. What has been
//! moved stands in the journals of the cases and in the store.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::organisation::check_id;
use crate::yaml::{Entries, Kind, Node, Spanned, named, pairs, text};

/// Decimals that an amount may have at most; the store counts in millionths.
pub const MAX_DECIMALS: u32 = 6;

/// The largest amount that is moved at once: millions of such movements can be added up.
pub const MAX_AMOUNT: u32 = 1_000_000_000;

/// How the rows of a register are moved.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// In the order of the file.
    pub accounts: Vec<Account>,
    /// What is counted: pieces, metres, bolivianos.
    pub unit: Option<String>,
    /// Decimals of an amount.
    pub decimals: u32,
    /// Roles that may look at it; everybody in the organisation when nobody is named.
    pub seen_by: Vec<Spanned<String>>,
}

/// Where things are, or what has become of them.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: Spanned<String>,
    pub title: String,
    /// No more can be taken than is there.
    pub is_never_negative: bool,
    /// What a case brings here it has to take away again before it ends.
    pub is_in_transit: bool,
}

/// Reads the `ledger` of a register.
pub(super) fn decode(node: &Node, found: &mut Diagnostics) -> Option<Ledger> {
    let mut entries = Entries::open(node, "a ledger", found)?;
    let unit = entries.text("unit", found).map(|unit| unit.value);
    let decimals = entries.count("decimals", found).unwrap_or(0);
    if decimals > MAX_DECIMALS {
        let span = entries.key_span("decimals").unwrap_or(entries.span);
        let headline = format!("at most {MAX_DECIMALS} decimals can be counted");
        found.push(Diagnostic::new("bad_value", span, headline).label("too many"));
    }
    let seen_by = entries.texts("seen_by", found);
    let written = entries.require("accounts", found).map(|node| pairs(node, "accounts", found));
    entries.finish(found);
    let accounts = written.unwrap_or_default();
    let accounts: Vec<Account> =
        accounts.into_iter().filter_map(|(id, node)| account(id, node, found)).collect();
    if accounts.len() == 1 {
        found.push(
            Diagnostic::new("bad_value", accounts[0].id.span, "a ledger needs two accounts")
                .label("from here, nothing can be moved anywhere")
                .help("add where things come from, and what becomes of them"),
        );
    }
    Some(Ledger { accounts, unit, decimals: decimals.min(MAX_DECIMALS), seen_by })
}

/// `deposito: Depósito`, or a table of keys.
fn account(id: Spanned<String>, node: &Node, found: &mut Diagnostics) -> Option<Account> {
    check_id(&id, found);
    named(&id, node, "an account", found);
    if !matches!(node.kind, Kind::Mapping(_)) {
        let title = text(node, "accounts", found)?.value;
        return Some(Account { id, title, is_never_negative: false, is_in_transit: false });
    }
    let mut entries = Entries::open(node, "an account", found)?;
    let title = entries.require_text("title", found).map(|title| title.value);
    let is_never_negative = entries.flag("never_negative", false, found);
    let is_in_transit = entries.flag("in_transit", false, found);
    entries.finish(found);
    let title = title.unwrap_or_else(|| id.value.clone());
    Some(Account { id, title, is_never_negative, is_in_transit })
}

impl Ledger {
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| *account.id == id)
    }

    /// Whether so much can be moved: more than nothing, no more than [`MAX_AMOUNT`], with no more decimals
    /// than are counted.
    pub fn takes(&self, amount: &Decimal) -> bool {
        *amount > Decimal::ZERO
            && *amount <= Decimal::from(MAX_AMOUNT)
            && amount.normalize().scale() <= self.decimals
    }
}

/// An amount in millionths, as the store counts.
pub fn millionths(amount: &Decimal) -> Option<i64> {
    (amount * Decimal::from(1_000_000)).to_i64()
}

/// The amount of so many millionths.
pub fn of_millionths(count: i64) -> Decimal {
    Decimal::new(count, MAX_DECIMALS).normalize()
}
