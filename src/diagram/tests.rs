//! What a drawing must never do, proved on the real procedures, on hard ones and on random ones.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::chart::{Chart, Edge, SMALL, Shape, WIDTH};
use super::drawing::{Drawing, EDGE, HEAD, Rect, TITLE_LEADING};
use super::samples::{FAN, LONG, examples, procedure, read, steps, tupiza};
use super::{draw, lay_out, svg, text};
use crate::language::Language;
use crate::procedure::Executable;

fn drawn(executable: &Executable) -> (Chart, Drawing) {
    let language = Language::parse(&executable.organisation.language);
    let chart = Chart::of(executable, &language);
    let drawing = lay_out(&chart);
    (chart, drawing)
}

/// The straight pieces of an arrow, each as a box of no thickness.
fn pieces(points: &[(i32, i32)]) -> impl Iterator<Item = Rect> {
    points.windows(2).map(move |two| {
        let ((ax, ay), (bx, by)) = (two[0], two[1]);
        assert!(ax == bx || ay == by, "an arrow goes slantwise: {points:?}");
        Rect { x: ax.min(bx), y: ay.min(by), width: (ax - bx).abs(), height: (ay - by).abs() }
    })
}

/// Whether two boxes have more in common than an edge.
fn overlap(one: Rect, other: Rect) -> bool {
    one.x < other.x + other.width
        && other.x < one.x + one.width
        && one.y < other.y + other.height
        && other.y < one.y + one.height
}

/// Everything that must hold for the places of any drawing.
fn check(chart: &Chart, drawing: &Drawing) {
    let page = Rect { x: 0, y: 0, width: drawing.width, height: drawing.height };
    for (at, one) in drawing.boxes.iter().enumerate() {
        let lane = chart.nodes[at].lane;
        let is_within = |(of, band): &(usize, Rect)| *of == lane && holds(*band, *one);
        assert!(drawing.bands.iter().any(is_within), "box {at} is out of its lane");
        for (other, two) in drawing.boxes.iter().enumerate().skip(at + 1) {
            assert!(!overlap(*one, *two), "boxes {at} and {other} overlap");
        }
    }
    for (edge, arrow) in chart.edges.iter().zip(&drawing.arrows) {
        check_ends(chart, drawing, edge, &arrow.points);
        for piece in pieces(&arrow.points) {
            assert!(holds(page, piece) && piece.y > EDGE + TITLE_LEADING, "{edge:?} leaves");
            for (at, frame) in drawing.boxes.iter().enumerate() {
                assert!(!overlap(piece, *frame), "{edge:?} leads through box {at}");
            }
            for (_, band) in &drawing.bands {
                let head = Rect { width: HEAD, ..*band };
                assert!(!overlap(piece, head), "{edge:?} leads through a lane's name");
            }
        }
    }
    for (at, one) in drawing.arrows.iter().enumerate() {
        for (other, two) in drawing.arrows.iter().enumerate().skip(at + 1) {
            for (a, b) in pieces(&one.points).flat_map(|a| pieces(&two.points).map(move |b| (a, b)))
            {
                assert!(!lie_on_each_other(a, b), "arrows {at} and {other} share a track");
            }
        }
    }
}

fn holds(outer: Rect, inner: Rect) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y + inner.height <= outer.y + outer.height
}

fn lie_on_each_other(a: Rect, b: Rect) -> bool {
    let are_upright = a.width == 0 && b.width == 0 && a.x == b.x;
    let are_level = a.height == 0 && b.height == 0 && a.y == b.y;
    are_upright && a.y <= b.y + b.height && b.y <= a.y + a.height
        || are_level && a.x <= b.x + b.width && b.x <= a.x + a.width
}

/// An arrow begins at its first box and ends at its second, with a straight piece for the tip.
fn check_ends(chart: &Chart, drawing: &Drawing, edge: &Edge, points: &[(i32, i32)]) {
    let [from, to] = [edge.from, edge.to].map(|node| drawing.boxes[node]);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        panic!("{edge:?} has no points");
    };
    let is_drop = first.1 == from.y + from.height;
    if is_drop {
        assert!(last.1 == to.y && first.0 == last.0, "{edge:?} drops beside its box");
    } else {
        let exit = from.y + chart.nodes[edge.from].above + edge.exit;
        assert_eq!(*first, (from.x + from.width, exit), "{edge:?} leaves from elsewhere");
        let reach = to.y + 6..=to.y + to.height - 6;
        assert!(last.0 == to.x && reach.contains(&last.1), "{edge:?} misses its box");
    }
    let tip = pieces(points).last().expect("two points at least");
    assert!(tip.width + tip.height >= 10, "{edge:?} has no room for its tip");
}

/// Labels lie in their own box, apart from each other and from the text above them.
fn check_labels(chart: &Chart) {
    for node in &chart.nodes {
        let Shape::Step(card) = &node.shape else { continue };
        let marks: i32 = card.marks.iter().map(|mark| mark.height()).sum();
        let mut y = card.marks_from + marks;
        for port in &card.ports {
            let middle = node.above + port.offset;
            assert!(middle - port.height / 2 >= y, "a label lies on what is above it");
            y = middle + port.height / 2;
            for line in &port.lines {
                assert!(text::width(line, SMALL) <= WIDTH - 20, "`{line}` is too wide");
            }
        }
        assert!(y <= node.above + node.below, "labels reach out of their box");
    }
}

