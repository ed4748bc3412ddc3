//! The words by which cases are found. Written with the case when its subject changes.
//!
//! A search asks for beginnings of words. One that few cases have is looked up as a whole; one that
//! many have is followed from the newest case on, word by word that begins so. Only when many cases
//! have many such words (`2` for all numbers of 2026) the cases themselves are looked through,
//! and not all of them: then a page ends early and says where to go on.

use std::collections::BTreeSet;
use std::fmt::Write;

use jiff::Timestamp;

use super::archive::Gone;
use super::columns::{case_id, get};
use super::sql::{Bind, Dialect, Kind, On, Rows, Script, query};
use super::{CaseId, CaseRow, Change, Error, Snapshot, search};

/// When a case started, in microseconds, and its id: its place in the lists, newest first.
pub type CasePlace = (i64, CaseId);

/// So many cases with a word are few.
pub(super) const FEW: usize = 150;

/// Different words with one beginning that are followed.
const BRANCHES: usize = 24;

/// After every word that begins so.
const END: char = '\u{10ffff}';

const BEGINNING: &str = "\
SELECT started_at, case_id FROM case_words
 WHERE organisation = $1 AND word >= $2 AND word < $3 LIMIT $4";

const NEXT_WORD: &str = "\
SELECT word FROM case_words WHERE organisation = $1 AND word > $2 AND word < $3
 ORDER BY word LIMIT 1";

const FIRST_WORD: &str = "\
SELECT word FROM case_words WHERE organisation = $1 AND word >= $2 AND word < $3
 ORDER BY word LIMIT 1";

const INSERT: &str = "\
INSERT INTO case_words (organisation, word, started_at, case_id)
SELECT organisation, word, started_at, case_id FROM {rows} WHERE true
    ON CONFLICT (organisation, word, started_at, case_id) DO NOTHING";

const FORGET: &str = "\
DELETE FROM case_words WHERE (organisation, word, started_at, case_id) IN
       (SELECT organisation, word, started_at, case_id FROM {rows})";

const PRESENT: &str = "\
SELECT w.word FROM {rows} CROSS JOIN case_words AS w
 WHERE w.organisation = v.organisation AND w.word = v.word AND w.started_at = v.started_at
   AND w.case_id = v.case_id";

const COLUMNS: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("word", Kind::Text),
    ("started_at", Kind::Int),
    ("case_id", Kind::Id),
];

/// Where the cases are that may have all words of a search.
pub(super) enum Trail {
    /// These and no others, newest first.
    Few(Vec<CasePlace>),
    /// Those that have one of these words.
    Words(Vec<String>),
    /// Anywhere.
    Anywhere,
}

/// The words by which a case is found.
pub(super) fn of_case(number: &str, subject: &str) -> BTreeSet<String> {
    search::kept(&format!("{number} {subject}"))
}

/// Finds the beginning that the fewest cases have.
pub(super) async fn trail(
    on: &mut On<'_>,
    organisation: &str,
    beginnings: &[String],
) -> Result<Trail, Error> {
    let mut best: Option<Vec<CasePlace>> = None;
    for beginning in beginnings {
        let rows = query(BEGINNING)
            .bind(organisation)
            .bind(beginning)
            .bind(format!("{beginning}{END}"))
            .bind(FEW as i64 + 1)
            .fetch_all(on)
            .await?;
        if rows.len() <= FEW && best.as_ref().is_none_or(|best| rows.len() < best.len()) {
            let places: Result<Vec<_>, Error> = rows.iter().map(place).collect();
            best = Some(places?);
        }
    }
    if let Some(mut places) = best {
        places.sort_unstable_by(|left, right| right.cmp(left));
        // A case may have two words that begin alike.
        places.dedup();
        return Ok(Trail::Few(places));
    }
    // Of words that many cases have, the longest tells most.
    let longest = beginnings.iter().max_by_key(|word| word.chars().count());
    let Some(longest) = longest else { return Ok(Trail::Anywhere) };
    Ok(branches(on, organisation, longest).await?.map_or(Trail::Anywhere, Trail::Words))
}

/// All words with a beginning, unless they are too many.
async fn branches(
    on: &mut On<'_>,
    organisation: &str,
    beginning: &str,
) -> Result<Option<Vec<String>>, Error> {
    let end = format!("{beginning}{END}");
    let mut words: Vec<String> = Vec::new();
    loop {
        let (text, after) = match words.last() {
            None => (FIRST_WORD, beginning),
            Some(last) => (NEXT_WORD, last.as_str()),
        };
        let query = query(text).bind(organisation).bind(after).bind(&end);
        let Some(row) = query.fetch_optional(on).await? else { return Ok(Some(words)) };
        let word = get(&row, "word")?;
        if words.len() == BRANCHES {
            return Ok(None);
        }
        words.push(word);
    }
}

