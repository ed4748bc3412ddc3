//! From elements to a chart: every element is taken over or named as lost, none is passed by.

use std::collections::BTreeMap;

use super::super::name::{on_one_line, tidy};
use super::super::xml::{EXPRESSION, Element, Space};
use super::chart::{Chart, Flow, Kind, Lost, Node, Own, Ways};
use super::condition;
use super::role;
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources};
use crate::yaml::parse;
use crate::yaml::plain::{Plain, Table};

/// How many elements a flow may have: what is done with them takes more than a moment from there.
const MAX_NODES: usize = 3_000;

/// Elements that say nothing about what is done.
const SILENT: [&str; 18] = [
    "documentation",
    "extensionElements",
    "laneSet",
    "incoming",
    "outgoing",
    "ioSpecification",
    "property",
    "dataObject",
    "auditing",
    "monitoring",
    "resourceRole",
    "performer",
    "humanPerformer",
    "potentialOwner",
    "supportedInterfaceRef",
    "association",
    "multiInstanceLoopCharacteristics",
    "standardLoopCharacteristics",
];

/// Reads the processes of a file.
pub struct Reader<'a> {
    pub found: &'a mut Diagnostics,
    /// Everything with an id, in the whole file.
    pub by_id: BTreeMap<&'a str, &'a Element>,
}

impl<'a> Reader<'a> {
    /// A process as a chart; `pool` is what its participant is called.
    pub fn process(&mut self, process: &'a Element, pool: Option<&str>) -> Option<Chart> {
        let name = process.attribute("name").or(pool).or(process.id()).unwrap_or_default();
        let mut chart = Chart {
            id: process.id().unwrap_or_default().to_owned(),
            name: on_one_line(name),
            documentation: documentation(process),
            own: self.own(process, "procedure").map(|own| own.rest),
            ..Chart::default()
        };
        let lanes = role::lanes(process, &mut chart);
        let mut scope = Scope { chart, places: BTreeMap::new(), lanes, ends: Vec::new() };
        self.scope(process, &mut scope, None);
        self.flows(process, &mut scope);
        self.links(process, &mut scope);
        self.first_events(&mut scope);
        role::fill(self, process, pool, &mut scope.chart, &scope.places);
        let chart = scope.chart;
        if chart.nodes.len() > MAX_NODES {
            self.found.push(
                Diagnostic::new("bpmn_refused", process.span, "this process is too large")
                    .label(format!("{} elements; at most {MAX_NODES}", chart.nodes.len()))
                    .help("no office could follow it: draw it as several"),
            );
            return None;
        }
        Some(chart)
    }

    /// The elements of a process or sub-process.
    fn scope(&mut self, of: &'a Element, scope: &mut Scope<'a>, role: Option<usize>) {
        for element in &of.children {
            let id = element.id().unwrap_or_default();
            let role = scope.lanes.get(id).copied().or(role);
            if element.space != Space::Bpmn {
                self.lose(element, "is nobody's standard", &mut scope.chart.lost);
                continue;
            }
            match self.kind(element) {
                Some(kind) => {
                    let node = self.node(element, kind, role);
                    scope.add(id, node);
                }
                None if is_sub_process(element) => self.sub_process(element, scope, role),
                None if element.name == "sequenceFlow" || SILENT.contains(&&*element.name) => {}
                None if element.name == "dataObjectReference" => {}
                None if element.name == "boundaryEvent" => {
                    let node = self.node(element, Kind::Pass, role);
                    scope.add(id, node);
                    self.boundary(element, scope);
                }
                None if element.name == "textAnnotation" => self.annotation(of, element, scope),
                None => {
                    let why = "is drawn there, and a procedure has no word for it";
                    self.lose(element, why, &mut scope.chart.lost);
                }
            }
        }
    }

