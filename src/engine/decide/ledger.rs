//! Moving things between the accounts of a ledger, by double entries.
//!
//! What is in an account for all cases comes as a fact; what is in transit belongs to each case for
//! itself and stands in its state. A balance that was not loaded counts as unknown, never as nothing.

use rust_decimal::Decimal;

use super::Working;
use super::complete::no_way;
use crate::engine::{Entry, OpenBalance, Rejection};
use crate::expression::{Layer, Map, Value};
use crate::field::record_key;
use crate::procedure::{Move, Step};
use crate::register::{Ledger, Register};

/// Ledger, item and account.
pub type BalanceKey = (String, String, String);

pub(super) fn move_all(
    working: &mut Working<'_>,
    step: &Step,
    moves: &[Move],
) -> Result<(), Rejection> {
    for written in moves {
        let Some(register) = working.executable.register(&written.ledger) else { continue };
        let Some(ledger) = &register.ledger else { continue };
        let data = working.state.data_at(working.here.as_ref()).into_owned();
        let rows = match &written.each {
            None => vec![Map::new()],
            Some(each) => {
                let rows = Value::at(&data, each).and_then(Value::as_list).unwrap_or_default();
                rows.iter().filter_map(|row| row.as_map().cloned()).collect()
            }
        };
        for row in &rows {
            let Some(what) = what(working, step, (written, register), row, &data)? else {
                continue;
            };
            one(working, step, (written, register, ledger), what)?;
        }
    }
    Ok(())
}

/// What is moved: its key, how it is called, and how much of it.
struct What {
    item: String,
    name: String,
    amount: Decimal,
}

/// None: where nothing was filled in, nothing is moved.
fn what(
    working: &Working<'_>,
    step: &Step,
    (written, register): (&Move, &Register),
    row: &Map,
    data: &Map,
) -> Result<Option<What>, Rejection> {
    let outer = working.scope();
    let scope = Layer { own: row, outer: &outer };
    let fault = |fault: crate::expression::Fault| no_way(step, fault.message);
    if let Some(when) = &written.when
        && !when.holds(&scope).map_err(fault)?
    {
        return Ok(None);
    }
    let given = Value::at(row, &written.item).or_else(|| Value::at(data, &written.item));
    let item = given.and_then(|given| record_key(given, &register.key));
    let Some(item) = item.filter(|item| !item.is_empty()) else { return Ok(None) };
    let amount = match written.amount.evaluate(&scope).map_err(fault)? {
        Value::Number(amount) if !amount.is_zero() => amount.normalize(),
        Value::Null | Value::Number(_) => return Ok(None),
        other => return Err(no_way(step, format!("{other} is not an amount"))),
    };
    let called = match (given, &register.shows) {
        (Some(Value::Map(row)), Some(shows)) => shows.fill(&Layer { own: row, outer: &outer }),
        _ => String::new(),
    };
    let name = if called.is_empty() { item.clone() } else { called };
    Ok(Some(What { item, name, amount }))
}

fn one(
    working: &mut Working<'_>,
    step: &Step,
    (written, register, ledger): (&Move, &Register, &Ledger),
    What { item, name, amount }: What,
) -> Result<(), Rejection> {
    if !ledger.takes(&amount) {
        let (amount, decimals) = (amount.to_string(), ledger.decimals);
        return Err(Rejection::BadAmount { name, amount, decimals });
    }
    let Some(from) = ledger.account(&written.from) else { return Ok(()) };
    let key = |account: &str| -> BalanceKey {
        (register.id.value.clone(), item.clone(), account.to_owned())
    };
    let there = if from.is_in_transit {
        Some(working.state.moved_into(&register.id, &item, &from.id))
    } else if from.is_never_negative {
        let key = key(&from.id);
        let Some(there) = working.facts.balances.get(&key) else {
            return Err(no_way(step, format!("how much there is of {name} can't be told here")));
        };
        Some(*there + working.moved.get(&key).copied().unwrap_or_default())
    } else {
        None
    };
    if let Some(there) = there.filter(|there| *there < amount) {
        return Err(Rejection::NotEnough {
            name,
            account: from.title.clone(),
            there: there.to_string(),
            wanted: amount.to_string(),
        });
    }
    for (account, change) in [(&written.from, -amount), (&written.to, amount)] {
        *working.moved.entry(key(account)).or_default() += change;
    }
    working.emit(Entry::Moved {
        step: step.id.value.clone(),
        ledger: register.id.value.clone(),
        item,
        amount: Value::Number(amount),
        from: written.from.value.clone(),
        to: written.to.value.clone(),
    });
    Ok(())
}

/// A case that is over has left nothing in transit.
pub(super) fn settled(working: &Working<'_>) -> Result<(), Rejection> {
    if working.state.is_open() || working.state.moved.is_empty() {
        return Ok(());
    }
    let mut open = Vec::new();
    for (id, items) in &working.state.moved {
        let register = working.executable.register(id);
        let Some(ledger) = register.and_then(|register| register.ledger.as_ref()) else { continue };
        for (item, accounts) in items {
            for (account, amount) in accounts {
                let known = ledger.account(account).filter(|account| account.is_in_transit);
                let amount = amount.as_number().unwrap_or_default();
                if let Some(account) = known.filter(|_| amount > Decimal::ZERO) {
                    open.push(OpenBalance {
                        item: item.clone(),
                        account: account.title.clone(),
                        amount: amount.to_string(),
                    });
                }
            }
        }
    }
    if open.is_empty() { Ok(()) } else { Err(Rejection::StillOpen { open }) }
}
