//! Messages and signals that are on their way.
//!
//! A message is a row from the moment that it is taken in; it is delivered when the same transaction
//! that writes what it did to a case marks the row, which succeeds for one case only. A signal becomes
//! a row in `signal_calls` for each case that listens then. Rows stay for a while when they are done, so
//! that a message that is sent again under its id is known.

use jiff::{SignedDuration, Timestamp};

use super::again::Again;
use super::columns::{case_id, get, instant_if_any, json, to_json};
use super::sql::{Kind, Row, Rows, Script, Text, query};
use super::{CaseId, Change, Error, Store};
use crate::engine::{Entry, Received};
use crate::expression::Map;

/// A message as somebody sends it.
#[derive(Debug, Clone)]
pub struct Posted {
    pub organisation: String,
    pub received: Received,
    /// Until then it waits for somebody who listens.
    pub keep_until: Timestamp,
    /// Id and name of who sends it.
    pub sent_by: (String, String),
}

/// One that somebody listens for.
#[derive(Debug, Clone)]
pub(crate) struct OnItsWay {
    pub(crate) received: Received,
    pub(crate) sent_by: (String, String),
    /// The case, and the number of its watch there.
    pub(crate) to: (CaseId, u32),
}

/// What has become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageFate {
    pub name: String,
    pub delivered_at: Option<Timestamp>,
    /// Why it could not be delivered when it was tried.
    pub problem: Option<String>,
}

const TAKE_IN: &str = "\
INSERT INTO messages (organisation, id, is_signal, name, key, contents, sent_by, sent_by_name,
                      received_at, keep_until, leased_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)
ON CONFLICT (organisation, id) DO NOTHING";

const SENT: &str = "\
INSERT INTO messages (organisation, id, is_signal, name, key, contents, sent_by, sent_by_name,
                      received_at, keep_until, leased_until)
SELECT organisation, id, is_signal, name, key, contents, sent_by, sent_by_name, received_at,
       keep_until, 0
  FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("id", Kind::Text),
    ("is_signal", Kind::Int),
    ("name", Kind::Text),
    ("key", Kind::Text),
    ("contents", Kind::Text),
    ("sent_by", Kind::Text),
    ("sent_by_name", Kind::Text),
    ("received_at", Kind::Int),
    ("keep_until", Kind::Int),
];

const DELIVERED: &str = "\
UPDATE messages SET delivered_at = v.delivered_at, problem = NULL
  FROM {rows}
 WHERE messages.organisation = v.organisation AND messages.id = v.id
   AND messages.delivered_at IS NULL";

const MARKED: &[(&str, Kind)] =
    &[("organisation", Kind::Text), ("id", Kind::Text), ("delivered_at", Kind::Int)];

// SQLite has no DELETE … USING.
const CALLED: Text = Text {
    sqlite: "\
DELETE FROM signal_calls
 WHERE (case_id, watch, signal) IN (SELECT v.case_id, v.watch, v.signal FROM {rows})",
    postgres: "\
DELETE FROM signal_calls USING {rows}
 WHERE signal_calls.case_id = v.case_id AND signal_calls.watch = v.watch
   AND signal_calls.signal = v.signal",
};

const CALLS: &[(&str, Kind)] =
    &[("case_id", Kind::Id), ("watch", Kind::Int), ("signal", Kind::Text)];

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE messages SET leased_until = $2
 WHERE (organisation, id) IN
       (SELECT m.organisation, m.id FROM messages AS m
         WHERE m.delivered_at IS NULL AND m.is_signal = 0 AND m.leased_until <= $1
           AND m.keep_until > $1 AND EXISTS (SELECT 1 FROM subscriptions AS s
                        WHERE s.organisation = m.organisation AND s.is_signal = 0
                          AND s.name = m.name AND s.key = m.key)
         ORDER BY m.received_at, m.id LIMIT $3)
RETURNING organisation, id, name, key, contents, sent_by, sent_by_name, received_at",
    postgres: "\
UPDATE messages SET leased_until = $2
  FROM (SELECT m.organisation, m.id FROM messages AS m
         WHERE m.delivered_at IS NULL AND m.is_signal = 0 AND m.leased_until <= $1
           AND m.keep_until > $1 AND EXISTS (SELECT 1 FROM subscriptions AS s
                        WHERE s.organisation = m.organisation AND s.is_signal = 0
                          AND s.name = m.name AND s.key = m.key)
         ORDER BY m.received_at, m.id LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE messages.organisation = due.organisation AND messages.id = due.id
RETURNING messages.organisation, messages.id, messages.name, messages.key, messages.contents,
          messages.sent_by, messages.sent_by_name, messages.received_at",
};

