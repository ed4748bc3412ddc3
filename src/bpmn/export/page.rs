//! A diagram as BPMN 2.0 XML: the collaboration, the process, and how it is drawn.
//!
//! The order of everything is the schema's.

use std::collections::BTreeSet;

use super::super::name::xml_id;
use super::super::xml::{BPMN, EXPRESSION, TERM, TRAMITE, Writer};
use super::draw::{Drawn, Rect, draw};
use super::model::{Again, Event, Flow, Kind, Model, Node, Own};
use crate::diagram::Fan;
use crate::yaml;

const COLLABORATION: &str = "collaboration";
const POOL: &str = "pool";

/// The text of the diagram.
pub fn write(model: &Model, drawn: &Drawn) -> String {
    let mut page = Page { out: Writer::new(), model };
    page.out.open(
        "bpmn:definitions",
        &[
            ("xmlns:bpmn", BPMN),
            ("xmlns:bpmndi", "http://www.omg.org/spec/BPMN/20100524/DI"),
            ("xmlns:dc", "http://www.omg.org/spec/DD/20100524/DC"),
            ("xmlns:di", "http://www.omg.org/spec/DD/20100524/DI"),
            ("xmlns:tramite", TRAMITE),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("id", "definitions"),
            ("targetNamespace", "urn:tramite:procedures"),
            ("exporter", "tramite"),
        ],
    );
    page.out.open("bpmn:collaboration", &[("id", COLLABORATION)]);
    let pool = [("id", POOL), ("name", &model.name), ("processRef", &model.id)];
    page.out.empty("bpmn:participant", &pool);
    page.out.close();
    let mut heard = BTreeSet::new();
    events(model, &mut heard);
    for event in heard {
        page.defined(event);
    }
    page.process();
    page.drawing(drawn);
    page.out.finish()
}

struct Page<'a> {
    out: Writer,
    model: &'a Model,
}

impl<'a> Page<'a> {
    fn process(&mut self) {
        let model = self.model;
        let head = [("id", model.id.as_str()), ("name", &model.name), ("isExecutable", "false")];
        self.out.open("bpmn:process", &head);
        self.documentation(model.documentation.as_deref());
        let own = Own { tag: "procedure", attributes: Vec::new(), rest: model.own.clone() };
        self.own(Some(&own));
        self.lanes();
        self.elements();
        self.out.close();
    }

    /// The flow of a process or a sub-process.
    fn elements(&mut self) {
        let model = self.model;
        let fan = model.fan();
        for at in 0..model.nodes.len() {
            self.node(at, &fan);
        }
        for flow in &model.flows {
            self.flow(flow);
        }
        for (at, paper) in model.papers.iter().enumerate() {
            let reference = paper_id(model, at);
            let object = format!("{reference}_object");
            self.out.empty("bpmn:dataObject", &[("id", &object)]);
            let name = ("name", paper.title.as_str());
            let of = [("id", reference.as_str()), name, ("dataObjectRef", &object)];
            self.out.open("bpmn:dataObjectReference", &of);
            let attributes = Vec::new();
            self.own(Some(&Own { tag: "paper", attributes, rest: Vec::new() }));
            self.out.close();
        }
    }

    /// A sub-process's flow, within the element of its step.
    fn inside(&mut self, inner: &'a Model, again: Again) {
        match again {
            Again::Each => self.out.empty("bpmn:multiInstanceLoopCharacteristics", &[]),
            Again::Rounds => self.out.empty("bpmn:standardLoopCharacteristics", &[]),
        }
        let outer = std::mem::replace(&mut self.model, inner);
        self.elements();
        self.model = outer;
    }