    /// What an element is in a flow; none for everything that is not in it, and for sub-processes.
    fn kind(&mut self, element: &Element) -> Option<Kind> {
        let is_terminal = element.first("terminateEventDefinition").is_some();
        let is_fault = element.first("errorEventDefinition").is_some();
        Some(match element.name.as_str() {
            "startEvent" => Kind::Start,
            "endEvent" => Kind::End { ends_all: is_terminal || is_fault },
            "task" | "userTask" | "manualTask" => Kind::Manual,
            "serviceTask" | "scriptTask" | "sendTask" | "businessRuleTask" | "callActivity" => {
                Kind::Automatic
            }
            // Nothing waits for a message: somebody sees to it.
            "receiveTask" => Kind::Manual,
            "exclusiveGateway" | "eventBasedGateway" => Kind::Choice,
            "parallelGateway" => Kind::Gate(Ways::All),
            "inclusiveGateway" => Kind::Gate(Ways::Some),
            "complexGateway" => Kind::Gate(Ways::Counted),
            "intermediateThrowEvent" if definition(element).is_none() => Kind::Pass,
            "intermediateThrowEvent" | "intermediateCatchEvent"
                if element.first("linkEventDefinition").is_some() =>
            {
                Kind::Pass
            }
            "intermediateThrowEvent" | "intermediateCatchEvent" => Kind::Manual,
            _ => return None,
        })
    }

    fn node(&mut self, element: &'a Element, kind: Kind, role: Option<usize>) -> Node {
        let mut node = Node {
            id: element.id().unwrap_or_default().to_owned(),
            name: on_one_line(element.attribute("name").unwrap_or_default()),
            documentation: documentation(element),
            kind,
            role,
            own: ["step", "way", "join"].iter().find_map(|tag| self.own(element, tag)),
            keys: Table::new(),
            papers: Vec::new(),
            lost: Vec::new(),
            span: element.span,
        };
        if node.own("step").is_some_and(|own| own.attribute("automatic") == Some("true")) {
            node.kind = Kind::Automatic;
        }
        if node.own.is_none() {
            super::event::read(self, element, &mut node);
            self.papers(element, &mut node);
        }
        node
    }

    /// Documents that are drawn beside a task.
    fn papers(&mut self, element: &'a Element, node: &mut Node) {
        let sources = element.all("dataInputAssociation").flat_map(|way| way.all("sourceRef"));
        let targets = element.all("dataOutputAssociation").flat_map(|way| way.all("targetRef"));
        for reference in sources.chain(targets) {
            let id = reference.text.trim();
            let Some(paper) = self.by_id.get(id).copied() else { continue };
            if paper.own("paper").is_some() {
                continue;
            }
            let name = on_one_line(paper.attribute("name").unwrap_or_default());
            if !name.is_empty() && !node.papers.contains(&name) {
                node.papers.push(name);
            }
        }
    }

    /// A sub-process's elements among the others: a way in, and one out where its ends meet.
    fn sub_process(&mut self, element: &'a Element, scope: &mut Scope<'a>, role: Option<usize>) {
        let is_empty = !element.all("sequenceFlow").any(|_| true)
            && !element.children.iter().any(|child| self.kind(child).is_some());
        if is_empty {
            let node = self.node(element, Kind::Manual, role);
            scope.add(element.id().unwrap_or_default(), node);
            return;
        }
        let way_in = self.node(element, Kind::Pass, role);
        let way_out = Node::made(Kind::Meet, &way_in);
        let first = scope.add(element.id().unwrap_or_default(), way_in);
        let last = scope.chart.nodes.len();
        scope.chart.nodes.push(way_out);
        scope.ends.push((first, last));
        let from = scope.chart.nodes.len();
        self.scope(element, scope, role);
        self.flows(element, scope);
        self.links(element, scope);
        // Its own starts and ends are the ways in and out; those of inner ones have been taken.
        let is_by_event = element.attribute("triggeredByEvent") == Some("true");
        let until = scope.chart.nodes.len();
        let mut starts = Vec::new();
        for at in from..until {
            match scope.chart.nodes[at].kind {
                Kind::Start => starts.push(at),
                Kind::End { .. } => scope.join_to(at, last),
                _ => {}
            }
        }
        if starts.is_empty() {
            starts.extend((from..until).find(|at| scope.chart.leading_to(*at).next().is_none()));
        }
        for start in starts {
            if scope.chart.nodes[start].kind == Kind::Start {
                scope.chart.nodes[start].kind = Kind::Pass;
            }
            if !is_by_event && scope.chart.out(first).next().is_none() {
                scope.join_to(first, start);
            }
        }
        // What leads nowhere in a sub-process ends it.
        for at in from..until {
            let leads_on = scope.chart.out(at).next().is_some();
            let is_end = matches!(scope.chart.nodes[at].kind, Kind::End { .. });
            if !leads_on && !is_end {
                scope.join_to(at, last);
            }
            if is_end {
                scope.chart.nodes[at].kind = Kind::Pass;
            }
        }
    }

