//! A report as an Excel file.
//!
//! One flat sheet under one head that stays in sight, so that it can be sorted and filtered; what is
//! grouped on paper is a column here, and the totals follow the filter. Texts are written as texts
//! whatever they begin with: nothing that somebody typed into a form becomes a formula. The same table
//! gives the same bytes.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet,
    XlsxError,
};

use super::{Cell, Head, Style, Table};
use crate::expression::Value;
use crate::language::{Direction, Language};

/// Excel's own limits: letters in a cell, and in the name of a sheet.
const MAX_TEXT: usize = 32_000;
const MAX_NAME: usize = 31;
/// Widths of columns, in letters.
const NARROWEST: usize = 7;
const WIDEST: usize = 48;
/// The line of the heads, below title and period.
const HEADS: u32 = 3;
/// A4.
const PAPER: u8 = 9;

/// The file's bytes. Fails only where Excel's own limits would be passed.
pub fn xlsx(table: &Table) -> Result<Vec<u8>, XlsxError> {
    let language = Language::parse(&table.language);
    let mut book = Workbook::new();
    book.set_properties(&properties(table)?);
    let sheet = book.add_worksheet();
    sheet.set_name(name(&table.title))?;
    sheet.set_right_to_left(language.direction() == Direction::RightToLeft);
    sheet.set_paper_size(PAPER).set_print_fit_to_pages(1, 0);
    if table.columns.len() > 6 {
        sheet.set_landscape();
    }
    title(sheet, table, &language)?;
    heads(sheet, table)?;
    let rows: Vec<&Vec<Cell>> = table.sections.iter().flat_map(|section| &section.rows).collect();
    let formats: Vec<Format> =
        table.columns.iter().map(|head| format(head.style, table, &language)).collect();
    for (line, row) in (HEADS + 1..).zip(&rows) {
        for (place, cell) in (0_u16..).zip(*row) {
            let style = table.columns[usize::from(place)].style;
            write(sheet, (line, place), cell, style, &formats[usize::from(place)])?;
        }
    }
    let last = HEADS + u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let columns = u16::try_from(table.columns.len()).unwrap_or(u16::MAX);
    if columns > 0 {
        sheet.autofilter(HEADS, 0, last, columns - 1)?;
        sheet.set_repeat_rows(HEADS, HEADS)?;
    }
    sheet.set_freeze_panes(HEADS + 1, 0)?;
    for (place, head) in (0_u16..).zip(&table.columns) {
        let cells = rows.iter().map(|row| &row[usize::from(place)]);
        sheet.set_column_width(place, width(head, cells, &language))?;
    }
    if table.has_totals() && !rows.is_empty() {
        totals(sheet, table, last, &formats, &language)?;
    }
    book.save_to_buffer()
}

fn properties(table: &Table) -> Result<DocProperties, XlsxError> {
    let made = ExcelDateTime::from_timestamp(table.made_at.as_second())?;
    let properties = DocProperties::new()
        .set_title(&table.title)
        .set_company(&table.organisation)
        .set_author("tramite")
        .set_creation_datetime(&made);
    Ok(properties)
}

fn title(sheet: &mut Worksheet, table: &Table, language: &Language) -> Result<(), XlsxError> {
    let large = Format::new().set_bold().set_font_size(14);
    sheet.write_string_with_format(0, 0, cut(&table.title), &large)?;
    let period = table.span.map(|span| span.words(language));
    let line = match period {
        Some(period) => format!("{} · {period}", table.organisation),
        None => table.organisation.clone(),
    };
    sheet.write_string(1, 0, cut(&line))?;
    if let Some(archived) = table.archived_words(language) {
        sheet.write_string(2, 0, cut(&archived))?;
    }
    Ok(())
}

fn heads(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    for (place, head) in (0_u16..).zip(&table.columns) {
        let format = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_background_color(0xE2_EFED)
            .set_border_bottom(FormatBorder::Thin)
            .set_align(FormatAlign::VerticalCenter)
            .set_align(if head.style.is_number() {
                FormatAlign::Right
            } else {
                FormatAlign::General
            });
        sheet.write_string_with_format(HEADS, place, cut(&head.label), &format)?;
    }
    Ok(())
}

fn format(style: Style, table: &Table, language: &Language) -> Format {
    let places = |decimals: u32| match decimals {
        0 => "#,##0".to_owned(),
        more => format!("#,##0.{}", "0".repeat(more as usize)),
    };
    let format = Format::new().set_align(FormatAlign::Top);
    match style {
        Style::Text => format.set_text_wrap(),
        Style::Date => format.set_num_format(date_format(language)),
        Style::Number(None) => format,
        Style::Number(Some(decimals)) => format.set_num_format(places(decimals)),
        Style::Money(decimals) => {
            let symbol = table.currency_symbol.replace(['"', '\\'], "");
            format.set_num_format(format!("\"{symbol}\" {}", places(decimals)))
        }
    }
}

