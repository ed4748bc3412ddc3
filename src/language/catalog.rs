//! The catalogs of sentences, in Fluent's notation, compiled into the program.
//!
//! Whoever needs a sentence adds its key to all three files under its group's comment; a test
//! compares the keys and the variables. Nothing here knows what a key means. Used through
//! [`Language`] only.
//!
//! [`Language`]: super::Language

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_decimal::Decimal;
use unic_langid::LanguageIdentifier;

use super::{Direction, Language, isolated};

/// What stands for a variable of a sentence.
#[derive(Debug, Clone)]
pub enum Arg<'a> {
    /// A name, a label, or a number that is formatted already.
    Text(Cow<'a, str>),
    /// A count: it also chooses between singular and plural.
    Count(i64),
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<i64> for Arg<'_> {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Arg<'_> {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<usize> for Arg<'_> {
    fn from(count: usize) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// The sentences of one language.
pub(super) struct Catalog {
    pub(super) code: &'static str,
    bundle: FluentBundle<FluentResource>,
}

/// One catalog: its code, its file, and how a count is written in it.
type Source = (&'static str, &'static str, fn(i64) -> String);

const SOURCES: [Source; 3] = [
    // The first one is what others fall back to.
    ("en", include_str!("catalogs/en.ftl"), |count| in_digits("en", count)),
    ("es", include_str!("catalogs/es.ftl"), |count| in_digits("es", count)),
    ("fa", include_str!("catalogs/fa.ftl"), |count| in_digits("fa", count)),
];

static CATALOGS: LazyLock<Vec<Catalog>> = LazyLock::new(|| SOURCES.iter().map(load).collect());

/// The catalog of a language, or the English one.
pub(super) fn of(language: &str) -> &'static Catalog {
    let found = CATALOGS.iter().find(|catalog| catalog.code == language);
    found.unwrap_or(&CATALOGS[0])
}

/// The sentence of a key, from the given catalog, else from the English one, else the key.
pub(super) fn text(catalog: &Catalog, key: &str, args: &[(&str, Arg<'_>)]) -> String {
    for catalog in [catalog, &CATALOGS[0]] {
        if let Some(text) = catalog.text(key, args) {
            return text;
        }
    }
    key.to_owned()
}

impl Catalog {
    fn text(&self, key: &str, args: &[(&str, Arg<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let around = Direction::of(self.code);
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set(*name, isolated(text, around)),
                Arg::Count(count) => values.set(*name, *count),
            }
        }
        // An argument that a caller forgot shows as `{$name}` in the text; the tests of the callers
        // see it.
        let mut problems = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&values), &mut problems).into_owned())
    }
}

fn load((code, source, _): &Source) -> Catalog {
    // What can't be read of a file is left out; a test proves that it is nothing.
    let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(part, _)| part);
    let language: LanguageIdentifier = code.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // Fluent would isolate every argument, digits and Spanish names in Spanish sentences too.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match *code {
        "es" => |value, _| counted(value, SOURCES[1].2),
        "fa" => |value, _| counted(value, SOURCES[2].2),
        _ => |value, _| counted(value, SOURCES[0].2),
    }));
    bundle.add_resource_overriding(resource);
    Catalog { code, bundle }
}

fn counted(value: &FluentValue<'_>, write: fn(i64) -> String) -> Option<String> {
    match value {
        // Counts come in as i64, so nothing is cut off.
        FluentValue::Number(number) => Some(write(number.value as i64)),
        _ => None,
    }
}

fn in_digits(language: &str, count: i64) -> String {
    Language::parse(language).number(&Decimal::from(count), 0)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Keys with the variables of their sentences.
    fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            let is_start = line.starts_with(|letter: char| letter.is_ascii_alphabetic());
            if let Some((name, _)) = line.split_once('=').filter(|_| is_start) {
                key = name.trim().to_owned();
                assert!(!keys.contains_key(&key), "{key} stands twice");
                keys.insert(key.clone(), BTreeSet::new());
            }
            for variable in line.split('$').skip(1) {
                let end = variable.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
                let name = variable[..end.unwrap_or(variable.len())].to_owned();
                keys.entry(key.clone()).or_default().insert(name);
            }
        }
        keys
    }

    #[test]
    fn catalogs_have_no_mistakes() {
        for (code, source, _) in SOURCES {
            if let Err((_, mistakes)) = FluentResource::try_new(source.to_owned()) {
                panic!("{code}: {mistakes:?}");
            }
        }
    }

    #[test]
    fn catalogs_have_the_same_keys_and_variables() {
        let english = keys(SOURCES[0].1);
        for (code, source, _) in &SOURCES[1..] {
            let other = keys(source);
            for (key, variables) in &english {
                assert_eq!(Some(variables), other.get(key), "{key} in {code}");
            }
            let unknown: Vec<_> = other.keys().filter(|key| !english.contains_key(*key)).collect();
            assert!(unknown.is_empty(), "only in {code}: {unknown:?}");
        }
    }

    #[test]
    fn sentences_count_and_fall_back() {
        let es = Language::parse("es-BO");
        let rows = |language: &Language, count: u32| {
            language.text("problem-too-few-rows", &[("min", count.into())])
        };
        assert_eq!(rows(&es, 1), "Llene al menos una fila.");
        assert_eq!(rows(&es, 1200), "Llene al menos 1.200 filas.");
        assert_eq!(rows(&Language::parse("fa"), 3), "دست‌کم ۳ ردیف را پر کنید.");
        assert_eq!(es.text("no-such-key", &[]), "no-such-key");
        assert_eq!(Language::parse("qu").text("draft-mark", &[]), "DRAFT");
    }

    #[test]
    fn names_of_the_other_direction_are_isolated_in_a_sentence() {
        let arg = [("key", Arg::from("CB-10"))];
        let fa = Language::parse("fa").text("problem-unknown-record", &arg);
        assert!(fa.contains("\u{2068}CB-10\u{2069}"), "{fa}");
        let es = Language::parse("es").text("problem-unknown-record", &arg);
        assert!(es.contains("«CB-10»"), "{es}");
    }
}