    /// The arrows of a process or sub-process.
    fn flows(&mut self, of: &'a Element, scope: &mut Scope<'a>) {
        for element in of.all("sequenceFlow") {
            let end = |key: &str| element.attribute(key).unwrap_or_default();
            let places = [end("sourceRef"), end("targetRef")].map(|id| scope.places.get(id));
            let [Some(from), Some(to)] = places else {
                let which = if places[0].is_none() { end("sourceRef") } else { end("targetRef") };
                self.found.push(
                    Diagnostic::new("bpmn_dangling", element.span, "this arrow leads nowhere")
                        .label(format!("there is no element `{which}` beside it"))
                        .help("draw it anew in the modelling tool; it is left out"),
                );
                continue;
            };
            // Out of a sub-process one comes where its ends have met.
            let ends = scope.ends.iter().find(|(first, _)| first == from);
            let from_element = self.by_id.get(end("sourceRef")).copied();
            let default = from_element.and_then(|from| from.attribute("default"));
            let condition = element.first("conditionExpression");
            let flow = Flow {
                from: ends.map_or(*from, |(_, last)| *last),
                to: *to,
                name: on_one_line(element.attribute("name").unwrap_or_default()),
                documentation: documentation(element),
                condition: condition.map(|condition| {
                    let is_own = condition.attribute("language") == Some(EXPRESSION);
                    condition::read(condition.text.trim(), is_own)
                }),
                is_default: default.is_some() && default == element.id(),
                own: ["line", "branch"].iter().find_map(|tag| self.own(element, tag)),
            };
            scope.chart.flows.push(flow);
        }
    }

    /// A link leads to the one that catches its name.
    fn links(&mut self, of: &'a Element, scope: &mut Scope<'a>) {
        let name = |event: &Element| -> Option<String> {
            let link = event.first("linkEventDefinition")?;
            let named = link.attribute("name").filter(|name| !name.is_empty());
            Some(on_one_line(named.or(event.attribute("name")).unwrap_or_default()))
        };
        for throw in of.all("intermediateThrowEvent") {
            let Some(link) = name(throw) else { continue };
            let mut catches = of.all("intermediateCatchEvent");
            let catch = catches.find(|catch| name(catch).as_ref() == Some(&link));
            let places = [Some(throw), catch].map(|event| {
                event.and_then(Element::id).and_then(|id| scope.places.get(id)).copied()
            });
            match places {
                [Some(from), Some(to)] => scope.join_to(from, to),
                _ => self.found.push(
                    Diagnostic::new("bpmn_dangling", throw.span, "this link leads nowhere")
                        .label(format!("no event catches `{link}`")),
                ),
            }
        }
    }

    /// What an event-based gateway waits for are the answers to the question what happened.
    fn first_events(&mut self, scope: &mut Scope<'a>) {
        let by_id = &self.by_id;
        let is = |id: &str, names: &[&str]| {
            by_id.get(id).is_some_and(|element| names.contains(&element.name.as_str()))
        };
        let chart = &mut scope.chart;
        for flow in &mut chart.flows {
            let is_waiting = is(&chart.nodes[flow.from].id, &["eventBasedGateway"]);
            let event = &mut chart.nodes[flow.to];
            if is_waiting && is(&event.id, &["intermediateCatchEvent", "receiveTask"]) {
                event.kind = Kind::Pass;
                if flow.name.is_empty() {
                    flow.name.clone_from(&event.name);
                }
            }
        }
    }

    /// What happens meanwhile: told at its task. What follows it stays, with nothing leading to it.
    fn boundary(&mut self, element: &'a Element, scope: &mut Scope<'a>) {
        let host = element.attribute("attachedToRef").and_then(|id| scope.places.get(id)).copied();
        let mut lost = Vec::new();
        self.lose(element, "may happen meanwhile; what follows it stands at the end", &mut lost);
        match host {
            Some(host) => scope.chart.nodes[host].lost.extend(lost),
            None => scope.chart.lost.extend(lost),
        }
    }

