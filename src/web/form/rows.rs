//! Tables as inputs: a line for each row, with the columns' labels above and the lines' own buttons.

use super::inputs::{Column, Input, Row};
use super::problems::input_id;
use super::view::{Maker, Place, help};
use crate::expression::{Layer, Map, Value};
use crate::field::Field;
use crate::web::value::is_number;

impl Maker<'_> {
    pub(super) fn table(
        &self,
        input: &mut Input,
        columns: &[Field],
        max_rows: usize,
        at: &Place<'_>,
    ) {
        let none = Map::new();
        let raw = at.raw.and_then(Value::as_list).unwrap_or_default();
        let data = at.value.and_then(Value::as_list).unwrap_or_default();
        let column = |column: &Field| Column {
            id: column_id(&at.path, &column.name),
            label: column.label.clone(),
            help: help(column, &self.words),
            is_optional: column.is_optional || !column.is_asked(),
            is_number: is_number(column),
        };
        let row = |(number, raw): (usize, &Value)| {
            let raw = raw.as_map().unwrap_or(&none);
            let own = data.get(number).and_then(Value::as_map).unwrap_or(&none);
            let scope = Layer { own, outer: at.scope };
            let before = format!("{}.{number}.", at.path);
            let cell = |column: &Field| {
                let name = column.name.as_str();
                let path = format!("{before}{name}");
                let place = Place { path, raw: raw.get(name), value: own.get(name), scope: &scope };
                // A column that this row is not asked for keeps its place.
                self.one(column, &place)
                    .map(|cell| in_row(cell, &at.path, name))
                    .unwrap_or_default()
            };
            Row { number, cells: columns.iter().map(cell).collect() }
        };
        input.kind = "table";
        input.value = String::new();
        input.heads = columns.iter().map(column).collect();
        input.rows = raw.iter().enumerate().map(row).collect();
        input.can_add = input.rows.len() < max_rows;
    }
}

/// An input in a row has little room, and the help of its whole column.
fn in_row(mut cell: Input, table: &str, column: &str) -> Input {
    if cell.kind == "radio" {
        cell.kind = "select";
    }
    if cell.help.is_some() {
        let own = format!("{}-help", cell.id);
        let shared = format!("{}-help", column_id(table, column));
        cell.described_by = cell.described_by.replace(&own, &shared);
    }
    cell
}

fn column_id(table: &str, column: &str) -> String {
    format!("{}-{column}", input_id(table))
}
