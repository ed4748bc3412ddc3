//! A procedure as swim lanes, in SVG.
//!
//! A drawing is made in steps, each a file: `chart` and `card` (what is drawn, and how large), `order`
//! (which arrows lead back), `columns` (the longest way to each box, broken into systems as music is),
//! `page` (rows and columns), `route` (which channels an arrow takes), `plan` and `track` (how arrows
//! lie beside each other), `spread` and `drawing` (where everything stands), `draw` and `pen` (SVG).
//! The same procedure always gives the same text: nothing here depends on the order of a hash map, on
//! fonts or on floating point.
//!
//! The command line prints it and the web shows it. It knows no case, only the procedure.

mod alone;
mod card;
mod chart;
mod columns;
mod draw;
mod drawing;
mod fan;
mod order;
mod page;
mod pen;
mod plan;
mod route;
#[cfg(test)]
mod samples;
pub mod sketch;
mod spread;
#[cfg(test)]
mod tests;
mod text;
mod track;
mod words;

use chart::Chart;
use columns::Columns;
use drawing::Drawing;
use page::Page;

pub use fan::Fan;

use crate::language::Language;
use crate::procedure::Executable;

/// The procedure in its organisation's language.
pub fn svg(executable: &Executable) -> String {
    svg_in(executable, &Language::parse(&executable.organisation.language))
}

/// The procedure, with the drawing's own words in `language`. It is mirrored when the organisation's
/// language is read from the right, whatever the reader's is: the texts in it are the organisation's.
pub fn svg_in(executable: &Executable, language: &Language) -> String {
    let chart = Chart::of(executable, language);
    let own = Language::parse(&executable.organisation.language);
    draw::draw(&chart, &lay_out(&chart), &own)
}

/// The layout that stays largest on a sheet of A4, of those with four to eight columns of steps side
/// by side.
fn lay_out(chart: &Chart) -> Drawing {
    let with = |most: usize| {
        let columns = Columns::of(chart, most);
        Drawing::of(chart, &columns, &Page::of(chart, &columns))
    };
    (5..=8).map(with).fold(
        with(4),
        |best, other| {
            if other.reduction() < best.reduction() { other } else { best }
        },
    )
}
