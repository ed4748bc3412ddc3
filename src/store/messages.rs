//! Messages and signals that are on their way.
//!
//! A message is a row from the moment that it is taken in; it is delivered when the same transaction
//! that writes what it did to a case, or that begins one with it, marks the row, which succeeds for one case
//! only. A signal becomes
//! a row in `signal_calls` for each case that listens then. Rows stay for a while when they are done, so
//! that a message that is sent again under its id is known.

use jiff::{SignedDuration, Timestamp};

use super::columns::{case_id, get, instant_if_any, json, to_json};
use super::sql::{Kind, Query, Row, Rows, Script, Text, query};
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
    /// The case that began with it, and its number.
    pub began: Option<(CaseId, String)>,
    /// Why it was refused when it was tried, as [`Self`]'s reader wrote it down.
    pub problem: Option<String>,
    /// Somebody has given it up.
    pub is_dropped: bool,
}

/// Who gets a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listener {
    /// The case that has listened longest, and the number of its watch there.
    Case(CaseId, u32),
    /// The procedure that begins with it, when no case listens.
    Procedure(String),
}

/// What came of taking a message in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    New,
    /// Sent again: nothing has changed.
    Known,
    /// Its sender has given the id to another one before.
    Other,
}

const TAKE_IN: &str = "\
INSERT INTO messages (organisation, sender, id, is_signal, name, key, contents, sent_by,
                      sent_by_name, received_at, keep_until, leased_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)
ON CONFLICT (organisation, sender, id) DO NOTHING";

const SENT: &str = "\
INSERT INTO messages (organisation, sender, id, is_signal, name, key, contents, sent_by,
                      sent_by_name, received_at, keep_until, leased_until)
SELECT organisation, sender, id, is_signal, name, key, contents, sent_by, sent_by_name,
       received_at, keep_until, 0
  FROM {rows}";

const COLUMNS: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("sender", Kind::Text),
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
UPDATE messages SET delivered_at = v.delivered_at, problem = NULL,
       began = CASE WHEN v.begins = 1 THEN v.case_id END
  FROM {rows}
 WHERE messages.organisation = v.organisation AND messages.sender = v.sender
   AND messages.id = v.id AND messages.delivered_at IS NULL";

const MARKED: &[(&str, Kind)] = &[
    ("organisation", Kind::Text),
    ("sender", Kind::Text),
    ("id", Kind::Text),
    ("delivered_at", Kind::Int),
    ("case_id", Kind::Id),
    ("begins", Kind::Int),
];

// SQLite has no DELETE … USING.
const CALLED: Text = Text {
    sqlite: "\
DELETE FROM signal_calls
 WHERE (case_id, watch, sender, signal) IN
       (SELECT v.case_id, v.watch, v.sender, v.signal FROM {rows})",
    postgres: "\
DELETE FROM signal_calls USING {rows}
 WHERE signal_calls.case_id = v.case_id AND signal_calls.watch = v.watch
   AND signal_calls.sender = v.sender AND signal_calls.signal = v.signal",
};

const CALLS: &[(&str, Kind)] =
    &[("case_id", Kind::Id), ("watch", Kind::Int), ("sender", Kind::Text), ("signal", Kind::Text)];

