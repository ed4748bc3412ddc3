//! Who is here: sessions in the store, the signed-in person, the language.
//!
//! A session holds nothing but the person's id: name, roles and whether the account is still open are
//! looked at anew for every page. What was read is believed for two seconds ([`Recall`]): signing out,
//! and closing an account or taking a role away with [`App::save_person`], take effect at once; what
//! another process does (`tramite people save`), within two seconds.
//!
//! The store sees only a hash of the session's id, so that a stolen backup opens no session; sessions in
//! memory go by the same hash, so that looking one up tells nothing about ids by how long it takes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE};
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tower_sessions::cookie::time::{Duration as Span, OffsetDateTime};
use tower_sessions::cookie::{Cookie, SameSite};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result as Stored};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

use super::App;
use super::fail::Fail;
use super::house::House;
use super::recent::Recent;
use super::speaker::Speaker;
use crate::engine::Actor;
use crate::language::{CHOICES, Language};
use crate::organisation::Organisation;
use crate::runtime::Runtime;
use crate::store::{self, Person};

/// The cookie of a reader's own choice of language.
pub(super) const LANGUAGE: &str = "language";
/// The key of the person's id in a session.
const PERSON: &str = "person";
/// The key of the hour in which a session was last used; writing it prolongs the session. Nothing else is
/// written for a request, so that reading pages costs no writes.
const SEEN: &str = "seen";
/// A working day with room to spare; a day off ends it.
const HOURS: i64 = 14;

/// What the check of every request was told a moment ago; cheap to clone, and all clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recall {
    /// By the hash of their id.
    sessions: Recent<Arc<Kept>>,
    people: Recent<Person>,
    pub(super) houses: Recent<Arc<House>>,
}

#[cfg(test)]
impl Recall {
    pub(super) fn let_pass(&self, time: Duration) {
        self.sessions.let_pass(time);
        self.people.let_pass(time);
        self.houses.let_pass(time);
    }
}

/// Sessions over the store.
#[derive(Clone)]
pub(super) struct Sessions {
    runtime: Runtime,
    recent: Recent<Arc<Kept>>,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

/// A session as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    data: HashMap<String, serde_json::Value>,
    until: i64,
}

fn hashed(id: &Id) -> String {
    let digest = Sha256::digest(id.to_string());
    let half = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0'); // 16 halves, 16 digits
    digest.iter().flat_map(|byte| [half(byte >> 4), half(byte & 15)]).collect()
}

/// What a session store may say is a text; this one tells that trying again is worth it.
const BUSY: &str = "busy";

fn backend(error: store::Error) -> Error {
    Error::Backend(match error {
        error if error.is_passing() => BUSY.to_owned(),
        error => error.to_string(),
    })
}

/// The session couldn't be read because the database was busy.
pub(super) fn is_busy(error: &tower_sessions::session::Error) -> bool {
    use tower_sessions::session::Error::Store;
    matches!(error, Store(Error::Backend(said)) if said == BUSY)
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Stored<()> {
        // 128 random bits don't meet twice.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Stored<()> {
        let until = record.expiry_date.unix_timestamp();
        let kept = Kept { data: record.data.clone(), until };
        let text =
            serde_json::to_string(&kept).map_err(|error| Error::Encode(error.to_string()))?;
        let id = hashed(&record.id);
        let _change = self.recent.forgetting(&id);
        self.runtime.store().session_save(&id, &text, until).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Stored<Option<Record>> {
        let hash = hashed(id);
        let found = self.recent.or_read(&hash, self.read(&hash)).await?;
        let Some(kept) = found else { return Ok(None) };
        let now = OffsetDateTime::now_utc();
        let until = OffsetDateTime::from_unix_timestamp(kept.until).unwrap_or(now);
        let record = Record { id: *id, data: kept.data.clone(), expiry_date: until };
        Ok((until > now).then_some(record))
    }

    async fn delete(&self, id: &Id) -> Stored<()> {
        let id = hashed(id);
        let _change = self.recent.forgetting(&id);
        self.runtime.store().session_delete(&id).await.map_err(backend)
    }
}

impl Sessions {
    async fn read(&self, hash: &str) -> Stored<Option<Arc<Kept>>> {
        let found = self.runtime.store().session_load(hash).await.map_err(backend)?;
        let Some(text) = found else { return Ok(None) };
        let kept = serde_json::from_str(&text).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Arc::new(kept)))
    }
}

pub(super) fn layer(app: &App) -> SessionManagerLayer<Sessions> {
    let recent = app.recall.sessions.clone();
    SessionManagerLayer::new(Sessions { runtime: app.runtime.clone(), recent })
        .with_name("session")
        .with_same_site(SameSite::Lax)
        .with_http_only(true)
        .with_secure(app.is_secure)
        .with_expiry(Expiry::OnInactivity(Span::hours(HOURS)))
}

/// Sweeps sessions that have run out, for ever.
pub(super) async fn sweep(runtime: Runtime, every: Duration) {
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        if let Err(error) = runtime.store().session_sweep().await {
            tracing::warn!("old sessions could not be swept: {error}");
        }
    }
}

/// Makes the person the session's own. The id changes, so that nobody can have planted it.
pub(super) async fn sign_in(session: &Session, person: &Person) -> Result<(), Fail> {
    session.cycle_id().await?;
    session.insert(PERSON, &person.id).await?;
    session.insert(SEEN, hour()).await?;
    Ok(())
}

fn hour() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp() / 3_600
}

