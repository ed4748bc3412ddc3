//! The raw limit: the rows that the runtime wrote, written again for new cases by plain statements
//! through the same driver on the same connections. Nothing is loaded, decided, hashed or turned
//! into JSON; what is left is what the database and its driver take for those rows. Only
//! measurements call this (`bench`): nothing here looks after a case.

use std::time::{Duration, Instant};

use sqlx::Connection;
use uuid::Uuid;

use super::columns::get;
use super::pools::Loan;
use super::sql::{Bind, Kind, On, Query, Row, Rows, query};
use super::{CaseId, Error, Store};
use crate::engine::{Entry, Record};

/// What a step writes into one table.
struct Table {
    /// With all rows of many steps at once.
    together: &'static str,
    /// With the rows of one step: for an insertion what stands before its `VALUES`.
    alone: &'static str,
    is_insertion: bool,
    columns: &'static [(&'static str, Kind)],
}

const BEGUN: usize = 0;
const CHANGED: usize = 1;
const ENTRIES: usize = 2;
const CLOSED: usize = 3;
const OFFERED: usize = 4;
const NUMBERS: usize = 5;
const COUNTERS: usize = 6;
const COMMANDS: usize = 7;

/// In the order in which they are written: a row comes after those that it refers to.
static TABLES: [Table; 8] = [
    Table {
        together: "\
INSERT INTO cases (id, organisation, procedure, version, number, subject, search, status, outcome,
                   started_at, ended_at, revision, entries, head, state)
SELECT id, organisation, procedure, version, number, subject, search, status, outcome,
       started_at, ended_at, revision, entries, head, state
  FROM {rows}",
        alone: "\
INSERT INTO cases (id, organisation, procedure, version, number, subject, search, status, outcome,
                   started_at, ended_at, revision, entries, head, state)",
        is_insertion: true,
        columns: &[
            ("id", Kind::Id),
            ("organisation", Kind::Text),
            ("procedure", Kind::Text),
            ("version", Kind::Int),
            ("number", Kind::Text),
            ("subject", Kind::Text),
            ("search", Kind::Text),
            ("status", Kind::Text),
            ("outcome", Kind::Text),
            ("started_at", Kind::Int),
            ("ended_at", Kind::Int),
            ("revision", Kind::Int),
            ("entries", Kind::Int),
            ("head", Kind::Bytes),
            ("state", Kind::Text),
        ],
    },
    Table {
        together: "\
UPDATE cases
   SET number = v.number, subject = v.subject, search = v.search, status = v.status,
       outcome = v.outcome, ended_at = v.ended_at, revision = v.revision, entries = v.entries,
       head = v.head, state = v.state
  FROM {rows}
 WHERE cases.id = v.id",
        alone: "\
UPDATE cases
   SET number = $2, subject = $3, search = $4, status = $5, outcome = $6, ended_at = $7,
       revision = $8, entries = $9, head = $10, state = $11
 WHERE id = $1",
        is_insertion: false,
        columns: &[
            ("id", Kind::Id),
            ("number", Kind::Text),
            ("subject", Kind::Text),
            ("search", Kind::Text),
            ("status", Kind::Text),
            ("outcome", Kind::Text),
            ("ended_at", Kind::Int),
            ("revision", Kind::Int),
            ("entries", Kind::Int),
            ("head", Kind::Bytes),
            ("state", Kind::Text),
        ],
    },
    Table {
        together: "\
INSERT INTO entries (case_id, seq, at, actor, actor_name, kind, body, hash)
SELECT case_id, seq, at, actor, actor_name, kind, body, hash FROM {rows}",
        alone: "INSERT INTO entries (case_id, seq, at, actor, actor_name, kind, body, hash)",
        is_insertion: true,
        columns: &[
            ("case_id", Kind::Id),
            ("seq", Kind::Int),
            ("at", Kind::Int),
            ("actor", Kind::Text),
            ("actor_name", Kind::Text),
            ("kind", Kind::Text),
            ("body", Kind::Text),
            ("hash", Kind::Bytes),
        ],
    },
    Table {
        together: "\
UPDATE tasks SET status = v.status, claimed_by = v.claimed_by, closed_at = v.closed_at
  FROM {rows}
 WHERE tasks.case_id = v.case_id AND tasks.task = v.task",
        alone: "\
UPDATE tasks SET status = $3, claimed_by = $4, closed_at = $5 WHERE case_id = $1 AND task = $2",
        is_insertion: false,
        columns: &[
            ("case_id", Kind::Id),
            ("task", Kind::Int),
            ("status", Kind::Text),
            ("claimed_by", Kind::Text),
            ("closed_at", Kind::Int),
        ],
    },
    Table {
        together: "\
INSERT INTO tasks (case_id, task, organisation, procedure, step, role, status, claimed_by,
                   activity, offered_at, opens_at, due_at, closed_at)