/// The next cases that have one of the words, newest first: their places, without those twice that have
/// two of them.
pub(super) fn following<'q>(
    organisation: &'q str,
    words: &'q [String],
    (at, id): CasePlace,
    limit: u32,
    dialect: Dialect,
) -> (String, Vec<Bind<'q>>) {
    const PART: &str = "SELECT w.started_at, w.case_id AS id FROM case_words AS w \
                        WHERE w.organisation = $1 AND w.word = ";
    const ORDER: &str = "AND (w.started_at, w.case_id) < ($2, $3) \
                         ORDER BY w.started_at DESC, w.case_id DESC LIMIT $4";
    let mut binds: Vec<Bind<'q>> = vec![organisation.into(), at.into(), id.into(), limit.into()];
    let mut text = "SELECT DISTINCT started_at, id FROM (".to_owned();
    if dialect == Dialect::Postgres {
        binds.push(words.to_vec().into());
        // Writing into a String can't fail.
        let _ = write!(
            text,
            "SELECT k.* FROM unnest($5::text[]) AS v (word) CROSS JOIN LATERAL \
             ({PART} v.word {ORDER}) AS k"
        );
    } else {
        for (place, word) in words.iter().enumerate() {
            binds.push(word.into());
            let union = if place == 0 { "" } else { " UNION ALL " };
            let _ = write!(text, "{union}SELECT * FROM ({PART} ${} {ORDER})", binds.len());
        }
    }
    text.push_str(") AS found ORDER BY started_at DESC, id DESC LIMIT $4");
    (text, binds)
}

/// Adds that a case `c` has words with these beginnings.
pub(super) fn push_has(
    text: &mut String,
    binds: &mut Vec<Bind<'_>>,
    beginnings: &[String],
    dialect: Dialect,
) {
    for beginning in beginnings {
        // Each kept word stands after a blank.
        binds.push(format!(" {beginning}").into());
        let find = if dialect == Dialect::Postgres { "strpos" } else { "instr" };
        // Writing into a String can't fail.
        let _ = write!(text, " AND {find}(c.search, ${}) > 0", binds.len());
    }
}

pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) {
    let (mut new, mut gone) = (Vec::new(), Vec::new());
    for change in changes.iter().filter(|change| !change.records.is_empty()) {
        let Some(started) = change.after.started_at.map(Timestamp::as_microsecond) else {
            continue;
        };
        let before = match change.before {
            Some(before) if before.subject == change.subject => continue,
            Some(before) => of_case(&before.number, &before.subject),
            None => BTreeSet::new(),
        };
        let after = of_case(&change.after.number, change.subject);
        let place = (change.organisation, started, change.case);
        new.extend(after.difference(&before).map(|word| (place, word.clone())));
        gone.extend(before.difference(&after).map(|word| (place, word.clone())));
    }
    script.add(FORGET, rows(gone));
    script.add(INSERT, rows(new));
}

type Word<'a> = ((&'a str, i64, &'a CaseId), String);

/// Forgets the words of cases that go.
pub(super) async fn forget(on: &mut On<'_>, cases: &[Gone]) -> Result<(), Error> {
    let words = cases.iter().flat_map(|case| {
        let place = (case.organisation.as_str(), case.started_at, &case.id);
        of_case(&case.number, &case.subject).into_iter().map(move |word| (place, word))
    });
    rows(words.collect()).execute(FORGET, on).await?;
    Ok(())
}

/// In one order everywhere.
fn rows(mut words: Vec<Word<'_>>) -> Rows<'_> {
    words.sort_unstable();
    let mut rows = Rows::of(COLUMNS);
    for ((organisation, started, case), word) in words {
        rows.push([organisation.into(), word.into(), started.into(), case.into()]);
    }
    rows
}

impl Snapshot {
    /// Of the words of a case, those that do not lead to it.
    pub(crate) async fn unfound(&mut self, case: &CaseRow) -> Result<Vec<String>, Error> {
        let mut missing = of_case(&case.number, &case.subject);
        let (started, id) = case.place();
        let wanted = missing.iter().map(|word| {
            let place = (case.organisation.as_str(), started, &id);
            (place, word.clone())
        });
        let found = rows(wanted.collect()).fetch_all(PRESENT, &mut self.on()).await?;
        for row in &found {
            missing.remove(get::<&str>(row, "word")?);
        }
        Ok(missing.into_iter().collect())
    }
}

fn place(row: &super::sql::Row) -> Result<CasePlace, Error> {
    Ok((get(row, "started_at")?, case_id(row, "case_id")?))
}
