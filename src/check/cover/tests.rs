//! What a search says, against trying every value of small grids.

use proptest::prelude::*;

use super::{Cover, Proof};
use crate::decision::{Table, decode};
use crate::diagnostic::{Diagnostics, Sources};
use crate::expression::Value;
use crate::yaml::parse;

fn table(text: &str) -> Table {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("table.yaml", text);
    let nodes = parse(file, text, &mut found);
    let table = decode(&nodes[0], &sources, &mut found).expect("a table");
    assert_eq!(found.into_sorted(), [], "{text}");
    table
}

/// A condition on a whole number from 0 to 9.
fn number() -> impl Strategy<Value = String> {
    let one = 0..10_i32;
    prop_oneof![
        2 => Just("'-'".to_owned()),
        1 => one.clone().prop_map(|a| a.to_string()),
        2 => one.clone().prop_map(|a| format!("'< {a}'")),
        2 => one.clone().prop_map(|a| format!("'>= {a}'")),
        1 => one.clone().prop_map(|a| format!("'!= {a}'")),
        2 => (one.clone(), one.clone()).prop_map(|(a, b)| format!("'{}..{}'", a.min(b), a.max(b))),
        1 => (one.clone(), one).prop_map(|(a, b)| format!("[{a}, '> {b}']")),
    ]
}

fn option() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["'-'", "a", "b", "[a, c]", "'!= c'", "none"])
}

fn rows() -> impl Strategy<Value = Vec<(String, String, &'static str, &'static str)>> {
    let flag = prop::sample::select(vec!["'-'", "true", "false"]);
    prop::collection::vec((number(), number(), option(), flag), 1..9)
}

/// Every combination of the small grid.
fn grid() -> Vec<Vec<Value>> {
    let mut all = Vec::new();
    for n in 0..10_i64 {
        for m in 0..10_i64 {
            for c in [Value::text("a"), Value::text("b"), Value::text("c"), Value::Null] {
                for f in [true, false] {
                    all.push(vec![Value::from(n), Value::from(m), c.clone(), Value::Bool(f)]);
                }
            }
        }
    }
    all
}

fn holds(table: &Table, row: usize, values: &[Value]) -> bool {
    table.rows[row].cells.iter().zip(values).all(|(cell, value)| cell.holds(value))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_search_says_what_trying_everything_says(rows in rows()) {
        let mut text = "\
table: t
inputs:
  n: { label: N, type: integer, min: 0, max: 9 }
  m: { label: M, type: integer, min: 0, max: 9 }
  c: { label: C, type: choice, options: [a, b, c], optional: true }
  f: { label: F, type: yes_no }
outputs: { x: { label: X } }
rows:
".to_owned();
        for (n, m, c, f) in &rows {
            text.push_str(&format!("  - {{ n: {n}, m: {m}, c: {c}, f: {f}, x: y }}\n"));
        }
        let table = table(&text);
        let cover = Cover::of(&table, 2);
        let grid = grid();
        let count = table.rows.len();
        let open = |upto: usize, values: &&Vec<Value>| {
            !(0..upto).any(|row| holds(&table, row, values))
        };
        match cover.gap() {
            Proof::Found(example) => prop_assert!(open(count, &&example), "{example:?} is no gap"),
            Proof::Nothing => prop_assert_eq!(grid.iter().find(|values| open(count, values)), None),
            Proof::Unknown => prop_assert!(false, "given up"),
        }
        for row in 0..count {
            let own = grid.iter().filter(|values| holds(&table, row, values));
            prop_assert_eq!(cover.is_void(row), own.clone().next().is_none());
            match cover.turn_of(row) {
                Proof::Found(example) => {
                    prop_assert!(open(row, &&example) && holds(&table, row, &example));
                }
                Proof::Nothing => prop_assert!(!own.clone().any(|values| open(row, &values))),
                Proof::Unknown => prop_assert!(false, "given up"),
            }
            for other in 0..row {
                let both = own.clone().find(|values| holds(&table, other, values));
                let told = cover.both(other, row);
                prop_assert_eq!(told.is_some(), both.is_some());
                if let Some(told) = told {
                    prop_assert!(holds(&table, row, &told) && holds(&table, other, &told));
                }
            }
        }
    }
}

