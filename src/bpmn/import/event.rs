//! What an element asks for beyond being done: a clock, a message, a machine, another process.
//! A construct that the language gets is a line here.

use super::super::name::{on_one_line, slug};
use super::super::xml::{Element, Space, TERM};
use super::Imported;
use super::chart::{Aside, Chart, Kind, Lost, Node};
use super::condition::{self, reads};
use super::read::{Reader, Scope, definition};
use super::role;
use crate::calendar::Term;
use crate::diagnostic::{Diagnostics, Sources, Span};
use crate::diagram::Fan;
use crate::yaml::Spanned;
use crate::yaml::plain::{Plain, Table, get, take};

/// The role that is to fetch the work for machines.
const WORKERS: &str = "workers";

/// Reads what `element` asks for into its node, or names it as lost.
pub fn read(reader: &mut Reader<'_>, element: &Element, node: &mut Node) {
    if let Some((key, value)) = asked(reader, element) {
        node.kind = Kind::Automatic;
        node.keys.push((key.to_owned(), value));
        if key == "job" {
            node.keys.push((WORKERS.to_owned(), Plain::word(WORKERS)));
        }
        return;
    }
    let mut lost: Vec<Lost> = Vec::new();
    let why = match element.name.as_str() {
        "complexGateway" => Some("waits as its own condition says; here for all that began"),
        "callActivity" => Some("begins another process; say here what is done instead"),
        "receiveTask" => Some("waits for a message; here a person says when it has come"),
        "subProcess" if element.attribute("triggeredByEvent") == Some("true") => {
            Some("begins by an event; its steps stand at the end, with nothing leading to them")
        }
        "intermediateCatchEvent" | "intermediateThrowEvent" if node.kind == Kind::Manual => {
            Some("happens between two steps; here a person says that it did")
        }
        "startEvent" => match begins(reader, element) {
            Some(starts) => {
                node.keys.push(("starts".to_owned(), Plain::Table(starts)));
                None
            }
            None => definition(element).map(|_| "begins a case; here a person begins it"),
        },
        "endEvent" => definition(element)
            .filter(|event| event.name != "terminateEventDefinition")
            .map(|_| "tells others when it ends; here the case only ends"),
        _ => None,
    };
    if let Some(why) = why {
        reader.lose(element, why, &mut lost);
    }
    node.lost.extend(lost);
    if node.kind == Kind::Pass && !node.name.is_empty() && element.name == "intermediateThrowEvent"
    {
        let says = node.name.clone();
        node.lost.push(Lost { says, why: "A milestone in the BPMN diagram.".to_owned() });
    }
}

/// What begins a case by itself, as `starts` says it.
fn begins(reader: &Reader<'_>, element: &Element) -> Option<Table> {
    if let Some(timer) = element.first("timerEventDefinition") {
        let written = timer.first("timeCycle")?;
        let is_own = written.attribute("language") == Some(TERM);
        let every =
            if is_own { on_one_line(&written.text) } else { super::cycle::every(&written.text)? };
        return Some(vec![("every".to_owned(), Plain::word(every))]);
    }
    let (kind, name) = told(reader, element)?;
    (kind == "message").then(|| vec![("message".to_owned(), Plain::word(name))])
}

/// What a step without a role has for an element: what it waits for, what it tells, what a machine does.
fn asked(reader: &Reader<'_>, element: &Element) -> Option<(&'static str, Plain)> {
    match element.name.as_str() {
        "intermediateCatchEvent" | "receiveTask" => {
            Some(("wait", Plain::Table(awaited(reader, element, "until")?)))
        }
        "intermediateThrowEvent" | "sendTask" => {
            let (kind, name) = told(reader, element)?;
            match kind {
                "signal" => Some(("signals", Plain::word(name))),
                _ => Some(("sends", Plain::Table(vec![("message".to_owned(), Plain::word(name))]))),
            }
        }
        "callActivity" => called(reader, element).map(|called| ("procedure", Plain::word(called))),
        "serviceTask" => topic(element).map(|topic| ("job", Plain::word(topic))),
        _ => None,
    }
}

/// The kind of work that workers of another engine fetch.
fn topic(element: &Element) -> Option<String> {
    let extensions = element.first("extensionElements").map_or(&[][..], |own| &own.children);
    let mut others = extensions.iter().filter(|child| child.space == Space::Other);
    let defined = others.find(|child| child.name == "taskDefinition");
    let topic = element.attribute(":topic").or(defined.and_then(|own| own.attribute("type")))?;
    Some(slug(topic)).filter(|topic| !topic.is_empty())
}

