//! `GET /ledgers/{ledger}/item?key=…`: where an item is, and every movement that brought it there, the
//! newest first.

use axum::extract::{Path, Query};
use axum::response::Html;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ledgers::{Amount, amount, name};
use crate::register::Ledger;
use crate::store::{CaseId, MovementRow, NumberedMovement};
use crate::web::fail::Fail;
use crate::web::session::Here;
use crate::web::{routes, view};

/// Movements on a page.
const PAGE: u32 = 50;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    key: String,
    before: Option<String>,
}

#[derive(Serialize)]
struct MovementsPage {
    id: String,
    ledger: String,
    unit: Option<String>,
    key: String,
    name: String,
    balances: Vec<Balance>,
    movements: Vec<Line>,
    next: Option<String>,
}

#[derive(Serialize)]
struct Balance {
    account: String,
    is_in_transit: bool,
    amount: Amount,
}

#[derive(Serialize)]
struct Line {
    when: String,
    from: String,
    to: String,
    amount: String,
    number: String,
    /// None: the case was archived.
    href: Option<String>,
}

pub(in crate::web) async fn show(
    here: Here,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fail> {
    let register = here.ledger(&id).await?;
    let ledger = register.ledger.as_ref().ok_or(Fail::NotFound)?;
    let store = here.app.runtime.store();
    let organisation = here.person.organisation.as_str();
    let before = asked.before.as_deref().and_then(place);
    let name_of = (organisation, id.as_str(), asked.key.as_str());
    let mut rows = store.movements(name_of, before, PAGE + 1).await?;
    let has_more = rows.len() > PAGE as usize;
    rows.truncate(PAGE as usize);
    if rows.is_empty() {
        return Err(Fail::NotFound);
    }
    let next = rows.last().filter(|_| has_more).map(|row| written(&row.movement));
    let movements = rows.into_iter().map(|row| line(&here, ledger, row)).collect();
    let kept = store.balances_of(organisation, &id, [asked.key.as_str()].into()).await?;
    let balances = ledger.accounts.iter().map(|account| {
        let row = kept.iter().find(|row| row.account == *account.id);
        Balance {
            account: account.title.clone(),
            is_in_transit: account.is_in_transit,
            amount: amount(&here, ledger, row.map_or(Decimal::ZERO, |row| row.amount)),
        }
    });
    let page = MovementsPage {
        ledger: register.title.clone(),
        unit: ledger.unit.clone(),
        name: name(&here, &register, &kept).unwrap_or_else(|| asked.key.clone()),
        balances: balances.collect(),
        key: asked.key,
        movements,
        next,
        id,
    };
    view::page(&here, "movements.html", page)
}

fn line(here: &Here, ledger: &Ledger, row: NumberedMovement) -> Line {
    let NumberedMovement { movement, number, is_archived } = row;
    let title = |id: &str| {
        ledger.account(id).map_or_else(|| id.to_owned(), |account| account.title.clone())
    };
    Line {
        when: here.speaker.when(movement.moved_at),
        from: title(&movement.from),
        to: title(&movement.to),
        amount: here.speaker.language.number(&movement.amount, ledger.decimals),
        number,
        href: (!is_archived).then(|| routes::case(&movement.case)),
    }
}

/// Where a page ends, as it stands in an address.
pub(in crate::web) fn written(row: &MovementRow) -> String {
    format!("{}.{}.{}", row.moved_at.as_microsecond(), row.case, row.seq)
}

pub(in crate::web) fn place(text: &str) -> Option<(Timestamp, CaseId, u32)> {
    let mut parts = text.splitn(3, '.');
    let at = Timestamp::from_microsecond(parts.next()?.parse().ok()?).ok()?;
    Some((at, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
