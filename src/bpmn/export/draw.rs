//! Where a diagram's shapes stand, in the sizes that BPMN tools use.
//!
//! The layout is the one of the swim lanes; what is added here are BPMN's own shapes: arrows that end
//! at the corner of a gateway, names below events, documents below tasks.

pub use crate::diagram::sketch::Rect;

use super::model::{Kind, Model};
use crate::diagram::Fan;
use crate::diagram::sketch::{Box, MARGIN, Placed, Sketch, Way};

const TASK: (i32, i32) = (170, 80);
const GATEWAY: i32 = 50;
const EVENT: i32 = 36;
const PAPER: (i32, i32) = (36, 50);
/// Room for a document with its name.
const PAPER_ROOM: i32 = 100;
/// From a task's lower edge to its documents.
const PAPER_GAP: i32 = 24;
/// Room for the name of a way beside its gateway.
const NAME_ROOM: i32 = 110;
/// From one named way out of a gateway to the next.
const NAME_STEP: i32 = 30;
/// The strip with a pool's or lane's name.
const STRIP: i32 = 30;
/// A line of small print, and how many letters it holds in `NAME_ROOM`.
const LINE: i32 = 14;
const LETTERS: usize = 18;

/// Everything's place.
#[derive(Debug, Default)]
pub struct Drawn {
    pub pool: Rect,
    pub lanes: Vec<(usize, Rect)>,
    /// For each node of the model.
    pub nodes: Vec<Shape>,
    pub papers: Vec<Shape>,
    /// For each flow.
    pub flows: Vec<Line>,
    /// For each paper.
    pub associations: Vec<Vec<(i32, i32)>>,
}

#[derive(Debug, Default)]
pub struct Shape {
    pub shape: Rect,
    pub label: Option<Rect>,
}

#[derive(Debug, Default)]
pub struct Line {
    pub points: Vec<(i32, i32)>,
    pub label: Option<Rect>,
}

/// Places everything.
pub fn draw(model: &Model) -> Drawn {
    let fan = model.fan();
    let edges = Edges::of(model);
    let exits = exits(model, &fan, &edges);
    // What stands at the edge of a task has no room of its own.
    let is_free = |at: &usize| model.nodes[*at].host.is_none();
    let free: Vec<usize> = (0..model.nodes.len()).filter(is_free).collect();
    let place = |at: usize| {
        let at = model.nodes[at].host.unwrap_or(at);
        free.binary_search(&at).unwrap_or(0)
    };
    let boxes: Vec<Box> = free.iter().map(|at| room(model, *at, (&fan, &edges))).collect();
    let ways = model.flows.iter().zip(&exits);
    let sketch = Sketch {
        arrows: ways
            .map(|(flow, exit)| Way { from: place(flow.from), to: place(flow.to), exit: *exit })
            .collect(),
        boxes,
        lanes: model.lanes.len().max(1),
        lane_height: 110,
    };
    let placed = sketch.place();
    let shape = |at: usize| {
        let of = shape(model, at, &sketch.boxes[place(at)], placed.boxes[place(at)]);
        if model.nodes[at].host.is_some() { edge(edges.before[at], of) } else { of }
    };
    let shapes: Vec<Rect> = (0..model.nodes.len()).map(shape).collect();
    let around = Around { exits: &exits, shapes: &shapes, placed: &placed, fan: &fan };
    let flows = (0..model.flows.len()).map(|at| line(model, at, &around));
    let mut drawn = Drawn { flows: flows.collect(), ..Drawn::default() };
    drawn.nodes = shapes.iter().enumerate().map(|(at, shape)| named(model, at, *shape)).collect();
    papers(model, &shapes, &mut drawn);
    frame(model, &placed, &mut drawn);
    drawn
}

/// How many ways with names leave a gateway: each gets a height of its own.
fn names(model: &Model, fan: &Fan, node: usize) -> usize {
    let is_gateway = matches!(model.nodes[node].kind, Kind::Gateway(_));
    let out = fan.out(node);
    let is_named = || out.iter().any(|flow| !model.flows[*flow].name.is_empty());
    if is_gateway && (out.len() > 1 || is_named()) { out.len() } else { 0 }
}

/// Where each flow leaves its box, below the main line.
fn exits(model: &Model, fan: &Fan, edges: &Edges) -> Vec<i32> {
    let mut before = vec![0; model.nodes.len()];
    let exit = |flow: &super::model::Flow| {
        if model.nodes[flow.from].host.is_some() {
            return TASK.1 / 2 + NAME_STEP * (1 + edges.before[flow.from]);
        }
        let place = before[flow.from];
        before[flow.from] += 1;
        let has_names = names(model, fan, flow.from) > 0;
        if has_names && place > 0 { GATEWAY / 2 - 5 + NAME_STEP * place } else { 0 }
    };
    model.flows.iter().map(exit).collect()
}

