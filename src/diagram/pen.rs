//! The elements of SVG that the drawing uses, each mirrored where the language wants it.

use std::fmt::{Arguments, Write};

use super::drawing::{Arrow, Rect};
use super::text::escape;

/// The corners of arrows.
const BEND: i32 = 6;
/// The width of a sign.
const SIGN: i32 = 10;

/// Writes SVG, mirrored or not.
pub struct Pen {
    pub out: String,
    /// Of the whole drawing.
    pub width: i32,
    pub is_mirrored: bool,
}

impl Pen {
    /// One line of SVG as it is.
    pub fn line(&mut self, arguments: Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = self.out.write_fmt(arguments);
        self.out.push('\n');
    }

    pub fn x(&self, x: i32) -> i32 {
        if self.is_mirrored { self.width - x } else { x }
    }

    pub fn rect(&mut self, class: &str, rect: Rect, round: i32) {
        let Rect { y, width, height, .. } = rect;
        let x = if self.is_mirrored { self.width - rect.x - width } else { rect.x };
        let round = if round > 0 { format!(" rx=\"{round}\"") } else { String::new() };
        self.line(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{round}/>"
        ));
    }

    pub fn text(&mut self, class: &str, x: i32, y: i32, text: &str) {
        let x = self.x(x);
        self.line(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>",
            escape(text)
        ));
    }

    /// Signs are not mirrored: a folded corner is where it is on paper.
    pub fn sign(&mut self, class: &str, path: &str, x: i32, y: i32) {
        let x = if self.is_mirrored { self.width - x - SIGN } else { x };
        self.line(format_args!(
            "<path class=\"{class}\" transform=\"translate({x} {y})\" d=\"{path}\"/>"
        ));
    }

    pub fn arrow(&mut self, arrow: &Arrow) {
        let points: Vec<(i32, i32)> = arrow.points.iter().map(|(x, y)| (self.x(*x), *y)).collect();
        let ([.., before, tip], [first, ..]) = (points.as_slice(), points.as_slice()) else {
            return;
        };
        let (dx, dy) = ((tip.0 - before.0).signum(), (tip.1 - before.1).signum());
        let mut path = format!("M{} {}", first.0, first.1);
        for corner in points.windows(3) {
            let [one, two, three] = [corner[0], corner[1], corner[2]];
            let half = |a: (i32, i32)| (a.0.abs_diff(two.0) + a.1.abs_diff(two.1)) as i32 / 2;
            let bend = BEND.min(half(one)).min(half(three));
            let near = |a: (i32, i32)| {
                (two.0 + bend * (a.0 - two.0).signum(), two.1 + bend * (a.1 - two.1).signum())
            };
            let (from, to) = (near(one), near(three));
            path += &format!("L{} {}Q{} {} {} {}", from.0, from.1, two.0, two.1, to.0, to.1);
        }
        // The line ends inside the tip, which then is as sharp as it is drawn.
        path += &format!("L{} {}", tip.0 - 6 * dx, tip.1 - 6 * dy);
        let class = if arrow.is_back { "back" } else { "on" };
        let corner = |side: i32| (tip.0 - 8 * dx + side * 4 * dy, tip.1 - 8 * dy + side * 4 * dx);
        let ((ax, ay), (bx, by)) = (corner(1), corner(-1));
        self.line(format_args!(
            "<g class=\"{class}\"><path class=\"arrow\" d=\"{path}\"/>\
             <path class=\"tip\" d=\"M{} {}L{ax} {ay}L{bx} {by}Z\"/></g>",
            tip.0, tip.1,
        ));
    }
}
