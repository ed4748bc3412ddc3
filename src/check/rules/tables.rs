//! `table_gap`, `table_overlap`, `unreachable_row`, `table_not_proved`: what the rows of a decision table
//! leave out, say twice or say in vain; and whether what they reckon fits.

use crate::check::cover::{Cover, Example, Proof};
use crate::decision::{Hits, Output, Table};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::expression::{Types, Value};
use crate::field::{Field, Kind, type_of, types_of};
use crate::library::Group;

/// Checks one table; its file has been read without an error.
pub fn check(group: &Group, table: &Table, sources: &Sources, found: &mut Diagnostics) {
    let decimals = group.organisation.as_ref().map_or(2, |own| own.currency.decimals);
    let before = found.len();
    results(group, table, sources, found);
    for (at, input) in table.inputs.iter().enumerate() {
        places(table, (at, input), decimals, found);
    }
    if found.len() > before {
        return;
    }
    let cover = Cover::of(table, decimals);
    let is_void: Vec<bool> = (0..table.rows.len()).map(|row| cover.is_void(row)).collect();
    for (row, _) in is_void.iter().enumerate().filter(|(_, is_void)| **is_void) {
        let headline = format!("row {} of `{}` never holds", row + 1, *table.id);
        found.push(
            Diagnostic::new("unreachable_row", table.rows[row].span, headline)
                .label("no value fits all its conditions")
                .help("correct the condition or the input's limits, or take the row out"),
        );
    }
    match table.hits {
        Hits::Collect(_) => {}
        Hits::Unique => {
            overlaps(table, &cover, found);
            gap(table, &cover, found);
        }
        Hits::First => {
            turns(table, &cover, &is_void, found);
            gap(table, &cover, found);
        }
    }
}

/// What is reckoned in a row, over the inputs.
fn results(group: &Group, table: &Table, sources: &Sources, found: &mut Diagnostics) {
    let none = Default::default();
    let types = Types {
        names: types_of(&table.inputs, &none),
        parameters: group.parameters.types(),
        ..Types::default()
    };
    let text = &sources.get(table.id.span.file).text;
    let rows = table.rows.iter().map(|row| &row.results).chain(&table.otherwise);
    for (output, result) in rows.flat_map(|results| table.outputs.iter().zip(results)) {
        if let Output::Reckoned(expression) = result {
            expression.check_as(&type_of(output, &none), &types, text, found);
        }
    }
}

/// A number with more decimals than its input has is never met.
fn places(
    table: &Table,
    (at, input): (usize, &Field),
    currency_decimals: u32,
    found: &mut Diagnostics,
) {
    if !matches!(input.kind, Kind::Number { .. }) {
        return;
    }
    let decimals = input.decimals(currency_decimals);
    for cell in table.rows.iter().map(|row| &row.cells[at]) {
        let too_fine = cell.values().filter_map(Value::as_number);
        if let Some(number) =
            too_fine.into_iter().find(|number| number.normalize().scale() > decimals)
        {
            found.push(
                Diagnostic::new(
                    "bad_value",
                    cell.span,
                    format!("{number} is too fine for this column"),
                )
                .label(format!("`{}` is rounded to {decimals} decimals", *input.name))
                .also(input.name.span, "the column")
                .help("write `decimals:` in the column, or a rounder number here"),
            );
        }
    }
}

fn gap(table: &Table, cover: &Cover, found: &mut Diagnostics) {
    if table.otherwise.is_some() {
        return;
    }
    match cover.gap() {
        Proof::Nothing => {}
        Proof::Found(example) => found.push(
            Diagnostic::new(
                "table_gap",
                table.id.span,
                format!("`{}` leaves out a case", *table.id),
            )
            .label(format!("no row holds for {}", tell(table, &example)))
            .help("add a row for it, `otherwise:`, or limits (`min`, `max`) to the input"),
        ),
        Proof::Unknown => found.push(not_proved(table, "leaves no case out")),
    }
}

fn overlaps(table: &Table, cover: &Cover, found: &mut Diagnostics) {
    for later in 1..table.rows.len() {
        // One is enough: what mends it mostly mends the others.
        let both = (0..later).find_map(|earlier| Some((earlier, cover.both(earlier, later)?)));
        let Some((earlier, example)) = both else { continue };
        let headline =
            format!("rows {} and {} of `{}` both hold", earlier + 1, later + 1, *table.id);
        found.push(
            Diagnostic::new("table_overlap", table.rows[later].span, headline)
                .label(format!("for {}", tell(table, &example)))
                .also(table.rows[earlier].span, format!("and row {}", earlier + 1))
                .help("make one of them narrower, or say `hits: first` when the order decides"),
        );
    }
}

fn turns(table: &Table, cover: &Cover, is_void: &[bool], found: &mut Diagnostics) {
    for row in (1..table.rows.len()).filter(|row| !is_void[*row]) {
        match cover.turn_of(row) {
            Proof::Found(_) => {}
            Proof::Nothing => {
                let headline = format!("row {} of `{}` is never reached", row + 1, *table.id);
                found.push(
                    Diagnostic::new("unreachable_row", table.rows[row].span, headline)
                        .label("rows above it take every such case")
                        .help("move it up, or take it out"),
                );
            }
            Proof::Unknown => {
                found.push(not_proved(table, "needs every one of its rows"));
                return;
            }
        }
    }
}

fn not_proved(table: &Table, what: &str) -> Diagnostic {
    let headline = format!("it is not proved that `{}` {what}", *table.id);
    Diagnostic::new("table_not_proved", table.id.span, headline)
        .label("too many combinations to try")
        .help("split the table into smaller ones that build on each other")
}

/// `consumo = 100, categoria = social`.
fn tell(table: &Table, example: &Example) -> String {
    // From the input on that no row asks about any more, anything goes.
    let pairs = table.inputs.iter().zip(example);
    let told = pairs.map(|(input, value)| match value {
        Value::Null => format!("{} = none", *input.name),
        Value::Text(text) if matches!(input.kind, Kind::Text { .. }) && text.starts_with('…') => {
            format!("{} = any other text", *input.name)
        }
        value => format!("{} = {value}", *input.name),
    });
    told.collect::<Vec<_>>().join(", ")
}