SELECT case_id, task, organisation, procedure, step, role, status, claimed_by, activity,
       offered_at, opens_at, due_at, closed_at
  FROM {rows}",
        alone: "\
INSERT INTO tasks (case_id, task, organisation, procedure, step, role, status, claimed_by,
                   activity, offered_at, opens_at, due_at, closed_at)",
        is_insertion: true,
        columns: &[
            ("case_id", Kind::Id),
            ("task", Kind::Int),
            ("organisation", Kind::Text),
            ("procedure", Kind::Text),
            ("step", Kind::Text),
            ("role", Kind::Text),
            ("status", Kind::Text),
            ("claimed_by", Kind::Text),
            ("activity", Kind::Text),
            ("offered_at", Kind::Int),
            ("opens_at", Kind::Int),
            ("due_at", Kind::Int),
            ("closed_at", Kind::Int),
        ],
    },
    Table {
        together: "\
INSERT INTO assigned_numbers (case_id, seq, organisation, series, year, counter, number)
SELECT case_id, seq, organisation, series, year, counter, number FROM {rows}",
        alone: "\
INSERT INTO assigned_numbers (case_id, seq, organisation, series, year, counter, number)",
        is_insertion: true,
        columns: &[
            ("case_id", Kind::Id),
            ("seq", Kind::Int),
            ("organisation", Kind::Text),
            ("series", Kind::Text),
            ("year", Kind::Int),
            ("counter", Kind::Int),
            ("number", Kind::Text),
        ],
    },
    Table {
        together: "\
INSERT INTO series (organisation, series, year, last)
SELECT organisation, series, year, counter FROM {rows} WHERE true
    ON CONFLICT (organisation, series, year) DO UPDATE SET last = excluded.last",
        alone: "\
INSERT INTO series (organisation, series, year, last) VALUES ($1, $2, $3, $4)
    ON CONFLICT (organisation, series, year) DO UPDATE SET last = excluded.last",
        is_insertion: false,
        columns: &[
            ("organisation", Kind::Text),
            ("series", Kind::Text),
            ("year", Kind::Int),
            ("counter", Kind::Int),
        ],
    },
    Table {
        together: "\
INSERT INTO commands (actor, name, digest, case_id, first_seq, last_seq)
SELECT actor, name, digest, case_id, first_seq, last_seq FROM {rows}",
        alone: "INSERT INTO commands (actor, name, digest, case_id, first_seq, last_seq)",
        is_insertion: true,
        columns: &[
            ("actor", Kind::Text),
            ("name", Kind::Text),
            ("digest", Kind::Bytes),
            ("case_id", Kind::Id),
            ("first_seq", Kind::Int),
            ("last_seq", Kind::Int),
        ],
    },
];

const CASE: &str = "SELECT * FROM cases WHERE id = $1";
const LINES: &str = "SELECT * FROM entries WHERE case_id = $1 AND seq >= $2 ORDER BY seq";
const TASK: &str = "SELECT * FROM tasks WHERE case_id = $1 AND task = $2";
const GIVEN: &str = "SELECT * FROM assigned_numbers WHERE case_id = $1 AND seq >= $2 ORDER BY seq";
const DONE: &str = "SELECT * FROM commands WHERE case_id = $1 AND first_seq = $2";

/// Where the numbers of a lane go on: of its own year, long before any other's.
const LAST: &str = "SELECT max(last) AS last FROM series WHERE year = $1";

/// A step as the runtime wrote it.
pub struct Step {
    /// Table and row, in the order of [`TABLES`].
    rows: Vec<(usize, Vec<Value>)>,
}

/// What stands in a column: the same every time, or what each case has for itself.
enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Vec<u8>),
    Case,
    Start,
    Year,
    Counter,
    Number,
    Key,
}