const LISTENER: &str = "\
SELECT case_id, watch FROM subscriptions
 WHERE organisation = $1 AND is_signal = 0 AND name = $2 AND key = $3
 ORDER BY since, case_id, watch LIMIT 1";

const RETURN: &str = "\
UPDATE messages SET leased_until = $3, problem = $4
 WHERE organisation = $1 AND id = $2 AND delivered_at IS NULL";

const GIVE: &str = "\
UPDATE messages SET delivered_at = $1
 WHERE is_signal = 1 AND delivered_at IS NULL
RETURNING organisation, id";

const CALL: &str = "\
INSERT INTO signal_calls (case_id, watch, signal, organisation, name, sent_by, sent_by_name,
                          leased_until)
SELECT s.case_id, s.watch, m.id, m.organisation, m.name, m.sent_by, m.sent_by_name, 0
  FROM messages AS m JOIN subscriptions AS s
    ON s.organisation = m.organisation AND s.is_signal = 1 AND s.name = m.name
 WHERE m.organisation = $1 AND m.id = $2";

const LEASE_CALLS: Text = Text {
    sqlite: "\
UPDATE signal_calls SET leased_until = $2
 WHERE (case_id, watch, signal) IN (SELECT case_id, watch, signal FROM signal_calls
                                     WHERE leased_until <= $1 LIMIT $3)
RETURNING case_id, watch, signal, name, sent_by, sent_by_name",
    postgres: "\
UPDATE signal_calls AS c SET leased_until = $2
  FROM (SELECT case_id, watch, signal FROM signal_calls
         WHERE leased_until <= $1 LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE c.case_id = due.case_id AND c.watch = due.watch AND c.signal = due.signal
RETURNING c.case_id, c.watch, c.signal, c.name, c.sent_by, c.sent_by_name",
};

const LOST: &str = "DELETE FROM signal_calls WHERE case_id = $1 AND watch = $2 AND signal = $3";

const FATE: &str = "\
SELECT name, delivered_at, problem FROM messages WHERE organisation = $1 AND id = $2";

const FORGET: &str = "DELETE FROM messages WHERE keep_until < $1";

impl Store {
    /// Takes a message in, once: whether it is new under its id.
    pub async fn take_in(&self, posted: &Posted, now: Timestamp) -> Result<bool, Error> {
        let received = &posted.received;
        let contents = to_json(&received.contents)?;
        let statement = || {
            query(TAKE_IN)
                .bind(&posted.organisation)
                .bind(&received.id)
                .bind(i64::from(received.is_signal))
                .bind(&received.name)
                .bind(&received.key)
                .bind(&contents)
                .bind(&posted.sent_by.0)
                .bind(&posted.sent_by.1)
                .bind(now.as_microsecond())
                .bind(posted.keep_until.as_microsecond())
        };
        let mut again = Again::default();
        loop {
            let done = statement().execute(&mut self.writer().await?.on()).await;
            if !again.is_worth_it(&done).await {
                return Ok(done? > 0);
            }
        }
    }

    /// What has become of a message; none when there is none of this id.
    pub async fn fate(&self, organisation: &str, id: &str) -> Result<Option<MessageFate>, Error> {
        let query = query(FATE).bind(organisation).bind(id);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        let fate = |row: Row| {
            Ok(MessageFate {
                name: get(&row, "name")?,
                delivered_at: instant_if_any(&row, "delivered_at")?,
                problem: get(&row, "problem")?,
            })
        };
        row.map(fate).transpose()
    }

    /// Up to `limit` messages that somebody listens for and that nobody has leased, leased for so long,
    /// the oldest first.
    pub(crate) async fn lease_messages(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Posted>, Error> {
        let mut rows = self.leased(LEASE, now, lease, limit).await?;
        rows.sort_by_key(|row| get::<i64>(row, "received_at").unwrap_or_default());
        let posted = |row: &Row| {
            Ok(Posted {
                organisation: get(row, "organisation")?,
                received: Received {
                    id: get(row, "id")?,
                    name: get(row, "name")?,
                    key: get(row, "key")?,
                    contents: json(row, "contents")?,
                    is_signal: false,
                },
                keep_until: Timestamp::MAX,
                sent_by: (get(row, "sent_by")?, get(row, "sent_by_name")?),
            })
        };
        rows.iter().map(posted).collect()
    }

    async fn leased(
        &self,
        text: Text,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Row>, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let statement =
            || query(text).bind(now.as_microsecond()).bind(until.as_microsecond()).bind(limit);
        let mut again = Again::default();
        loop {
            let done = statement().fetch_all(&mut self.writer().await?.on()).await;
            if !again.is_worth_it(&done).await {
                return done;
            }
        }
    }

    /// The case that has listened longest for a message, and the number of its watch there.
    pub(crate) async fn listener(&self, posted: &Posted) -> Result<Option<(CaseId, u32)>, Error> {
        let received = &posted.received;
        let query =
            query(LISTENER).bind(&posted.organisation).bind(&received.name).bind(&received.key);
        let row = query.fetch_optional(&mut self.writer().await?.on()).await?;
        row.map(|row| Ok((case_id(&row, "case_id")?, get(&row, "watch")?))).transpose()
    }

    /// One that could not be delivered is not looked at before `until`; why, if somebody must know.
    pub(crate) async fn return_message(
        &self,
        posted: &Posted,
        until: Timestamp,
        problem: Option<&str>,
    ) -> Result<(), Error> {
        let statement = query(RETURN)
            .bind(&posted.organisation)
            .bind(&posted.received.id)
            .bind(until.as_microsecond())
            .bind(problem);
        statement.execute(&mut self.writer().await?.on()).await?;
        Ok(())
    }

    /// Makes a call to each case that listens of every signal that has been given; how many signals.
    pub(crate) async fn give_signals(&self, now: Timestamp) -> Result<usize, Error> {
        let mut writing = self.begin().await?;
        let given = query(GIVE).bind(now.as_microsecond()).fetch_all(&mut writing.on()).await?;
        if given.is_empty() {
            writing.roll_back().await?;
            return Ok(0);
        }
        for row in &given {
            let (organisation, id): (&str, &str) = (get(row, "organisation")?, get(row, "id")?);
            query(CALL).bind(organisation).bind(id).execute(&mut writing.on()).await?;
        }
        self.commit(writing).await?;
        Ok(given.len())
    }

    /// Up to `limit` calls that nobody has leased, leased for so long.
    pub(crate) async fn lease_calls(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<OnItsWay>, Error> {
        let rows = self.leased(LEASE_CALLS, now, lease, limit).await?;
        let call = |row: &Row| {
            Ok(OnItsWay {
                received: Received {
                    id: get(row, "signal")?,
                    name: get(row, "name")?,
                    key: String::new(),
                    contents: Map::new(),
                    is_signal: true,
                },
                sent_by: (get(row, "sent_by")?, get(row, "sent_by_name")?),
                to: (case_id(row, "case_id")?, get(row, "watch")?),
            })
        };
        rows.iter().map(call).collect()
    }

    /// A signal is lost on a case that doesn't listen any more.
    pub(crate) async fn lose_call(&self, call: &OnItsWay) -> Result<(), Error> {
        let (case, watch) = &call.to;
        let statement = query(LOST).bind(case).bind(*watch).bind(&call.received.id);
        statement.execute(&mut self.writer().await?.on()).await?;
        Ok(())
    }

    /// Forgets what nobody can listen for since `before`.
    pub(crate) async fn forget_messages(&self, before: Timestamp) -> Result<(), Error> {
        let statement = query(FORGET).bind(before.as_microsecond());
        statement.execute(&mut self.writer().await?.on()).await?;
        Ok(())
    }
}

/// What a step has sent is on its way; what a case has received is not any more.
pub(super) fn write<'a>(script: &mut Script<'a>, changes: &[Change<'a>]) -> Result<(), Error> {
    let (mut sent, mut marked) = (Rows::of(COLUMNS), Rows::of(MARKED));
    let mut called = Rows::of(CALLS);
    let mut first = None;
    for change in changes {
        for record in change.records {
            let (name, key, contents, until) = match &record.entry {
                Entry::MessageSent { name, key, contents, keep_until } => {
                    (name, key.as_str(), to_json(contents)?, Some(*keep_until))
                }
                Entry::SignalSent { name } => (name, "", "{}".to_owned(), None),
                Entry::MessageReceived { message, .. } => {
                    first = first.or(Some(change.case));
                    marked.push([
                        change.organisation.into(),
                        message.into(),
                        record.at.as_microsecond().into(),
                    ]);
                    continue;
                }
                Entry::SignalReceived { watch, signal, .. } => {
                    called.push([change.case.into(), (*watch).into(), signal.into()]);
                    continue;
                }
                _ => continue,
            };
            sent.push([
                change.organisation.into(),
                format!("{}/{}", change.case, record.seq).into(),
                i64::from(until.is_none()).into(),
                name.into(),
                key.into(),
                contents.into(),
                (&record.actor).into(),
                (&record.actor_name).into(),
                record.at.as_microsecond().into(),
                until.unwrap_or(record.at).as_microsecond().into(),
            ]);
        }
    }
    script.add(SENT, sent);
    // Another server has delivered it to another case: what was decided is worth nothing.
    script.add_exact(DELIVERED, marked, move || Error::Conflict {
        case: first.map(ToString::to_string).unwrap_or_default(),
    });
    script.add(CALLED, called);
    Ok(())
}
