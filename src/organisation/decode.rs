//! An organisation from YAML.

use super::{Erratum, Manual, Organisation, Paper, Role, Section, Series, message, place, unit};
use crate::calendar::{self, Calendar};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::yaml::{Entries, Node, Spanned, named, text};

const APPROVALS: [&str; 4] = ["prepared_by", "reviewed_by", "approved_by", "resolution"];
const CONTACT: [&str; 5] = ["address", "city", "phone", "email", "tax_id"];

/// Reads `organisation.yaml`.
pub fn decode(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Organisation> {
    let mut entries = Entries::open(node, "an organisation", found)?;
    let id = entries.require_text("organisation", found)?;
    check_id(&id, found);
    let name = entries.require_text("name", found).map(|name| name.value).unwrap_or_default();
    let short_name = entries.text("short_name", found).map(|name| name.value);
    let language = place::language(&mut entries, found);
    let zone = place::zone(&mut entries, found);
    let currency = place::currency(&mut entries, found);
    let contact = CONTACT
        .into_iter()
        .filter_map(|key| Some((key.to_owned(), entries.text(key, found)?.value)))
        .collect();
    let ordinary = Calendar::ordinary(zone);
    let calendar = match entries.get("calendar") {
        Some(node) => calendar::decode(node, ordinary, found),
        None => ordinary,
    };
    let units = unit::decode(&mut entries, &calendar, found);
    let roles = entries.pairs("roles", found);
    let roles: Vec<Role> =
        roles.into_iter().filter_map(|(id, node)| role(id, node, found)).collect();
    unit::check_roles(&roles, &units, found);
    let series = entries.pairs("series", found);
    let series = series
        .into_iter()
        .filter_map(|(id, node)| {
            check_id(&id, found);
            Series::decode(id, node, found)
        })
        .collect();
    let series: Vec<Series> = series;
    let case_series = case_series(&mut entries, &series, &id, found);
    let papers = entries.pairs("papers", found);
    let papers = papers.into_iter().filter_map(|(id, node)| paper(id, node, found)).collect();
    let messages = message::messages(&mut entries, sources, found);
    let signals = message::signals(&mut entries, found);
    message::check_roles(&roles, (&messages, &signals), found);
    let manual = entries.get("manual").map(|node| manual(node, found)).unwrap_or_default();
    entries.finish(found);
    Some(Organisation {
        short_name: short_name.unwrap_or_else(|| name.clone()),
        id,
        name,
        language,
        currency,
        contact,
        calendar,
        units,
        roles,
        series,
        case_series,
        papers,
        messages,
        signals,
        manual,
    })
}

fn fits(letter: char) -> bool {
    letter == '-' || letter.is_ascii_digit() || (letter.is_alphabetic() && !letter.is_uppercase())
}

/// Ids of things stand in file names and addresses: lower case, digits, dashes.
pub fn check_id(id: &Spanned<String>, found: &mut Diagnostics) {
    if !id.is_empty() && id.chars().all(fits) && id.len() <= 80 {
        return;
    }
    let better = better_id(id);
    found.push(
        Diagnostic::new("bad_id", id.span, format!("`{}` can't be an id", id.value))
            .label("only lower case letters, digits and `-`")
            .help(format!("write `{better}`")),
    );
}

/// What somebody who wrote this could have written.
fn better_id(id: &str) -> String {
    let letters = id.to_lowercase();
    letters.chars().map(|letter| if fits(letter) { letter } else { '-' }).take(60).collect()
}

fn case_series(
    entries: &mut Entries<'_>,
    series: &[Series],
    organisation: &Spanned<String>,
    found: &mut Diagnostics,
) -> Series {
    if let Some(name) = entries.text("case_series", found) {
        if let Some(named) = series.iter().find(|series| *series.id == *name) {
            return named.clone();
        }
        found.push(
            Diagnostic::new(
                "unknown_series",
                name.span,
                format!("there is no series `{}`", name.value),
            )
            .label("not one of `series`")
            .suggest(&name, series.iter().map(|series| series.id.as_str())),
        );
    }
    Series {
        // No id of a file can be this.
        id: Spanned::new("@case".to_owned(), organisation.span),
        title: String::new(),
        pattern: "{year}-{number:05}".to_owned(),
        is_yearly: true,
        first: 1,
    }
}

fn role(mut id: Spanned<String>, node: &Node, found: &mut Diagnostics) -> Option<Role> {
    check_id(&id, found);
    named(&id, node, "a role", found);
    // Steps are held against what it has to be, not against the slip.
    id.value = better_id(&id);
    let plain = |title: String, id| Role {
        id,
        title,
        short: None,
        unit: None,
        is_external: false,
        attended_by: None,
        is_informed: false,
    };
    if node.text().is_some() {
        let title = text(node, "role", found)?.value;
        return Some(plain(title, id));
    }
    let mut entries = Entries::open(node, "a role", found)?;
    let title = entries.require_text("title", found).map(|title| title.value);
    let role = Role {
        short: entries.text("short", found).map(|short| short.value),
        unit: entries.text("unit", found),
        is_external: entries.flag("external", false, found),
        attended_by: entries.text("attended_by", found),
        is_informed: entries.flag("informed", false, found),
        ..plain(title.unwrap_or_else(|| id.value.clone()), id)
    };
    entries.finish(found);
    Some(role)
}

fn paper(id: Spanned<String>, node: &Node, found: &mut Diagnostics) -> Option<Paper> {
    check_id(&id, found);
    named(&id, node, "a paper", found);
    if node.text().is_some() {
        return Some(Paper { title: text(node, "paper", found)?.value, id, says: None });
    }
    let mut entries = Entries::open(node, "a paper", found)?;
    let title = entries.require_text("title", found).map(|title| title.value);
    let says = entries.text("says", found).map(|says| says.value);
    entries.finish(found);
    Some(Paper { title: title.unwrap_or_else(|| id.value.clone()), id, says })
}

fn manual(node: &Node, found: &mut Diagnostics) -> Manual {
    let Some(mut entries) = Entries::open(node, "a manual", found) else {
        return Manual::default();
    };
    let title = entries.text("title", found).map(|title| title.value);
    let mut approvals = std::collections::BTreeMap::new();
    if let Some(mut written) =
        entries.get("approvals").and_then(|node| Entries::open(node, "approvals", found))
    {
        for key in APPROVALS {
            if let Some(name) = written.text(key, found) {
                approvals.insert(key.to_owned(), name.value);
            }
        }
        written.finish(found);
    }
    let sections = sections(&mut entries, 0, found);
    let errata = errata(&mut entries, found);
    entries.finish(found);
    Manual { title, approvals, sections, errata }
}

fn sections(entries: &mut Entries<'_>, depth: usize, found: &mut Diagnostics) -> Vec<Section> {
    let mut list = Vec::new();
    for node in entries.list("sections", found) {
        let Some(mut section) = Entries::open(node, "a section", found) else { continue };
        let number = section.text("number", found).map(|number| number.value).unwrap_or_default();
        let title = section.require_text("title", found).map(|title| title.value);
        let text = section.text("text", found).map(|text| text.value).unwrap_or_default();
        let inner = if depth < 4 { sections(&mut section, depth + 1, found) } else { Vec::new() };
        section.finish(found);
        list.push(Section { number, title: title.unwrap_or_default(), text, sections: inner });
    }
    list
}

/// The `errata` of a table: of the manual as a whole, or of one procedure.
pub fn errata(entries: &mut Entries<'_>, found: &mut Diagnostics) -> Vec<Erratum> {
    entries.list("errata", found).iter().filter_map(|node| erratum(node, found)).collect()
}

/// One erratum: `{ step, where, says, why }`.
pub fn erratum(node: &Node, found: &mut Diagnostics) -> Option<Erratum> {
    let mut entries = Entries::open(node, "an erratum", found)?;
    let erratum = Erratum {
        step: entries.text("step", found),
        place: entries.text("where", found).map(|place| place.value),
        says: entries.require_text("says", found).map(|says| says.value).unwrap_or_default(),
        why: entries.require_text("why", found).map(|why| why.value).unwrap_or_default(),
    };
    entries.finish(found);
    Some(erratum)
}