    /// A note beside an element is kept with its step.
    fn annotation(&mut self, of: &'a Element, element: &'a Element, scope: &mut Scope<'a>) {
        let text = element.first("text").map(|text| tidy(&text.text)).unwrap_or_default();
        let id = element.id().unwrap_or_default();
        let beside = of.all("association").find_map(|association| {
            let ends = ["sourceRef", "targetRef"].map(|end| association.attribute(end));
            let other = match ends {
                [Some(from), Some(to)] if to == id => from,
                [Some(from), Some(to)] if from == id => to,
                _ => return None,
            };
            scope.places.get(other).copied()
        });
        let lost = Lost { says: text, why: "A note in the BPMN diagram.".to_owned() };
        match beside {
            _ if lost.says.is_empty() => {}
            Some(node) => scope.chart.nodes[node].lost.push(lost),
            None => scope.chart.lost.push(lost),
        }
    }

    /// What tramite wrote about an element under this name.
    fn own(&mut self, element: &Element, tag: &str) -> Option<Own> {
        let own = element.own(tag)?;
        let mut rest = Table::new();
        if !own.text.trim().is_empty() {
            let (mut sources, mut wrong) = (Sources::default(), Diagnostics::default());
            let file: FileId = sources.add("", own.text.as_str());
            let nodes = parse(file, &own.text, &mut wrong);
            match nodes.first().filter(|_| wrong.is_empty()).map(Plain::of) {
                Some(Plain::Table(table)) => rest = table,
                _ => self.found.push(
                    Diagnostic::new("bpmn_unsupported", own.span, "tramite's own part is damaged")
                        .label("this is not the YAML that was written here")
                        .help("what stood there is left out: see to the step's form and documents"),
                ),
            }
        }
        Some(Own { tag: tag.to_owned(), attributes: own.attributes.clone(), rest })
    }

    /// Names what can't be taken over.
    pub fn lose(&mut self, element: &Element, why: &str, into: &mut Vec<Lost>) {
        let what = definition(element).map_or(element.name.as_str(), |event| event.name.as_str());
        self.lose_part(element, what, why, into);
    }

    /// Names what can't be taken over of an element.
    pub fn lose_part(&mut self, of: &Element, what: &str, why: &str, into: &mut Vec<Lost>) {
        let name = on_one_line(of.attribute("name").unwrap_or_default());
        let id = of.id().unwrap_or("no id");
        let called = if name.is_empty() { String::new() } else { format!(" “{name}”") };
        let headline = format!("`{what}`{called} is not taken over");
        self.found.push(
            Diagnostic::new("bpmn_unsupported", of.span, headline)
                .label(format!("{id}: it {why}"))
                .help("see in the procedure what should happen there instead"),
        );
        let says = if name.is_empty() { format!("{what} ({id})") } else { name };
        into.push(Lost { says, why: format!("BPMN `{what}` ({id}): it {why}.") });
    }
}

/// A chart in the making.
struct Scope<'a> {
    chart: Chart,
    /// The nodes by the ids of their elements.
    places: BTreeMap<&'a str, usize>,
    /// The role of each element that a lane names.
    lanes: BTreeMap<&'a str, usize>,
    /// The ways in and out of sub-processes.
    ends: Vec<(usize, usize)>,
}

impl<'a> Scope<'a> {
    fn add(&mut self, id: &'a str, node: Node) -> usize {
        let at = self.chart.nodes.len();
        self.chart.nodes.push(node);
        self.places.entry(id).or_insert(at);
        at
    }

    fn join_to(&mut self, from: usize, to: usize) {
        self.chart.flows.push(Flow {
            from,
            to,
            name: String::new(),
            documentation: None,
            condition: None,
            is_default: false,
            own: None,
        });
    }
}

fn is_sub_process(element: &Element) -> bool {
    matches!(element.name.as_str(), "subProcess" | "transaction" | "adHocSubProcess")
}

/// What an event waits for or makes.
pub fn definition(element: &Element) -> Option<&Element> {
    let mut children = element.children.iter();
    children.find(|child| child.space == Space::Bpmn && child.name.ends_with("EventDefinition"))
}

pub fn documentation(element: &Element) -> Option<String> {
    let texts: Vec<String> =
        element.all("documentation").map(|text| text.text.trim().to_owned()).collect();
    let text = texts.join("\n\n");
    (!text.trim().is_empty()).then_some(text)
}