/// The room that a node takes, with its names and documents.
fn room(model: &Model, at: usize, (fan, edges): (&Fan, &Edges)) -> Box {
    let node = &model.nodes[at];
    let lane = node.lane;
    match node.kind {
        Kind::Task(_) | Kind::Again(_) => {
            let papers = model.papers.iter().filter(|paper| paper.node == at);
            let titles: Vec<usize> = papers.map(|paper| lines(&paper.title)).collect();
            let below = match titles.iter().max() {
                Some(most) => PAPER_GAP + PAPER.1 + LINE * *most as i32 + 6,
                None => 0,
            };
            let width = TASK.0.max(PAPER_ROOM * titles.len() as i32);
            let half = TASK.1 / 2;
            let errors = edges.count[at];
            let below = below.max((NAME_STEP + 10) * errors);
            Box { lane, width, above: half, below: half + below, is_end: false }
        }
        Kind::Gateway(_) => {
            let half = GATEWAY / 2;
            let names = names(model, fan, at) as i32;
            let width = GATEWAY + if names > 0 { NAME_ROOM } else { 0 };
            let above = half + if node.name.is_empty() { 0 } else { LINE * 2 };
            let below = half + NAME_STEP * (names - 1).max(0);
            Box { lane, width, above, below, is_end: false }
        }
        Kind::Start | Kind::Catch | Kind::End { .. } | Kind::Edge { .. } => {
            let half = EVENT / 2;
            let is_end = matches!(node.kind, Kind::End { .. });
            let below = half + LINE * lines(&node.name) as i32;
            let width = if node.name.is_empty() { EVENT } else { PAPER_ROOM };
            Box { lane, width, above: half, below, is_end }
        }
    }
}

/// How many lines a name takes below its shape.
fn lines(name: &str) -> usize {
    name.chars().count().div_ceil(LETTERS - 4).min(5)
}

/// A node's own shape in its room: at the left, at the main line.
fn shape(model: &Model, at: usize, room: &Box, of: Rect) -> Rect {
    let (width, height) = match model.nodes[at].kind {
        Kind::Task(_) | Kind::Again(_) => TASK,
        Kind::Gateway(_) => (GATEWAY, GATEWAY),
        Kind::Edge { .. } => TASK,
        Kind::Start | Kind::Catch | Kind::End { .. } => (EVENT, EVENT),
    };
    // Documents and names stand below; a task with many stands in their middle.
    let x = match model.nodes[at].kind {
        Kind::Gateway(_) => of.x,
        _ => of.x + (room.width - width) / 2,
    };
    Rect { x, y: of.y + room.above - height / 2, width, height }
}

/// The event at the lower edge of its task, beside those before it.
fn edge(place: i32, task: Rect) -> Rect {
    let x = task.x + 14 + (EVENT + 8) * place;
    Rect { x, y: task.y + task.height - EVENT / 2, width: EVENT, height: EVENT }
}

/// What stands at the edges of tasks.
struct Edges {
    /// For each event, how many others of its task come before it.
    before: Vec<i32>,
    /// For each task.
    count: Vec<i32>,
}

impl Edges {
    fn of(model: &Model) -> Self {
        let nodes = model.nodes.len();
        let mut edges = Self { before: vec![0; nodes], count: vec![0; nodes] };
        for (at, node) in model.nodes.iter().enumerate() {
            if let Some(host) = node.host {
                edges.before[at] = edges.count[host];
                edges.count[host] += 1;
            }
        }
        edges
    }
}

/// What an arrow is drawn between.
struct Around<'a> {
    exits: &'a [i32],
    shapes: &'a [Rect],
    placed: &'a Placed,
    fan: &'a Fan,
}

/// An arrow from shape to shape, with its name.
fn line(model: &Model, at: usize, around: &Around<'_>) -> Line {
    let Around { exits, shapes, placed, fan } = around;
    let flow = &model.flows[at];
    let mut points = placed.arrows[at].clone();
    let (from, to) = (shapes[flow.from], shapes[flow.to]);
    let middle = |shape: Rect| shape.y + shape.height / 2;
    if let Some(first) = points.first().copied() {
        if exits[at] == 0 {
            points[0].0 = from.x + from.width;
        } else {
            // Out of the lower corner, then to the right.
            let x = from.x + from.width / 2;
            points.splice(0..1, [(x, from.y + from.height), (x, first.1), first]);
        }
    }
    let is_task = matches!(model.nodes[flow.to].kind, Kind::Task(_) | Kind::Again(_));
    let arriving = fan.leading_to(flow.to).len();
    let is_bent = placed.arrows[at].len() > 2;
    if let [.., before, last] = points.as_mut_slice() {
        last.0 = to.x;
        let reaches = (last.1 - middle(to)).abs() <= to.height / 2 - 8;
        // Into the left corner; at a task there is room for several beside each other.
        if is_bent && (!is_task || arriving == 1) {
            (before.1, last.1) = (middle(to), middle(to));
        } else if !is_task || !reaches {
            let (x, y) = (to.x - 12, last.1);
            *last = (x, y);
            points.extend([(x, middle(to)), (to.x, middle(to))]);
        }
    }
    straighten(&mut points);
    let label = (!flow.name.is_empty()).then(|| {
        let (x, y) = match exits[at] {
            0 => (from.x + from.width, middle(from)),
            exit => (from.x + from.width / 2, middle(from) + exit),
        };
        let height = if flow.name.chars().count() > LETTERS { 2 * LINE } else { LINE };
        Rect { x: x + 6, y: y - height - 1, width: NAME_ROOM - 12, height }
    });
    Line { points, label }
}

