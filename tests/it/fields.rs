//! What people type into fields, and what becomes of it.

use jiff::civil::{Date, date};
use tramite::diagnostic::{Diagnostics, Sources};
use tramite::expression::{Map, Scope, Value};
use tramite::field::{Context, Field, FieldError, Problem, decode_fields, read};
use tramite::yaml::parse;

/// A case of which nothing is known but its data.
struct Case<'a>(&'a Map);

impl Scope for Case<'_> {
    fn variable(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn today(&self) -> Date {
        date(2026, 11, 23)
    }

    fn number_of(&self, _: &str) -> Option<String> {
        None
    }

    fn visits(&self, _: &str) -> u32 {
        0
    }

    fn case_number(&self) -> &str {
        "2026-00001"
    }
}

fn fields(yaml: &str) -> Vec<Field> {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let file = sources.add("fields.yaml", yaml);
    let nodes = parse(file, yaml, &mut found);
    let fields = decode_fields(&nodes[0], "fields", &sources, &mut found);
    assert_eq!(found.into_sorted(), [], "{yaml}");
    fields
}

fn map(json: &str) -> Map {
    serde_json::from_str(json).expect("JSON")
}

/// The data after a submission, and what was wrong with it.
fn submit(yaml: &str, before: &str, raw: &str) -> (Map, Vec<FieldError>) {
    let fields = fields(yaml);
    let before = map(before);
    let mut errors = Vec::new();
    let context = Context { record: &|_, _| None, currency_decimals: 2, scope: &Case(&before) };
    let values = read(&fields, &map(raw), &context, &mut errors);
    let mut data = before.clone();
    data.extend(values);
    (data, errors)
}

/// What one field makes of what was typed into it.
fn typed(field: &str, text: &str) -> Result<String, Problem> {
    let raw = serde_json::json!({ "it": text }).to_string();
    let (data, errors) = submit(&format!("it: {field}"), "{}", &raw);
    match errors.into_iter().next() {
        Some(error) => Err(error.problem),
        None => Ok(data["it"].to_string()),
    }
}

#[test]
fn a_date_is_read_as_people_write_it() {
    for (text, day) in [
        ("2026-11-23", "2026-11-23"),
        (" 23/11/2026 ", "2026-11-23"),
        ("3.1.2026", "2026-01-03"),
        ("2026/11/23", "2026-11-23"),
        ("۲۳/۱۱/۲۰۲۶", "2026-11-23"),
        ("٢٠٢٦-١١-٢٣", "2026-11-23"),
        // Solar years of the Hijra.
        ("۱۴۰۵/۰۹/۰۲", "2026-11-23"),
        ("1405/09/02", "2026-11-23"),
        ("2/9/1405", "2026-11-23"),
        ("1403/12/30", "2025-03-20"),
    ] {
        assert_eq!(typed("{ label: It, type: date }", text), Ok(day.into()), "{text}");
    }
    for text in [
        "23/11/26",
        "26-11-23",
        "0026-11-23",
        "1899-12-31",
        "2201-01-01",
        "1405/12/30",
        "31/2/2026",
        "2026-13-01",
        "23/11",
        "23/11/2026/1",
        "+3/11/2026",
        "mañana",
        "1700-01-01",
    ] {
        let read = typed("{ label: It, type: date }", text);
        assert_eq!(read, Err(Problem::NotADate), "{text}");
    }
}

#[test]
fn a_number_is_doubted_only_where_the_field_leaves_a_doubt() {
    let integer = "{ label: It, type: integer }";
    let money = "{ label: It, type: money }";
    let exact = "{ label: It, type: number, decimals: 3 }";
    assert_eq!(typed(integer, "1.500"), Ok("1500".into()));
    assert_eq!(typed(integer, "1,500"), Ok("1500".into()));
    assert_eq!(typed(money, "1.500"), Err(Problem::AmbiguousNumber));
    assert_eq!(typed(exact, "1,500"), Err(Problem::AmbiguousNumber));
    assert_eq!(typed(exact, "۱۲٫۱۲۵"), Ok("12.125".into()));
    assert_eq!(typed(money, "1 250,5"), Ok("1250.5".into()));
    assert_eq!(typed(money, "12 50"), Err(Problem::NotANumber));
    assert_eq!(typed(money, "-0"), Ok("0".into()));
    assert_eq!(typed(integer, "1,5"), Err(Problem::TooManyDecimals { allowed: 0 }));
    assert_eq!(typed(money, &"9".repeat(60)), Err(Problem::TooManyDigits));
}

