//! `Idempotency-Key`: what makes a command safe to repeat. Demanded with every command, because whoever
//! gets no answer can't know whether it was done, and must be able to ask again.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::problem::Problem;
use crate::runtime::Key;
use crate::web::App;

const NAME: &str = "idempotency-key";
const LONGEST: usize = 200;

/// The key of a command. It belongs to the person who sends it.
#[derive(Debug, PartialEq)]
pub(in crate::web) struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key as the runtime takes it. The one place where the API makes keys.
    pub(super) fn of_command(&self) -> Option<Key<'_>> {
        Some(Key::api(&self.0))
    }

    pub(super) fn name(&self) -> &str {
        &self.0
    }

    fn of(headers: &HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(NAME).iter();
        let (first, second) = (all.next()?, all.next());
        let text = first.to_str().ok().filter(|_| second.is_none())?;
        let is_fine = (1..=LONGEST).contains(&text.len())
            && text.bytes().all(|letter| letter.is_ascii_graphic());
        is_fine.then(|| Self(text.to_owned()))
    }
}

impl FromRequestParts<App> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Self::of(&parts.headers).ok_or_else(|| {
            Problem::bad_request(
                "key-required",
                "send one header `Idempotency-Key` of 1 to 200 visible ASCII characters: a new one \
                 for every command, the same one when you repeat it",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_visible_and_alone() {
        let of = |keys: &[&str]| {
            let header = |key: &&str| (NAME.parse().expect("name"), key.parse().expect("value"));
            IdempotencyKey::of(&HeaderMap::from_iter(keys.iter().map(header)))
        };
        assert_eq!(of(&["a-1"]), Some(IdempotencyKey("a-1".to_owned())));
        assert!(of(&[&"x".repeat(200)]).is_some());
        for wrong in [&[][..], &[""], &["a b"], &["ñ"], &["a\tb"], &[&"x".repeat(201)]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
        let mut twice = HeaderMap::new();
        twice.append(NAME, "a".parse().expect("value"));
        twice.append(NAME, "a".parse().expect("value"));
        assert_eq!(IdempotencyKey::of(&twice), None);
    }
}
