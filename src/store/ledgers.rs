//! Ledgers: every movement that a case made, and what stands in each account now.
//!
//! Movements are only ever added, and outlive their archived cases. A balance is the sum of its movements,
//! kept so that nobody has to add them up; the doctor does. Amounts are whole millionths: both databases
//! add these exactly.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::columns::{case_id, get, instant, json};
use super::sql::{Dialect, Kind, Row, Rows, Script, query};
use super::{CaseId, Change, Error, Snapshot, Store, Writing};
use crate::engine::{Entry, Record};
use crate::expression::Map;
use crate::register::{millionths, of_millionths};

/// Organisation, ledger, item and account.
pub(crate) type AccountKey = (String, String, String, String);

/// One movement, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementRow {
    pub case: CaseId,
    pub seq: u32,
    pub ledger: String,
    pub item: String,
    pub from: String,
    pub to: String,
    pub amount: Decimal,
    pub moved_at: Timestamp,
}

/// What an account holds of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceRow {
    pub item: String,
    pub account: String,
    pub amount: Decimal,
    /// The item's row in the register, if there is one.
    pub row: Option<Map>,
}

/// A movement with the number of its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedMovement {
    pub movement: MovementRow,
    pub number: String,
    pub is_archived: bool,
}

const KEY: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("ledger", Kind::Text),
    ("item", Kind::Text),
    ("account", Kind::Text),
];

// Who draws on a stock must not be overtaken between looking and taking. A balance that is not there yet
// can't be locked, so its name is, in one order everywhere.
const LOCK: &str = "\
SELECT pg_advisory_xact_lock(wanted.name)
  FROM (SELECT DISTINCT hashtextextended(
                 concat_ws('/', 'ledger', v.organisation, v.ledger, v.item, v.account), 0) AS name
          FROM {rows} ORDER BY 1) AS wanted";

const SEVERAL: &str = "\
SELECT b.organisation, b.ledger, b.item, b.account, b.amount
  FROM {rows} CROSS JOIN balances AS b
 WHERE b.organisation = v.organisation AND b.ledger = v.ledger AND b.item = v.item
   AND b.account = v.account";

const MOVE: &str = "\
INSERT INTO movements (case_id, seq, organisation, ledger, item, from_account, to_account, amount,
                       moved_at)
SELECT case_id, seq, organisation, ledger, item, from_account, to_account, amount, moved_at
  FROM {rows}";

const MOVED: &[(&str, Kind)] = &[
    ("case_id", Kind::Id),
    ("seq", Kind::Int),
    ("organisation", Kind::Text),
    ("ledger", Kind::Text),
    ("item", Kind::Text),
    ("from_account", Kind::Text),
    ("to_account", Kind::Text),
    ("amount", Kind::Int),
    ("moved_at", Kind::Int),
];

// `true` tells SQLite's parser that ON belongs to the insertion and not to a join.
const ADD: &str = "\
INSERT INTO balances (organisation, ledger, item, account, amount)
SELECT organisation, ledger, item, account, amount FROM {rows} WHERE true
    ON CONFLICT (organisation, ledger, item, account)
    DO UPDATE SET amount = balances.amount + excluded.amount";

const ADDED: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("ledger", Kind::Text),
    ("item", Kind::Text),
    ("account", Kind::Text),
    ("amount", Kind::Int),
];

const OF_CASE: &str = "SELECT * FROM movements WHERE case_id = $1 ORDER BY seq";

const BALANCES: &str = "\
SELECT b.item, b.account, b.amount, r.data
  FROM balances AS b
  LEFT JOIN records AS r
    ON r.organisation = b.organisation AND r.register = b.ledger AND r.key = b.item
 WHERE b.organisation = $1 AND b.ledger = $2
   AND b.item IN (SELECT DISTINCT item FROM balances
                   WHERE organisation = $1 AND ledger = $2 AND item > $3 ORDER BY item LIMIT $4)
 ORDER BY b.item, b.account";

const OF_ITEMS: &str = "\
SELECT b.item, b.account, b.amount, r.data
  FROM {rows} CROSS JOIN balances AS b
  LEFT JOIN records AS r
    ON r.organisation = b.organisation AND r.register = b.ledger AND r.key = b.item
 WHERE b.organisation = v.organisation AND b.ledger = v.ledger AND b.item = v.item
 ORDER BY b.item, b.account";

const ITEMS: &[(&str, Kind)] =
    &[("organisation", Kind::Text), ("ledger", Kind::Text), ("item", Kind::Text)];

