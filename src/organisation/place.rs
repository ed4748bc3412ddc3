//! Where an organisation is: its language, time zone and currency. Only whether they can be; how people of a
//! place write numbers and dates is `language`'s. Called by `decode`.

use jiff::tz::TimeZone;

use super::Currency;
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::language::Language;
use crate::yaml::Entries;

/// Languages by the names that people write instead of their tags.
const NAMES: [(&str, &str); 16] = [
    ("english", "en"),
    ("ingles", "en"),
    ("eng", "en"),
    ("spanish", "es"),
    ("espanol", "es"),
    ("castellano", "es"),
    ("spa", "es"),
    ("persian", "fa"),
    ("farsi", "fa"),
    ("dari", "fa-AF"),
    ("fas", "fa"),
    ("portuguese", "pt"),
    ("portugues", "pt"),
    ("french", "fr"),
    ("german", "de"),
    ("quechua", "qu"),
];

/// The language tag; English when none is written, or none that there is.
pub(super) fn language(entries: &mut Entries<'_>, found: &mut Diagnostics) -> String {
    const USUAL: &str = "en";
    let Some(written) = entries.text("language", found) else { return USUAL.to_owned() };
    let word = written.to_lowercase();
    let meant = did_you_mean(&word, NAMES.iter().map(|(name, _)| *name)).unwrap_or(&word);
    let meant = NAMES.iter().find(|(name, _)| *name == meant).map(|(_, tag)| *tag);
    let is_name = NAMES.iter().any(|(name, _)| *name == word);
    if Language::is_known(&written) && !is_name {
        return written.value;
    }
    let finding =
        Diagnostic::new("bad_value", written.span, format!("`{}` is no language tag", *written))
            .label("not known")
            .note("screens come in `es`, `en` and `fa`; numbers and dates in every language");
    found.push(match meant {
        Some(tag) => finding.help(format!("write `{tag}`, or with the country as in `es-BO`")),
        None => finding.help("write it as `es-BO`, `en` or `fa`: the language, then the country"),
    });
    USUAL.to_owned()
}

pub(super) fn zone(entries: &mut Entries<'_>, found: &mut Diagnostics) -> TimeZone {
    let Some(written) = entries.text("time_zone", found) else { return TimeZone::UTC };
    TimeZone::get(&written).unwrap_or_else(|_| {
        found.push(
            Diagnostic::new("bad_value", written.span, "this time zone is not known")
                .label("not in the time zone database")
                .help("write it as `America/La_Paz` or `Asia/Tehran`"),
        );
        TimeZone::UTC
    })
}

pub(super) fn currency(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Currency {
    let none = Currency { code: String::new(), symbol: String::new(), decimals: 2 };
    let Some(mut entries) =
        entries.get("currency").and_then(|node| Entries::open(node, "a currency", found))
    else {
        return none;
    };
    let code = entries.require_text("code", found);
    if let Some(code) = &code
        && (code.len() != 3 || !code.bytes().all(|letter| letter.is_ascii_uppercase()))
    {
        let finding =
            Diagnostic::new("bad_value", code.span, format!("`{}` is no currency", code.value))
                .label("three capital letters are needed");
        let capitals = code.to_uppercase();
        let is_code = code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_alphabetic());
        found.push(match is_code {
            true => finding.help(format!("write `{capitals}`")),
            false => finding.help("write its code of ISO 4217, as `BOB`, `USD` or `IRR`"),
        });
    }
    let code = code.map(|code| code.value).unwrap_or_default();
    let symbol = entries.text("symbol", found).map(|symbol| symbol.value);
    let decimals = entries.count("decimals", found).unwrap_or(2).min(4);
    entries.finish(found);
    Currency { symbol: symbol.unwrap_or_else(|| code.clone()), code, decimals }
}
