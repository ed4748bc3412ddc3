//! Languages: sentences from the catalogs, numbers, money and dates as people of a place write
//! them.
//!
//! Sentences exist in as many languages as there are files in `catalogs/`; numbers and dates follow
//! any locale that CLDR knows, so an organisation whose language has no catalog reads English
//! sentences with its own numbers. Digits, separators, months and calendars come from icu; nothing
//! here reckons. This module must not know what the sentences are about, and must not read the
//! clock.
//!
//! Screens, printed documents, exports and the command line all speak through [`Language`].

mod catalog;
mod date;
mod direction;
mod number;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use icu_locale_core::{Locale, locale};

pub use catalog::Arg;
pub use direction::{Direction, isolated};

use catalog::Catalog;

/// The languages that screens come in: code, and the name that its own readers look for.
pub const CHOICES: [(&str, &str); 3] = [("es", "Español"), ("en", "English"), ("fa", "فارسی")];

/// The languages that have a code of two letters.
const LANGUAGES: &str = "\
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv \
    cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho \
    hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku \
    kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn \
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm \
    sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi \
    vo wa wo xh yi yo za zh zu";

/// How many different locales are kept ready. Browsers may ask for any; only so many stay in
/// memory.
const KEPT: usize = 64;

static READY: LazyLock<Mutex<BTreeMap<String, Language>>> = LazyLock::new(Mutex::default);

/// A locale with its catalog and formatters; cheap to clone.
#[derive(Clone)]
pub struct Language(Arc<Inner>);

struct Inner {
    code: String,
    locale: Locale,
    catalog: &'static Catalog,
    numbers: number::Numbers,
    dates: date::Dates,
}

impl Language {
    /// The language of a code such as `es-BO` or `fa`. What is not a code is English.
    pub fn parse(code: &str) -> Self {
        let locale = Locale::try_from_str(&code.replace('_', "-")).unwrap_or(locale!("en"));
        let code = locale.to_string();
        // A poisoned lock only means that another thread died between two complete entries.
        let mut ready = READY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(language) = ready.get(&code) {
            return language.clone();
        }
        let language = Self(Arc::new(Inner {
            catalog: catalog::of(locale.id.language.as_str()),
            numbers: number::Numbers::new(&locale),
            dates: date::Dates::new(&locale),
            locale,
            code: code.clone(),
        }));
        if ready.len() < KEPT {
            ready.insert(code, language.clone());
        }
        language
    }

    /// Whether a code is a language tag of a language that there is.
    pub fn is_known(code: &str) -> bool {
        let Ok(locale) = Locale::try_from_str(&code.replace('_', "-")) else { return false };
        match locale.id.language.as_str() {
            "und" => false,
            // ISO 639-1; codes of three letters are those of smaller languages.
            short if short.len() == 2 => LANGUAGES.split(' ').any(|known| known == short),
            long => long.len() == 3,
        }
    }

    /// The whole code, `es-BO`, as HTML's `lang` wants it.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The language in which sentences come: `es`, `en` or `fa`.
    pub fn base(&self) -> &'static str {
        self.0.catalog.code
    }

    /// The language itself, `qu` of `qu-BO`, whether it has a catalog or not.
    pub fn language(&self) -> &str {
        self.0.locale.id.language.as_str()
    }

    /// `BO` of `es-BO`.
    pub fn region(&self) -> Option<&str> {
        self.0.locale.id.region.as_ref().map(|region| region.as_str())
    }

    /// Where lines begin, as HTML's `dir` and Typst's `dir` want it.
    pub fn direction(&self) -> Direction {
        Direction::of(self.language())
    }

    /// A sentence of the catalog. A key that the language lacks comes in English, an unknown one as
    /// the key itself: a page with one odd word is better than no page.
    pub fn text(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        catalog::text(self.0.catalog, key, args)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}

impl Eq for Language {}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.0.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_its_place_and_finds_its_catalog() {
        let bolivia = Language::parse("es_bo");
        assert_eq!((bolivia.code(), bolivia.base()), ("es-BO", "es"));
        assert_eq!((bolivia.language(), bolivia.region()), ("es", Some("BO")));
        assert_eq!(bolivia, Language::parse("es-BO"));
        let quechua = Language::parse("qu-BO");
        assert_eq!((quechua.code(), quechua.base()), ("qu-BO", "en"));
        assert_eq!(Language::parse("¿qué?").code(), "en");
        assert_eq!(Language::parse("fa-IR").direction().as_str(), "rtl");
        assert_eq!(Language::parse("ar").direction(), Direction::RightToLeft);
        assert_eq!(bolivia.direction().as_str(), "ltr");
    }

    #[test]
    fn only_tags_of_languages_are_known() {
        for code in ["es", "es-BO", "es_bo", "fa", "qu-BO", "quy", "zh-Hant-TW"] {
            assert!(Language::is_known(code), "{code}");
        }
        for code in ["english", "espanol", "xx", "", "es BO", "Español", "und"] {
            assert!(!Language::is_known(code), "{code}");
        }
    }

    #[test]
    fn every_choice_has_its_own_catalog() {
        for (code, _) in CHOICES {
            assert_eq!(Language::parse(code).base(), code);
        }
    }
}
