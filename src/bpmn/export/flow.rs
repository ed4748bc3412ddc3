//! The elements and flows of a procedure.
//!
//! Steps come first, in the order of the file, so that every way finds its step; then the ways. The
//! order of the elements is the order of the steps, which is how they are found again.

use std::collections::BTreeMap;

use super::super::keys::{sort_procedure, sort_step};
use super::super::name::{label, on_one_line, xml_id};
use super::event::{Happening, begins, take_on, waited};
use super::model::{Again, Event, Flow, Kind, Lane, Model, Node, Own, Paper};
use super::way::{Line, Target, Way, line};
use super::{Titles, kind};
use crate::procedure::COMPLETED;
use crate::yaml::plain::{Plain, Table, get, take};

/// The diagram of a procedure's table.
pub fn model(mut procedure: Table, titles: &Titles) -> Model {
    let steps = match take(&mut procedure, "steps") {
        Some(Plain::Table(steps)) => steps,
        _ => Table::new(),
    };
    let mut text =
        |key: &str| take(&mut procedure, key).and_then(|v| v.as_text().map(str::to_owned));
    let (title, objective) = (text("title"), text("objective"));
    let id = get(&procedure, "procedure").and_then(Plain::as_text).unwrap_or_default().to_owned();
    sort_procedure(&mut procedure);
    let model = Model {
        id: xml_id("process", &id),
        name: title.unwrap_or(id),
        documentation: objective,
        own: procedure,
        ..Model::default()
    };
    drawn(model, titles, steps, None)
}

/// A model with its steps; those of a sub-process are `inside` the step of this number.
fn drawn(model: Model, titles: &Titles, steps: Table, inside: Option<&str>) -> Model {
    let (placed, entries, inside) = (Vec::new(), BTreeMap::new(), inside.map(str::to_owned));
    let mut drawing = Drawing { model, titles, inside, placed, entries, besides: 0 };
    drawing.draw(steps);
    drawing.model
}

/// A step with its elements, until its ways are drawn.
struct Placed {
    number: String,
    /// Where arrows come in, and where they leave.
    entry: usize,
    exit: usize,
    /// The join of the block around it.
    join: Option<usize>,
    /// It is done beside another step: an end of the case ends more than that.
    is_beside: bool,
    /// The element that follows on the same level.
    next: Option<usize>,
    way: Way,
    /// Where it leads when its work fails.
    errors: Vec<Line>,
    /// Where it leads when something happens meanwhile.
    happenings: Vec<Happening>,
    branches: Option<Branches>,
}

/// The branches of a block, until the ways into them are drawn.
struct Branches {
    join: usize,
    begins: Vec<Branch>,
    may_be_skipped: bool,
}

struct Branch {
    name: String,
    when: Option<String>,
    is_else: bool,
    /// Its first element; none when it has no steps.
    first: Option<usize>,
}

struct Drawing<'a> {
    model: Model,
    titles: &'a Titles,
    /// The step whose sub-process this is.
    inside: Option<String>,
    placed: Vec<Placed>,
    /// Where the arrows to a step of this number lead.
    entries: BTreeMap<String, usize>,
    /// Steps beside which is drawn what is drawn now.
    besides: usize,
}

