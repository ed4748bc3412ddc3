//! The drawing as SVG: light and dark by its own style sheet, with a text for who cannot see it.
//!
//! Everything carries the class `tramite-diagram` and nothing an id, so that a page may hold several
//! drawings. For a language that is read from the right all of it is mirrored here; the text's own
//! direction then turns its anchors.

use super::chart::{
    Card, Chart, LEADING, LaneKind, MAIN, MARK_GAP, Node, Port, PortKind, SMALL_LEADING, Shape,
    Sign,
};
use super::drawing::{Arrow, Drawing, EDGE, HEAD, Rect, TITLE_LEADING};
use super::pen::Pen;
use super::text::escape;
use crate::language::{Direction, Language};

const STYLE: &str = include_str!("diagram.css");
/// The corners of boxes.
const ROUND: i32 = 8;

pub fn draw(chart: &Chart, drawing: &Drawing, own: &Language) -> String {
    let is_mirrored = own.direction() == Direction::RightToLeft;
    let mut pen = Pen { out: String::new(), width: drawing.width, is_mirrored };
    let (width, height) = (drawing.width, drawing.height);
    pen.line(format_args!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tramite-diagram\" role=\"img\" \
         viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         lang=\"{}\" direction=\"{}\">",
        escape(own.code()),
        own.direction().as_str(),
    ));
    pen.line(format_args!("<title>{}</title>", escape(&chart.title)));
    pen.line(format_args!("<desc>{}</desc>", escape(&description(chart))));
    pen.line(format_args!("<style>\n{STYLE}</style>"));
    pen.rect("ground", Rect { x: 0, y: 0, width, height }, 0);
    for (at, text) in drawing.title.iter().enumerate() {
        pen.text("title", EDGE, EDGE + 16 + TITLE_LEADING * at as i32, text);
    }
    for (lane, frame) in &drawing.bands {
        band(&mut pen, chart, *lane, *frame);
    }
    // Ways back last, so that they lie above where they cross others.
    let (back, on): (Vec<&Arrow>, Vec<&Arrow>) =
        drawing.arrows.iter().partition(|arrow| arrow.is_back);
    for arrow in on.into_iter().chain(back) {
        pen.arrow(arrow);
    }
    for (node, frame) in chart.nodes.iter().zip(&drawing.boxes) {
        shape(&mut pen, chart, node, *frame);
    }
    pen.line(format_args!("</svg>"));
    pen.out
}

/// Steps and ways in words.
fn description(chart: &Chart) -> String {
    let mut lines = Vec::new();
    for (at, node) in chart.nodes.iter().enumerate() {
        let ports = match &node.shape {
            Shape::Step(card) => card.ports.as_slice(),
            Shape::Join { .. } => &[],
            Shape::Start | Shape::End { .. } => continue,
        };
        let ways = chart.edges.iter().filter(|edge| edge.from == at).map(|edge| {
            let port = ports.iter().find(|port| port.offset == edge.exit);
            let label = port.map(|port| port.lines.join(" ") + " ").unwrap_or_default();
            let to = match &chart.nodes[edge.to].shape {
                Shape::Step(card) => card.number.clone(),
                Shape::Join { number, .. } => joined(number),
                Shape::End { lines, .. } => lines.join(" "),
                Shape::Start => String::new(),
            };
            format!("{label}→ {to}")
        });
        let ways: Vec<String> = ways.collect();
        let card = match &node.shape {
            Shape::Step(card) => card,
            Shape::Join { number, .. } => {
                lines.push(format!("{} {}", joined(number), ways.join("; ")));
                continue;
            }
            Shape::Start | Shape::End { .. } => continue,
        };
        let lane = chart.lanes[node.lane].name.join(" ");
        lines.push(format!(
            "{} · {lane}: {} {}",
            card.number,
            card.lines.join(" "),
            ways.join("; ")
        ));
    }
    lines.join("\n")
}

/// How the join of a step is called where nobody sees it.
fn joined(number: &str) -> String {
    format!("({number} +)")
}

fn band(pen: &mut Pen, chart: &Chart, lane: usize, frame: Rect) {
    let lane = &chart.lanes[lane];
    pen.rect("band", frame, 0);
    pen.rect("head", Rect { width: HEAD, ..frame }, 0);
    let heading = if lane.short.is_some() { 20 } else { 0 };
    let height = heading + SMALL_LEADING * lane.name.len() as i32;
    let mut y = frame.y + (frame.height - height) / 2;
    if let Some(short) = &lane.short {
        pen.text("short", frame.x + 8, y + 13, short);
        y += heading;
    }
    let class = if lane.short.is_some() { "small soft" } else { "small strong" };
    for (at, text) in lane.name.iter().enumerate() {
        pen.text(class, frame.x + 8, y + 10 + SMALL_LEADING * at as i32, text);
    }
}