    fn lanes(&mut self) {
        if self.model.lanes.is_empty() {
            return;
        }
        self.out.open("bpmn:laneSet", &[("id", "lanes")]);
        for (at, lane) in self.model.lanes.iter().enumerate() {
            self.out.open("bpmn:lane", &[("id", &lane.id), ("name", &lane.name)]);
            let attributes = vec![("id", lane.role.clone())];
            self.own(Some(&Own { tag: "role", attributes, rest: Vec::new() }));
            for node in self.model.nodes.iter().filter(|node| node.lane == at) {
                self.out.text("bpmn:flowNodeRef", &[], &node.id);
            }
            self.out.close();
        }
        self.out.close();
    }

    fn node(&mut self, at: usize, fan: &Fan) {
        let model = self.model;
        let node = &model.nodes[at];
        let name = element(node);
        let mut attributes = vec![("id", node.id.as_str())];
        if !node.name.is_empty() {
            attributes.push(("name", &node.name));
        }
        if let Some(host) = node.host {
            attributes.push(("attachedToRef", &model.nodes[host].id));
            if node.kind == (Kind::Edge { stays: true }) {
                attributes.push(("cancelActivity", "false"));
            }
        }
        let mut out = fan.out(at).iter().map(|flow| &model.flows[*flow]);
        if let Some(default) = out.clone().find(|flow| flow.is_default)
            && matches!(node.kind, Kind::Gateway(_))
        {
            attributes.push(("default", &default.id));
        }
        let mut into = fan.leading_to(at).iter().map(|flow| &model.flows[*flow]);
        let into_count = into.len();
        if let Kind::Gateway(_) = node.kind {
            let direction = match (into_count, out.len()) {
                (2.., 2..) => "Mixed",
                (_, 2..) => "Diverging",
                (2.., _) => "Converging",
                _ => "Unspecified",
            };
            attributes.push(("gatewayDirection", direction));
        }
        self.out.open(&name, &attributes);
        self.documentation(node.documentation.as_deref());
        self.own(node.own.as_ref());
        into.by_ref().for_each(|flow| self.out.text("bpmn:incoming", &[], &flow.id));
        out.by_ref().for_each(|flow| self.out.text("bpmn:outgoing", &[], &flow.id));
        match node.kind {
            Kind::End { ends_all: true } => {
                let id = format!("all_{}", node.id);
                // In a sub-process a terminate ends only that.
                let is_inside = !self.model.prefix.is_empty();
                let how = if is_inside { "error" } else { "terminate" };
                self.out.empty(&format!("bpmn:{how}EventDefinition"), &[("id", &id)]);
            }
            Kind::Start | Kind::Edge { .. } | Kind::Catch => self.event(node),
            Kind::Task(_) => self.papers(at),
            Kind::Again(again) => {
                if let Some(inner) = &node.inner {
                    self.inside(inner, again);
                }
            }
            _ => {}
        }
        self.out.close();
    }

    /// What an event is about. Its name is a definition of the file's.
    fn event(&mut self, node: &Node) {
        let Some(event) = &node.event else { return };
        let id = format!("what_{}", node.id);
        let (kind, name) = kind_of(event);
        let (element, of) = (format!("bpmn:{kind}EventDefinition"), xml_id(kind, name));
        match event {
            Event::Error => self.out.empty(&element, &[("id", &id)]),
            Event::Timer(written) => {
                self.out.open(&element, &[("id", &id)]);
                let attributes = [("xsi:type", "bpmn:tFormalExpression"), ("language", TERM)];
                let again = matches!(node.kind, Kind::Start);
                let how = if again { "bpmn:timeCycle" } else { "bpmn:timeDuration" };
                self.out.text(how, &attributes, written);
                self.out.close();
            }
            Event::Message(_) | Event::Signal(_) => {
                let reference = format!("{kind}Ref");
                self.out.empty(&element, &[("id", &id), (&reference, &of)]);
            }
        }
    }

    fn defined(&mut self, event: &Event) {
        let (kind, name) = kind_of(event);
        let id = xml_id(kind, name);
        self.out.empty(&format!("bpmn:{kind}"), &[("id", &id), ("name", name)]);
    }

