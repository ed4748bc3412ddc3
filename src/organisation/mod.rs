//! Who runs the procedures: name, language, calendar, roles, series, papers, and the manual's own text.

mod decode;
mod message;
mod place;
mod series;
mod unit;

pub use decode::{check_id, decode, errata, erratum};
pub use message::{Message, Signal};
pub use series::Series;
pub use unit::Unit;

use std::collections::BTreeMap;

use crate::calendar::Calendar;
use crate::yaml::Spanned;

/// One organisation, as its `organisation.yaml` says.
#[derive(Debug, Clone)]
pub struct Organisation {
    pub id: Spanned<String>,
    pub name: String,
    pub short_name: String,
    /// A language tag such as `es-BO`.
    pub language: String,
    pub currency: Currency,
    /// Lines of the letterhead: address, city, phone, email.
    pub contact: BTreeMap<String, String>,
    pub calendar: Calendar,
    pub units: Vec<Unit>,
    /// In the order of the file.
    pub roles: Vec<Role>,
    pub series: Vec<Series>,
    /// The series that numbers the cases themselves; a plain yearly one when none is named.
    pub case_series: Series,
    pub papers: Vec<Paper>,
    pub messages: Vec<Message>,
    pub signals: Vec<Signal>,
    pub manual: Manual,
}

/// How money is written.
#[derive(Debug, Clone)]
pub struct Currency {
    pub code: String,
    pub symbol: String,
    pub decimals: u32,
}

/// Who may act: a lane of the diagram, a queue of tasks.
#[derive(Debug, Clone)]
pub struct Role {
    pub id: Spanned<String>,
    pub title: String,
    /// The manual's abbreviation, such as APE.
    pub short: Option<String>,
    pub unit: Option<Spanned<String>>,
    /// Outside the office: somebody of `attended_by` records the step.
    pub is_external: bool,
    pub attended_by: Option<Spanned<String>>,
    /// Named in the manual's text without a step of its own.
    pub is_informed: bool,
}

/// Something that people bring and tramite doesn't print.
#[derive(Debug, Clone)]
pub struct Paper {
    pub id: Spanned<String>,
    pub title: String,
    pub says: Option<String>,
}

/// The written manual around the procedures.
#[derive(Debug, Clone, Default)]
pub struct Manual {
    pub title: Option<String>,
    /// `prepared_by`, `reviewed_by`, `approved_by`, `resolution`.
    pub approvals: BTreeMap<String, String>,
    pub sections: Vec<Section>,
    pub errata: Vec<Erratum>,
}

#[derive(Debug, Clone)]
pub struct Section {
    pub number: String,
    pub title: String,
    pub text: String,
    pub sections: Vec<Section>,
}

/// A place where the manual contradicts itself: what it says, and why we do otherwise.
#[derive(Debug, Clone, Default)]
pub struct Erratum {
    /// The step that it belongs to, or that is missing.
    pub step: Option<Spanned<String>>,
    pub place: Option<String>,
    pub says: String,
    pub why: String,
}

impl Organisation {
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| *role.id == id)
    }

    /// By which calendar a role works: its unit's where that has its own.
    pub fn calendar_of(&self, role: &str) -> &Calendar {
        let unit = self.role(role).and_then(|role| role.unit.as_ref());
        let unit = unit.and_then(|id| self.units.iter().find(|unit| *unit.id == **id));
        unit.and_then(|unit| unit.calendar.as_ref()).unwrap_or(&self.calendar)
    }

    pub fn series(&self, id: &str) -> Option<&Series> {
        self.series.iter().find(|series| *series.id == id)
    }

    pub fn paper(&self, id: &str) -> Option<&Paper> {
        self.papers.iter().find(|paper| *paper.id == id)
    }
}
