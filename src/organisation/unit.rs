//! Units of an organisation: who works together, and by which calendar.

use crate::calendar::{self, Calendar};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::yaml::{Entries, Node, Spanned, named, text};

use super::{Role, check_id};

/// A part of the organisation that roles belong to.
#[derive(Debug, Clone)]
pub struct Unit {
    pub id: Spanned<String>,
    pub title: String,
    /// Where it differs from the organisation's.
    pub calendar: Option<Calendar>,
}

/// Reads `units`: a title, or a table with a title and a calendar.
pub(super) fn decode(
    entries: &mut Entries<'_>,
    calendar: &Calendar,
    found: &mut Diagnostics,
) -> Vec<Unit> {
    let units = entries.pairs("units", found);
    units.into_iter().filter_map(|(id, node)| unit(id, node, calendar, found)).collect()
}

fn unit(
    id: Spanned<String>,
    node: &Node,
    base: &Calendar,
    found: &mut Diagnostics,
) -> Option<Unit> {
    check_id(&id, found);
    named(&id, node, "a unit", found);
    if node.text().is_some() {
        return Some(Unit { title: text(node, "unit", found)?.value, id, calendar: None });
    }
    let mut entries = Entries::open(node, "a unit", found)?;
    let title = entries.require_text("title", found).map(|title| title.value);
    let own = entries.get("calendar");
    let calendar = own.map(|node| calendar::decode(node, base.clone(), found));
    entries.finish(found);
    Some(Unit { title: title.unwrap_or_else(|| id.value.clone()), id, calendar })
}

/// Tells of roles whose unit doesn't exist.
pub(super) fn check_roles(roles: &[Role], units: &[Unit], found: &mut Diagnostics) {
    for name in roles.iter().filter_map(|role| role.unit.as_ref()) {
        if units.iter().all(|unit| *unit.id != **name) {
            let headline = format!("there is no unit `{}`", name.value);
            found.push(
                Diagnostic::new("unknown_unit", name.span, headline)
                    .label("not one of `units`")
                    .suggest(name, units.iter().map(|unit| unit.id.as_str())),
            );
        }
    }
}
