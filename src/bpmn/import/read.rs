//! From elements to a chart: every element is taken over or named as lost, none is passed by.

use std::collections::BTreeMap;

use super::super::name::{on_one_line, tidy};
use super::super::xml::{EXPRESSION, Element, Space};
use super::chart::{Chart, Flow, Kind, Lost, Node, Own, Ways};
use super::role;
use super::{again, beside, condition, event};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources};
use crate::yaml::parse;
use crate::yaml::plain::{Plain, Table, take};

/// How many elements a flow may have: what is done with them takes more than a moment from there.
const MAX_NODES: usize = 3_000;
const MAX_FLOWS: usize = 12_000;

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
    /// How much could not be taken over.
    pub losses: usize,
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
        self.beside(process, &mut scope);
        self.flows(process, &mut scope);
        self.links(process, &mut scope);
        event::first_events(self, process, &mut scope);
        beside::settle(self, &mut scope);
        event::workers(&mut scope.chart);
        role::fill(self, process, pool, &mut scope.chart, &scope.places);
        if scope.is_full() || self.losses > MAX_NODES {
            self.found.push(
                Diagnostic::new("bpmn_refused", process.span, "this process is too large")
                    .label(format!("more than {MAX_NODES} elements, or {MAX_FLOWS} arrows"))
                    .help("no office could follow it: draw it as several"),
            );
            return None;
        }
        Some(scope.chart)
    }

    /// The elements of a process or sub-process.
    fn scope(&mut self, of: &'a Element, scope: &mut Scope<'a>, role: Option<usize>) {
        for element in &of.children {
            if scope.is_full() {
                return;
            }
            let id = element.id().unwrap_or_default();
            let role = scope.lanes.get(id).copied().or(role);
            if element.space != Space::Bpmn {
                self.lose(element, "is nobody's standard", &mut scope.chart.lost);
                continue;
            }
            match self.kind(element) {
                Some(kind) => {
                    let node = self.node(element, kind, role);
                    scope.add_step(id, node);
                }
                None if is_sub_process(element) => self.sub_process(element, scope, role),
                None if element.name == "sequenceFlow" || SILENT.contains(&&*element.name) => {}
                None if element.name == "dataObjectReference" => {}
                None if element.name == "boundaryEvent" => {
                    let node = self.node(element, Kind::Pass, role);
                    scope.add(id, node);
                }
                // What stands beside others, when these are known.
                None if element.name == "textAnnotation" => {}
                None => {
                    let why = "is drawn there, and a procedure has no word for it";
                    self.lose(element, why, &mut scope.chart.lost);
                }
            }
        }
    }

    /// What stands at the edge of a task or beside it.
    fn beside(&mut self, of: &'a Element, scope: &mut Scope<'a>) {
        for element in of.all("boundaryEvent") {
            event::boundary(self, element, scope);
        }
        for element in of.all("textAnnotation") {
            self.annotation(of, element, scope);
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
            // What nothing waits for somebody sees to.
            "receiveTask" => Kind::Manual,
            "exclusiveGateway" if element.own("join").is_some() => Kind::Gate(Ways::All),
            "eventBasedGateway" if element.own("step").is_some() => Kind::Gate(Ways::All),
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
            own: ["step", "way", "join", "end"].iter().find_map(|tag| self.own(element, tag)),
            keys: Table::new(),
            block: None,
            exit: None,
            papers: Vec::new(),
            lost: Vec::new(),
            span: element.span,
        };
        if node.own("step").is_some_and(|own| own.attribute("automatic") == Some("true")) {
            node.kind = Kind::Automatic;
        }
        node.block = match node.own("step").and_then(|own| own.attribute("block")) {
            Some("any_order") => Some("any_order"),
            Some("wait_any") => Some("wait_any"),
            _ => again::written(&node),
        };
        if node.own.is_none() {
            again::read(self, element, &mut node);
            event::read(self, element, &mut node);
            self.papers(element, &mut node);
        }
        node
    }

    /// Whether an end is one of the whole case, also in a sub-process.
    fn is_outcome(&self, id: &str) -> bool {
        let end = self.by_id.get(id);
        end.is_some_and(|end| end.first("errorEventDefinition").is_some())
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
            scope.add_step(element.id().unwrap_or_default(), node);
            return;
        }
        let mut way_in = self.node(element, Kind::Pass, role);
        let is_open = element.name == "adHocSubProcess";
        if way_in.block.is_some() || is_open {
            way_in.kind = Kind::Split(Ways::All);
        }
        if is_open && way_in.block.is_none() && element.attribute("ordering") != Some("Parallel") {
            way_in.block = Some("any_order");
        }
        let way_out = Node::made(Kind::Meet, &way_in);
        let first = scope.add(element.id().unwrap_or_default(), way_in);
        let last = scope.chart.nodes.len();
        scope.chart.nodes.push(way_out);
        scope.chart.nodes[first].exit = Some(last);
        scope.ends.push((first, last));
        let from = scope.chart.nodes.len();
        self.scope(element, scope, role);
        self.beside(element, scope);
        self.flows(element, scope);
        self.links(element, scope);
        event::first_events(self, element, scope);
        self.close(element, scope, (first, last), from);
    }

    /// A sub-process's own starts and ends become the way in and the way out.
    fn close(
        &mut self,
        element: &'a Element,
        scope: &mut Scope<'a>,
        (first, last): (usize, usize),
        from: usize,
    ) {
        let is_open = element.name == "adHocSubProcess";
        let is_by_event = element.attribute("triggeredByEvent") == Some("true");
        let until = scope.chart.nodes.len();
        let (mut leads_on, mut is_led_to) = (vec![false; until], vec![false; until]);
        for flow in &scope.chart.flows {
            (leads_on[flow.from], is_led_to[flow.to]) = (true, true);
        }
        let of_kind = |scope: &Scope<'a>, kind| {
            let nodes = (from..until).filter(|at| scope.chart.nodes[*at].kind == kind);
            nodes.collect::<Vec<_>>()
        };
        let mut starts = of_kind(scope, Kind::Start);
        if starts.is_empty() {
            let is_edge = |at: &usize| {
                let element = self.by_id.get(scope.chart.nodes[*at].id.as_str());
                element.is_some_and(|element| element.name == "boundaryEvent")
            };
            let is_first = |at: &usize| !is_led_to[*at] && !is_edge(at);
            starts.extend((from..until).filter(is_first));
        }
        let most = if is_open { starts.len() } else { 1 };
        for (place, start) in starts.into_iter().enumerate() {
            let node = &mut scope.chart.nodes[start];
            if node.kind == Kind::Start {
                node.kind = Kind::Pass;
                // No case begins in the middle of one.
                let begins = take(&mut node.keys, "starts").is_some();
                if let Some(element) = self.by_id.get(node.id.as_str()).filter(|_| begins) {
                    let (element, mut lost) = (*element, Vec::new());
                    self.lose(element, "begins a case; here a person begins it", &mut lost);
                    scope.chart.nodes[start].lost.extend(lost);
                }
            }
            if !is_by_event && place < most {
                scope.join_to(first, start);
            }
        }
        let beside: Vec<usize> = beside::regions(&scope.chart)
            .into_iter()
            .filter_map(|(_, region)| region)
            .flatten()
            .collect();
        let leads_on = leads_on.into_iter().enumerate().skip(from);
        for (at, leads_on) in leads_on.filter(|(at, _)| !beside.contains(at)) {
            let is_end = matches!(scope.chart.nodes[at].kind, Kind::End { .. });
            if is_end && self.is_outcome(&scope.chart.nodes[at].id) {
                continue;
            }
            // What leads nowhere in a sub-process ends it.
            if is_end || !leads_on {
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
            if scope.is_full() {
                return;
            }
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
                aside: None,
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
    pub fn own(&mut self, element: &Element, tag: &str) -> Option<Own> {
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
        self.losses += 1;
        if self.losses > MAX_NODES {
            return;
        }
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
pub struct Scope<'a> {
    pub chart: Chart,
    /// The nodes by the ids of their elements.
    pub places: BTreeMap<&'a str, usize>,
    /// The role of each element that a lane names.
    lanes: BTreeMap<&'a str, usize>,
    /// The ways in and out of sub-processes.
    ends: Vec<(usize, usize)>,
}

impl<'a> Scope<'a> {
    /// Whether there is more than is worked on.
    fn is_full(&self) -> bool {
        self.chart.nodes.len() > MAX_NODES || self.chart.flows.len() > MAX_FLOWS
    }

    fn add(&mut self, id: &'a str, node: Node) -> usize {
        let at = self.chart.nodes.len();
        self.chart.nodes.push(node);
        self.places.entry(id).or_insert(at);
        at
    }

    /// A task, in a block of its own where it is done several times.
    fn add_step(&mut self, id: &'a str, mut node: Node) {
        if node.own.is_some() || !matches!(node.block, Some("each" | "repeat")) {
            self.add(id, node);
            return;
        }
        let mut way_in = Node::made(Kind::Split(Ways::All), &node);
        way_in.block = node.block.take();
        way_in.keys = std::mem::take(&mut node.keys);
        let way_out = Node::made(Kind::Meet, &node);
        let first = self.add(id, way_in);
        self.chart.nodes.extend([node, way_out]);
        self.chart.nodes[first].exit = Some(first + 2);
        self.ends.push((first, first + 2));
        self.join_to(first, first + 1);
        self.join_to(first + 1, first + 2);
    }

    pub fn join_to(&mut self, from: usize, to: usize) {
        self.chart.flows.push(Flow {
            from,
            to,
            name: String::new(),
            documentation: None,
            condition: None,
            is_default: false,
            aside: None,
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