impl App {
    /// Adds or changes a person so that this process believes the new roles, and a closed account, from
    /// now on. Whatever here changes people must do it by this.
    pub async fn save_person(&self, person: &Person) -> Result<(), store::Error> {
        let _change = self.recall.people.forgetting(&person.id);
        self.runtime.store().save_person(person).await
    }

    async fn person(&self, id: &str) -> Result<Option<Person>, store::Error> {
        // The hash of a password is nothing to keep in memory.
        let read = async {
            let found = self.runtime.store().person(id).await?;
            Ok(found.map(|person| Person { password_hash: None, ..person }))
        };
        self.recall.people.or_read(id, read).await
    }
}

/// The signed-in person with everything that a page needs to know around them.
pub(super) struct Here {
    pub(super) app: App,
    pub(super) person: Person,
    pub(super) actor: Actor,
    pub(super) organisation: Arc<Organisation>,
    pub(super) house: Arc<House>,
    pub(super) speaker: Speaker,
    /// May cancel cases of some procedure, and so looks after what is stuck.
    pub(super) is_in_charge: bool,
    /// May see one of the reports at least.
    pub(super) has_reports: bool,
    /// The organisation keeps ledgers, and the person may see one of them at least.
    pub(super) has_ledgers: bool,
    /// The address asked for, to come back to after a change of language.
    pub(super) path: String,
}

impl FromRequestParts<App> for Here {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fail> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let next = if parts.method.is_safe() { path.clone() } else { "/".to_owned() };
        let session = Session::from_request_parts(parts, app).await.map_err(|_| Fail::Broken)?;
        let id: Option<String> = session.get(PERSON).await?;
        let Some(id) = id else { return Err(Fail::SignIn(next)) };
        let person = app.person(&id).await?.filter(|person| person.is_active);
        let Some(person) = person else { return Err(Fail::SignIn(next)) };
        if session.get::<i64>(SEEN).await? != Some(hour()) {
            session.insert(SEEN, hour()).await?;
        }
        Self::of(app, person, &parts.headers, path).await
    }
}

impl Here {
    /// The person at `path`, once it is certain who they are.
    pub(super) async fn of(
        app: &App,
        person: Person,
        headers: &HeaderMap,
        path: String,
    ) -> Result<Self, Fail> {
        let actor = person.actor();
        let house = app.house(&person.organisation).await?.ok_or(Fail::NothingPublished)?;
        let organisation = Arc::clone(&house.organisation);
        let is_in_charge = house.in_charge.iter().any(|role| actor.has(role));
        let has_reports = house.readers.iter().any(|role| actor.has(role));
        let has_ledgers = house.ledgers(&actor).next().is_some();
        let language = language_of(headers, person.language.as_deref(), Some(&organisation));
        let speaker = Speaker {
            language,
            zone: organisation.calendar.zone.clone(),
            currency: organisation.currency.clone(),
            now: app.runtime.clock().now(),
        };
        let app = app.clone();
        Ok(Self {
            app,
            actor,
            person,
            organisation,
            house,
            speaker,
            is_in_charge,
            has_reports,
            has_ledgers,
            path,
        })
    }
}

/// The reader's language: their choice, else the person's, the organisation's, the browser's. A choice
/// that is the organisation's own language comes with the organisation's place.
pub(super) fn language_of(
    headers: &HeaderMap,
    person: Option<&str>,
    organisation: Option<&Organisation>,
) -> Language {
    let house = organisation.map(|organisation| organisation.language.as_str());
    let chosen = cookie(headers, LANGUAGE).and_then(|code| known(&code));
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|asked| asked.to_str().ok());
    let browser = asked.and_then(|asked| asked.split(',').find_map(known));
    let code = chosen.or(person).or(house).or(browser).unwrap_or("en");
    let language = Language::parse(code);
    match house.map(Language::parse) {
        Some(house) if house.language() == language.language() => house,
        _ => language,
    }
}

/// The code of a language that the screens come in.
pub(super) fn known(code: &str) -> Option<&'static str> {
    let language = code.trim().split(['-', ';']).next()?.to_ascii_lowercase();
    CHOICES.iter().map(|(code, _)| *code).find(|code| *code == language)
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok()).find_map(|cookies| {
        let mut cookies = Cookie::split_parse(cookies).filter_map(Result::ok);
        cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    })
}

/// The organisation, when there is no other: then its language and name stand on the first page.
pub(super) async fn organisation_if_only(app: &App) -> Option<Arc<Organisation>> {
    let all = app.runtime.store().organisations().await.ok()?;
    match all.as_slice() {
        [only] => app.organisation(only).await.ok()?,
        _ => None,
    }
}

/// An address of this site that a form may send the reader back to; any other is the queue.
pub(super) fn local(path: &str) -> &str {
    let is_local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control);
    if is_local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_only_sent_back_to_this_site() {
        assert_eq!(local("/cases?status=running"), "/cases?status=running");
        for evil in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"] {
            assert_eq!(local(evil), "/", "{evil:?}");
        }
    }

    #[test]
    fn the_choice_of_the_reader_comes_first() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, "de-DE,fa;q=0.8,en;q=0.5".parse().expect("header"));
        assert_eq!(language_of(&headers, None, None).code(), "fa");
        assert_eq!(language_of(&headers, Some("en"), None).code(), "en");
        headers.insert(COOKIE, "a=b; language=es".parse().expect("header"));
        assert_eq!(language_of(&headers, Some("en"), None).code(), "es");
        headers.insert(COOKIE, "language=<script>".parse().expect("header"));
        assert_eq!(language_of(&headers, Some("en"), None).code(), "en");
    }
}