impl Drawing<'_> {
    fn draw(&mut self, steps: Table) {
        let lane = first_role(&steps).map_or(0, |role| self.lane(&role));
        let of = self.inside.as_deref().unwrap_or_default().to_owned();
        let [start, way] = match of.is_empty() {
            true => ["start", "begin"].map(str::to_owned),
            false => ["start", "begin"].map(|kind| xml_id(kind, &of)),
        };
        let event = begins(&self.model.own);
        let start = self.node(&start, Kind::Start, String::new(), lane);
        self.model.nodes[start].event = event;
        self.level(steps, None, lane);
        if let Some(first) = self.placed.iter().map(|placed| placed.entry).min() {
            self.flow(&way, start, first);
        }
        for at in 0..self.placed.len() {
            self.ways(at);
        }
    }

    /// Steps that follow each other; returns the first one's element.
    fn level(&mut self, steps: Table, join: Option<usize>, mut lane: usize) -> Option<usize> {
        let mut places = Vec::new();
        for (number, value) in steps {
            let Plain::Table(mut step) = value else { continue };
            if let Some(role) = get(&step, "role").and_then(Plain::as_text).map(str::to_owned) {
                lane = self.lane(&role);
            }
            sort_step(&mut step);
            places.push(self.step(number, step, join, lane));
        }
        for pair in places.windows(2) {
            self.placed[pair[0]].next = Some(self.placed[pair[1]].entry);
        }
        places.first().map(|first| self.placed[*first].entry)
    }

    fn step(&mut self, number: String, mut step: Table, join: Option<usize>, lane: usize) -> usize {
        let gateways = [
            ("parallel", "parallelGateway"),
            ("any_order", "parallelGateway"),
            ("choose_any", "inclusiveGateway"),
            ("wait_any", "eventBasedGateway"),
        ];
        for (key, again) in [("each", Again::Each), ("repeat", Again::Rounds)] {
            let has = |key| matches!(get(&step, key), Some(Plain::Table(_)));
            if has(key) && has("steps") {
                return self.again(number, step, again, join, lane);
            }
        }
        for (key, gateway) in gateways {
            if matches!(get(&step, key), Some(Plain::Table(_))) {
                return self.block(number, step, (key, gateway), join, lane);
            }
        }
        let bare = kind::is_bare_choice(&step);
        let element = kind::task(&step);
        let way = Way::take(&mut step);
        // There are no lanes in a sub-process: its steps keep their roles.
        let is_manual = match self.inside {
            Some(_) => get(&step, "role").is_some(),
            None => take(&mut step, "role").is_some(),
        };
        let errors = match take(&mut step, "on_error") {
            Some(Plain::Table(errors)) => errors,
            _ => Table::new(),
        };
        let errors = errors.into_iter().map(|(code, value)| line(Some(code), value)).collect();
        let papers = self.papers(&step);
        // An event has no edge for others, and no room for documents.
        let is_plain = !is_manual && get(&step, "on").is_none() && papers.is_empty();
        let event = waited(&step).filter(|_| is_plain);
        let kind = match (bare, &event) {
            (true, _) => Kind::Gateway("exclusiveGateway"),
            (false, Some(_)) => Kind::Catch,
            (false, None) => Kind::Task(element),
        };
        let happenings = if bare { Vec::new() } else { take_on(&mut step) };
        let entry = self.described(&number, kind, step, lane);
        self.model.nodes[entry].event = event;
        self.model.papers.extend(papers.into_iter().map(|(title, is_output)| Paper {
            node: entry,
            title,
            is_output,
        }));
        let exit = match &way {
            Way::On(_) => entry,
            _ if bare => entry,
            Way::Decide(_) | Way::Choose(_) => {
                let id = xml_id("gate", &number);
                let gate = self.node(&id, Kind::Gateway("exclusiveGateway"), String::new(), lane);
                let kind = if matches!(way, Way::Decide(_)) { "decide" } else { "choose" };
                let attributes = vec![("kind", kind.to_owned())];
                let own = Own { tag: "way", attributes, rest: Table::new() };
                self.model.nodes[gate].own = Some(own);
                self.flow(&xml_id("ask", &number), entry, gate);
                gate
            }
        };
        if !is_manual
            && !bare
            && let Some(own) = &mut self.model.nodes[entry].own
        {
            // Elsewhere some of these elements are a person's.
            own.attributes.push(("automatic", "true".to_owned()));
        }
        self.entries.insert(number.clone(), entry);
        let (next, branches, is_beside) = (None, None, self.besides > 0);
        self.placed.push(Placed {
            number,
            entry,
            exit,
            join,
            is_beside,
            next,
            way,
            errors,
            happenings,
            branches,
        });
        self.beside(self.placed.len() - 1, lane)
    }

    /// Draws the steps that begin beside a step, behind it.
    fn beside(&mut self, at: usize, lane: usize) -> usize {
        self.besides += 1;
        for line in 0..self.placed[at].happenings.len() {
            if let Some(steps) = self.placed[at].happenings[line].does.take() {
                let first = self.level(steps, None, lane);
                self.placed[at].happenings[line].first = first;
            }
        }
        self.besides -= 1;
        at
    }

    /// A block whose steps are done several times.
    fn again(
        &mut self,
        number: String,
        mut step: Table,
        again: Again,
        join: Option<usize>,
        lane: usize,
    ) -> usize {
        let way = Way::take(&mut step);
        let steps = match take(&mut step, "steps") {
            Some(Plain::Table(steps)) => steps,
            _ => Table::new(),
        };
        let happenings = take_on(&mut step);
        let entry = self.described(&number, Kind::Again(again), step, lane);
        let prefix = format!("{}_", xml_id("in", &number));
        let inner = drawn(Model { prefix, ..Model::default() }, self.titles, steps, Some(&number));
        self.model.nodes[entry].inner = Some(Box::new(inner));
        self.entries.insert(number.clone(), entry);
        let exit = entry;
        self.placed.push(Placed {
            number,
            entry,
            exit,
            join,
            is_beside: self.besides > 0,
            next: None,
            way,
            errors: Vec::new(),
            happenings,
            branches: None,
        });
        self.beside(self.placed.len() - 1, lane)
    }

    fn block(
        &mut self,
        number: String,
        mut step: Table,
        (key, gateway): (&str, &'static str),
        around: Option<usize>,
        lane: usize,
    ) -> usize {
        let way = Way::take(&mut step);
        let branches = match take(&mut step, key) {
            Some(Plain::Table(branches)) => branches,
            _ => Table::new(),
        };
        let is_partial = matches!(get(&step, "join"), Some(Plain::Table(_)));
        let is_first = key == "wait_any";
        // Behind that gateway there may be nothing but events.
        let gateway = if is_first && !wait(&branches) { "complexGateway" } else { gateway };
        let split = self.described(&number, Kind::Gateway(gateway), step, lane);
        if let Some(own) =
            self.model.nodes[split].own.as_mut().filter(|_| is_first || key == "any_order")
        {
            own.attributes.push(("block", key.to_owned()));
        }
        self.entries.insert(number.clone(), split);
        let at = self.placed.len();
        // The join is known to the steps in the branches before it is drawn behind them.
        let joining = match (is_partial, is_first) {
            (true, _) => "complexGateway",
            (_, true) => "exclusiveGateway",
            _ => gateway,
        };
        let join = self.node(&xml_id("join", &number), Kind::Gateway(joining), String::new(), lane);
        let attributes = vec![("step", number.clone())];
        self.model.nodes[join].own = Some(Own { tag: "join", attributes, rest: Table::new() });
        let (entry, exit) = (split, join);
        let placed = Placed {
            number,
            entry,
            exit,
            join: around,
            is_beside: self.besides > 0,
            next: None,
            way,
            errors: Vec::new(),
            happenings: Vec::new(),
            branches: None,
        };
        self.placed.push(placed);
        let mut begins = Vec::new();
        for (name, value) in branches {
            let Plain::Table(mut steps) = value else { continue };
            let when = take(&mut steps, "when").and_then(|v| v.as_text().map(str::to_owned));
            let is_else = take(&mut steps, "else").is_some();
            let first = self.level(steps, Some(join), lane);
            begins.push(Branch { name, when, is_else, first });
        }
        let may_be_skipped = key == "choose_any" && !begins.iter().any(|branch| branch.is_else);
        self.placed[at].branches = Some(Branches { join, begins, may_be_skipped });
        at
    }

    /// An element with a step's number and activity; `rest` is what is left of its table.
    fn described(&mut self, number: &str, kind: Kind, mut rest: Table, lane: usize) -> usize {
        let activity = take(&mut rest, "activity");
        let activity = activity.as_ref().and_then(Plain::as_text).unwrap_or_default();
        let name = label(number, activity);
        let at = self.node(&xml_id("step", number), kind, name.clone(), lane);
        if format!("{number}. {activity}").trim_end() != name {
            self.model.nodes[at].documentation = Some(activity.to_owned());
        }
        let attributes = vec![("number", number.to_owned())];
        self.model.nodes[at].own = Some(Own { tag: "step", attributes, rest });
        at
    }

    fn node(&mut self, id: &str, kind: Kind, name: String, lane: usize) -> usize {
        let id = id.to_owned();
        self.model.nodes.push(Node {
            id,
            kind,
            name,
            documentation: None,
            lane,
            own: None,
            event: None,
            host: None,
            inner: None,
        });
        self.model.nodes.len() - 1
    }

    fn lane(&mut self, role: &str) -> usize {
        if self.inside.is_some() {
            return 0;
        }
        if let Some(known) = self.model.lanes.iter().position(|lane| lane.role == role) {
            return known;
        }
        let name = self.titles.roles.get(role).map_or(role, String::as_str).to_owned();
        self.model.lanes.push(Lane { id: xml_id("role", role), name, role: role.to_owned() });
        self.model.lanes.len() - 1
    }

    /// The titles of the documents beside a step, and whether it makes them.
    fn papers(&self, step: &Table) -> Vec<(String, bool)> {
        let mut papers = Vec::new();
        for (key, is_output) in [("receives", false), ("hands_in", true), ("issues", true)] {
            for id in names(get(step, key)) {
                let title = self.titles.documents.get(id).map_or(id, String::as_str);
                papers.push((title.to_owned(), is_output));
            }
        }
        if papers.is_empty() {
            let printed = names(get(step, "documents")).into_iter();
            let printed = printed.filter(|title| !title.trim_matches(['-', ' ']).is_empty());
            papers.extend(printed.map(|title| (title.to_owned(), true)));
        }
        papers
    }

    fn flow(&mut self, id: &str, from: usize, to: usize) -> &mut Flow {
        self.model.flows.push(Flow {
            id: id.to_owned(),
            from,
            to,
            name: String::new(),
            documentation: None,
            condition: None,
            is_default: false,
            own: None,
        });
        let last = self.model.flows.len() - 1;
        &mut self.model.flows[last]
    }

    /// The arrows out of a step.
    fn ways(&mut self, at: usize) {
        if let Some(branches) = self.placed[at].branches.take() {
            self.begin(at, branches);
        }
        let way = std::mem::replace(&mut self.placed[at].way, Way::On(Target::Next));
        let (number, exit) = (self.placed[at].number.clone(), self.placed[at].exit);
        match way {
            Way::On(target) => {
                let to = self.target(at, 0, &target);
                self.flow(&xml_id("way", &number), exit, to);
            }
            Way::Decide(lines) => self.lines(at, lines, false),
            Way::Choose(lines) => self.lines(at, lines, true),
        }
        let errors = std::mem::take(&mut self.placed[at].errors);
        for (place, error) in (1..).zip(errors) {
            self.error(at, place, error);
        }
        for happening in std::mem::take(&mut self.placed[at].happenings) {
            self.happening(at, happening);
        }
    }

    /// The way out of a step whose work has failed.
    fn error(&mut self, at: usize, place: usize, mut line: Line) {
        let (number, host) = (self.placed[at].number.clone(), self.placed[at].entry);
        let code = line.label.take().unwrap_or_default();
        let id = format!("{}_{place}", xml_id("error", &number));
        let lane = self.model.nodes[host].lane;
        let event = self.node(&id, Kind::Edge { stays: false }, code.clone(), lane);
        self.model.nodes[event].event = Some(Event::Error);
        if let Some(says) = line.says {
            line.rest.push(("says".to_owned(), Plain::word(says)));
        }
        let attributes = vec![("code", code)];
        self.model.nodes[event].own = Some(Own { tag: "error", attributes, rest: line.rest });
        self.model.nodes[event].host = Some(host);
        let to = self.target(at, 100 + place, &line.target);
        self.flow(&format!("{}_{}", xml_id("way", &number), 100 + place), event, to);
    }

    /// The way out of a step when something happens meanwhile, or to what begins beside it.
    fn happening(&mut self, at: usize, happening: Happening) {
        let (number, host) = (self.placed[at].number.clone(), self.placed[at].entry);
        let place = happening.place + 1;
        let id = format!("{}_{place}", xml_id("event", &number));
        let lane = self.model.nodes[host].lane;
        let (Event::Timer(name) | Event::Message(name) | Event::Signal(name)) = &happening.event
        else {
            return;
        };
        let stays = happening.first.is_some();
        let event = self.node(&id, Kind::Edge { stays }, name.clone(), lane);
        let attributes = vec![("place", happening.place.to_string())];
        let node = &mut self.model.nodes[event];
        node.own = Some(Own { tag: "event", attributes, rest: happening.rest });
        node.event = Some(happening.event);
        node.host = Some(host);
        let to = match happening.first {
            Some(first) => first,
            None => self.target(at, 200 + place, &happening.target),
        };
        self.flow(&format!("{}_{}", xml_id("way", &number), 200 + place), event, to);
    }

    fn lines(&mut self, at: usize, lines: Vec<Line>, by_data: bool) {
        let (number, exit) = (self.placed[at].number.clone(), self.placed[at].exit);
        let last = lines.len();
        for (place, line) in (1..).zip(lines) {
            let to = self.target(at, place, &line.target);
            let flow = self.flow(&format!("{}_{place}", xml_id("way", &number)), exit, to);
            flow.is_default = by_data && place == last && line.when.is_none();
            describe(flow, line);
        }
    }

    fn begin(&mut self, at: usize, branches: Branches) {
        let (number, split) = (self.placed[at].number.clone(), self.placed[at].entry);
        let has_one_else = branches.begins.iter().filter(|branch| branch.is_else).count() == 1;
        let count = branches.begins.len();
        for (place, branch) in branches.begins.into_iter().enumerate() {
            let id = format!("{}_{}", xml_id("branch", &number), place + 1);
            let flow = self.flow(&id, split, branch.first.unwrap_or(branches.join));
            flow.name = branch.name;
            flow.condition = branch.when;
            flow.is_default = branch.is_else && has_one_else;
            if branch.is_else && !has_one_else {
                // BPMN has one way for "none of them", the language as many as it likes.
                let attributes = vec![("else", "true".to_owned())];
                flow.own = Some(Own { tag: "branch", attributes, rest: Table::new() });
            }
        }
        if branches.may_be_skipped {
            let id = format!("{}_{}", xml_id("branch", &number), count + 1);
            self.flow(&id, split, branches.join).is_default = true;
        }
    }

    /// The element that a way leads to; an end is made for it.
    fn target(&mut self, at: usize, place: usize, target: &Target) -> usize {
        let placed = &self.placed[at];
        let (next, join) = (placed.next, placed.join);
        let outcome = match target {
            Target::Next | Target::Join => match (next.filter(|_| *target == Target::Next), join) {
                (Some(to), _) | (None, Some(to)) => return to,
                (None, None) => COMPLETED,
            },
            Target::Go(step) => match self.entries.get(step) {
                Some(to) => return *to,
                None => COMPLETED,
            },
            Target::End(outcome) => outcome,
        };
        let name = if outcome == COMPLETED { "" } else { outcome };
        // The end of a sub-process's steps is only that.
        let is_outcome = *target != Target::Next && *target != Target::Join;
        let is_inside = self.inside.is_some();
        let is_one_of_many = join.is_some() || placed.is_beside;
        let kind = Kind::End { ends_all: is_outcome && (is_inside || is_one_of_many) };
        let id = format!("{}_{place}", xml_id("end", &placed.number));
        let (lane, name) = (self.model.nodes[placed.exit].lane, on_one_line(name));
        let end = self.node(&id, kind, name, lane);
        if is_inside && is_outcome {
            // Elsewhere an error tells others.
            let (tag, attributes) = ("end", Vec::new());
            self.model.nodes[end].own = Some(Own { tag, attributes, rest: Table::new() });
        }
        end
    }
}