/// Numbers are exact: between two money amounts with two decimals there is nothing.
#[test]
fn decimals_and_days_leave_no_hole_between_neighbours() {
    let gap = |kind: &str, low: &str, high: &str| {
        let rows = format!("  - {{ n: '<= {low}', x: a }}\n  - {{ n: '>= {high}', x: b }}\n");
        let table = table(&format!(
            "table: t\ninputs: {{ n: {{ label: N, {kind} }} }}\n\
             outputs: {{ x: {{ label: X }} }}\nrows:\n{rows}"
        ));
        Cover::of(&table, 2).gap()
    };
    assert_eq!(gap("type: money", "100", "100.01"), Proof::Nothing);
    assert_eq!(gap("type: integer", "100", "101"), Proof::Nothing);
    assert_eq!(gap("type: date", "2024-02-29", "2024-03-01"), Proof::Nothing);
    let between = |value: &str| {
        Proof::Found(vec![Value::number(value.parse::<rust_decimal::Decimal>().expect("a number"))])
    };
    assert_eq!(gap("type: number, decimals: 3", "100", "100.01"), between("100.001"));
    assert_eq!(gap("type: integer", "100", "102"), between("101"));
    let day = Proof::Found(vec![Value::text("2024-02-29")]);
    assert_eq!(gap("type: date", "2024-02-28", "2024-03-01"), day);
}

/// One pigeon more than there are holes: that two of them share one is true, and long to see row by row.
fn pigeons(holes: usize) -> String {
    let mut inputs = String::new();
    let mut rows = String::new();
    for pigeon in 0..=holes {
        let name = |hole: usize| format!("p{pigeon}h{hole}");
        for hole in 0..holes {
            inputs.push_str(&format!("  {}: {{ label: P, type: yes_no }}\n", name(hole)));
            for other in 0..pigeon {
                rows.push_str(&format!(
                    "  - {{ p{other}h{hole}: true, {}: true, x: a }}\n",
                    name(hole)
                ));
            }
        }
        let none: Vec<String> = (0..holes).map(|hole| format!("{}: false", name(hole))).collect();
        rows.push_str(&format!("  - {{ {}, x: a }}\n", none.join(", ")));
    }
    format!(
        "table: t\nhits: first\ninputs:\n{inputs}outputs: {{ x: {{ label: X }} }}\nrows:\n{rows}"
    )
}

#[test]
fn what_takes_too_long_is_given_up_and_not_called_complete() {
    assert_eq!(Cover::of(&table(&pigeons(3)), 2).gap(), Proof::Nothing);
    assert_eq!(Cover::of(&table(&pigeons(7)), 2).gap(), Proof::Unknown);
}

/// Two hundred rows over five columns, as a tariff has them.
#[test]
fn a_long_table_is_quick() {
    let mut rows = String::new();
    for n in 0..50 {
        for option in ["a", "b", "c", "d"] {
            rows.push_str(&format!(
                "  - {{ n: '>= {} and < {}', c: {option}, x: {n} }}\n",
                n * 10,
                n * 10 + 10
            ));
        }
    }
    let table = table(&format!(
        "table: t\ninputs:\n  n: {{ label: N, type: money, min: 0, max: 499.99 }}\n  \
         c: {{ label: C, type: choice, options: [a, b, c, d] }}\n  \
         f: {{ label: F, type: yes_no }}\n  g: {{ label: G, type: yes_no }}\n  \
         d: {{ label: D, type: date }}\n\
         outputs: {{ x: {{ label: X, type: integer }} }}\nrows:\n{rows}"
    ));
    let cover = Cover::of(&table, 2);
    assert_eq!(cover.gap(), Proof::Nothing);
    assert!((1..200).all(|row| matches!(cover.turn_of(row), Proof::Found(_))));
}