// What another server is just leasing is passed over, not waited for.
const LEASE: Text = Text {
    sqlite: "\
UPDATE messages SET leased_until = $2
 WHERE (organisation, sender, id) IN
       (SELECT m.organisation, m.sender, m.id FROM messages AS m
         WHERE m.delivered_at IS NULL AND m.is_signal = 0 AND m.leased_until <= $1
           AND (m.keep_until > $1 OR m.problem IS NOT NULL)
           AND (EXISTS (SELECT 1 FROM subscriptions AS s
                         WHERE s.organisation = m.organisation AND s.is_signal = 0
                           AND s.name = m.name AND s.key = m.key)
             OR EXISTS (SELECT 1 FROM message_starts AS b
                         WHERE b.organisation = m.organisation AND b.message = m.name))
         ORDER BY m.received_at, m.sender, m.id LIMIT $3)
RETURNING organisation, sender, id, name, key, contents, sent_by, sent_by_name, received_at",
    postgres: "\
UPDATE messages SET leased_until = $2
  FROM (SELECT m.organisation, m.sender, m.id FROM messages AS m
         WHERE m.delivered_at IS NULL AND m.is_signal = 0 AND m.leased_until <= $1
           AND (m.keep_until > $1 OR m.problem IS NOT NULL)
           AND (EXISTS (SELECT 1 FROM subscriptions AS s
                         WHERE s.organisation = m.organisation AND s.is_signal = 0
                           AND s.name = m.name AND s.key = m.key)
             OR EXISTS (SELECT 1 FROM message_starts AS b
                         WHERE b.organisation = m.organisation AND b.message = m.name))
         ORDER BY m.received_at, m.sender, m.id LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE messages.organisation = due.organisation AND messages.sender = due.sender
   AND messages.id = due.id
RETURNING messages.organisation, messages.sender, messages.id, messages.name, messages.key,
          messages.contents, messages.sent_by, messages.sent_by_name, messages.received_at",
};

// An older one comes first, and whoever leases what is due sees to that.
const LEASE_THIS: &str = "\
UPDATE messages SET leased_until = $5
 WHERE organisation = $1 AND sender = $2 AND id = $3 AND delivered_at IS NULL
   AND leased_until <= $4
   AND NOT EXISTS (SELECT 1 FROM messages AS m
                    WHERE m.organisation = messages.organisation AND m.name = messages.name
                      AND m.key = messages.key AND m.is_signal = 0 AND m.delivered_at IS NULL
                      AND m.keep_until > $4 AND m.received_at < messages.received_at)";

const LISTENER: &str = "\
SELECT case_id, watch FROM subscriptions
 WHERE organisation = $1 AND is_signal = 0 AND name = $2 AND key = $3
 ORDER BY since, case_id, watch LIMIT 1";

const RETURN: &str = "\
UPDATE messages SET leased_until = $4, problem = NULL, problem_since = NULL, refused_by = NULL
 WHERE organisation = $1 AND sender = $2 AND id = $3 AND delivered_at IS NULL";

// What was refused is kept beyond its time: somebody has to see it.
const REFUSE: &str = "\
UPDATE messages SET leased_until = $4, problem = $5, refused_by = $6,
       problem_since = coalesce(problem_since, $7)
 WHERE organisation = $1 AND sender = $2 AND id = $3 AND delivered_at IS NULL";

const TO_GIVE: &str =
    "SELECT 1 AS found FROM messages WHERE is_signal = 1 AND delivered_at IS NULL LIMIT 1";

const GIVE: &str = "\
UPDATE messages SET delivered_at = $1
 WHERE is_signal = 1 AND delivered_at IS NULL
RETURNING organisation, sender, id";

const GIVE_THIS: &str = "\
UPDATE messages SET delivered_at = $1
 WHERE organisation = $2 AND sender = $3 AND id = $4 AND is_signal = 1 AND delivered_at IS NULL
RETURNING organisation, sender, id";

const CALL: &str = "\
INSERT INTO signal_calls (case_id, watch, sender, signal, organisation, name, sent_by,
                          sent_by_name, leased_until)
SELECT s.case_id, s.watch, m.sender, m.id, m.organisation, m.name, m.sent_by, m.sent_by_name, 0
  FROM messages AS m JOIN subscriptions AS s
    ON s.organisation = m.organisation AND s.is_signal = 1 AND s.name = m.name
 WHERE m.organisation = $1 AND m.sender = $2 AND m.id = $3";

const LEASE_CALLS: Text = Text {
    sqlite: "\
UPDATE signal_calls SET leased_until = $2
 WHERE (case_id, watch, sender, signal) IN
       (SELECT case_id, watch, sender, signal FROM signal_calls
         WHERE leased_until <= $1 LIMIT $3)
RETURNING case_id, watch, sender, signal, name, sent_by, sent_by_name",
    postgres: "\
UPDATE signal_calls AS c SET leased_until = $2
  FROM (SELECT case_id, watch, sender, signal FROM signal_calls
         WHERE leased_until <= $1 LIMIT $3 FOR UPDATE SKIP LOCKED) AS due
 WHERE c.case_id = due.case_id AND c.watch = due.watch AND c.sender = due.sender
   AND c.signal = due.signal
RETURNING c.case_id, c.watch, c.sender, c.signal, c.name, c.sent_by, c.sent_by_name",
};

