//! A BPMN 2.0 diagram as a procedure that a person wants to read.
//!
//! `read` makes a chart of a process, `normal` regular gateways of what was drawn, `blocks` finds which
//! of them are the two ends of a block, `order` and `plan` say which step stands where, `steps` writes
//! them. Nothing of a diagram is dropped in silence: what the language can't say is a finding, and an
//! erratum of the procedure where it changes what is done.

mod again;
mod beside;
mod blocks;
mod chart;
mod condition;
mod cycle;
mod event;
mod normal;
mod order;
mod plan;
mod read;
mod role;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use super::keys::sort_procedure;
use super::name::{on_one_line, slug, tidy};
use super::xml::{self, Element, Space};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId};
use crate::yaml;
use crate::yaml::plain::{Plain, Table, get, take};
use chart::Chart;
use plan::Plan;
use read::Reader;

/// How many ids that are there twice are named.
const MAX_TWICE: usize = 20;

/// What came of a diagram.
#[derive(Debug, Default)]
pub struct Imported {
    /// A procedure for each process, with `---` between them; empty when none could be made.
    pub text: String,
    /// The ids of the procedures.
    pub procedures: Vec<String>,
    /// Ids and titles of the roles that the steps name.
    pub roles: Vec<(String, String)>,
    /// Messages and signals that the steps name.
    pub messages: BTreeSet<String>,
    pub signals: BTreeSet<String>,
}

/// The procedures of a diagram. What can't be taken over is reported; a text that is refused gives
/// nothing.
pub fn import(file: FileId, text: &str, found: &mut Diagnostics) -> Imported {
    let mut imported = Imported::default();
    let Some(root) = xml::read(file, text, found) else { return imported };
    if !root.is_bpmn("definitions") {
        found.push(
            Diagnostic::new("bpmn_refused", root.span, "this is not a BPMN 2.0 diagram")
                .label(format!("`{}` is no `definitions` of BPMN 2.0", root.name))
                .help("export it as BPMN 2.0 XML; older formats (XPDL, BPMN 1) are not read"),
        );
        return imported;
    }
    let Some(by_id) = by_id(&root, found) else { return imported };
    let mut reader = Reader { found, by_id, losses: 0 };
    let charts = charts(&mut reader, &root);
    let mut texts = Vec::new();
    for mut chart in charts {
        normal::normalise(&mut chart);
        let blocks = blocks::blocks(&chart, reader.found);
        let mut plan = Plan::of(&chart, &blocks);
        let items = plan.level(None);
        if items.is_empty() {
            reader.found.push(
                Diagnostic::new(
                    "bpmn_unsupported",
                    root.span,
                    "a process without a task is left out",
                )
                .label(format!("`{}` has nothing that anybody does", chart.id)),
            );
            continue;
        }
        plan.number(&items);
        let steps = steps::steps(&plan, &items, None);
        texts.push(page(&chart, &steps, &mut imported));
    }
    imported.text = texts.join("---\n");
    if let Some(why) = unreadable(file, &imported.text) {
        reader.found.push(
            Diagnostic::new("bpmn_refused", root.span, "the procedure would be read by nobody")
                .label(why)
                .help("shorten its names and documentation, and import each process by itself"),
        );
        return Imported::default();
    }
    imported
}

/// Why no other command would read the file.
fn unreadable(file: FileId, text: &str) -> Option<String> {
    if text.len() > yaml::MAX_BYTES {
        let most = yaml::MAX_BYTES >> 20;
        return Some(format!("it would be a file of {} MB; {most} MB are read", text.len() >> 20));
    }
    let mut found = Diagnostics::default();
    yaml::parse(file, text, &mut found);
    found.iter().next().map(|finding| finding.headline.clone())
}

/// Every element by its id. The same id twice leaves open what an arrow means.
fn by_id<'a>(root: &'a Element, found: &mut Diagnostics) -> Option<BTreeMap<&'a str, &'a Element>> {
    let mut by_id: BTreeMap<&str, &Element> = BTreeMap::new();
    let mut todo = vec![root];
    let mut twice = 0;
    while let Some(element) = todo.pop() {
        todo.extend(element.children.iter().rev());
        let Some(id) = element.id().filter(|_| element.space == Space::Bpmn) else { continue };
        if let Some(first) = by_id.insert(id, element) {
            twice += 1;
            if twice > MAX_TWICE {
                break;
            }
            found.push(
                Diagnostic::new(
                    "bpmn_broken",
                    element.span,
                    format!("there are two elements `{id}`"),
                )
                .label("again here")
                .also(first.span, "first here")
                .help("open it in the modelling tool, copy the second one, and delete it"),
            );
        }
    }
    (twice == 0).then_some(by_id)
}

