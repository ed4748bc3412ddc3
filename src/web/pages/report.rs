//! `GET /reports/{report}`: one report of one period, and its files.

use axum::extract::{Path, Query};
use axum::response::{Html, Response};
use serde::{Deserialize, Serialize};

use super::made;
use crate::language::Language;
use crate::report::{Cell, Head, Span, Table, words};
use crate::runtime::Ready;
use crate::web::fail::Fail;
use crate::web::report::File;
use crate::web::session::Here;
use crate::web::view;

/// Rows on the page; the files have all of them.
const SHOWN: usize = 200;

#[derive(Deserialize)]
pub(in crate::web) struct Asked {
    day: Option<String>,
    /// The list of those that were made goes on behind this one.
    made: Option<String>,
}

#[derive(Serialize)]
struct ReportPage {
    id: String,
    title: String,
    says: Option<String>,
    /// None: a register, as it is now.
    period: Option<PeriodWords>,
    pdf: String,
    xlsx: String,
    heads: Vec<HeadWords>,
    sections: Vec<SectionWords>,
    totals: Option<Vec<String>>,
    count: usize,
    /// Cases that can't be told of any more.
    archived: Option<String>,
    /// More rows than the page shows.
    shown: Option<usize>,
    /// It is made by itself, or was.
    is_regular: bool,
    made: Vec<made::Line>,
    made_next: Option<String>,
}

#[derive(Serialize)]
struct PeriodWords {
    kind: &'static str,
    words: String,
    day: String,
    before: String,
    /// None: it has not begun.
    after: Option<String>,
}

#[derive(Serialize)]
struct HeadWords {
    label: String,
    is_number: bool,
}

#[derive(Serialize)]
struct SectionWords {
    name: Option<String>,
    rows: Vec<Vec<String>>,
    totals: Option<Vec<String>>,
}

pub(in crate::web) async fn show(
    here: Here,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Html<String>, Fail> {
    let ready = here.report(&id).await?;
    let day = here.day(asked.day.as_deref()).ok_or(Fail::NotFound)?;
    let table = here.table(&ready, day).await.map_err(|unmade| here.unmade(unmade, &id))?;
    let (made, made_next) = made::lines(&here, &ready, asked.made.as_deref()).await?;
    let is_regular = ready.report.regular.is_some() || !made.is_empty();
    let page = ReportPage { is_regular, made, made_next, ..page(&here, &ready, table) };
    view::page(&here, "report.html", page)
}

/// `GET /reports/{report}/pdf` and `/xlsx`.
pub(in crate::web) async fn file(
    here: Here,
    Path((id, kind)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Fail> {
    let file = File::parse(&kind).ok_or(Fail::NotFound)?;
    let ready = here.report(&id).await?;
    let day = here.day(asked.day.as_deref()).ok_or(Fail::NotFound)?;
    let table = here.table(&ready, day).await.map_err(|unmade| here.unmade(unmade, &id))?;
    here.report_file(table, file).await
}

fn page(here: &Here, ready: &Ready, table: Table) -> ReportPage {
    let id = ready.report.id.value.clone();
    let asked = table.span.map(|span| format!("?day={}", span.first)).unwrap_or_default();
    let count = table.count();
    let has_totals = table.has_totals();
    let told = Told { heads: &table.columns, language: &here.speaker.language, table: &table };
    let mut left = SHOWN;
    let sections = table.sections.iter().map_while(|section| {
        let rows = &section.rows[..section.rows.len().min(left)];
        left -= rows.len();
        let is_whole = rows.len() == section.rows.len();
        (!rows.is_empty()).then(|| SectionWords {
            name: section.name.clone(),
            rows: rows.iter().map(|row| told.row(row)).collect(),
            totals: (is_whole && has_totals && section.name.is_some())
                .then(|| told.row(&section.totals)),
        })
    });
    ReportPage {
        pdf: format!("/reports/{id}/pdf{asked}"),
        xlsx: format!("/reports/{id}/xlsx{asked}"),
        id,
        title: table.title.clone(),
        says: table.says.clone(),
        period: table.span.map(|span| period(here, ready, span)),
        sections: sections.collect(),
        totals: (has_totals && count > 0).then(|| told.row(&table.totals)),
        heads: table.columns.iter().map(head).collect(),
        count,
        archived: table.archived_words(&here.speaker.language),
        shown: (count > SHOWN).then_some(SHOWN),
        is_regular: false,
        made: Vec::new(),
        made_next: None,
    }
}

fn period(here: &Here, ready: &Ready, span: Span) -> PeriodWords {
    let calendar = &ready.organisation.calendar;
    let after = span.after(calendar);
    PeriodWords {
        kind: span.period.name(),
        words: span.words(&here.speaker.language),
        day: span.first.to_string(),
        before: span.before(calendar).first.to_string(),
        after: (after.first <= here.speaker.today()).then(|| after.first.to_string()),
    }
}

fn head(head: &Head) -> HeadWords {
    HeadWords { label: head.label.clone(), is_number: head.style.is_number() }
}

struct Told<'a> {
    heads: &'a [Head],
    language: &'a Language,
    table: &'a Table,
}

impl Told<'_> {
    fn row(&self, cells: &[Cell]) -> Vec<String> {
        let symbol = &self.table.currency_symbol;
        let cells = cells.iter().zip(self.heads);
        cells.map(|(cell, head)| words(cell, head.style, self.language, symbol)).collect()
    }
}