const LOST: &str = "\
DELETE FROM signal_calls WHERE case_id = $1 AND watch = $2 AND sender = $3 AND signal = $4";

const FATE: &str = "\
SELECT m.name, m.delivered_at, m.problem, m.dropped_by, m.began,
       coalesce(c.number, a.number) AS number
  FROM messages AS m LEFT JOIN cases AS c ON c.id = m.began
  LEFT JOIN archived AS a ON a.case_id = m.began
 WHERE m.organisation = $1 AND m.sender = $2 AND m.id = $3";

const TAKEN: &str = "\
SELECT is_signal, name, key, contents FROM messages
 WHERE organisation = $1 AND sender = $2 AND id = $3";

const FORGET: &str = "\
DELETE FROM messages WHERE keep_until < $1 AND (delivered_at IS NOT NULL OR problem IS NULL)";

impl Store {
    /// Takes a message in, once under its sender's id.
    pub async fn take_in(&self, posted: &Posted, now: Timestamp) -> Result<Taken, Error> {
        let received = &posted.received;
        let contents = to_json(&received.contents)?;
        let statement = || {
            query(TAKE_IN)
                .bind(&posted.organisation)
                .bind(&received.sender)
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
        let is_new = self.write_alone(statement).await? > 0;
        if is_new { Ok(Taken::New) } else { self.taken(posted).await }
    }

    /// Whether a message is the one that is known under its id.
    async fn taken(&self, posted: &Posted) -> Result<Taken, Error> {
        let received = &posted.received;
        let query =
            query(TAKEN).bind(&posted.organisation).bind(&received.sender).bind(&received.id);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        let Some(row) = row else { return Ok(Taken::Known) };
        let (is_signal, contents): (i64, Map) = (get(&row, "is_signal")?, json(&row, "contents")?);
        let (name, key): (String, String) = (get(&row, "name")?, get(&row, "key")?);
        let is_same = (is_signal != 0) == received.is_signal
            && name == received.name
            && key == received.key
            && contents == received.contents;
        Ok(if is_same { Taken::Known } else { Taken::Other })
    }

    /// What has become of a message; none when its sender gave none of this id.
    pub async fn fate(
        &self,
        organisation: &str,
        sender: &str,
        id: &str,
    ) -> Result<Option<MessageFate>, Error> {
        let query = query(FATE).bind(organisation).bind(sender).bind(id);
        let row = query.fetch_optional(&mut self.reader().await?.on()).await?;
        let fate = |row: Row| {
            Ok(MessageFate {
                name: get(&row, "name")?,
                delivered_at: instant_if_any(&row, "delivered_at")?,
                began: match get::<Option<String>>(&row, "number")? {
                    Some(number) => Some((case_id(&row, "began")?, number)),
                    None => None,
                },
                problem: get(&row, "problem")?,
                is_dropped: get::<Option<&str>>(&row, "dropped_by")?.is_some(),
            })
        };
        row.map(fate).transpose()
    }

    /// Leases this message alone, for so long; not when it is leased or an older one comes first.
    pub(crate) async fn lease_message(
        &self,
        posted: &Posted,
        now: Timestamp,
        lease: SignedDuration,
    ) -> Result<bool, Error> {
        let until = now.checked_add(lease).unwrap_or(Timestamp::MAX);
        let statement = || {
            query(LEASE_THIS)
                .bind(&posted.organisation)
                .bind(&posted.received.sender)
                .bind(&posted.received.id)
                .bind(now.as_microsecond())
                .bind(until.as_microsecond())
        };
        Ok(self.write_alone(statement).await? > 0)
    }

    /// Up to `limit` messages that somebody listens for and that nobody has leased, leased for so long,
    /// the oldest first.
    pub(crate) async fn lease_messages(
        &self,
        now: Timestamp,
        lease: SignedDuration,
        limit: u32,
    ) -> Result<Vec<Posted>, Error> {
        let mut rows = self.lease_alone(LEASE, now, lease, limit).await?;
        rows.sort_by_key(|row| get::<i64>(row, "received_at").unwrap_or_default());
        rows.iter().map(posted).collect()
    }

    /// Who gets a message now.
    pub(crate) async fn listener(&self, posted: &Posted) -> Result<Option<Listener>, Error> {
        let received = &posted.received;
        let query =
            query(LISTENER).bind(&posted.organisation).bind(&received.name).bind(&received.key);
        let row = query.fetch_optional(&mut self.writer().await?.on()).await?;
        if let Some(row) = row {
            return Ok(Some(Listener::Case(case_id(&row, "case_id")?, get(&row, "watch")?)));
        }
        let starter = self.starter(&posted.organisation, &received.name).await?;
        Ok(starter.map(Listener::Procedure))
    }

    /// Nobody has listened for it: its lease ends.
    pub(crate) async fn return_message(
        &self,
        posted: &Posted,
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = || of(RETURN, posted).bind(now.as_microsecond());
        self.write_alone(statement).await.map(|_| ())
    }

    /// This procedure has refused it, for this reason: nobody looks at it until then.
    pub(crate) async fn refuse_message(
        &self,
        posted: &Posted,
        (procedure, problem): (&str, &str),
        (now, until): (Timestamp, Timestamp),
    ) -> Result<(), Error> {
        let statement = || {
            let statement = of(REFUSE, posted).bind(until.as_microsecond()).bind(problem);
            statement.bind(procedure).bind(now.as_microsecond())
        };
        self.write_alone(statement).await.map(|_| ())
    }

    /// Makes a call to each case that listens of every signal that has been given; how many signals.
    pub(crate) async fn give_signals(&self, now: Timestamp) -> Result<usize, Error> {
        let there = query(TO_GIVE).fetch_optional(&mut self.reader().await?.on()).await?;
        if there.is_none() {
            return Ok(0);
        }
        self.give(query(GIVE).bind(now.as_microsecond())).await
    }

    /// The same of one signal.
    pub(crate) async fn give_signal(&self, posted: &Posted, now: Timestamp) -> Result<(), Error> {
        let received = &posted.received;
        let query = query(GIVE_THIS).bind(now.as_microsecond()).bind(&posted.organisation);
        self.give(query.bind(&received.sender).bind(&received.id)).await.map(|_| ())
    }

    async fn give(&self, signals: Query<'_>) -> Result<usize, Error> {
        let mut writing = self.begin().await?;
        let given = signals.fetch_all(&mut writing.on()).await?;
        if given.is_empty() {
            writing.roll_back().await?;
            return Ok(0);
        }
        for row in &given {
            let (organisation, sender): (&str, &str) =
                (get(row, "organisation")?, get(row, "sender")?);
            let call = query(CALL).bind(organisation).bind(sender).bind(get::<&str>(row, "id")?);
            call.execute(&mut writing.on()).await?;
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
        let rows = self.lease_alone(LEASE_CALLS, now, lease, limit).await?;
        let call = |row: &Row| {
            Ok(OnItsWay {
                received: Received {
                    sender: get(row, "sender")?,
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
        let (sender, id) = (&call.received.sender, &call.received.id);
        let statement = query(LOST).bind(case).bind(*watch).bind(sender).bind(id);
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

/// A message that is leased; how long it is kept says nothing then.
pub(super) fn posted(row: &Row) -> Result<Posted, Error> {
    Ok(Posted {
        organisation: get(row, "organisation")?,
        received: Received {
            sender: get(row, "sender")?,
            id: get(row, "id")?,
            name: get(row, "name")?,
            key: get(row, "key")?,
            contents: json(row, "contents")?,
            is_signal: false,
        },
        keep_until: Timestamp::MAX,
        sent_by: (get(row, "sent_by")?, get(row, "sent_by_name")?),
    })
}

/// A statement about one message.
fn of<'q>(text: &'static str, posted: &'q Posted) -> Query<'q> {
    let received = &posted.received;
    query(text).bind(&posted.organisation).bind(&received.sender).bind(&received.id)
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
                Entry::MessageReceived { message, sender, .. } => {
                    first = first.or(Some(change.case));
                    marked.push([
                        change.organisation.into(),
                        sender.into(),
                        message.into(),
                        record.at.as_microsecond().into(),
                        change.case.into(),
                        i64::from(change.before.is_none()).into(),
                    ]);
                    continue;
                }
                Entry::SignalReceived { watch, signal, sender, .. } => {
                    let watch = (*watch).into();
                    called.push([change.case.into(), watch, sender.into(), signal.into()]);
                    continue;
                }
                _ => continue,
            };
            sent.push([
                change.organisation.into(),
                Received::STEP.into(),
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