/// A chart for each process, and what stands between processes.
fn charts<'a>(reader: &mut Reader<'a>, root: &'a Element) -> Vec<Chart> {
    let pools: Vec<&Element> =
        root.all("collaboration").flat_map(|own| own.all("participant")).collect();
    let mut charts = Vec::new();
    for process in root.all("process") {
        let pool = pools.iter().find(|pool| pool.attribute("processRef") == process.id());
        charts.extend(reader.process(process, pool.and_then(|pool| pool.attribute("name"))));
    }
    let mut lost = Vec::new();
    for collaboration in root.all("collaboration") {
        for element in &collaboration.children {
            match element.name.as_str() {
                "participant" if element.attribute("processRef").is_some() => {}
                "documentation" | "extensionElements" | "association" => {}
                "participant" => reader.lose(element, "is a pool without a process", &mut lost),
                "messageFlow" => {
                    reader.lose(element, "leads to another pool; nothing is sent here", &mut lost);
                }
                _ => reader.lose(element, "stands beside the processes", &mut lost),
            }
        }
    }
    for element in &root.children {
        let name = element.name.as_str();
        let is_known = matches!(name, "collaboration" | "process" | "documentation" | "import");
        // What others refer to is told where they do.
        let is_definition = matches!(
            name,
            "message"
                | "signal"
                | "error"
                | "escalation"
                | "itemDefinition"
                | "dataStore"
                | "extensionElements"
                | "interface"
                | "resource"
                | "category"
                | "relationship"
        );
        if element.space == Space::Bpmn && !is_known && !is_definition {
            reader.lose(element, "stands beside the processes", &mut lost);
        }
    }
    if let Some(first) = charts.first_mut() {
        first.lost.extend(lost);
    }
    charts
}

/// A procedure's file.
fn page(chart: &Chart, steps: &Table, imported: &mut Imported) -> String {
    let mut table = chart.own.clone().unwrap_or_default();
    let taken: BTreeSet<&String> = imported.procedures.iter().collect();
    let own = get(&table, "procedure").and_then(Plain::as_text).map(str::to_owned);
    let base = own.unwrap_or_else(|| {
        let names = [slug(&chart.name), slug(&chart.id), "procedure".to_owned()];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
    });
    let further = (2..).map(|count| format!("{base}-{count}"));
    let mut ids = std::iter::once(base.clone()).chain(further);
    let id = ids.find(|id| !taken.contains(id)).unwrap_or(base);
    take(&mut table, "procedure");
    table.push(("procedure".to_owned(), Plain::text(id.as_str())));
    table.push(("title".to_owned(), Plain::text(on_one_line(&chart.name))));
    if let Some(text) = &chart.documentation {
        let text = if chart.own.is_some() { text.clone() } else { tidy(text) };
        table.push(("objective".to_owned(), Plain::word(text)));
    }
    if get(&table, "starts").is_none() {
        table.extend(starts(chart, first_role(steps).unwrap_or(role::SOMEBODY)));
    }
    let nodes = chart.nodes.iter();
    let of_no_step = nodes.filter(|node| !node.is_step() && !is_told(node));
    let lost: Vec<_> = of_no_step.flat_map(|node| &node.lost).chain(&chart.lost).collect();
    let mut errata = match take(&mut table, "errata") {
        Some(Plain::List(list)) => list,
        _ => Vec::new(),
    };
    errata.extend(lost.into_iter().map(steps::erratum));
    sort_procedure(&mut table);
    imported.procedures.push(id);
    for role in &chart.roles {
        if !imported.roles.iter().any(|(known, _)| *known == role.id) {
            imported.roles.push((role.id.clone(), role.title.clone()));
        }
    }
    event::named(chart, imported);
    let mut text = yaml::write(&table, 0);
    text.push_str("\nsteps:\n");
    for (at, step) in steps.iter().enumerate() {
        text.push_str(if at > 0 { "\n" } else { "" });
        text.push_str(&yaml::write(&vec![step.clone()], 2));
    }
    if !errata.is_empty() {
        text.push('\n');
        text.push_str(&yaml::write(&vec![("errata".to_owned(), Plain::List(errata))], 0));
    }
    text
}

/// `starts`: by the events that begin a case, and by `role` when one begins without any; and who cancels a case
/// that nobody begins.
fn starts(chart: &Chart, role: &str) -> Table {
    let by = || vec![("by".to_owned(), Plain::word(role))];
    let of_start = |node: &chart::Node| {
        let written = get(&node.keys, "starts").and_then(Plain::as_table);
        written.cloned().unwrap_or_default()
    };
    let nodes = chart.nodes.iter().filter(|node| node.kind == chart::Kind::Start);
    let events: Vec<Table> = nodes.map(of_start).collect();
    let begins_alone = !events.is_empty() && events.iter().all(|event| !event.is_empty());
    let mut starts = if begins_alone { Table::new() } else { by() };
    for (key, value) in events.into_iter().flatten() {
        if get(&starts, &key).is_none() {
            starts.push((key, value));
        }
    }
    let mut table = vec![("starts".to_owned(), Plain::Table(starts))];
    if begins_alone {
        table.push(("cancels".to_owned(), Plain::Table(by())));
    }
    table
}

/// Whether what was lost at a node is told at a step: a gateway's is.
fn is_told(node: &chart::Node) -> bool {
    matches!(node.kind, chart::Kind::Choice | chart::Kind::Split(_))
}

/// The first role of the steps, in their branches too.
fn first_role(steps: &Table) -> Option<&str> {
    steps.iter().find_map(|(_, step)| {
        let step = step.as_table()?;
        let own = get(step, "role").and_then(Plain::as_text);
        own.or_else(|| step.iter().find_map(|(_, value)| first_role(value.as_table()?))).or_else(
            || {
                let inner = step.iter().filter_map(|(_, value)| value.as_table()).flatten();
                inner.filter_map(|(_, branch)| branch.as_table()).find_map(first_role)
            },
        )
    })
}
