//! Filling a database with very many cases, to measure how it bears them. Nothing of the product
//! calls this: copies of a case are worked on like any other, but their journals' hashes are those
//! of the case that they were copied from, and `verify` says so.

use super::sql::{Dialect, On, Query, query};
use super::{CaseId, Error, Store};

/// A case that is copied.
#[derive(Debug, Clone)]
pub struct Template {
    pub case: CaseId,
    /// Of a thousand copies, so many are of this one.
    pub share: u32,
}

/// Which copies are made: they count from `first` to before `end`, and begin a second apart.
#[derive(Debug, Clone)]
pub struct Filling<'a> {
    pub templates: &'a [Template],
    pub first: u32,
    pub end: u32,
    /// When copy 0 began, in microseconds.
    pub start: i64,
}

/// Copies that one transaction makes.
const AT_ONCE: u32 = 50_000;

const FIRST_NAMES: [&str; 16] = [
    "Ana", "Juan", "Rosa", "Luis", "Elena", "Pedro", "Julia", "Mario", "Nora", "Omar", "Paula",
    "Raul", "Sara", "Tito", "Vera", "Hugo",
];
const BEGINNINGS: [&str; 20] = [
    "Quis", "Mama", "Cho", "Con", "Flo", "Gutier", "Var", "Ro", "Tor", "Cruz", "Ara", "Cas", "Del",
    "Esp", "Fer", "Gar", "Her", "Lim", "Mor", "Nav",
];
const ENDINGS: [&str; 20] = [
    "pe", "ni", "que", "dori", "res", "rez", "gas", "jas", "res", "ado", "nda", "tro", "gado",
    "inoza", "nandez", "cia", "bas", "achi", "ales", "arro",
];

impl Store {
    #[doc(hidden)]
    pub async fn fill(&self, filling: &Filling<'_>) -> Result<(), Error> {
        let mut first = filling.first;
        while first < filling.end {
            let end = filling.end.min(first + AT_ONCE);
            let mut writing = self.begin().await?;
            let on = &mut writing.on();
            for text in statements(&Filling { first, end, ..*filling }, on.dialect()) {
                Query::made(text, Vec::new()).execute(on).await?;
            }
            self.commit(writing).await?;
            first = end;
        }
        self.settle(&mut self.writer().await?.on()).await
    }

    /// What a database does by itself in the time that so many cases take.
    async fn settle(&self, on: &mut On<'_>) -> Result<(), Error> {
        let texts: &[&'static str] = match on.dialect() {
            Dialect::Sqlite => &[
                "DELETE FROM open_counts",
                "INSERT INTO open_counts SELECT organisation, procedure, step, role, 0, count(*)
                   FROM tasks WHERE closed_at IS NULL GROUP BY 1, 2, 3, 4",
                "PRAGMA wal_checkpoint(TRUNCATE)",
            ],
            Dialect::Postgres => &[
                "DELETE FROM open_counts",
                "INSERT INTO open_counts SELECT organisation, procedure, step, role, 0, count(*)
                   FROM tasks WHERE closed_at IS NULL GROUP BY 1, 2, 3, 4",
                "VACUUM (ANALYZE)",
                "CHECKPOINT",
            ],
        };
        for text in texts {
            query(*text).execute(on).await?;
        }
        Ok(())
    }

    /// The id of a copy.
    #[doc(hidden)]
    pub fn copy(filling: &Filling<'_>, number: u32) -> CaseId {
        let millis = filling.start as u128 / 1_000 + u128::from(number);
        CaseId(uuid::Uuid::from_u128((millis << 80) | (0x7000_a000 << 48) | u128::from(number)))
    }
}

/// The pieces in which the two dialects differ, over a copy's number `g.n`.
struct Words {
    id: String,
    numbers: String,
    number: &'static str,
    name: Box<Pick>,
}

/// One of some names, by a number.
type Pick = dyn Fn(&[&str], &str) -> String;

fn words(filling: &Filling<'_>, dialect: Dialect) -> Words {
    let (first, last, millis) = (filling.first, filling.end - 1, filling.start / 1_000);
    match dialect {
        Dialect::Sqlite => Words {
            id: format!("unhex(printf('%012x7000a000%012x', {millis} + g.n, g.n))"),
            numbers: format!(
                "(WITH RECURSIVE c (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM c \
                 WHERE n < {last}) SELECT n FROM c) AS g"
            ),
            number: "printf('EXP-2026-%07d', g.n)",
            name: Box::new(|names, at| {
                let names = serde_json::Value::from(names);
                format!("json_extract('{names}', '$[' || ({at} % {}) || ']')", names_len(&names))
            }),
        },
        Dialect::Postgres => Words {
            id: format!(
                "(lpad(to_hex({millis} + g.n), 12, '0') || '7000a000' || \
                 lpad(to_hex(g.n), 12, '0'))::uuid"
            ),
            numbers: format!("generate_series({first}::bigint, {last}::bigint) AS g (n)"),
            number: "('EXP-2026-' || lpad(g.n::text, 7, '0'))",
            name: Box::new(|names, at| {
                let list: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
                format!("(ARRAY[{}])[1 + {at} % {}]", list.join(", "), names.len())
            }),
        },
    }
}