/// The procedure that another process has become, or is to become.
fn called(reader: &Reader<'_>, element: &Element) -> Option<String> {
    let extensions = element.first("extensionElements").map_or(&[][..], |own| &own.children);
    let mut others = extensions.iter().filter(|child| child.space == Space::Other);
    let further = others.find_map(|child| child.attribute("processId"));
    let id = element.attribute("calledElement").or(further)?.trim();
    // Which one it is only the data would tell.
    if id.starts_with(['=', '$', '#']) {
        return None;
    }
    let process = reader.by_id.get(local(id)).filter(|process| process.is_bpmn("process"));
    let named = process.and_then(|process| process.attribute("name")).map(slug);
    let name = named.filter(|name| !name.is_empty()).unwrap_or_else(|| slug(local(id)));
    (!name.is_empty()).then_some(name)
}

/// The message or signal of an element by its name as an id.
fn told(reader: &Reader<'_>, element: &Element) -> Option<(&'static str, String)> {
    let event = definition(element).unwrap_or(element);
    let kind = match event.name.as_str() {
        "messageEventDefinition" | "receiveTask" | "sendTask" => "message",
        "signalEventDefinition" => "signal",
        _ => return None,
    };
    let reference = event.attribute(if kind == "signal" { "signalRef" } else { "messageRef" });
    let named = reference.and_then(|id| reader.by_id.get(local(id))?.attribute("name"));
    // A task without a message may do anything.
    let own = if event.name.ends_with("Task") { None } else { element.attribute("name") };
    let name = slug(named.or(own)?);
    (!name.is_empty()).then_some((kind, name))
}

/// A reference without its prefix.
fn local(id: &str) -> &str {
    id.split_once(':').map_or(id, |(_, local)| local)
}

/// What an event waits for as the language says it, a time under the key `time`.
fn awaited(reader: &Reader<'_>, element: &Element, time: &str) -> Option<Table> {
    if let Some(timer) = element.first("timerEventDefinition") {
        if let Some(length) = timer.first("timeDuration") {
            let is_own = length.attribute("language") == Some(TERM);
            let term = if is_own { on_one_line(&length.text) } else { term(&length.text)? };
            return Some(vec![(time.to_owned(), Plain::word(term))]);
        }
        // Only a step of its own can wait for a day that the data gives.
        let day = timer.first("timeDate").filter(|_| time == "until")?.text.trim();
        let is_named = |day: &String| reads(day) && day.starts_with(char::is_alphabetic);
        let day = Some(condition::read(day, false)).filter(is_named)?;
        return Some(vec![(time.to_owned(), Plain::word(day))]);
    }
    let (kind, name) = told(reader, element)?;
    let mut table = vec![(kind.to_owned(), Plain::word(name))];
    if kind == "message"
        && let Some(key) = correlation(reader, element)
    {
        table.push(("key".to_owned(), Plain::text(format!("{{{{ {key} }}}}"))));
    }
    Some(table)
}

/// The expression by which a message finds its case.
fn correlation(reader: &Reader<'_>, element: &Element) -> Option<String> {
    let event = definition(element).unwrap_or(element);
    let message = reader.by_id.get(local(event.attribute("messageRef")?))?;
    let mut others = message.first("extensionElements")?.children.iter();
    let key = others.find_map(|child| child.attribute("correlationKey"))?;
    Some(condition::read(key, false)).filter(|key| reads(key))
}

/// A length of time such as `P3D` in an office's words.
fn term(written: &str) -> Option<String> {
    let text = written.trim().trim_start_matches('=').trim_matches(['"', '\'', ' ']);
    let text =
        text.strip_prefix("duration(").and_then(|text| text.strip_suffix(')')).unwrap_or(text);
    let text = text.trim_matches(['"', '\'', ' ']);
    let units = [("PT", 'M', "minute"), ("PT", 'H', "hour"), ("P", 'D', "day"), ("P", 'W', "week")];
    let plain = units.iter().find_map(|(head, letter, unit)| {
        let count: u32 = text.strip_prefix(head)?.strip_suffix(*letter)?.parse().ok()?;
        Some(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }))
    });
    let fits = |term: &String| term_of(term).is_some();
    let iso = || Some(text.to_owned()).filter(|text| text.starts_with('P')).filter(fits);
    plain.filter(fits).or_else(iso)
}

