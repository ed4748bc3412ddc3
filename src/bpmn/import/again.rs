//! What is done several times: for every item of a list, or round after round.

use super::super::name::on_one_line;
use super::super::xml::{Element, Space};
use super::chart::Node;
use super::condition::{self, reads, variable};
use super::read::Reader;
use crate::yaml::plain::{Plain, Table, get};

/// The key of the block that tramite wrote for a step.
pub fn written(node: &Node) -> Option<&'static str> {
    let rest = &node.own("step")?.rest;
    ["each", "repeat"].into_iter().find(|key| matches!(get(rest, key), Some(Plain::Table(_))))
}

/// Reads an activity's marker into the block's keys.
pub fn read(reader: &mut Reader<'_>, element: &Element, node: &mut Node) {
    let name = variable(&node.name);
    let mut lost = Vec::new();
    let (key, table) = if let Some(marker) = element.first("multiInstanceLoopCharacteristics") {
        if marker.attribute("isSequential") == Some("true") {
            let why = "is done one after the other; here for all at once";
            reader.lose_part(element, &marker.name, why, &mut lost);
        }
        ("each", each(marker, name))
    } else if let Some(marker) = element.first("standardLoopCharacteristics") {
        ("repeat", repeat(marker, name))
    } else {
        return;
    };
    node.lost.extend(lost);
    node.block = Some(key);
    node.keys.push((key.to_owned(), Plain::Table(table)));
}

/// `in` a list or so many `times`.
fn each(marker: &Element, name: String) -> Table {
    let text = |name: &str| marker.first(name).map(|child| child.text.trim());
    let extensions = marker.first("extensionElements").map_or(&[][..], |own| &own.children);
    let further = |name: &str| {
        let mut others = extensions.iter().filter(|child| child.space == Space::Other);
        others.find_map(|child| child.attribute(name))
    };
    let readable = |written: &str| Some(condition::read(written, false)).filter(|text| reads(text));
    let collection = marker.attribute(":collection").or(further("inputCollection"));
    let collection = collection.or(text("loopDataInputRef")).and_then(readable);
    let item = marker.attribute(":elementVariable").or(further("inputElement"));
    let item = item.or(marker.first("inputDataItem").and_then(|item| item.attribute("name")));
    let mut table = match (collection, text("loopCardinality").and_then(readable)) {
        (Some(collection), _) => vec![("in".to_owned(), Plain::word(collection))],
        (None, Some(times)) => vec![("times".to_owned(), Plain::word(times))],
        (None, None) => vec![("in".to_owned(), Plain::word(name))],
    };
    if let Some(item) = item.map(variable) {
        table.push(("as".to_owned(), Plain::word(item)));
    }
    table
}

/// `while` something holds, asked before a round, or `until` it does, asked after one.
fn repeat(marker: &Element, name: String) -> Table {
    let written = marker.first("loopCondition").map(|own| on_one_line(&own.text));
    let condition = written.map(|written| condition::read(&written, false));
    let condition = condition.filter(|condition| reads(condition));
    let mut table = match (condition, marker.attribute("testBefore") == Some("true")) {
        (Some(condition), true) => vec![("while".to_owned(), Plain::word(condition))],
        (Some(condition), false) => {
            vec![("until".to_owned(), Plain::word(negated(&condition)))]
        }
        (None, _) => vec![("until".to_owned(), Plain::word(name))],
    };
    let most = marker.attribute("loopMaximum").and_then(|most| most.parse::<u32>().ok());
    if let Some(most) = most.filter(|most| *most > 0) {
        table.push(("at_most".to_owned(), Plain::word(most.to_string())));
    }
    table
}

/// The opposite of a condition; of `not (x)` it is `x`.
fn negated(condition: &str) -> String {
    let bare = condition.strip_prefix("not").map(str::trim_start);
    let bare = bare.and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'));
    // `not (a) and (b)` is another thing.
    match bare.filter(|bare| !bare.contains(['(', ')'])) {
        Some(bare) => bare.trim().to_owned(),
        None => format!("not ({condition})"),
    }
}
