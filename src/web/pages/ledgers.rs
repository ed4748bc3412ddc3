//! `GET /ledgers` and `/ledgers/{ledger}`: what stands in the accounts of each ledger. Read-only: things
//! are moved by the steps of procedures and by nothing else.

use axum::extract::{Path, Query};
use axum::response::Html;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::register::{Ledger, Register};
use crate::store::BalanceRow;
use crate::web::fail::Fail;
use crate::web::session::Here;
use crate::web::value::row_name;
use crate::web::view;

/// Items on a page.
const PAGE: u32 = 50;
/// Rows of the register among which words are looked for.
const FOUND: u32 = 50;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    #[serde(default)]
    search: String,
    #[serde(default)]
    after: String,
}

#[derive(Serialize)]
struct LedgersPage {
    ledgers: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    href: String,
    title: String,
    accounts: Vec<String>,
}

#[derive(Serialize)]
struct LedgerPage {
    id: String,
    title: String,
    unit: Option<String>,
    search: String,
    accounts: Vec<Head>,
    items: Vec<Item>,
    next: Option<String>,
    is_filtered: bool,
}

#[derive(Serialize)]
struct Head {
    title: String,
    is_in_transit: bool,
}

#[derive(Serialize)]
struct Item {
    href: String,
    key: String,
    /// As the register calls it.
    name: String,
    amounts: Vec<Amount>,
}

#[derive(Serialize)]
pub(in crate::web) struct Amount {
    pub(in crate::web) text: String,
    pub(in crate::web) is_zero: bool,
    pub(in crate::web) is_negative: bool,
}

impl Here {
    /// The ledgers that the person may see, as the newest files have them.
    pub(in crate::web) async fn ledgers(&self) -> Result<Vec<Register>, Fail> {
        let house = self.app.house(&self.person.organisation).await?;
        Ok(house.map(|house| house.ledgers(&self.actor).cloned().collect()).unwrap_or_default())
    }

    /// One of them; one that they may not see isn't there.
    pub(in crate::web) async fn ledger(&self, id: &str) -> Result<Register, Fail> {
        let mut all = self.ledgers().await?.into_iter();
        all.find(|register| *register.id == id).ok_or(Fail::NotFound)
    }
}

pub(in crate::web) async fn show(here: Here) -> Result<Html<String>, Fail> {
    let ledgers = here.ledgers().await?;
    if ledgers.is_empty() {
        return Err(Fail::NotFound);
    }
    let line = |register: &Register| Line {
        href: format!("/ledgers/{}", register.id.value),
        title: register.title.clone(),
        accounts: titles(register),
    };
    view::page(&here, "ledgers.html", LedgersPage { ledgers: ledgers.iter().map(line).collect() })
}

fn titles(register: &Register) -> Vec<String> {
    let accounts = register.ledger.iter().flat_map(|ledger| &ledger.accounts);
    accounts.map(|account| account.title.clone()).collect()
}

/// `GET /ledgers/{ledger}`.
pub(in crate::web) async fn one(
    here: Here,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fail> {
    let register = here.ledger(&id).await?;
    let ledger = register.ledger.as_ref().ok_or(Fail::NotFound)?;
    let search = asked.search.trim();
    let store = here.app.runtime.store();
    let organisation = &here.person.organisation;
    let rows = if search.is_empty() {
        store.balances(organisation, &id, &asked.after, PAGE).await?
    } else {
        let found = store.records(organisation, &id, search, FOUND).await?;
        let keys = found.iter().map(|(key, _)| key.as_str()).chain([search]);
        store.balances_of(organisation, &id, keys.collect()).await?
    };
    let items = rows.chunk_by(|left, right| left.item == right.item);
    let items: Vec<Item> = items.map(|balances| item(&here, &register, ledger, balances)).collect();
    let is_full = items.len() == PAGE as usize && search.is_empty();
    let page = LedgerPage {
        title: register.title.clone(),
        unit: ledger.unit.clone(),
        search: search.to_owned(),
        accounts: ledger
            .accounts
            .iter()
            .map(|account| Head {
                title: account.title.clone(),
                is_in_transit: account.is_in_transit,
            })
            .collect(),
        next: items.last().filter(|_| is_full).map(|item| item.key.clone()),
        is_filtered: !search.is_empty() || !asked.after.is_empty(),
        items,
        id,
    };
    view::page(&here, "ledger.html", page)
}

fn item(here: &Here, register: &Register, ledger: &Ledger, balances: &[BalanceRow]) -> Item {
    let key = balances.first().map(|row| row.item.clone()).unwrap_or_default();
    let amounts = ledger.accounts.iter().map(|account| {
        let row = balances.iter().find(|row| row.account == *account.id);
        amount(here, ledger, row.map_or(Decimal::ZERO, |row| row.amount))
    });
    Item {
        href: address(&register.id, &key),
        amounts: amounts.collect(),
        name: name(here, register, balances).unwrap_or_else(|| key.clone()),
        key,
    }
}

/// How the register calls its row; none when there is no such row.
pub(in crate::web) fn name(
    here: &Here,
    register: &Register,
    balances: &[BalanceRow],
) -> Option<String> {
    let row = balances.iter().find_map(|balance| balance.row.clone())?;
    Some(row_name(register, &register.complete(row), &here.speaker))
}

pub(in crate::web) fn amount(here: &Here, ledger: &Ledger, amount: Decimal) -> Amount {
    Amount {
        text: here.speaker.language.number(&amount, ledger.decimals),
        is_zero: amount.is_zero(),
        is_negative: amount < Decimal::ZERO,
    }
}

/// The page of an item's movements.
fn address(ledger: &str, item: &str) -> String {
    let item: String = item
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => {
                (byte as char).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    format!("/ledgers/{ledger}/item?key={item}")
}