fn describe(flow: &mut Flow, line: Line) {
    // A condition is hidden in most tools: it is shown where there is no better name.
    let shown = line.label.clone().or_else(|| line.when.clone());
    flow.name = on_one_line(&shown.unwrap_or_default());
    flow.condition = line.when;
    flow.documentation = line.says;
    let exact = line.label.filter(|label| *label != flow.name).map(|label| ("label", label));
    if !line.rest.is_empty() || exact.is_some() {
        let attributes = exact.into_iter().collect();
        flow.own = Some(Own { tag: "line", attributes, rest: line.rest });
    }
}

/// Whether all branches begin with waiting that is drawn as an event.
fn wait(branches: &Table) -> bool {
    branches.iter().all(|(_, branch)| {
        let first = branch.as_table().and_then(|steps| steps.first()?.1.as_table());
        first.is_some_and(|step| waited(step).is_some() && get(step, "on").is_none())
    })
}

/// A name, a list of names, or the keys of a table.
fn names(value: Option<&Plain>) -> Vec<&str> {
    match value {
        Some(Plain::Text(text)) => vec![&text.text],
        Some(Plain::List(items)) => items.iter().filter_map(Plain::as_text).collect(),
        Some(Plain::Table(table)) => table.iter().map(|(name, _)| name.as_str()).collect(),
        Some(Plain::Null) | None => Vec::new(),
    }
}

/// The first role of these steps, in their branches too.
fn first_role(steps: &Table) -> Option<String> {
    steps.iter().find_map(|(_, step)| {
        let step = step.as_table()?;
        let own = get(step, "role").and_then(Plain::as_text).map(str::to_owned);
        own.or_else(|| step.iter().find_map(|(_, value)| first_role(value.as_table()?))).or_else(
            || {
                let inner = step.iter().filter_map(|(_, value)| value.as_table()).flatten();
                inner.filter_map(|(_, branch)| branch.as_table()).find_map(first_role)
            },
        )
    })
}