impl Store {
    /// What the command that added `records`, the last of its case, has written.
    pub async fn written(&self, case: &CaseId, records: &[Record]) -> Result<Step, Error> {
        let mut loan = self.reader().await?;
        let on = &mut loan.on();
        let first = records.first().map_or(0, |record| record.seq);
        let mut rows = Vec::new();
        let whole = query(CASE).bind(case).fetch_all(on).await?;
        add(&mut rows, if first == 1 { BEGUN } else { CHANGED }, &whole)?;
        let lines = query(LINES).bind(case).bind(first).fetch_all(on).await?;
        add(&mut rows, ENTRIES, &lines)?;
        for record in records {
            let (table, task) = match &record.entry {
                Entry::TaskCompleted { task, .. } => (CLOSED, *task),
                Entry::TaskOffered { task, .. } => (OFFERED, *task),
                _ => continue,
            };
            add(&mut rows, table, &query(TASK).bind(case).bind(task).fetch_all(on).await?)?;
        }
        let given = query(GIVEN).bind(case).bind(first).fetch_all(on).await?;
        add(&mut rows, NUMBERS, &given)?;
        add(&mut rows, COUNTERS, &given)?;
        let done = query(DONE).bind(case).bind(first).fetch_all(on).await?;
        add(&mut rows, COMMANDS, &done)?;
        rows.sort_by_key(|(table, _)| *table);
        Ok(Step { rows })
    }

    /// A connection that writes the steps of cases anew, over and over; the runtime rests
    /// meanwhile. `lane` tells the numbers of one connection from those of others.
    pub async fn raw<'s>(&self, cases: &'s [Vec<Step>], lane: u16) -> Result<Raw<'s>, Error> {
        let mut loan = self.writer().await?;
        let last = query(LAST).bind(i64::from(lane)).fetch_optional(&mut loan.on()).await?;
        let last = last.map(|row| get::<Option<u32>>(&row, "last")).transpose()?.flatten();
        Ok(Raw { cases, loan, lane, counter: last.unwrap_or_default(), places: Vec::new() })
    }
}

fn add(rows: &mut Vec<(usize, Vec<Value>)>, table: usize, found: &[Row]) -> Result<(), Error> {
    for row in found {
        let columns = TABLES[table].columns.iter();
        let values = columns.map(|(name, kind)| value(row, name, *kind));
        rows.push((table, values.collect::<Result<_, Error>>()?));
    }
    Ok(())
}

fn value(row: &Row, name: &str, kind: Kind) -> Result<Value, Error> {
    Ok(match (name, kind) {
        (_, Kind::Id) => Value::Case,
        ("started_at", _) => Value::Start,
        ("year", _) => Value::Year,
        ("counter", _) => Value::Counter,
        ("number", _) => Value::Number,
        ("name", _) => Value::Key,
        (_, Kind::Int) => Value::Int(get(row, name)?),
        (_, Kind::Text) => Value::Text(get(row, name)?),
        (_, Kind::Bytes) => Value::Bytes(get::<&[u8]>(row, name)?.to_vec()),
    })
}

/// A connection at work, with a case under way at each of its places.
pub struct Raw<'s> {
    cases: &'s [Vec<Step>],
    loan: Loan,
    lane: u16,
    counter: u32,
    places: Vec<Place>,
}

/// What a case has for itself, and how far it is.
struct Place {
    recorded: usize,
    next: usize,
    id: Uuid,
    start: i64,
    year: i64,
    counter: i64,
    number: String,
    key: String,
}