/// What an event-based gateway waits for: the step waits for one of its events, and the others may
/// happen meanwhile. Where one of them can't be said, a person says what happened.
pub fn first_events<'a>(reader: &mut Reader<'a>, of: &'a Element, scope: &mut Scope<'a>) {
    for element in of.all("eventBasedGateway") {
        let Some(gateway) = element.id().and_then(|id| scope.places.get(id)).copied() else {
            continue;
        };
        let chart = &mut scope.chart;
        if chart.nodes[gateway].own.is_some() || chart.nodes[gateway].kind != Kind::Choice {
            continue;
        }
        let fan = chart.fan();
        let flows = fan.out(gateway).to_vec();
        let is_exclusive = element.attribute("eventGatewayType") != Some("Parallel");
        let waits: Option<Vec<Table>> =
            flows.iter().map(|flow| waited(chart, &fan, chart.flows[*flow].to)).collect();
        let waits = waits.filter(|_| is_exclusive).unwrap_or_default();
        let day = |wait: &Table| get(wait, "until").and_then(Plain::as_text).map(str::to_owned);
        let is_day = |wait: &Table| day(wait).is_some_and(|day| term_of(&day).is_none());
        // A message before a time; a day that the data gives before all.
        let main = (0..waits.len()).min_by_key(|at| match day(&waits[*at]) {
            Some(_) if is_day(&waits[*at]) => 0,
            None => 1,
            Some(_) => 2,
        });
        let days = waits.iter().filter(|wait| is_day(wait)).count();
        match main.filter(|_| days <= 1) {
            Some(main) => one_step(chart, gateway, &flows, waits, main),
            None => {
                let why = "waits for what happens first; here a person says what did";
                let mut lost = Vec::new();
                reader.lose(element, why, &mut lost);
                chart.nodes[gateway].lost.extend(lost);
                answers(reader, chart, &flows);
            }
        }
    }
}

fn term_of(written: &str) -> Option<Term> {
    let mut sources = Sources::default();
    let span = Span::new(sources.add("", written), 0, 0);
    Term::parse(&Spanned::new(written.to_owned(), span), &mut Diagnostics::default())
}

/// What an event behind a gateway waits for, when nothing else leads to it.
fn waited(chart: &Chart, fan: &Fan, event: usize) -> Option<Table> {
    let is_alone = fan.leading_to(event).len() <= 1;
    let wait = get(&chart.nodes[event].keys, "wait").filter(|_| is_alone)?;
    wait.as_table().cloned()
}

/// Makes a gateway the step that waits for the event at `main`.
fn one_step(chart: &mut Chart, gateway: usize, flows: &[usize], waits: Vec<Table>, main: usize) {
    let mut names = Vec::new();
    let mut place = 0;
    for (at, (flow, mut wait)) in flows.iter().zip(waits).enumerate() {
        let event = chart.flows[*flow].to;
        chart.nodes[event].kind = Kind::Pass;
        take(&mut chart.nodes[event].keys, "wait");
        let name = &chart.nodes[event].name;
        names.extend(Some(name.clone()).filter(|name| !name.is_empty()));
        if at == main {
            chart.nodes[gateway].keys.push(("wait".to_owned(), Plain::Table(wait)));
            continue;
        }
        for (key, _) in wait.iter_mut().filter(|(key, _)| key == "until") {
            "after".clone_into(key);
        }
        chart.flows[*flow].aside = Some(Aside::Happening(place, wait));
        place += 1;
    }
    let node = &mut chart.nodes[gateway];
    node.kind = Kind::Automatic;
    if node.name.is_empty() {
        node.name = names.join(" / ");
    }
}

/// The events behind a gateway are the answers to the question what happened.
fn answers(reader: &Reader<'_>, chart: &mut Chart, flows: &[usize]) {
    for flow in flows {
        let event = chart.flows[*flow].to;
        let element = reader.by_id.get(chart.nodes[event].id.as_str());
        let is_event = element.is_some_and(|element| {
            matches!(element.name.as_str(), "intermediateCatchEvent" | "receiveTask")
        });
        if is_event {
            chart.nodes[event].kind = Kind::Pass;
            if chart.flows[*flow].name.is_empty() {
                chart.flows[*flow].name = chart.nodes[event].name.clone();
            }
        }
    }
}

