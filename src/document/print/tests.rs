//! Prints of small sheets: what must be escaped, repeated, refused and marked.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A sheet of one template.
fn sheet(template: &str) -> Sheet {
    Sheet {
        template: "orden.typ.j2".into(),
        files: BTreeMap::from([("orden.typ.j2".into(), template.into())]),
        context: json!({
            "cliente": { "nombre": "Ana Ríos", "ci": null, "expedido": "pt", "socio": true },
            "visita": null,
            "filas": [
                { "codigo": "CB-10", "cantidad": 0.1, "parcial": 1234.5 },
                { "codigo": "PV-01", "cantidad": 0.2, "parcial": null },
            ],
            "total": 1234.5,
            "document": {
                "title": "Orden de Inspección", "number": "OIT-1", "issued_on": "2026-11-23",
            },
            "organisation": { "name": "Cooperativa «Tupiza» R.L." },
        }),
        labels: BTreeMap::from([(
            "cliente.expedido".into(),
            BTreeMap::from([("pt".into(), "Potosí".into())]),
        )]),
        numbers: BTreeMap::from([("detalle".into(), "DM-7".into())]),
        parameters: BTreeMap::from([(
            "tarifas.social".into(),
            vec![
                (day("2026-01-01"), Some(day("2026-06-30")), json!(0.52)),
                (day("2026-09-01"), None, json!(0.6)),
            ],
        )]),
        language: "es-BO".into(),
        currency_symbol: "Bs".into(),
        currency_decimals: 2,
        copies: 1,
        is_draft: false,
        issued_at: "2026-11-23T14:05:00Z".parse().expect("an instant"),
        time_zone: "America/La_Paz".into(),
    }
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().expect("a day")
}

fn persian(template: &str) -> Sheet {
    Sheet { language: "fa".into(), time_zone: "Asia/Tehran".into(), ..sheet(template) }
}

/// The markup of the only copy, with its escapes read back.
fn printed(template: &str) -> String {
    let markup = markup(&sheet(template), 1).expect("the template is right");
    unescaped(&markup)
}

fn unescaped(markup: &str) -> String {
    let mut out = String::new();
    let mut rest = markup;
    while let Some((before, after)) = rest.split_once("\\u{") {
        let (code, after) = after.split_once('}').expect("an escape ends");
        let letter = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
        out.push_str(before);
        out.push(letter.expect("a character"));
        rest = after;
    }
    out + rest
}