/// Days in the place's own calendar: Excel counts the solar years of the Hijra by itself.
fn date_format(language: &Language) -> &'static str {
    if language.has_solar_hijri_years() { "[$-fa-IR,16]yyyy/mm/dd;@" } else { "dd/mm/yyyy" }
}

fn write(
    sheet: &mut Worksheet,
    (line, place): (u32, u16),
    cell: &Cell,
    style: Style,
    format: &Format,
) -> Result<(), XlsxError> {
    match (cell, style) {
        (Value::Null, _) => return Ok(()),
        (Value::Number(number), _) => {
            // Stored numbers have fifteen digits, as many as Excel's.
            let number = number.to_f64().unwrap_or_default();
            sheet.write_number_with_format(line, place, number, format)?;
        }
        (Value::Text(text), Style::Date) => match day(text) {
            Some(day) => {
                sheet.write_datetime_with_format(line, place, day, format)?;
            }
            None => {
                sheet.write_string_with_format(line, place, cut(text), format)?;
            }
        },
        (value, _) => {
            sheet.write_string_with_format(line, place, cut(&value.to_string()), format)?;
        }
    }
    Ok(())
}

/// A date that Excel can count; earlier ones than 1900 it can't.
fn day(text: &str) -> Option<ExcelDateTime> {
    let date: Date = text.parse().ok()?;
    let (year, month, day) = (date.year(), date.month(), date.day());
    ExcelDateTime::from_ymd(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
        .ok()
}

/// Sums of what the filter shows, below the last row.
fn totals(
    sheet: &mut Worksheet,
    table: &Table,
    last: u32,
    formats: &[Format],
    language: &Language,
) -> Result<(), XlsxError> {
    let line = last + 1;
    let bold = Format::new().set_bold().set_border_top(FormatBorder::Thin);
    let mut is_named = false;
    for (place, total) in (0_u16..).zip(&table.totals) {
        if total.is_null() {
            let word = if is_named { String::new() } else { language.text("report-total", &[]) };
            is_named = true;
            sheet.write_string_with_format(line, place, word, &bold)?;
            continue;
        }
        let letter = rust_xlsxwriter::utility::column_number_to_name(place);
        let (first, last) = (HEADS + 2, last + 1);
        let formula = Formula::new(format!("=SUBTOTAL(109,{letter}{first}:{letter}{last})"));
        let formula = formula.set_result(total.to_string());
        let format = formats[usize::from(place)].clone().set_bold();
        let format = format.set_border_top(FormatBorder::Thin);
        sheet.write_formula_with_format(line, place, formula, &format)?;
    }
    Ok(())
}

fn width<'a>(head: &Head, cells: impl Iterator<Item = &'a Cell>, language: &Language) -> f64 {
    let length = |cell: &Cell| match (cell, head.style) {
        (Value::Number(number), Style::Money(decimals)) => written(number, decimals, language) + 5,
        (Value::Number(number), Style::Number(Some(decimals))) => {
            written(number, decimals, language)
        }
        (cell, _) => cell.to_string().lines().map(|line| line.chars().count()).max().unwrap_or(0),
    };
    let longest_word = head.label.split_whitespace().map(|word| word.chars().count()).max();
    let longest = cells.map(length).chain(longest_word).max().unwrap_or(0);
    let total = if head.is_total { 4 } else { 0 };
    // A width has at most two digits, which an f64 holds exactly.
    f64::from(u8::try_from((longest + 3 + total).clamp(NARROWEST, WIDEST)).unwrap_or(48))
}

fn written(number: &Decimal, decimals: u32, language: &Language) -> usize {
    language.number(number, decimals).chars().count()
}

/// The name of a sheet: without the signs that Excel doesn't take in it.
fn name(title: &str) -> String {
    let plain = title.chars().filter(|letter| !"[]:*?/\\'".contains(*letter));
    let name: String = plain.take(MAX_NAME).collect();
    match name.trim() {
        "" => "1".to_owned(),
        name => name.to_owned(),
    }
}

/// As much as a cell takes; an ellipsis where something is missing.
fn cut(text: &str) -> String {
    // Excel counts as UTF-16 does.
    if text.encode_utf16().count() <= MAX_TEXT {
        return text.to_owned();
    }
    let mut left = MAX_TEXT - 1;
    let fits = |letter: &char| {
        let length = letter.len_utf16();
        let fits = length <= left;
        left = left.saturating_sub(length);
        fits
    };
    let mut cut: String = text.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cell_does_not_take_is_marked() {
        assert_eq!(cut(&"ñ".repeat(MAX_TEXT)), "ñ".repeat(MAX_TEXT));
        let long = cut(&"ñ".repeat(MAX_TEXT + 1));
        assert!(long.ends_with("ñ…") && long.encode_utf16().count() == MAX_TEXT);
        let wide = cut(&"😀".repeat(MAX_TEXT));
        assert!(wide.ends_with("😀…") && wide.encode_utf16().count() <= MAX_TEXT);
    }
}