/// What stands at the edge of a task: a way out of it, or told there. What follows what is only told
/// stays, with nothing leading to it.
pub fn boundary<'a>(reader: &mut Reader<'a>, element: &'a Element, scope: &mut Scope<'a>) {
    let host = element.attribute("attachedToRef").and_then(|id| scope.places.get(id)).copied();
    let event = element.id().and_then(|id| scope.places.get(id)).copied();
    if let (Some(host), Some(event)) = (host, event)
        && let Some(aside) = aside(reader, element, &scope.chart.nodes[host])
    {
        scope.join_to(host, event);
        let own = reader.own(element, "error");
        if let Some(flow) = scope.chart.flows.last_mut() {
            flow.aside = Some(aside);
            flow.own = own;
        }
        return;
    }
    let mut lost = Vec::new();
    reader.lose(element, "may happen meanwhile; what follows it stands at the end", &mut lost);
    match host {
        Some(host) => scope.chart.nodes[host].lost.extend(lost),
        None => scope.chart.lost.extend(lost),
    }
}

/// Why the way of an event at the edge of `host` is taken.
fn aside(reader: &mut Reader<'_>, element: &Element, host: &Node) -> Option<Aside> {
    if element.first("errorEventDefinition").is_some() {
        let is_machine = host.kind == Kind::Automatic;
        let own = element.own("error").and_then(|own| own.attribute("code")).map(str::to_owned);
        let code = own.unwrap_or_else(|| code(reader, element));
        return is_machine.then_some(Aside::Error(code));
    }
    let ends_it = element.attribute("cancelActivity") != Some("false");
    if let Some(own) = reader.own(element, "event") {
        let place = own.attribute("place").and_then(|place| place.parse().ok()).unwrap_or(0);
        return Some(match ends_it {
            true => Aside::Happening(place, own.rest),
            false => Aside::Beside(place, own.rest),
        });
    }
    let waits = match host.kind {
        Kind::Manual => true,
        Kind::Automatic => !host.keys.is_empty() || host.own.is_some(),
        Kind::Split(_) => host.block.is_some(),
        _ => false,
    };
    if ends_it {
        let awaited = awaited(reader, element, "after").filter(|_| waits)?;
        return Some(Aside::Happening(usize::MAX, awaited));
    }
    let again = || element.first("timerEventDefinition").and_then(cycle);
    let mut awaited = awaited(reader, element, "after").or_else(again).filter(|_| waits)?;
    // There the case goes on as soon as the task is done.
    awaited.push(("wait".to_owned(), Plain::word("false")));
    Some(Aside::Beside(usize::MAX, awaited))
}

/// Again and again, as long as the task is open: `R/PT1H`.
fn cycle(timer: &Element) -> Option<Table> {
    let written = timer.first("timeCycle")?.text.trim().trim_matches(['"', '\'', ' ', '=']);
    let term = term(written.strip_prefix("R/")?)?;
    let line = ["after", "every"].map(|key| (key.to_owned(), Plain::word(term.as_str())));
    Some(line.into())
}

/// What is said when an error happens, as far as the diagram knows.
fn code(reader: &Reader<'_>, event: &Element) -> String {
    let definition = event.first("errorEventDefinition");
    let error = definition.and_then(|own| reader.by_id.get(own.attribute("errorRef")?));
    let named = error.and_then(|error| error.attribute("errorCode").or(error.attribute("name")));
    let code = on_one_line(named.unwrap_or_default());
    if code.is_empty() { "any".to_owned() } else { code }
}

/// The role of the workers, where a step has work for them.
pub fn workers(chart: &mut Chart) {
    if chart.nodes.iter().any(|node| get(&node.keys, WORKERS).is_some()) {
        role::role(chart, Some(WORKERS), "Workers");
    }
}

/// Collects the messages and signals that the organisation must know.
pub fn named(chart: &Chart, imported: &mut Imported) {
    let own = chart.nodes.iter().map(|node| &node.keys);
    let away = chart.flows.iter().filter_map(|flow| match &flow.aside {
        Some(Aside::Happening(_, line) | Aside::Beside(_, line)) => Some(line),
        _ => None,
    });
    for table in own.chain(away) {
        collect(table, imported);
        for (_, value) in table {
            collect(value.as_table().unwrap_or(&Table::new()), imported);
        }
    }
}

fn collect(table: &Table, imported: &mut Imported) {
    let text = |key| get(table, key).and_then(Plain::as_text).map(str::to_owned);
    imported.messages.extend(text("message"));
    imported.signals.extend(text("signal").or_else(|| text("signals")));
}