const MOVEMENTS: &str = "\
SELECT m.*, c.number, a.number AS archived
  FROM movements AS m
  LEFT JOIN cases AS c ON c.id = m.case_id
  LEFT JOIN archived AS a ON a.case_id = m.case_id
 WHERE m.organisation = $1 AND m.ledger = $2 AND m.item = $3
   AND (m.moved_at, m.case_id, m.seq) < ($4, $5, $6)
 ORDER BY m.moved_at DESC, m.case_id DESC, m.seq DESC LIMIT $7";

/// Balances that are not the sum of their movements.
const WRONG: &str = "\
SELECT coalesce(b.organisation, s.organisation) AS organisation,
       coalesce(b.ledger, s.ledger) AS ledger, coalesce(b.item, s.item) AS item,
       coalesce(b.account, s.account) AS account,
       coalesce(b.amount, 0) AS kept, coalesce(s.amount, 0) AS moved
  FROM balances AS b
  FULL JOIN (SELECT organisation, ledger, item, account, CAST(sum(amount) AS BIGINT) AS amount
               FROM (SELECT organisation, ledger, item, to_account AS account, amount
                       FROM movements
                      UNION ALL
                     SELECT organisation, ledger, item, from_account, -amount FROM movements) AS e
              GROUP BY organisation, ledger, item, account) AS s
    ON s.organisation = b.organisation AND s.ledger = b.ledger AND s.item = b.item
   AND s.account = b.account
 WHERE coalesce(b.amount, 0) <> coalesce(s.amount, 0)
 ORDER BY 1, 2, 3, 4 LIMIT 100";

impl Store {
    /// What stands in the accounts of the first items after one, by item and account.
    pub async fn balances(
        &self,
        organisation: &str,
        ledger: &str,
        after: &str,
        items: u32,
    ) -> Result<Vec<BalanceRow>, Error> {
        let query = query(BALANCES).bind(organisation).bind(ledger).bind(after).bind(items);
        let rows = query.fetch_all(&mut self.reader().await?.on()).await?;
        rows.iter().map(balance).collect()
    }

    /// The same of some items.
    pub async fn balances_of(
        &self,
        organisation: &str,
        ledger: &str,
        items: BTreeSet<&str>,
    ) -> Result<Vec<BalanceRow>, Error> {
        let mut wanted = Rows::of(ITEMS);
        for item in items {
            wanted.push([organisation.into(), ledger.into(), item.into()]);
        }
        let rows = wanted.fetch_all(OF_ITEMS, &mut self.reader().await?.on()).await?;
        rows.iter().map(balance).collect()
    }

    /// The newest movements of an item before a place, with the numbers of their cases.
    pub async fn movements(
        &self,
        (organisation, ledger, item): (&str, &str, &str),
        before: Option<(Timestamp, CaseId, u32)>,
        limit: u32,
    ) -> Result<Vec<NumberedMovement>, Error> {
        let (at, case, seq) = match before {
            Some((at, case, seq)) => (at.as_microsecond(), case, seq),
            None => (i64::MAX, CaseId(uuid::Uuid::nil()), 0),
        };
        let rows = query(MOVEMENTS)
            .bind(organisation)
            .bind(ledger)
            .bind(item)
            .bind(at)
            .bind(case)
            .bind(seq)
            .bind(limit)
            .fetch_all(&mut self.reader().await?.on())
            .await?;
        let numbered = |row: &Row| {
            let (number, archived): (Option<String>, Option<String>) =
                (get(row, "number")?, get(row, "archived")?);
            let is_archived = number.is_none();
            let number = number.or(archived).unwrap_or_default();
            Ok(NumberedMovement { movement: movement(row)?, number, is_archived })
        };
        rows.iter().map(numbered).collect()
    }
}

impl Writing {
    /// What stands in the accounts wanted, nothing where nothing was ever moved; theirs until the
    /// transaction ends.
    pub(crate) async fn account_balances(
        &mut self,
        wanted: &BTreeSet<AccountKey>,
    ) -> Result<BTreeMap<AccountKey, Decimal>, Error> {
        let mut found: BTreeMap<AccountKey, Decimal> =
            wanted.iter().map(|key| (key.clone(), Decimal::ZERO)).collect();
        if self.on().dialect() == Dialect::Postgres {
            keys(wanted).fetch_all(LOCK, &mut self.on()).await?;
        }
        for row in &keys(wanted).fetch_all(SEVERAL, &mut self.on()).await? {
            let key = (
                get(row, "organisation")?,
                get(row, "ledger")?,
                get(row, "item")?,
                get(row, "account")?,
            );
            found.insert(key, of_millionths(get(row, "amount")?));
        }
        Ok(found)
    }
}