fn names_len(names: &serde_json::Value) -> usize {
    names.as_array().map_or(1, Vec::len)
}

fn statements(filling: &Filling<'_>, dialect: Dialect) -> Vec<String> {
    let start = filling.start;
    let Words { id, numbers, number, name } = words(filling, dialect);
    let first_name = format!(
        "CASE WHEN g.n % 10 < 3 THEN 'Maria' ELSE {} END",
        name(&FIRST_NAMES, "(g.n / 10)")
    );
    let last_name =
        format!("{} || {}", name(&BEGINNINGS, "(g.n / 7)"), name(&ENDINGS, "(g.n / 140)"));
    let own = "CAST(5000000 + g.n AS TEXT)";
    let from = format!("{numbers} CROSS JOIN ({}) AS v", shares(filling, dialect));
    let which = "g.n % 1000 >= v.low AND g.n % 1000 < v.high";
    let begun = format!("{start} + g.n * 1000000");
    let parts = [number, "substr(NUMBER, 5)", "substr(NUMBER, 10)"]
        .map(|part| part.replace("NUMBER", number));
    let [whole, later, last] = parts;
    let line = format!(
        "lower(' ' || {whole} || ' ' || {later} || ' ' || {last} || ' ' || {first_name} || ' ' \
         || {last_name} || ' ' || {own})"
    );
    let holder = "t.closed_at IS NULL AND g.n < 4000 AND g.n % 20 = 0";
    let mut texts = vec![
        format!(
            "INSERT INTO cases SELECT {id}, c.organisation, c.procedure, c.version, {number}, \
             {first_name} || ' ' || {last_name} || ' · ' || {own}, {line}, c.status, c.outcome, \
             {begun}, c.ended_at + {begun} - c.started_at, c.revision, c.entries, c.head, \
             replace(c.state, c.number, {number}) FROM {from} JOIN cases AS c ON c.id = v.id \
             WHERE {which} ORDER BY g.n"
        ),
        format!(
            "INSERT INTO entries SELECT {id}, e.seq, e.at + {begun} - c.started_at, e.actor, \
             e.actor_name, e.kind, replace(e.body, c.number, {number}), e.hash FROM {from} \
             JOIN cases AS c ON c.id = v.id JOIN entries AS e ON e.case_id = c.id WHERE {which} \
             ORDER BY g.n, e.seq"
        ),
        format!(
            "INSERT INTO tasks SELECT {id}, t.task, t.organisation, t.procedure, t.step, t.role, \
             CASE WHEN {holder} THEN 'claimed' ELSE t.status END, \
             CASE WHEN {holder} THEN 'clerk-' || CAST(g.n / 20 % 40 AS TEXT) \
             ELSE t.claimed_by END, \
             t.activity, {begun}, t.opens_at, \
             {begun} + 86400000000 * (g.n % 30) + t.due_at - t.due_at, \
             t.closed_at + {begun} - c.started_at, t.reminders FROM {from} \
             JOIN cases AS c ON c.id = v.id JOIN tasks AS t ON t.case_id = c.id WHERE {which} \
             ORDER BY g.n, t.task"
        ),
    ];
    let words = [&whole, &later, &last, &first_name, &last_name, &own.to_owned()];
    texts.push(kept(words, |word| {
        format!(
            "SELECT c.organisation AS organisation, lower({word}) AS word, {begun} AS at, \
             {id} AS id FROM {from} JOIN cases AS c ON c.id = v.id WHERE {which}"
        )
    }));
    texts
}

/// The words by which the copies are found, in the order of their index.
fn kept(words: [&String; 6], of: impl Fn(&str) -> String) -> String {
    let all: Vec<String> = words.iter().map(|word| of(word)).collect();
    let all = all.join(" UNION ALL ");
    format!("INSERT INTO case_words SELECT * FROM ({all}) AS w ORDER BY 1, 2, 3, 4")
}

/// Which template is copied to which numbers.
fn shares(filling: &Filling<'_>, dialect: Dialect) -> String {
    let mut low = 0;
    let mut rows = Vec::new();
    for template in filling.templates {
        let high = low + template.share;
        let id = match dialect {
            Dialect::Sqlite => format!("x'{}'", template.case.0.simple()),
            Dialect::Postgres => format!("'{}'::uuid", template.case),
        };
        rows.push(format!("SELECT {low} AS low, {high} AS high, {id} AS id"));
        low = high;
    }
    rows.join(" UNION ALL ")
}