fn refused(template: &str) -> (usize, String) {
    match markup(&sheet(template), 1) {
        Err(Error::Template { line, message, .. }) => (line, message),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_print_in_the_organisation_s_language() {
    assert_eq!(printed("{{ cliente.nombre }}, {{ cliente.ci }}."), "Ana Ríos, .");
    assert_eq!(printed("{{ total | money }}"), "Bs\u{a0}1.234,50");
    assert_eq!(printed("{{ total | number }} {{ total | number(0) }}"), "1.234,50 1.235");
    assert_eq!(printed("{{ total | number(decimals=3) }} {{ total }}"), "1.234,500 1234,5");
    assert_eq!(printed("{{ document.issued_on | date }}"), "23/11/2026");
    assert_eq!(printed("{{ document.issued_on | long_date }}"), "23 de noviembre de 2026");
    assert_eq!(printed("{{ '2026-11-24T01:00:00Z' | date }}"), "23/11/2026");
    assert_eq!(printed("{{ cliente.expedido | label('cliente.expedido') }}"), "Potosí");
    assert_eq!(printed("{{ 'xx' | label('cliente.expedido') }}"), "xx");
    assert_eq!(printed("{{ cliente.expedido | label('no.such') | upper }}"), "PT");
    assert_eq!(printed("{{ cliente.socio }} {{ not cliente.socio }}"), "Sí No");
    assert_eq!(printed("{{ filas | sum('cantidad') }} {{ filas | sum('parcial') }}"), "0,3 1234,5");
    assert_eq!(printed("{{ filas | length }} {{ visita | length }}"), "2 0");
    assert_eq!(printed("{{ 2.345 | round(2) }} {{ cliente.ci | default('—') }}"), "2,35 —");
    assert_eq!(printed("{{ issued('detalle') }} {{ number_of('detalle') }}"), "Sí DM-7");
    assert_eq!(printed("{{ issued('plano') }} {{ number_of('plano') }}"), "No ");
    assert_eq!(printed("{% for n in range(1, 4) %}{{ n }}{% endfor %}"), "123");
}

#[test]
fn an_empty_value_stays_empty_through_every_filter() {
    for filter in ["money", "number", "date", "long_date", "label('a.b')", "round", "upper"] {
        assert_eq!(printed(&format!("{{{{ cliente.ci | {filter} }}}}")), "", "{filter}");
    }
}

#[test]
fn every_filter_and_function_that_the_checker_allows_exists() {
    for name in FILTERS {
        // Arguments may be missing, the filter itself not.
        if let Err(error) = markup(&sheet(&format!("{{{{ cliente.ci | {name} }}}}")), 1) {
            assert!(!error.to_string().contains(&format!("filter {name} is unknown")), "{error}");
        }
    }
    for name in FUNCTIONS {
        assert_eq!(printed(&format!("{{{{ {name} is defined }}}}")), "Sí", "{name}");
    }
    assert!(refused("{{ cliente.ci | nothing }}").1.contains("filter nothing is unknown"));
}

#[test]
fn nothing_counts_as_not_defined() {
    let template = "{% if visita is defined %}1{% endif %}{% if visita is undefined %}2{% endif %}\
        {% if visita.fecha is defined %}3{% endif %}{% if cliente.nombre is defined %}4{% endif %}\
        {% if cliente.ci %}5{% endif %}{% if nadie is defined %}6{% endif %}";
    assert_eq!(printed(template), "24");
}

#[test]
fn markup_of_macros_and_blocks_is_not_escaped_but_their_values_are() {
    let template = "{% macro strong(x) %}*{{ x }}*{% endmacro %}\
        {% set line %}_{{ '#a' }}_{% endset %}\
        {{ strong('$b') }}{{ line }}{% autoescape false %}{{ '*' }}{% endautoescape %}";
    let made = markup(&sheet(template), 1).expect("the template is right");
    assert_eq!(made, "*\\u{24}b*_\\u{23}a_\\u{2a}");
}

#[test]
fn a_layout_is_extended_and_its_errors_have_its_name() {
    let mut sheet =
        sheet("{% extends '_hoja.typ.j2' %}{% block body %}*{{ cliente.nombre }}*{% endblock %}");
    sheet.files.insert("_hoja.typ.j2".into(), "= Hoja\n{% block body %}{% endblock %}\n".into());
    assert_eq!(markup(&sheet, 1).expect("renders"), "= Hoja\n*Ana Ríos*");
    sheet.files.insert("_hoja.typ.j2".into(), "= Hoja\n\n{{ organisation.phone }}".into());
    let error = markup(&sheet, 1).expect_err("there is no phone");
    let Error::Template { file, line, range, message } = error else { panic!("{error:?}") };
    assert_eq!((file.as_str(), line, range), ("_hoja.typ.j2", 3, Some(11..29)));
    assert!(message.contains("organisation.phone"), "{message}");
}

#[test]
fn mistakes_of_a_template_have_their_line() {
    assert_eq!(refused("a\nb {{ nobody }}").0, 2);
    assert_eq!(refused("a\n\n{% if %}").0, 3);
    assert!(refused("{{ nobody | date }}").1.contains("nobody"));
    assert!(refused("{{ cliente.nombre | date }}").1.contains("`date` needs a date"));
    assert!(refused("{{ cliente }}").1.contains("name the field"));
    assert!(refused("{{ 'x' | safe }}").1.contains("safe"));
    assert!(refused("{% for a in range(100000) %}{% endfor %}").1.contains("1000"));
    let endless = "{% for a in range(1000) %}{% for b in range(1000) %}x{% endfor %}{% endfor %}";
    assert!(refused(endless).1.contains("does not come to an end"));
}

#[test]
fn a_markup_has_an_end() {
    let long = format!("{{% for a in range(1000) %}}{}{{% endfor %}}", "x".repeat(10_000));
    assert_eq!(markup(&sheet(&long), 1), Err(Error::TooLong));
    let many = Sheet { copies: 61, ..sheet("x") };
    assert_eq!(pdf(&many), Err(Error::TooManyCopies { copies: 61 }));
}

#[test]
fn recursion_ends_before_the_stack_does() {
    refused("{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}");
    refused("{% include 'orden.typ.j2' %}");
}

/// Values in each of the places where a template may put them.
const PLACES: &str = "= {{ v }}\n[{{ v }}] #text(size: 8pt)[{{ v }}] *{{ v }}* _{{ v }}_\n\
    \"{{ v }}\"\n#let s = \"{{ v }}\"\n#s\n- {{ v }}\n+ {{ v }}\n/ {{ v }}: {{ v }}\n{{ v }}\n\
    #table(columns: 2, [{{ v }}], [a{{ v }}b])\n// {{ v }}\n/* {{ v }} */ $ x \"{{ v }}\" $";

fn with_value(value: &str) -> Sheet {
    let mut sheet = sheet(PLACES);
    sheet.context["v"] = json!(value);
    sheet
}

#[test]
fn hostile_values_print_as_such() {
    for value in [
        "#import \"x\"",
        "$*_",
        "\\",
        "\\u{23}",
        "]",
        "[[",
        "*/ #x",
        "// x",
        "a\u{2028}#x\u{2029}= b\u{85}c",
        "\n\n= Title",
        "```",
        "`",
        "@x",
        "<x>",
        "--- ...",
        "https://x.y",
        "\u{202e}abc",
        "\u{0}\u{1b}",
        "\u{1f9ff}漢字",
        "\u{e000}",
        "سلام #x",
        "e\u{301}",
        "\u{ad}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}",
    ] {
        let sheet = with_value(value);
        let bytes = pdf(&sheet).unwrap_or_else(|error| panic!("{value:?}: {error}"));
        assert!(is_archivable(&bytes), "{value:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..Default::default()
    })]
    #[test]
    fn any_value_can_be_printed(value in any::<String>()) {
        pdf(&with_value(&value)).map_err(|error| TestCaseError::fail(error.to_string()))?;
    }
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The metadata of a PDF stand in it uncompressed.
fn is_archivable(bytes: &[u8]) -> bool {
    bytes.starts_with(b"%PDF-1.7") && has(bytes, "<pdfaid:part>2</pdfaid:part>")
}

#[test]
fn the_same_sheet_gives_the_same_bytes() {
    let sheet = sheet("= {{ document.title }}\n{{ cliente.nombre }} {{ total | money }}");
    let first = pdf(&sheet).expect("prints");
    comemo::evict(0);
    assert!(first == pdf(&sheet).expect("prints again"));
    let later = Sheet { issued_at: "2026-11-23T14:06:00Z".parse().expect("an instant"), ..sheet };
    assert!(first != pdf(&later).expect("prints"));
}

#[test]
fn a_print_is_archivable_and_accessible_where_the_template_allows_it() {
    let good = pdf(&sheet("= A\n== B\n{{ cliente.nombre }}")).expect("prints");
    assert!(is_archivable(&good) && has(&good, "<pdfuaid:part>1</pdfuaid:part>"));
    let skips = pdf(&sheet("= A\n=== B\n{{ cliente.nombre }}")).expect("prints");
    assert!(is_archivable(&skips) && !has(&skips, "<pdfuaid:part>"));
    let odd = pdf(&sheet("= A\n漢")).expect("prints all the same");
    assert!(!is_archivable(&odd));
}

#[test]
fn copies_are_marked_and_counted() {
    let template = "{{ document.copy }}/{{ document.copies }} {{ document.copy_mark }}";
    let three = Sheet { copies: 3, ..sheet(template) };
    let marks: Vec<_> = (1..=3).map(|copy| markup(&three, copy).map(|m| unescaped(&m))).collect();
    assert_eq!(
        marks,
        [Ok("1/3 Original".into()), Ok("2/3 Copia 1".into()), Ok("3/3 Copia 2".into())]
    );
    assert_eq!(printed(template), "1/1 ");
    assert_eq!(pages(&pdf(&three).expect("prints")), 3);
}

/// Page objects are compressed, but the count of pages is in a plain object of small documents.
fn pages(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once("/Count ").expect("a page tree");
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().expect("a count")
}

#[test]
fn a_draft_and_a_persian_sheet_print() {
    let template = "#set page(header: [x])\n= {{ document.title }}\n\
        {{ document.is_draft }} {{ total | money }} پونه";
    let draft = Sheet { is_draft: true, copies: 2, ..persian(template) };
    let markup = markup(&draft, 2).expect("renders");
    assert!(unescaped(&markup).contains("بله \u{2068}۱٬۲۳۴٫۵۰\u{a0}Bs\u{2069}"), "{markup}");
    let bytes = pdf(&draft).expect("prints");
    assert!(is_archivable(&bytes));
    assert_eq!(pages(&bytes), 2);
    assert!(bytes != pdf(&Sheet { is_draft: false, ..draft }).expect("prints"));
}

#[test]
fn mistakes_in_markup_have_their_copy_and_line() {
    let error = pdf(&sheet("a\n{{ cliente.nombre }} #nothing(1)\n")).expect_err("no such function");
    let Error::Typst { copy, line, text, message } = error else { panic!("{error:?}") };
    assert_eq!((copy, line, text.as_str()), (1, 2, "Ana Ríos #nothing(1)"));
    assert!(message.contains("unknown variable: nothing"), "{message}");
}

#[test]
fn markup_reaches_no_file_and_no_package() {
    for reach in ["#read(\"/etc/passwd\")", "#import \"@preview/x:1.0.0\"", "#image(\"main.typ\")"]
    {
        assert!(matches!(pdf(&sheet(reach)), Err(Error::Typst { line: 1, .. })), "{reach}");
    }
}

#[test]
fn the_day_is_the_day_of_issue() {
    let template = "#assert.eq(datetime.today().display(), \"2026-11-23\")";
    pdf(&sheet(template)).expect("the assertion holds");
}

#[test]
fn a_parameter_is_the_one_in_force_on_the_day() {
    assert_eq!(printed("{{ parameter('tarifas.social') }}"), "0,6");
    assert_eq!(printed("{{ parameter('tarifas.social', '2026-05-01') | number(3) }}"), "0,520");
    // In a gap, and where no day was filled in, there is nothing.
    assert_eq!(printed("{{ parameter('tarifas.social', '2026-08-01') }}"), "");
    assert_eq!(printed("{{ parameter('tarifas.social', visita) }}"), "");
    let wrong = markup(&sheet("{{ parameter('tarifas.otra') }}"), 1).expect_err("no such one");
    assert!(wrong.to_string().contains("there is no parameter `tarifas.otra`"), "{wrong}");
}
