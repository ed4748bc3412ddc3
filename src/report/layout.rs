//! A report as a PDF, on paper of its own making: an owner writes no template for it.
//!
//! Every value is escaped by `document::print`, whose page and fonts these are too. The same table
//! gives the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::civil::Date;

use super::{Cell, Head, Style, Table};
use crate::document::print::{Error, Sheet, composed, escaped};
use crate::expression::Value;
use crate::language::Language;

/// Rows that are set on paper, about a hundred pages; the Excel file takes more.
pub const MAX_PRINTED: usize = 4_000;

/// More columns than this lie across the page.
const UPRIGHT: usize = 6;

/// Letters up to which a column is as wide as its longest cell.
const SHORT: usize = 16;

/// The PDF. Slow with many rows, and not to be cancelled.
pub fn pdf(table: &Table) -> Result<Vec<u8>, Error> {
    if table.count() > MAX_PRINTED {
        return Err(Error::TooLong);
    }
    let language = Language::parse(&table.language);
    let template = "report.typ".to_owned();
    let markup = Paper { table, language: &language }.markup();
    composed(&Sheet {
        files: BTreeMap::from([(template.clone(), markup)]),
        template,
        context: serde_json::json!({
            "document": { "title": table.title },
            "organisation": { "name": table.organisation },
        }),
        labels: BTreeMap::new(),
        numbers: BTreeMap::new(),
        parameters: BTreeMap::new(),
        language: table.language.clone(),
        currency_symbol: table.currency_symbol.clone(),
        currency_decimals: 0,
        copies: 1,
        is_draft: false,
        issued_at: table.made_at,
        time_zone: table.time_zone.clone(),
    })
}

struct Paper<'a> {
    table: &'a Table,
    language: &'a Language,
}

impl Paper<'_> {
    fn text(&self, text: &str) -> String {
        escaped(text, self.language.direction())
    }

    fn word(&self, key: &str) -> String {
        self.text(&self.language.text(key, &[]))
    }

    fn markup(&self) -> String {
        let table = self.table;
        let zone = jiff::tz::TimeZone::get(&table.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let made = self.language.instant(table.made_at, &zone);
        let made = self.language.text("report-made", &[("when", made.into())]);
        let flipped = table.columns.len() > UPRIGHT;
        let mut out = format!(
            "#set page(flipped: {flipped}, margin: (x: 15mm, top: 14mm, bottom: 17mm), footer: \
             context text(size: 7pt, fill: luma(35%))[{} #h(1fr) {} #counter(page).display(\"1 / 1\", \
             both: true)])\n#set text(size: 8.5pt, overhang: false)\n",
            self.text(&made),
            self.word("report-page"),
        );
        let period = table.span.map(|span| span.words(self.language)).unwrap_or_default();
        // Writing to a string can't fail.
        let _ = write!(
            out,
            "#text(size: 8pt, fill: luma(35%))[{} #h(1fr) {}]\n#v(1mm)\n#heading(level: 1, \
             text(size: 14pt)[{}])\n",
            self.text(&table.organisation),
            self.text(&period),
            self.text(&table.title),
        );
        if let Some(says) = &table.says {
            let _ = writeln!(out, "#block(above: 2mm)[{}]", self.text(says));
        }
        if let Some(archived) = table.archived_words(self.language) {
            let _ = writeln!(out, "#block(above: 2mm)[{}]", self.text(&archived));
        }
        out.push_str("#v(2mm)\n");
        if table.count() == 0 {
            let _ = writeln!(out, "#block(above: 6mm)[{}]", self.word("report-empty"));
            return out;
        }
        self.rows(&mut out);
        out
    }

    fn rows(&self, out: &mut String) {
        let table = self.table;
        let columns: Vec<String> = (0..table.columns.len()).map(|at| self.width(at)).collect();
        let sides: Vec<&str> = table.columns.iter().map(|head| side(head.style)).collect();
        let _ = writeln!(
            out,
            "#table(columns: ({},), align: ({},), stroke: (x: none, y: 0.4pt + luma(70%)), inset: \
             (x: 1.5mm, y: 1.4mm), table.header(",
            columns.join(", "),
            sides.join(", "),
        );
        for head in &table.columns {
            let label = self.text(&head.label);
            let _ =
                write!(out, "table.cell(fill: luma(92%), strong(text(size: 7.5pt)[{label}])), ");
        }
        out.push_str("),\n");
        for section in &table.sections {
            if let Some(name) = &section.name {
                let _ = writeln!(
                    out,
                    "table.cell(colspan: {}, align: start, inset: (x: 1.5mm, top: 3mm, bottom: \
                     1.4mm), strong[{}]),",
                    columns.len(),
                    self.text(name)
                );
            }
            for row in &section.rows {
                for (cell, head) in row.iter().zip(&table.columns) {
                    let _ = write!(out, "[{}], ", self.text(&self.cell(cell, head.style)));
                }
                out.push('\n');
            }
            if section.name.is_some() && table.has_totals() {
                self.totals(out, &section.totals, false);
            }
        }
        if table.has_totals() {
            self.totals(out, &table.totals, true);
        }
        out.push_str(")\n");
        let count = i64::try_from(table.count()).unwrap_or(i64::MAX);
        let count = self.language.text("report-count", &[("count", count.into())]);
        let _ = writeln!(out, "#text(size: 7.5pt, fill: luma(35%))[{}]", self.text(&count));
    }

    fn totals(&self, out: &mut String, totals: &[Cell], is_last: bool) {
        let mut is_named = false;
        let fill = if is_last { "luma(92%)" } else { "none" };
        for (total, head) in totals.iter().zip(&self.table.columns) {
            let text = match total {
                Value::Null if is_named => String::new(),
                Value::Null => {
                    is_named = true;
                    self.word("report-total")
                }
                total => self.text(&self.cell(total, head.style)),
            };
            let _ = write!(out, "table.cell(fill: {fill}, strong[{text}]), ");
        }
        out.push('\n');
    }

    fn cell(&self, cell: &Cell, style: Style) -> String {
        words(cell, style, self.language, &self.table.currency_symbol)
    }

    /// As wide as needed; long texts share what is left.
    fn width(&self, at: usize) -> String {
        let head: &Head = &self.table.columns[at];
        let rows = self.table.sections.iter().flat_map(|section| &section.rows);
        let longest = rows.map(|row| row[at].to_string().chars().count()).max().unwrap_or(0);
        match longest {
            _ if head.style != Style::Text => "auto".to_owned(),
            0..=SHORT if at + 1 < self.table.columns.len() => "auto".to_owned(),
            longest => format!("{}fr", longest.clamp(SHORT, 60)),
        }
    }
}

fn side(style: Style) -> &'static str {
    if style.is_number() { "end" } else { "start" }
}

/// A cell as people read it.
pub fn words(cell: &Cell, style: Style, language: &Language, symbol: &str) -> String {
    match (cell, style) {
        (Value::Number(number), Style::Money(decimals)) => language.money(number, symbol, decimals),
        (Value::Number(number), Style::Number(Some(decimals))) => language.number(number, decimals),
        (Value::Number(number), _) => language.plain_number(number),
        (Value::Text(text), Style::Date) => {
            text.parse::<Date>().map_or_else(|_| text.clone(), |date| language.date(date))
        }
        (cell, _) => cell.to_string(),
    }
}