impl Raw<'_> {
    /// The next step of one place, in a transaction of its own; how long it took until it was on
    /// disk.
    pub async fn alone(&mut self, place: usize) -> Result<Duration, Error> {
        self.turn(place)?;
        let (cases, places) = (self.cases, &self.places);
        let mut work = Vec::new();
        for part in places[place].step(cases).rows.chunk_by(|(left, _), (right, _)| left == right) {
            let (table, _) = part[0];
            if TABLES[table].is_insertion {
                work.push(Work::One(inserted(table, part, &places[place])));
            } else {
                for (_, row) in part {
                    let binds = row.iter().map(|value| places[place].bind(value)).collect();
                    work.push(Work::One(Query::made(TABLES[table].alone.to_owned(), binds)));
                }
            }
        }
        run(&mut self.loan, work).await
    }

    /// The next steps of some places in one transaction.
    pub async fn together(&mut self, wanted: &[usize]) -> Result<Duration, Error> {
        for place in wanted {
            self.turn(*place)?;
        }
        let (cases, places) = (self.cases, &self.places);
        let mut work = Vec::new();
        for (number, table) in TABLES.iter().enumerate() {
            let mut rows = Rows::of(table.columns);
            for place in wanted.iter().map(|place| &places[*place]) {
                let written = place.step(cases).rows.iter();
                for (_, row) in written.filter(|(table, _)| *table == number) {
                    // A counter is set once, to its last number.
                    if number == COUNTERS {
                        rows = Rows::of(table.columns);
                    }
                    rows.push_row(row.iter().map(|value| place.bind(value)));
                }
            }
            work.push(Work::Many(table.together, rows));
        }
        run(&mut self.loan, work).await
    }

    /// The state that the last step of a place left, as JSON.
    pub fn state(&self, place: usize) -> &str {
        let place = &self.places[place];
        let mut rows = place.step(self.cases).rows.iter();
        match rows.find(|(table, _)| matches!(*table, BEGUN | CHANGED)) {
            Some((_, row)) => match row.last() {
                Some(Value::Text(Some(state))) => state,
                _ => "",
            },
            None => "",
        }
    }

    /// Moves a place on by a step, into a new case where the last one is done.
    fn turn(&mut self, place: usize) -> Result<(), Error> {
        while self.places.len() <= place {
            let recorded = self.places.len() % self.cases.len().max(1);
            self.places.push(Place::of(recorded));
        }
        let place = &mut self.places[place];
        if place.is_new() {
            place.next = 1;
        } else if place.next < self.cases[place.recorded].len() {
            place.next += 1;
        } else {
            *place = Place { next: 1, ..Place::of((place.recorded + 64) % self.cases.len()) };
        }
        if place.next == 1 {
            self.counter += 1;
            place.year = i64::from(self.lane);
            place.counter = i64::from(self.counter);
            place.number = format!("{}/{}", self.counter, 2_000 + u32::from(self.lane));
        }
        place.key = key();
        Ok(())
    }
}

/// A name for a command, as programs make them: chance comes first.
fn key() -> String {
    Uuid::from_u128(Uuid::now_v7().as_u128().rotate_left(64)).to_string()
}

impl Place {
    fn of(recorded: usize) -> Self {
        let start = jiff::Timestamp::now().as_microsecond();
        let (id, number, key) = (Uuid::now_v7(), String::new(), String::new());
        Self { recorded, next: 0, id, start, year: 0, counter: 0, number, key }
    }

    fn is_new(&self) -> bool {
        self.next == 0
    }

    fn step<'s>(&self, cases: &'s [Vec<Step>]) -> &'s Step {
        &cases[self.recorded][self.next - 1]
    }

    fn bind<'a>(&'a self, value: &'a Value) -> Bind<'a> {
        match value {
            Value::Int(value) => (*value).into(),
            Value::Text(value) => value.as_deref().into(),
            Value::Bytes(value) => Bind::Bytes(value.clone()),
            Value::Case => Bind::Id(self.id),
            Value::Start => self.start.into(),
            Value::Year => self.year.into(),
            Value::Counter => self.counter.into(),
            Value::Number => (&self.number).into(),
            Value::Key => (&self.key).into(),
        }
    }
}

/// `INSERT … VALUES ($1, $2), ($3, $4)`
fn inserted<'a>(table: usize, part: &'a [(usize, Vec<Value>)], place: &'a Place) -> Query<'a> {
    let mut text = TABLES[table].alone.to_owned();
    let mut binds = Vec::with_capacity(part.len() * TABLES[table].columns.len());
    for (count, (_, row)) in part.iter().enumerate() {
        text.push_str(if count == 0 { " VALUES (" } else { ", (" });
        for (column, value) in row.iter().enumerate() {
            text.push_str(if column == 0 { "$" } else { ", $" });
            binds.push(place.bind(value));
            text.push_str(&binds.len().to_string());
        }
        text.push(')');
    }
    Query::made(text, binds)
}

/// A statement that is ready to run.
enum Work<'a> {
    One(Query<'a>),
    Many(&'static str, Rows<'a>),
}

/// Only from here on time counts: what comes before belongs to no database.
async fn run(loan: &mut Loan, work: Vec<Work<'_>>) -> Result<Duration, Error> {
    let began = Instant::now();
    match loan {
        Loan::Sqlite(connection) => {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            write(&mut On::Sqlite(&mut transaction), work).await?;
            transaction.commit().await?;
        }
        Loan::Postgres(connection) => {
            let mut transaction = connection.begin().await?;
            write(&mut On::Postgres(&mut transaction), work).await?;
            transaction.commit().await?;
        }
    }
    Ok(began.elapsed())
}

async fn write(on: &mut On<'_>, work: Vec<Work<'_>>) -> Result<(), Error> {
    for work in work {
        match work {
            Work::One(query) => query.execute(on).await?,
            Work::Many(text, rows) => rows.execute(text, on).await?,
        };
    }
    Ok(())
}