    /// What joins a task with its documents. The schema wants an input to go somewhere in the task.
    fn papers(&mut self, node: usize) {
        let model = self.model;
        let of = |is_output: bool| {
            let papers = model.papers.iter().enumerate();
            let papers = papers.filter(|(_, paper)| paper.node == node);
            papers.filter(move |(_, paper)| paper.is_output == is_output).map(|(at, _)| at)
        };
        let (inputs, outputs): (Vec<_>, Vec<_>) = (of(false).collect(), of(true).collect());
        let slot = format!("slot_{}", self.model.nodes[node].id);
        if !inputs.is_empty() {
            let name = "__targetRef_placeholder";
            self.out.empty("bpmn:property", &[("id", &slot), ("name", name)]);
        }
        for (at, is_output) in
            inputs.into_iter().map(|at| (at, false)).chain(outputs.into_iter().map(|at| (at, true)))
        {
            let id = association_id(model, at);
            if is_output {
                self.out.open("bpmn:dataOutputAssociation", &[("id", &id)]);
                self.out.text("bpmn:targetRef", &[], &paper_id(model, at));
            } else {
                self.out.open("bpmn:dataInputAssociation", &[("id", &id)]);
                self.out.text("bpmn:sourceRef", &[], &paper_id(model, at));
                self.out.text("bpmn:targetRef", &[], &slot);
            }
            self.out.close();
        }
    }

    fn flow(&mut self, flow: &Flow) {
        let nodes = &self.model.nodes;
        let mut attributes = vec![("id", flow.id.as_str())];
        if !flow.name.is_empty() {
            attributes.push(("name", &flow.name));
        }
        attributes.push(("sourceRef", &nodes[flow.from].id));
        attributes.push(("targetRef", &nodes[flow.to].id));
        if flow.documentation.is_none() && flow.own.is_none() && flow.condition.is_none() {
            self.out.empty("bpmn:sequenceFlow", &attributes);
            return;
        }
        self.out.open("bpmn:sequenceFlow", &attributes);
        self.documentation(flow.documentation.as_deref());
        self.own(flow.own.as_ref());
        if let Some(condition) = &flow.condition {
            let attributes = [("xsi:type", "bpmn:tFormalExpression"), ("language", EXPRESSION)];
            self.out.text("bpmn:conditionExpression", &attributes, condition);
        }
        self.out.close();
    }

