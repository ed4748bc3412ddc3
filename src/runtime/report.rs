//! Making a report: its rows are read page by page, put into words, ordered and added up.
//!
//! A report reads the newest published files and whatever stands in the database now; it writes nothing.
//! What the files say it may name was checked when they were published: what is not there in a case
//! leaves its cell empty.

use std::sync::Arc;

use jiff::civil::Date;

use super::{Error, Runtime};
use crate::engine::{CaseScope, CaseStatus, State};
use crate::expression::{Layer, Map, Scope, Value};
use crate::language::Language;
use crate::library::{Meaning, Words, tells_of};
use crate::organisation::Organisation;
use crate::procedure::{COMPLETED, Executable};
use crate::register::Register;
use crate::report::{Builder, Report, Source, Span, Table, TooMany};
use crate::store::{self, Place, Told, What};

/// Rows that are in memory before they are put into words; in tests few, so that pages meet.
const PAGE: u32 = if cfg!(test) { 2 } else { 200 };

/// A report with what it means: made once for the files of an organisation.
#[derive(Debug)]
pub struct Ready {
    pub report: Report,
    pub organisation: Arc<Organisation>,
    pub language: Language,
    registers: Arc<Vec<Register>>,
    meaning: Meaning,
    /// Titles of the procedures by id.
    procedures: Map,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum Unmade {
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<store::Error> for Unmade {
    fn from(error: store::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Ready {
    pub(super) fn of(
        report: &Report,
        organisation: &Arc<Organisation>,
        registers: &Arc<Vec<Register>>,
        executables: &[&Executable],
    ) -> Self {
        let told = executables.iter().filter(|executable| tells_of(report, executable));
        let titles = told.map(|executable| {
            let procedure = &executable.procedure;
            (procedure.id.value.clone(), Value::text(procedure.title.as_str()))
        });
        Self {
            report: report.clone(),
            organisation: Arc::clone(organisation),
            language: Language::parse(&organisation.language),
            registers: Arc::clone(registers),
            meaning: Meaning::of(report, organisation, registers, executables),
            procedures: titles.collect(),
        }
    }

    /// The period of this report in which a day lies; none for the rows of a register.
    pub fn span(&self, day: Date) -> Option<Span> {
        let period = self.report.period?;
        Some(period.around(day, &self.organisation.calendar))
    }

    pub fn is_seen_by(&self, actor: &crate::engine::Actor) -> bool {
        self.report.is_seen_by(|role| actor.has(role))
    }
}

impl Runtime {
    /// The reports that the newest files of an organisation define, by their titles.
    pub async fn reports(&self, organisation: &str) -> Result<Vec<Arc<Ready>>, Error> {
        let versions = self.store().latest_versions(organisation).await?;
        let Some(newest) = versions.into_iter().max_by_key(|version| version.published_at) else {
            return Ok(Vec::new());
        };
        let (procedure, version) = (newest.procedure, newest.version);
        if let Some(known) = self.inner.versions.reports(organisation, &newest.bundle) {
            return Ok(known);
        }
        self.executable(organisation, &procedure, version).await?;
        Ok(self.inner.versions.reports(organisation, &newest.bundle).unwrap_or_default())
    }

    /// One of them.
    pub async fn report(&self, organisation: &str, id: &str) -> Result<Option<Arc<Ready>>, Error> {
        let mut all = self.reports(organisation).await?.into_iter();
        Ok(all.find(|ready| *ready.report.id == id))
    }

    /// The report of the period in which `day` lies, as things stand now.
    pub async fn make_report(&self, ready: &Ready, day: Date) -> Result<Table, Unmade> {
        let now = self.clock().now();
        let organisation = &ready.organisation;
        let span = ready.span(day);
        let mut making = Making {
            ready,
            rows: Builder::default(),
            today: organisation.calendar.date(now),
            words: Words { language: &ready.language, registers: &ready.registers },
        };
        match (&ready.report.source, span) {
            (Source::Register(register), _) => self.read_register(&mut making, register).await?,
            (Source::Documents(documents), Some(span)) => {
                for document in documents {
                    self.read_documents(&mut making, document, span).await?;
                }
            }
            (Source::Steps(steps), Some(span)) => {
                for (procedure, step) in steps {
                    self.read_tasks(&mut making, (procedure, step), span).await?;
                }
            }
            // Not published so; an older version of the program may have.
            (_, None) => {}
        }
        let columns = ready.meaning.heads.clone();
        let (sections, totals) = making.rows.finish(&ready.report, &columns);
        Ok(Table {
            report: ready.report.id.value.clone(),
            title: ready.report.title.clone(),
            says: ready.report.says.clone(),
            organisation: organisation.name.clone(),
            language: organisation.language.clone(),
            currency_symbol: organisation.currency.symbol.clone(),
            time_zone: organisation.calendar.zone.iana_name().unwrap_or("UTC").to_owned(),
            span,
            made_at: now,
            columns,
            sections,
            totals,
            archived: match span {
                Some(span) => self.archived(ready, span).await?,
                None => 0,
            },
        })
    }

    /// How many archived cases the report would perhaps tell of.
    async fn archived(&self, ready: &Ready, span: Span) -> Result<u64, store::Error> {
        let organisation = &ready.organisation;
        let procedures: Vec<&str> = ready.procedures.keys().map(|id| id.as_ref()).collect();
        let between = moments(organisation, span);
        self.store().archived_between(&organisation.id, &procedures, between).await
    }

    async fn read_documents(
        &self,
        making: &mut Making<'_>,
        document: &str,
        span: Span,
    ) -> Result<(), Unmade> {
        let organisation = &making.ready.organisation;
        let (name, between) = ((organisation.id.as_str(), document), moments(organisation, span));
        let mut after: Option<Place> = None;
        loop {
            let page = self.store().documents_issued(name, between, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.place);
            for told in page {
                making.case(told)?;
            }
        }
    }

    async fn read_tasks(
        &self,
        making: &mut Making<'_>,
        (procedure, step): (&str, &str),
        span: Span,
    ) -> Result<(), Unmade> {
        let organisation = &making.ready.organisation;
        let name = (organisation.id.as_str(), procedure, step);
        let between = moments(organisation, span);
        let mut after: Option<Place> = None;
        loop {
            let page = self.store().tasks_completed(name, between, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.place);
            for told in page {
                making.case(told)?;
            }
        }
    }

    async fn read_register(&self, making: &mut Making<'_>, register: &str) -> Result<(), Unmade> {
        let organisation = making.ready.organisation.id.as_str();
        let mut after = String::new();
        loop {
            let page = self.store().records_after(organisation, register, &after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after.clone_from(last);
            let nothing = State::default();
            for (_, row) in page {
                let known = making.ready.registers.iter().find(|known| *known.id == *register);
                let row = known.map(|register| register.complete(row)).unwrap_or_default();
                making.row(&row, &CaseScope::bare(&nothing, making.today))?;
            }
        }
    }
}

fn moments(organisation: &Organisation, span: Span) -> store::Between {
    span.moments(&organisation.calendar)
}

/// A report on its way.
struct Making<'a> {
    ready: &'a Ready,
    rows: Builder,
    today: Date,
    words: Words<'a>,
}

impl Making<'_> {
    /// The rows of one document or task.
    fn case(&mut self, told: Told) -> Result<(), TooMany> {
        let mut names = self.names(&told);
        if let What::Document { frozen, .. } = told.what {
            // What was printed, rather than what became of it.
            let frozen = frozen.context.into_iter();
            names.extend(frozen.filter(|(name, _)| told.state.data.contains_key(name)));
        }
        let scope = CaseScope::bare(&told.state, self.today);
        let outer = Layer { own: &names, outer: &scope };
        let Some(each) = &self.ready.report.each else { return self.row(&Map::new(), &outer) };
        let root = each.split('.').next().unwrap_or_default();
        let holder = if names.contains_key(root) { &names } else { &told.state.data };
        let rows = Value::at(holder, each).and_then(Value::as_list).unwrap_or_default();
        rows.iter().filter_map(Value::as_map).try_for_each(|row| self.row(row, &outer))
    }

    /// One row, unless the report leaves it out.
    fn row(&mut self, own: &Map, outer: &dyn Scope) -> Result<(), TooMany> {
        let lenient = Lenient(outer);
        let scope = Layer { own, outer: &lenient };
        let Ready { report, meaning, .. } = self.ready;
        let is_wanted = report.when.as_ref().is_none_or(|when| when.holds(&scope) == Ok(true));
        if !is_wanted {
            return Ok(());
        }
        let cells = report.columns.iter().enumerate().map(|(at, column)| {
            let value = column.value.evaluate(&scope).unwrap_or_default();
            meaning.cell(at, value, &self.words)
        });
        self.rows.push(cells.collect())
    }

    /// `case`, and `document` or `task`.
    fn names(&self, told: &Told) -> Map {
        let calendar = &self.ready.organisation.calendar;
        let day = |at| Value::text(calendar.date(at).to_string());
        let text = |text: &str| Value::text(text);
        let outcome = match told.state.outcome.as_deref() {
            Some(COMPLETED) => Value::text(self.ready.language.text("outcome-completed", &[])),
            outcome => outcome.map(Value::text).unwrap_or_default(),
        };
        let status = match told.status {
            CaseStatus::Ended => "web-status-ended",
            CaseStatus::Cancelled => "web-status-cancelled",
            _ => "web-status-running",
        };
        let title = self.ready.procedures.get(&told.procedure);
        let case = map([
            ("number", text(&told.state.number)),
            ("subject", text(&told.subject)),
            ("procedure", title.cloned().unwrap_or_else(|| text(&told.procedure))),
            ("status", Value::text(self.ready.language.text(status, &[]))),
            ("outcome", outcome),
            ("started_on", day(told.started_at)),
            ("ended_on", told.state.ended_at.map(day).unwrap_or_default()),
        ]);
        let (name, own) = match &told.what {
            What::Document { title, number, step, is_signed, .. } => {
                let own = [
                    ("title", text(title)),
                    ("number", text(number)),
                    ("step", text(step)),
                    ("issued_on", day(told.place.0)),
                    ("is_signed", Value::from(*is_signed)),
                ];
                ("document", map(own))
            }
            What::Task { step, role, by } => {
                let role = self.ready.organisation.role(role).map_or(role, |role| &role.title);
                let own = [
                    ("step", text(step)),
                    ("role", text(role)),
                    ("by", text(by)),
                    ("completed_on", day(told.place.0)),
                ];
                ("task", map(own))
            }
        };
        map([("case", Value::Map(case)), (name, Value::Map(own))])
    }
}

fn map<const N: usize>(pairs: [(&str, Value); N]) -> Map {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A scope in which what is not there is empty: cases stand at different steps.
struct Lenient<'a>(&'a dyn Scope);

static NOTHING: Value = Value::Null;

impl Scope for Lenient<'_> {
    fn variable(&self, name: &str) -> Option<&Value> {
        Some(self.0.variable(name).unwrap_or(&NOTHING))
    }
    fn today(&self) -> Date {
        self.0.today()
    }
    fn number_of(&self, document: &str) -> Option<String> {
        self.0.number_of(document)
    }
    fn visits(&self, step: &str) -> u32 {
        self.0.visits(step)
    }
    fn case_number(&self) -> &str {
        self.0.case_number()
    }
}