/// Takes out corners that are none, and makes every leg upright or level.
fn straighten(points: &mut Vec<(i32, i32)>) {
    let mut at = 1;
    while at < points.len() {
        let (before, point) = (points[at - 1], points[at]);
        if before.0 != point.0 && before.1 != point.1 {
            points.insert(at, (before.0, point.1));
        }
        at += 1;
    }
    points.dedup();
    let is_corner = |a: (i32, i32), b: (i32, i32), c: (i32, i32)| {
        !((a.0 == b.0 && b.0 == c.0) || (a.1 == b.1 && b.1 == c.1))
    };
    let mut at = 1;
    while at + 1 < points.len() {
        if is_corner(points[at - 1], points[at], points[at + 1]) {
            at += 1;
        } else {
            points.remove(at);
        }
    }
}

fn named(model: &Model, at: usize, shape: Rect) -> Shape {
    let node = &model.nodes[at];
    let height = LINE * lines(&node.name) as i32;
    let label = match node.kind {
        _ if node.name.is_empty() => None,
        Kind::Task(_) | Kind::Again(_) => None,
        Kind::Edge { .. } => {
            let (x, y) = (shape.x + shape.width, shape.y + shape.height - 4);
            Some(Rect { x, y, width: PAPER_ROOM, height })
        }
        Kind::Gateway(_) => {
            let x = shape.x + shape.width / 2 - PAPER_ROOM / 2;
            Some(Rect { x, y: shape.y - LINE - 4, width: PAPER_ROOM, height: LINE })
        }
        Kind::Start | Kind::Catch | Kind::End { .. } => {
            let x = shape.x + shape.width / 2 - PAPER_ROOM / 2;
            Some(Rect { x, y: shape.y + shape.height + 3, width: PAPER_ROOM, height })
        }
    };
    Shape { shape, label }
}

/// Documents stand side by side below their task.
fn papers(model: &Model, shapes: &[Rect], drawn: &mut Drawn) {
    for (at, paper) in model.papers.iter().enumerate() {
        let task = shapes[paper.node];
        let of = |paper: &&super::model::Paper| paper.node == model.papers[at].node;
        let count = model.papers.iter().filter(of).count() as i32;
        let place = model.papers[..at].iter().filter(of).count() as i32;
        let middle = task.x + task.width / 2 + PAPER_ROOM * (2 * place + 1 - count) / 2;
        let top = task.y + task.height + PAPER_GAP;
        let x = middle - PAPER.0 / 2;
        let shape = Rect { x, y: top, width: PAPER.0, height: PAPER.1 };
        let height = LINE * lines(&paper.title) as i32;
        let (x, y) = (middle - PAPER_ROOM / 2 + 4, top + PAPER.1 + 3);
        let label = Some(Rect { x, y, width: PAPER_ROOM - 8, height });
        drawn.papers.push(Shape { shape, label });
        let at_task = (middle.clamp(task.x + 10, task.x + task.width - 10), task.y + task.height);
        let mut points = vec![at_task, (middle, top)];
        if !paper.is_output {
            points.reverse();
        }
        drawn.associations.push(points);
    }
}

/// The pool and its lanes, around everything.
fn frame(model: &Model, placed: &Placed, drawn: &mut Drawn) {
    let all = drawn.flows.iter().flat_map(|flow| &flow.points);
    let (mut top, mut bottom) = (i32::MAX, i32::MIN);
    let mut right = 0;
    for (x, y) in all {
        (top, bottom, right) = (top.min(y - 20), bottom.max(y + 20), right.max(x + 20));
    }
    let bands: Vec<(usize, Rect)> = placed.bands.clone();
    let (Some((_, first)), Some((_, last))) = (bands.first(), bands.last()) else { return };
    top = top.min(first.y);
    bottom = bottom.max(last.y + last.height);
    right = right.max(first.x + first.width);
    // `placed` leaves room for names of another drawing.
    let left = first.x + MARGIN - 2 * STRIP - 10;
    let width = right - left;
    drawn.pool = Rect { x: left, y: top, width, height: bottom - top };
    let count = bands.len();
    for (at, (lane, band)) in bands.into_iter().enumerate() {
        let from = if at == 0 { top } else { band.y };
        let to = if at + 1 == count { bottom } else { band.y + band.height };
        if lane < model.lanes.len() {
            let of = Rect { x: left + STRIP, y: from, width: width - STRIP, height: to - from };
            drawn.lanes.push((lane, of));
        }
    }
}