fn shape(pen: &mut Pen, chart: &Chart, node: &Node, frame: Rect) {
    match &node.shape {
        Shape::Start => pen.rect("start", frame, frame.height / 2),
        Shape::Step(card) => {
            let class = match chart.lanes[node.lane].kind {
                _ if card.is_gate => "step gate",
                LaneKind::Inside => "step",
                LaneKind::External => "step external",
                LaneKind::Automatic => "step automatic",
            };
            pen.line(format_args!("<g class=\"{class}\"><title>{}</title>", escape(&card.full)));
            step(pen, card, frame);
            pen.line(format_args!("</g>"));
        }
        Shape::Join { waits_for, .. } => {
            pen.rect("join", frame, 6);
            pen.text("joins", frame.x + frame.width / 2, frame.y + node.above + 5, waits_for);
        }
        Shape::End { lines, is_completed } => {
            let class = if *is_completed { "outcome-box completed" } else { "outcome-box" };
            pen.line(format_args!("<g class=\"{class}\">"));
            pen.rect("end", frame, frame.height.min(30) / 2);
            let middle = frame.y + node.above - LEADING * (lines.len() as i32 - 1) / 2;
            for (at, text) in lines.iter().enumerate() {
                let x = frame.x + frame.width / 2;
                pen.text("outcome", x, middle + 4 + LEADING * at as i32, text);
            }
            pen.line(format_args!("</g>"));
        }
    }
}

fn step(pen: &mut Pen, card: &Card, frame: Rect) {
    pen.rect("box", frame, ROUND);
    ports(pen, &card.ports, frame);
    let badge = Rect { x: frame.x + 8, y: frame.y + MAIN - 13, width: card.badge, height: 26 };
    pen.rect("badge", badge, 6);
    pen.text("number", badge.x + card.badge / 2, frame.y + MAIN + 5, &card.number);
    for (at, text) in card.lines.iter().enumerate() {
        let x = if at < 2 { badge.x + card.badge + 8 } else { frame.x + 9 };
        pen.text("activity", x, frame.y + 20 + LEADING * at as i32, text);
    }
    let mut y = frame.y + card.marks_from + MARK_GAP;
    for mark in &card.marks {
        let (class, path) = match mark.sign {
            Sign::Paper => ("sign", PAPER),
            Sign::MaybePaper => ("sign maybe", PAPER),
            Sign::Person => ("sign", PERSON),
            Sign::Machine => ("sign", MACHINE),
            Sign::Flow => ("sign", FLOW),
        };
        pen.sign(class, path, frame.x + 10, y);
        for (at, text) in mark.lines.iter().enumerate() {
            pen.text("small soft", frame.x + 26, y + 10 + SMALL_LEADING * at as i32, text);
        }
        y += mark.height();
    }
}

/// A sheet with a folded corner.
const PAPER: &str = "M.5.5h6l3 3v8h-9zM6.5.5v3h3";
/// Head and shoulders.
const PERSON: &str = "M5 1a2.2 2.2 0 1 1 0 4.4a2.2 2.2 0 1 1 0-4.4zM.5 11.5c0-6 9-6 9 0z";
/// A flash: it runs by itself.
const MACHINE: &str = "M6 .5 1 7h3.500l-.5 4.500L9.500 5H5.500z";

/// Two arrows that part.
const FLOW: &str = "M0 6h3.5l3.5-4h2M7.5.5l2 1.5l-2 1.5M3.5 6l3.5 4h2M7.5 8.5l2 1.5l-2 1.5";

fn ports(pen: &mut Pen, ports: &[Port], frame: Rect) {
    let height: i32 = ports.iter().map(|port| port.height).sum();
    if ports.is_empty() {
        return;
    }
    let (left, right) = (frame.x, frame.x + frame.width);
    let (mut y, low) = (frame.y + frame.height - height, frame.y + frame.height);
    let [a, b, c, d] = [left, left + ROUND, right - ROUND, right].map(|x| pen.x(x));
    pen.line(format_args!(
        "<path class=\"ports\" d=\"M{a} {y}H{d}V{}Q{d} {low} {c} {low}H{b}Q{a} {low} {a} {}Z\"/>",
        low - ROUND,
        low - ROUND,
    ));
    for port in ports {
        pen.line(format_args!("<path class=\"rule\" d=\"M{a} {y}H{d}\"/>"));
        let middle = y + port.height / 2;
        let first = middle + 4 - SMALL_LEADING * (port.lines.len() as i32 - 1) / 2;
        for (at, text) in port.lines.iter().enumerate() {
            pen.text("port", right - 12, first + SMALL_LEADING * at as i32, text);
        }
        y += port.height;
    }
    pen.rect("frame", frame, ROUND);
    let mut y = low - height;
    for port in ports {
        let (class, size) = match port.kind {
            PortKind::Decision => ("decision", 6),
            PortKind::Condition => ("condition", 6),
            PortKind::Branch => ("branch", 7),
            PortKind::Happening(_) => ("happening", 6),
        };
        let middle = y + port.height / 2;
        pen.line(format_args!(
            "<path class=\"{class}\" d=\"M{} {middle}L{d} {}L{} {middle}L{d} {}Z\"/>",
            d - size,
            middle - size,
            d + size,
            middle + size,
        ));
        if port.kind == PortKind::Branch {
            let (left, right, high, low) = (d - 3, d + 3, middle - 3, middle + 3);
            pen.line(format_args!(
                "<path class=\"plus\" d=\"M{left} {middle}H{right}M{d} {high}V{low}\"/>"
            ));
        }
        y += port.height;
    }
}
