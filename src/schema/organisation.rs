//! `organisation.yaml`.

use schemars::JsonSchema;

use super::calendar::Calendar;
use super::event::{Message, Signal};
use super::scalar::{Count, Either, Flag, Named, Text};

/// Who we are: roles, series, papers, calendar, the manual's text.
#[derive(JsonSchema)]
#[schemars(title = "an organisation", deny_unknown_fields)]
pub struct Organisation {
    /// The id of the organisation: the name of its folder. Lower case letters, digits and `-`.
    pub organisation: Text,
    /// The full name, as it is printed.
    pub name: Text,
    /// How it is called where there is little room; else the full name.
    pub short_name: Option<Text>,
    /// The language of screens, documents, numbers and dates: `es-BO`, `fa`, `en`.
    pub language: Option<Text>,
    /// As in the time zone database: `America/La_Paz`. UTC unless said.
    pub time_zone: Option<Text>,
    /// The currency of `money` fields.
    pub currency: Option<Currency>,
    /// For letterheads.
    pub address: Option<Text>,
    /// For letterheads.
    pub city: Option<Text>,
    /// For letterheads.
    pub phone: Option<Text>,
    /// For letterheads.
    pub email: Option<Text>,
    /// The number by which the tax office knows it.
    pub tax_id: Option<Text>,
    /// Working days and hours, and the days off. Terms such as `2 working days` follow it.
    pub calendar: Option<Calendar>,
    /// Who works together: a title, or a title with a calendar of its own.
    pub units: Option<Named<Either<Text, Unit>>>,
    /// Who does something: an id, and a title or more.
    pub roles: Option<Named<Either<Text, Role>>>,
    /// Gapless numbers: one counter a series, and a year where it begins anew each year.
    pub series: Option<Named<Series>>,
    /// The series that numbers the cases themselves; else they are `2026-00001` and so on.
    pub case_series: Option<Text>,
    /// What people bring and tramite does not print.
    pub papers: Option<Named<Either<Text, Paper>>>,
    /// Messages: what may be told to one case.
    pub messages: Option<Named<Either<Text, Message>>>,
    /// Signals: what may be told to all cases that wait for it.
    pub signals: Option<Named<Either<Text, Signal>>>,
    /// What the printed manual says besides the procedures.
    pub manual: Option<Manual>,
}

/// What money is counted in.
#[derive(JsonSchema)]
#[schemars(title = "a currency", deny_unknown_fields)]
pub struct Currency {
    /// Three letters: `BOB`.
    pub code: Text,
    /// As it is printed: `Bs`. The code unless said.
    pub symbol: Option<Text>,
    /// Decimals of amounts, 2 unless said, 4 at most.
    pub decimals: Option<Count>,
}

/// A part of the organisation that roles belong to.
#[derive(JsonSchema)]
#[schemars(title = "a unit", deny_unknown_fields)]
pub struct Unit {
    /// As it is printed.
    pub title: Text,
    /// Only where it differs from the organisation's.
    pub calendar: Option<Calendar>,
}

/// Who does something.
#[derive(JsonSchema)]
#[schemars(title = "a role", deny_unknown_fields)]
pub struct Role {
    /// As it is printed.
    pub title: Text,
    /// An abbreviation that the manual uses: `APE`.
    pub short: Option<Text>,
    /// Not one of us: a customer, an authority. Somebody records what they do.
    pub external: Option<Flag>,
    /// For an external role: the role that records its steps.
    pub attended_by: Option<Text>,
    /// Named in the manual's text, with no step of its own.
    pub informed: Option<Flag>,
    /// The unit that it belongs to; its calendar counts for the role's terms.
    pub unit: Option<Text>,
}

/// How the numbers of one kind of document or customer run.
#[derive(JsonSchema)]
#[schemars(title = "a series", deny_unknown_fields)]
pub struct Series {
    /// For people.
    pub title: Option<Text>,
    /// `OIT-{year}-{number:05}`: the year of issue, and the number with zeros up to five digits.
    pub pattern: Text,
    /// Begins anew each year; true unless said.
    pub yearly: Option<Flag>,
    /// The first number, 1 unless said.
    pub first: Option<Count>,
}

/// Something that people bring.
#[derive(JsonSchema)]
#[schemars(title = "a paper", deny_unknown_fields)]
pub struct Paper {
    /// As it is called at the counter.
    pub title: Text,
    /// What must be looked at, or what it consists of.
    pub says: Option<Text>,
}

/// The manual around the procedures, so that it can be printed again.
#[derive(JsonSchema)]
#[schemars(title = "a manual", deny_unknown_fields)]
pub struct Manual {
    /// The title on its first page.
    pub title: Option<Text>,
    /// Who made, read and approved it.
    pub approvals: Option<Approvals>,
    /// Its chapters besides the procedures.
    pub sections: Option<Vec<Section>>,
    /// Errors that no single procedure has.
    pub errata: Option<Vec<Erratum>>,
}

/// Who made, read and approved the manual.
#[derive(JsonSchema)]
#[schemars(title = "approvals", deny_unknown_fields)]
pub struct Approvals {
    /// Who wrote it.
    pub prepared_by: Option<Text>,
    /// Who read it.
    pub reviewed_by: Option<Text>,
    /// Who approved it.
    pub approved_by: Option<Text>,
    /// By which act.
    pub resolution: Option<Text>,
}

/// A chapter of the manual.
#[derive(JsonSchema)]
#[schemars(title = "a section", deny_unknown_fields)]
pub struct Section {
    /// Its number, as printed.
    pub number: Option<Text>,
    /// Its title.
    pub title: Text,
    /// What it says.
    pub text: Option<Text>,
    /// Chapters in it, four deep at most.
    pub sections: Option<Vec<Section>>,
}

/// Where the manual contradicts itself: what it says, and why we do otherwise.
#[derive(JsonSchema)]
#[schemars(title = "an erratum", deny_unknown_fields)]
pub struct Erratum {
    /// The step that it is about.
    pub step: Option<Text>,
    /// The place in the manual.
    #[schemars(rename = "where")]
    pub place: Option<Text>,
    /// What stands there.
    pub says: Text,
    /// Why it can't be meant, and what is done instead.
    pub why: Text,
}