    fn documentation(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.out.text("bpmn:documentation", &[], text);
        }
    }

    fn own(&mut self, own: Option<&Own>) {
        let Some(own) = own else { return };
        self.out.open("bpmn:extensionElements", &[]);
        let name = format!("tramite:{}", own.tag);
        let attributes: Vec<(&str, &str)> =
            own.attributes.iter().map(|(key, value)| (*key, value.as_str())).collect();
        if own.rest.is_empty() {
            self.out.empty(&name, &attributes);
        } else {
            self.out.text(&name, &attributes, &yaml::write(&own.rest, 0));
        }
        self.out.close();
    }

    /// How a process is drawn, and each of its sub-processes on a page of its own.
    fn drawing(&mut self, drawn: &Drawn) {
        let model = self.model;
        self.plane("", COLLABORATION);
        let level = [("isHorizontal", "true")];
        self.shape(POOL, &level, drawn.pool, None);
        for (lane, at) in &drawn.lanes {
            self.shape(&model.lanes[*lane].id, &level, *at, None);
        }
        self.shapes(drawn);
    }

    fn plane(&mut self, of: &str, element: &str) {
        let [diagram, plane] = ["diagram", "plane"].map(|what| format!("{what}{of}"));
        self.out.open("bpmndi:BPMNDiagram", &[("id", &diagram)]);
        self.out.open("bpmndi:BPMNPlane", &[("id", &plane), ("bpmnElement", element)]);
    }

    /// The elements of a plane that has been opened, then the planes of its sub-processes.
    fn shapes(&mut self, drawn: &Drawn) {
        let model = self.model;
        for (node, place) in model.nodes.iter().zip(&drawn.nodes) {
            let marker = [("isMarkerVisible", "true")];
            let folded = [("isExpanded", "false")];
            let attributes: &[_] = match node.kind {
                Kind::Gateway("exclusiveGateway") => &marker,
                Kind::Again(_) => &folded,
                _ => &[],
            };
            self.shape(&node.id, attributes, place.shape, place.label);
        }
        for (at, place) in drawn.papers.iter().enumerate() {
            self.shape(&paper_id(model, at), &[], place.shape, place.label);
        }
        for (flow, line) in model.flows.iter().zip(&drawn.flows) {
            self.edge(&flow.id, &line.points, line.label);
        }
        for (at, points) in drawn.associations.iter().enumerate() {
            self.edge(&association_id(model, at), points, None);
        }
        self.out.close();
        self.out.close();
        for node in &model.nodes {
            let Some(inner) = &node.inner else { continue };
            let outer = std::mem::replace(&mut self.model, inner);
            self.plane(&format!("_{}", node.id), &node.id);
            self.shapes(&draw(inner));
            self.model = outer;
        }
    }

    fn shape(&mut self, of: &str, more: &[(&str, &str)], at: Rect, label: Option<Rect>) {
        let id = format!("{of}_di");
        let mut attributes = vec![("id", id.as_str()), ("bpmnElement", of)];
        attributes.extend(more);
        self.out.open("bpmndi:BPMNShape", &attributes);
        self.bounds(at);
        self.label(label);
        self.out.close();
    }

    fn edge(&mut self, of: &str, points: &[(i32, i32)], label: Option<Rect>) {
        let id = format!("{of}_di");
        self.out.open("bpmndi:BPMNEdge", &[("id", &id), ("bpmnElement", of)]);
        for (x, y) in points {
            let (x, y) = (x.to_string(), y.to_string());
            self.out.empty("di:waypoint", &[("x", &x), ("y", &y)]);
        }
        self.label(label);
        self.out.close();
    }

    fn label(&mut self, label: Option<Rect>) {
        if let Some(label) = label {
            self.out.open("bpmndi:BPMNLabel", &[]);
            self.bounds(label);
            self.out.close();
        }
    }

    fn bounds(&mut self, at: Rect) {
        let [x, y, width, height] = [at.x, at.y, at.width, at.height].map(|n| n.to_string());
        let attributes = [("x", x.as_str()), ("y", &y), ("width", &width), ("height", &height)];
        self.out.empty("dc:Bounds", &attributes);
    }
}

/// An event's kind in the names of BPMN's elements, and its own name.
fn kind_of(event: &Event) -> (&'static str, &str) {
    match event {
        Event::Error => ("error", ""),
        Event::Timer(_) => ("timer", ""),
        Event::Message(name) => ("message", name),
        Event::Signal(name) => ("signal", name),
    }
}

/// The messages and signals of a model, in its sub-processes too.
fn events<'a>(model: &'a Model, heard: &mut BTreeSet<&'a Event>) {
    for node in &model.nodes {
        let event = node.event.as_ref();
        heard.extend(event.filter(|event| matches!(event, Event::Message(_) | Event::Signal(_))));
        if let Some(inner) = &node.inner {
            events(inner, heard);
        }
    }
}

fn element(node: &Node) -> String {
    let name = match node.kind {
        Kind::Start => "startEvent",
        Kind::End { .. } => "endEvent",
        Kind::Task(name) | Kind::Gateway(name) => name,
        Kind::Again(_) => "subProcess",
        Kind::Catch => "intermediateCatchEvent",
        Kind::Edge { .. } => "boundaryEvent",
    };
    format!("bpmn:{name}")
}

fn paper_id(model: &Model, at: usize) -> String {
    format!("paper_{}{at}", model.prefix)
}

fn association_id(model: &Model, at: usize) -> String {
    format!("paper_{}{at}_way", model.prefix)
}