fn keys(wanted: &BTreeSet<AccountKey>) -> Rows<'_> {
    let mut keys = Rows::of(KEY);
    for (organisation, ledger, item, account) in wanted {
        keys.push([organisation.into(), ledger.into(), item.into(), account.into()]);
    }
    keys
}

impl Snapshot {
    /// The movements that are kept of a case.
    pub(crate) async fn movements(&mut self, id: &CaseId) -> Result<Vec<MovementRow>, Error> {
        let rows = query(OF_CASE).bind(id).fetch_all(&mut self.on()).await?;
        rows.iter().map(movement).collect()
    }

    /// Balances that are not the sum of their movements, in words.
    pub(crate) async fn wrong_balances(&mut self) -> Result<Vec<String>, Error> {
        let rows = query(WRONG).fetch_all(&mut self.on()).await?;
        let line = |row: &Row| {
            let (organisation, ledger): (String, String) =
                (get(row, "organisation")?, get(row, "ledger")?);
            let (item, account): (String, String) = (get(row, "item")?, get(row, "account")?);
            let (kept, moved) = (get(row, "kept")?, get(row, "moved")?);
            Ok(format!(
                "`{item}` in `{account}` of the ledger `{ledger}` of `{organisation}`: the balance is \
                 {}, and {} was moved there",
                of_millionths(kept),
                of_millionths(moved),
            ))
        };
        rows.iter().map(line).collect()
    }
}

/// The movements that a stretch of a journal makes.
pub(crate) fn moved(case: &CaseId, records: &[Record]) -> Vec<MovementRow> {
    let moved = records.iter().filter_map(|record| match &record.entry {
        Entry::Moved { ledger, item, amount, from, to, .. } => Some(MovementRow {
            case: *case,
            seq: record.seq,
            ledger: ledger.clone(),
            item: item.clone(),
            from: from.clone(),
            to: to.clone(),
            amount: amount.as_number().unwrap_or_default().normalize(),
            moved_at: record.at,
        }),
        _ => None,
    });
    moved.collect()
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) -> Result<(), Error> {
    let mut movements = Rows::of(MOVED);
    // By key, so that every server touches the balances in one order.
    let mut sums: BTreeMap<AccountKey, i64> = BTreeMap::new();
    for change in changes {
        for row in moved(change.case, change.records) {
            let amount = millionths(&row.amount)
                .ok_or_else(|| Error::damaged("an amount that can't be counted"))?;
            for (account, amount) in [(&row.from, -amount), (&row.to, amount)] {
                let key = (
                    change.organisation.to_owned(),
                    row.ledger.clone(),
                    row.item.clone(),
                    account.clone(),
                );
                *sums.entry(key).or_default() += amount;
            }
            movements.push([
                change.case.into(),
                row.seq.into(),
                change.organisation.into(),
                row.ledger.into(),
                row.item.into(),
                row.from.into(),
                row.to.into(),
                amount.into(),
                row.moved_at.as_microsecond().into(),
            ]);
        }
    }
    let mut balances = Rows::of(ADDED);
    for ((organisation, ledger, item, account), amount) in sums {
        balances.push([
            organisation.into(),
            ledger.into(),
            item.into(),
            account.into(),
            amount.into(),
        ]);
    }
    script.add(MOVE, movements);
    script.add(ADD, balances);
    Ok(())
}

fn balance(row: &Row) -> Result<BalanceRow, Error> {
    Ok(BalanceRow {
        item: get(row, "item")?,
        account: get(row, "account")?,
        amount: of_millionths(get(row, "amount")?),
        row: match get::<Option<String>>(row, "data")? {
            Some(_) => Some(json(row, "data")?),
            None => None,
        },
    })
}

fn movement(row: &Row) -> Result<MovementRow, Error> {
    Ok(MovementRow {
        case: case_id(row, "case_id")?,
        seq: get(row, "seq")?,
        ledger: get(row, "ledger")?,
        item: get(row, "item")?,
        from: get(row, "from_account")?,
        to: get(row, "to_account")?,
        amount: of_millionths(get(row, "amount")?),
        moved_at: instant(row, "moved_at")?,
    })
}
