//! A branch in words: which of several that are open at once a task or a case stands in.
//!
//! Screens and lists say it; nothing is decided by it.

use super::{Place, State};
use crate::expression::Value;
use crate::field::Kind;
use crate::procedure::{Begins, Block, Each, Executable, Items};

impl State {
    /// The branches around a place, the outermost first: `técnico › order 2: cable`. None outside of
    /// blocks.
    pub fn branch_in_words(
        &self,
        executable: &Executable,
        place: Option<&Place>,
    ) -> Option<String> {
        let mut words: Vec<String> = Vec::new();
        let mut place = place;
        while let Some(here) = place {
            let open = self.blocks.get(&here.block)?;
            let step = executable.step(&open.step)?;
            if !open.is_beside {
                words.push(self.one(executable, here, step.block.as_ref()?));
            } else if here.branch != Place::THE_STEP {
                words.push(step.beside_in_words(&here.branch)?);
            }
            place = open.within.as_ref().filter(|around| around.block < here.block);
        }
        words.reverse();
        (!words.is_empty()).then(|| words.join(" › "))
    }

    /// The item that the innermost `each` around a place is about: `2: cable`, or only its number.
    pub fn item_in_words(&self, executable: &Executable, place: Option<&Place>) -> Option<String> {
        let place = self.owner(place)?;
        let open = self.blocks.get(&place.block)?;
        let step = executable.step(&open.step)?;
        if open.is_beside {
            return step.beside_in_words(&place.branch);
        }
        Some(self.item(executable, place, step.block.as_ref()?))
    }

    fn one(&self, executable: &Executable, place: &Place, block: &Block) -> String {
        let name = block.strands.first().map_or("", |strand| strand.name.as_str());
        match block.begins {
            Begins::Each(_) => format!("{name} {}", self.item(executable, place, block)),
            Begins::Repeat(_) => format!("{name} {}", place.branch),
            _ => place.branch.clone(),
        }
    }

    fn item(&self, executable: &Executable, place: &Place, block: &Block) -> String {
        let (alias, columns) = match &block.begins {
            Begins::Each(each) => (each.alias.as_ref(), columns(executable, each)),
            _ => (None, Vec::new()),
        };
        let items = self.blocks.get(&place.block).and_then(|open| open.items.get(&place.branch));
        let value = alias.and_then(|alias| items?.get(alias.as_str()));
        let row = value.and_then(Value::as_map);
        let first = row.and_then(|row| columns.iter().find_map(|name| first_text(row.get(*name)?)));
        match first.or_else(|| value.and_then(first_text)) {
            Some(text) => format!("{}: {text}", place.branch),
            None => place.branch.clone(),
        }
    }
}

/// The columns of the table that an `each` runs over, in the order of its form.
fn columns<'a>(executable: &'a Executable, each: &Each) -> Vec<&'a str> {
    let Items::Rows(rows) = &each.of else { return Vec::new() };
    let field = rows.path().and_then(|path| executable.field(&path.join(".")));
    match field.map(|field| &field.kind) {
        Some(Kind::Table { columns, .. }) => {
            columns.iter().map(|column| column.name.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

/// What a row is told by: its first text that says something.
fn first_text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        Value::Map(row) => row.values().find_map(first_text),
        _ => None,
    }
}
