//! Forms: what a person fills in at a step.

use crate::diagnostic::{Diagnostics, Sources};
use crate::expression::Expression;
use crate::field::{Field, decode_fields};
use crate::organisation::check_id;
use crate::yaml::{Entries, Node, Spanned};

/// One form, as its file says.
#[derive(Debug, Clone)]
pub struct Form {
    pub id: Spanned<String>,
    pub title: String,
    pub help: Option<String>,
    /// Variables of earlier forms, shown read-only.
    pub shows: Vec<Spanned<String>>,
    /// Variables of earlier forms that may be changed here.
    pub edits: Vec<Spanned<String>>,
    pub fields: Vec<Field>,
    pub rules: Vec<Rule>,
}

/// What must hold over several fields, and what to say when it doesn't.
#[derive(Debug, Clone)]
pub struct Rule {
    pub must: Expression,
    pub says: String,
}

/// Reads a form's file.
pub fn decode(node: &Node, sources: &Sources, found: &mut Diagnostics) -> Option<Form> {
    let mut entries = Entries::open(node, "a form", found)?;
    let id = entries.require_text("form", found)?;
    check_id(&id, found);
    let title = entries.require_text("title", found).map(|title| title.value);
    let help = entries.text("help", found).map(|help| help.value);
    let shows = entries.texts("shows", found);
    let edits = entries.texts("edits", found);
    let fields = entries
        .get("fields")
        .map(|node| decode_fields(node, "fields", sources, found))
        .unwrap_or_default();
    let mut rules = Vec::new();
    for node in entries.list("rules", found) {
        let Some(mut rule) = Entries::open(node, "a rule", found) else { continue };
        let must =
            rule.require("must", found).and_then(|node| Expression::parse(node, sources, found));
        let says = rule.require_text("says", found);
        rule.finish(found);
        if let (Some(must), Some(says)) = (must, says) {
            rules.push(Rule { must, says: says.value });
        }
    }
    entries.finish(found);
    Some(Form {
        title: title.unwrap_or_else(|| id.value.clone()),
        id,
        help,
        shows,
        edits,
        fields,
        rules,
    })
}