#[test]
fn what_runs_by_itself_says_what_it_does_and_meets_by_its_kind() {
    let text = r#"organisation: agua
name: Agua
roles: { ape: Plataforma }
messages: { pago: { title: Pago recibido } }
---
procedure: cobro
title: Cobro
starts: { by: ape }
steps:
  1: { role: ape, activity: Anotar. }
  2: { set: { doble: total * 2 } }
  3:
    wait_any:
      paga: { 4: { wait: { message: pago, key: "{{ case.number }}" } } }
      viene: { 5: { role: ape, activity: Atender. } }
  6:
    choose_any:
      mucho: { when: total > 9, 7: { role: ape, activity: Avisar. } }
      poco: { else: true, 8: { role: ape, activity: Archivar. } }
"#;
    let executable = read(&[text.to_owned()]).pop().expect("a procedure");
    let chart = Chart::of(&executable, &Language::parse("es"));
    let box_of = |number: &str| {
        let cards = chart.nodes.iter().filter_map(|node| match &node.shape {
            Shape::Step(card) if card.number == number => Some(card.lines.join(" ")),
            _ => None,
        });
        cards.collect::<String>()
    };
    assert_eq!(box_of("2"), "doble = total * 2");
    assert_eq!(box_of("4"), "Pago recibido");
    let joins: Vec<&str> = chart
        .nodes
        .iter()
        .filter_map(|node| match &node.shape {
            Shape::Join { waits_for, .. } => Some(waits_for.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(joins, ["×", "○"]);
}

#[test]
fn nothing_overlaps_in_the_real_procedures_and_in_hard_ones() {
    assert_eq!(tupiza().len(), 5);
    assert!(tupiza().iter().map(svg).any(|svg| svg.contains(">Detalle de Materiales</text>")));
    for executable in examples() {
        let (chart, drawing) = drawn(&executable);
        check(&chart, &drawing);
        check_labels(&chart);
    }
}

#[test]
fn the_same_procedure_gives_the_same_text() {
    let twice = [examples(), examples()].map(|all| all.iter().map(svg).collect::<Vec<_>>());
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn every_step_number_and_every_way_is_there_once() {
    for executable in examples() {
        let drawing = svg(&executable);
        let numbers: Vec<&str> = drawing
            .lines()
            .filter_map(|line| line.strip_prefix("<text class=\"number\""))
            .filter_map(|rest| rest.split(['>', '<']).nth(1))
            .collect();
        let steps = &executable.procedure.steps;
        assert_eq!(numbers, steps.iter().map(|step| step.id.as_str()).collect::<Vec<_>>());
        let arrows = drawing.matches("class=\"arrow\"").count();
        assert_eq!(arrows, executable.graph.flows.edge_count());
    }
}

#[test]
fn a_step_may_stand_below_the_one_that_hands_on_to_it() {
    let back_and_forth = "  1: { role: a, activity: x }\n  2: { role: b, activity: x }\n  \
                          3: { role: a, activity: x }\n  4: { role: b, activity: x }\n";
    let (_, drawing) = drawn(&procedure("en", back_and_forth));
    let column = |step: usize| drawing.boxes[step].x;
    assert_eq!((column(1), column(3)), (column(2), column(4)));
    assert!(column(3) > column(1));
}

#[test]
fn a_way_back_is_told_from_a_way_on() {
    let (chart, drawing) = drawn(&procedure("en", FAN));
    let back: BTreeSet<(usize, usize)> = (chart.edges.iter().zip(&drawing.arrows))
        .filter(|(_, arrow)| arrow.is_back)
        .map(|(edge, _)| (edge.from, edge.to))
        .collect();
    assert_eq!(back, BTreeSet::from([(1, 1), (5, 1), (5, 2), (6, 1), (6, 4)]));
}

#[test]
fn what_is_read_from_the_right_is_mirrored() {
    let (chart, drawing) = drawn(&procedure("fa", LONG));
    let [right, left] =
        ["fa", "es"].map(|code| draw::draw(&chart, &drawing, &Language::parse(code)));
    assert!(right.contains("direction=\"rtl\"") && left.contains("direction=\"ltr\""));
    let number = |line: &str, name: &str| -> Option<i32> {
        line.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?.parse().ok()
    };
    let mut compared = 0;
    for (right, left) in right.lines().zip(left.lines()).skip(1) {
        let (Some(at), Some(mirrored)) = (number(left, "x"), number(right, "x")) else { continue };
        let width = number(left, "width").unwrap_or(0);
        assert_eq!(mirrored, drawing.width - at - width, "{left}");
        compared += 1;
    }
    assert!(compared > 60);
    // The first arrow leads from the start to step 1.
    let first =
        |text: &str| text.split("class=\"arrow\" d=\"M").nth(1)?.split(' ').next()?.parse().ok();
    assert_eq!(
        first(&left).zip(first(&right)).map(|(a, b): (i32, i32)| a + b),
        Some(drawing.width)
    );
}

#[test]
fn whatever_the_procedure_says_stays_text() {
    let drawing = svg(&procedure("en", "  1: { role: b, activity: \"<b>&\\u0007\\\"</b>\" }\n"));
    assert!(drawing.contains("A &lt;trial&gt; &amp; more"));
    assert!(drawing.contains("&lt;b&gt;&amp;&quot;&lt;/b&gt;") && !drawing.contains('\u{7}'));
    assert!(!drawing.contains(" id=\""), "ids would clash with another drawing of the page");
}

#[test]
fn a_procedure_without_steps_is_a_title() {
    let (chart, drawing) = drawn(&procedure("en", "  {}\n"));
    assert!(chart.nodes.is_empty() && drawing.boxes.is_empty());
    assert!(svg(&procedure("en", "  {}\n")).ends_with("</svg>\n"));
}

proptest! {
    #[test]
    fn nothing_overlaps_whatever_the_procedure(steps in steps()) {
        let (chart, drawing) = drawn(&procedure("en", &steps));
        check(&chart, &drawing);
        check_labels(&chart);
    }
}
