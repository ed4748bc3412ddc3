//! `/api/v1/ledgers`: what stands in the accounts of the ledgers that the caller may see, and every
//! movement that brought it there. Read-only, as on the pages: the steps of procedures move things.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::caller::{Asked, Caller, limit};
use super::problem::Problem;
use crate::expression::Value;
use crate::store::{BalanceRow, CaseId, NumberedMovement};
use crate::web::fail::Fail;
use crate::web::pages::movements::{place, written};

const USUAL: u32 = 50;
const MOST: u32 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Items {
    limit: Option<u32>,
    #[serde(default)]
    after: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Movements {
    #[serde(default)]
    item: String,
    limit: Option<u32>,
    before: Option<String>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    title: String,
    unit: Option<String>,
    accounts: Vec<Account>,
}

#[derive(Serialize)]
struct Account {
    id: String,
    title: String,
    in_transit: bool,
    never_negative: bool,
}

#[derive(Serialize)]
struct Balances {
    items: Vec<Item>,
    /// `after` of the next page; nothing when this is the last.
    next: Option<String>,
}

/// An item with what each account holds of it; nothing stands for an account that never had any.
#[derive(Serialize)]
struct Item {
    item: String,
    balances: std::collections::BTreeMap<String, Value>,
}

#[derive(Serialize)]
struct Moved {
    movements: Vec<Movement>,
    /// `before` of the next page; nothing when this is the last.
    next: Option<String>,
}

#[derive(Serialize)]
struct Movement {
    at: Timestamp,
    amount: Value,
    from: String,
    to: String,
    case: CaseId,
    number: String,
    is_archived: bool,
}

pub(in crate::web) async fn list(Caller(here): Caller) -> Result<Response, Problem> {
    let ledgers = here.ledgers().await?;
    let lines = ledgers.iter().filter_map(|register| {
        let ledger = register.ledger.as_ref()?;
        let account = |account: &crate::register::Account| Account {
            id: account.id.value.clone(),
            title: account.title.clone(),
            in_transit: account.is_in_transit,
            never_negative: account.is_never_negative,
        };
        Some(Line {
            id: register.id.value.clone(),
            title: register.title.clone(),
            unit: ledger.unit.clone(),
            accounts: ledger.accounts.iter().map(account).collect(),
        })
    });
    let lines: Vec<Line> = lines.collect();
    Ok(Json(serde_json::json!({ "ledgers": lines })).into_response())
}

pub(in crate::web) async fn show(
    Caller(here): Caller,
    Path(id): Path<String>,
    Asked(wanted): Asked<Items>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit, USUAL, MOST)?;
    here.ledger(&id).await?;
    let (store, organisation) = (here.app.runtime.store(), &here.person.organisation);
    let rows = store.balances(organisation, &id, &wanted.after, limit).await?;
    let items = rows.chunk_by(|left, right| left.item == right.item);
    let items: Vec<Item> = items.map(item).collect();
    let is_full = items.len() == limit as usize;
    let next = items.last().filter(|_| is_full).map(|item| item.item.clone());
    Ok(Json(Balances { items, next }).into_response())
}

fn item(rows: &[BalanceRow]) -> Item {
    let balances = rows.iter().map(|row| (row.account.clone(), Value::number(row.amount)));
    Item {
        item: rows.first().map(|row| row.item.clone()).unwrap_or_default(),
        balances: balances.collect(),
    }
}

pub(in crate::web) async fn movements(
    Caller(here): Caller,
    Path(id): Path<String>,
    Asked(wanted): Asked<Movements>,
) -> Result<Response, Problem> {
    let limit = limit(wanted.limit, USUAL, MOST)?;
    here.ledger(&id).await?;
    let wrong = || Problem::bad_request("bad-query", "`before` must be the `next` of a page");
    let before = match wanted.before.as_deref().map(place) {
        None => None,
        Some(place) => Some(place.ok_or_else(wrong)?),
    };
    let (store, organisation) = (here.app.runtime.store(), here.person.organisation.as_str());
    let of = (organisation, id.as_str(), wanted.item.as_str());
    let mut rows = store.movements(of, before, limit + 1).await?;
    if rows.is_empty() && before.is_none() {
        return Err(Fail::NotFound.into());
    }
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| has_more).map(|row| written(&row.movement));
    let movements = rows.into_iter().map(movement).collect();
    Ok(Json(Moved { movements, next }).into_response())
}

fn movement(row: NumberedMovement) -> Movement {
    let NumberedMovement { movement, number, is_archived } = row;
    Movement {
        at: movement.moved_at,
        amount: Value::number(movement.amount),
        from: movement.from,
        to: movement.to,
        case: movement.case,
        number,
        is_archived,
    }
}