#[test]
fn a_text_is_kept_without_what_nobody_sees() {
    let text = "{ label: It }";
    assert_eq!(typed(text, "Ana\tChoque"), Ok("Ana Choque".into()));
    assert_eq!(typed(text, "\tAna  Choque \u{7}"), Ok("Ana  Choque".into()));
    assert_eq!(typed(text, "a\u{202e}b\u{2066}c\u{2069}"), Ok("abc".into()));
    assert_eq!(typed(text, "a\nb"), Err(Problem::SeveralLines));
    assert_eq!(typed("{ label: It, type: note }", "a\r\nb"), Ok("a\nb".into()));
    for nothing in ["\u{0}", "\t", "\u{202d}", " \u{7} "] {
        assert_eq!(typed(text, nothing), Err(Problem::Required), "{nothing:?}");
        assert_eq!(typed("{ label: It, optional: true }", nothing), Ok(String::new()));
    }
}

#[test]
fn a_group_that_is_not_asked_for_loses_only_its_own_fields() {
    const GROUP: &str = "
is_needed: { label: Needed, type: yes_no }
visit:
  label: Visit
  when: is_needed
  fields: { by: { label: By }, place: { label: Place, fields: { street: { label: Street } } } }";
    let before = r#"{"visit":{"by":"Ana","day":"2026-11-23","place":{"street":"x","zone":"Sud"}}}"#;
    let (data, errors) = submit(GROUP, before, r#"{"is_needed":false}"#);
    assert_eq!(errors, []);
    assert_eq!(
        data["visit"].as_map(),
        Some(&map(r#"{"by":null,"day":"2026-11-23","place":{"street":null,"zone":"Sud"}}"#))
    );
    let (data, errors) = submit(GROUP, r#"{"visit":{"by":"Ana"}}"#, r#"{"is_needed":false}"#);
    assert_eq!((&data["visit"], errors), (&Value::Null, vec![]));
}

/// A table whose spare rows hold defaults, as the form shows them.
fn table(is_optional: bool) -> String {
    format!(
        "
list:
  label: List
  optional: {is_optional}
  rows:
    what: {{ label: What }}
    day: {{ label: Day, type: date, default: today }}
    hours: {{ label: Hours, type: number, default: 15 }}
    paid: {{ label: Paid, type: yes_no }}"
    )
}

const BLANK: &str = r#"{"what":"","day":"2026-11-23","hours":"15,0"}"#;
const WRITTEN: &str = r#"{"what":"Cable","day":"2026-11-23","hours":"15"}"#;

#[test]
fn a_row_of_nothing_but_defaults_is_a_spare_one() {
    let (data, errors) =
        submit(&table(true), "{}", &format!(r#"{{"list":[{BLANK},{{"day":"23/11/2026"}}]}}"#));
    assert_eq!((&data["list"], errors), (&Value::List(vec![]), vec![]));
    let (data, errors) =
        submit(&table(false), "{}", &format!(r#"{{"list":[{BLANK},{WRITTEN},{BLANK}]}}"#));
    assert_eq!(errors, []);
    assert_eq!(data["list"].as_list().map(<[Value]>::len), Some(1));
    // One value of somebody's own makes it a row, named by its place in the submission.
    let own = r#"{"what":"","day":"2026-11-23","hours":"16"}"#;
    let (_, errors) = submit(&table(true), "{}", &format!(r#"{{"list":[{BLANK},{own}]}}"#));
    assert_eq!(errors, [FieldError { path: "list.1.what".into(), problem: Problem::Required }]);
}

#[test]
fn a_table_that_must_have_a_row_says_what_its_blank_row_lacks() {
    let (_, errors) = submit(&table(false), "{}", &format!(r#"{{"list":[{BLANK}]}}"#));
    assert_eq!(errors, [FieldError { path: "list.0.what".into(), problem: Problem::Required }]);
    let (_, errors) = submit(&table(false), "{}", r#"{"list":[{"what":" "}]}"#);
    assert_eq!(
        errors,
        [FieldError { path: "list".into(), problem: Problem::TooFewRows { min: 1 } }]
    );
}
