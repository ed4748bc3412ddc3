//! Who does a task, as far as a diagram says: its lane, its group, its pool.

use std::collections::BTreeMap;

use super::super::name::{on_one_line, slug};
use super::super::xml::{Element, Space};
use super::chart::{Chart, Kind, Node, Role};
use super::read::Reader;
use crate::diagnostic::Diagnostic;
use crate::yaml::plain::get;

/// Who does what nobody is named for.
pub const SOMEBODY: &str = "somebody";

/// Makes a role of every lane, and tells which element is in which.
pub fn lanes<'a>(process: &'a Element, chart: &mut Chart) -> BTreeMap<&'a str, usize> {
    let mut of = BTreeMap::new();
    for set in process.all("laneSet") {
        read_lanes(set, chart, &mut of);
    }
    of
}

fn read_lanes<'a>(set: &'a Element, chart: &mut Chart, of: &mut BTreeMap<&'a str, usize>) {
    for lane in set.all("lane") {
        let own = lane.own("role").and_then(|own| own.attribute("id"));
        let title = on_one_line(lane.attribute("name").unwrap_or_default());
        let inner = lane.first("childLaneSet");
        let refs: Vec<&str> = lane.all("flowNodeRef").map(|node| node.text.trim()).collect();
        if inner.is_none() || !refs.is_empty() {
            let title = if title.is_empty() { lane.id().unwrap_or("lane") } else { &title };
            let role = role(chart, own, title);
            for node in refs {
                of.insert(node, role);
            }
        }
        // The innermost lane is the one that counts.
        if let Some(inner) = inner {
            read_lanes(inner, chart, of);
        }
    }
}

/// The place of a role in the chart's list; one of this title is made when there is none.
pub fn role(chart: &mut Chart, own: Option<&str>, title: &str) -> usize {
    let known = chart.roles.iter().position(|role| match own {
        Some(own) => role.id == own,
        None => role.title == title,
    });
    known.unwrap_or_else(|| {
        let base = own.map_or_else(|| slug(title), str::to_owned);
        let base = if base.is_empty() { "role".to_owned() } else { base };
        let is_taken = |id: &str| chart.roles.iter().any(|role| role.id == id);
        let further = (2..).map(|count| format!("{base}-{count}"));
        let id = std::iter::once(base.clone()).chain(further).find(|id| !is_taken(id));
        let id = id.unwrap_or(base);
        chart.roles.push(Role { id, title: title.to_owned() });
        chart.roles.len() - 1
    })
}

/// Gives every person's task without a lane a role.
pub fn fill<'a>(
    reader: &mut Reader<'a>,
    process: &Element,
    pool: Option<&str>,
    chart: &mut Chart,
    places: &BTreeMap<&'a str, usize>,
) {
    for (id, at) in places {
        let node = &chart.nodes[*at];
        let is_person = matches!(node.kind, Kind::Manual | Kind::Choice);
        if node.role.is_some() || !is_person || has_own(node) {
            continue;
        }
        let named = reader.by_id.get(id).and_then(|element| performer(element));
        let own = node.own.as_ref().map(|_| SOMEBODY);
        if let Some(named) = named.filter(|_| own.is_none()) {
            let role = role(chart, None, &named);
            chart.nodes[*at].role = Some(role);
        }
    }
    let is_alone = |chart: &Chart| {
        let is_alone = |node: &Node| node.role.is_none() && node.kind == Kind::Manual;
        chart.nodes.iter().any(|node| is_alone(node) && !has_own(node))
    };
    if !is_alone(chart) {
        return;
    }
    let pool = pool.map(on_one_line).filter(|pool| !pool.is_empty());
    let title = pool.unwrap_or_else(|| SOMEBODY.to_owned());
    reader.found.push(
        Diagnostic::new("bpmn_guessed", process.span, "some tasks stand in no lane")
            .label(format!("they are given to the role `{}`", slug(&title)))
            .help("name who does each step under `role`"),
    );
    let role = role(chart, None, &title);
    for node in &mut chart.nodes {
        if node.role.is_none() && node.kind == Kind::Manual && !has_own(node) {
            node.role = Some(role);
        }
    }
}

/// Whether tramite wrote the role with the step: there are no lanes in a sub-process.
fn has_own(node: &Node) -> bool {
    node.own("step").is_some_and(|own| get(&own.rest, "role").is_some())
}

/// Who an element itself names: a group of Camunda's, or a potential owner.
fn performer(element: &Element) -> Option<String> {
    let names = [":candidateGroups", ":assignee", ":candidateUsers"];
    let told = |element: &Element| {
        names.iter().find_map(|name| element.attribute(name)).map(str::to_owned)
    };
    let extended = || {
        let extensions = element.first("extensionElements")?;
        let mut others = extensions.children.iter().filter(|child| child.space == Space::Other);
        others.find_map(|child| {
            ["candidateGroups", "assignee"].iter().find_map(|name| child.attribute(name))
        })
    };
    let owner = || {
        let mut owners = element
            .children
            .iter()
            .filter(|child| child.is_bpmn("potentialOwner") || child.is_bpmn("humanPerformer"));
        let owner = owners.next()?;
        let expression = owner.first("resourceAssignmentExpression")?.first("formalExpression")?;
        Some(expression.text.clone())
    };
    let name = told(element).or_else(|| extended().map(str::to_owned)).or_else(owner)?;
    let name = name.split(',').next().unwrap_or_default();
    let name = on_one_line(name.trim_start_matches('=').trim_matches(['"', '\'', ' ']));
    (!name.is_empty() && !name.contains(['$', '#', '('])).then_some(name)
}
