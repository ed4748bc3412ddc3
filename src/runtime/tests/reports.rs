//! Reports over a real database: documents with their frozen data, registers, groups and totals.

use jiff::civil::date;

use super::*;
use crate::report::{Section, Table, pdf, xlsx};

on_both!(
    documents_are_told_as_they_were_printed,
    a_register_is_told_as_it_is,
    what_was_done_is_grouped_and_added_up,
    what_was_archived_is_counted,
);

const REPORTS: &str = r#"
---
report: ordenes
title: Órdenes del mes
seen_by: ape
period: month
rows: { documents: orden, when: cliente.ci != '9' }
columns:
  N°: row
  Orden: document.number
  Cliente: cliente.nombre
  Abonado: abonado
  Emitida: document.issued_on
  Firmada: document.is_signed
  Trámite: case.number
  Estado: case.status
  Asunto: case.subject
order: [Cliente]
---
report: padron
title: Padrón
seen_by: [ape, jefe]
rows: { register: socios }
columns: { CI: ci, Nombre: nombre }
order: [Nombre]
---
report: trabajo
title: Trabajo
seen_by: jefe
period: week
rows: { steps: { registro: [1, 2] } }
columns:
  Quién: task.by
  Cargo: task.role
  Día: task.completed_on
  Veces: { value: 1, type: integer, total: true }
  Importe: { value: 12.5 * 2, type: money, total: true }
group: Cargo
order: [Día]
"#;

async fn office(on: Kind) -> Runtime {
    let runtime = made(on).await;
    let library = library(&format!("{WORKSPACE}{REPORTS}"));
    runtime.publish(&library, "prueba").await.expect("published");
    runtime
}

/// A case that was registered, and approved if it says so.
async fn worked(runtime: &Runtime, name: &str, ci: &str, approved: bool) {
    let case = runtime.start_case(&rosa(), "prueba", "registro", None).await.expect("begun").case;
    runtime.handle(&rosa(), &case, register(1, name, ci), None).await.expect("registered");
    if approved {
        runtime.handle(&luis(), &case, choose(2, "Aprobar"), None).await.expect("approved");
    }
}

async fn report(runtime: &Runtime, id: &str, day: &str) -> Table {
    let ready = runtime.report("prueba", id).await.expect("read").expect("a report");
    let table = runtime.make_report(&ready, day.parse().expect("a day")).await.expect("made");
    assert!(xlsx(&table).expect("an Excel file").starts_with(b"PK"));
    assert!(pdf(&table).expect("a PDF").starts_with(b"%PDF"));
    table
}

fn cells(section: &Section) -> Vec<Vec<String>> {
    section.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

async fn documents_are_told_as_they_were_printed(on: Kind) {
    let runtime = office(on).await;
    // More than a page of rows, so that pages meet.
    for (name, ci) in [("Zoila", "2"), ("Ana", "3"), ("ana", "4"), ("Nadie", "9"), ("Berta", "5")] {
        worked(&runtime, name, ci, ci == "3").await;
    }
    let table = report(&runtime, "ordenes", "2026-11-02").await;
    assert_eq!(table.sections.len(), 1);
    let rows = cells(&table.sections[0]);
    let first =
        ["1", "ORD-2026-0002", "Ana", "020002", "2026-11-23", "Sí", "2026-00002", "Terminado"];
    assert_eq!(rows[0][..7], first[..7]);
    assert_eq!(rows[0][8], "Ana · 3");
    assert_ne!(rows[0][7], rows[1][7], "one is ended, one runs");
    let names: Vec<&str> = rows.iter().map(|row| row[2].as_str()).collect();
    assert_eq!(names, ["Ana", "ana", "Berta", "Zoila"]);
    assert_eq!(rows[3][5], "No");
    let other = report(&runtime, "ordenes", "2026-10-31").await;
    assert_eq!((other.count(), other.span.map(|span| span.last)), (0, Some(date(2026, 10, 31))));
    runtime.shutdown().await;
}

async fn a_register_is_told_as_it_is(on: Kind) {
    let runtime = office(on).await;
    for (name, ci) in [("Zoila", "2"), ("Ana", "3"), ("Berta", "4")] {
        worked(&runtime, name, ci, false).await;
    }
    let table = report(&runtime, "padron", "2026-11-23").await;
    assert_eq!(table.span, None);
    let expected = [["3", "Ana"], ["4", "Berta"], ["1", "María Muñoz"], ["2", "Zoila"]];
    assert_eq!(cells(&table.sections[0]), expected);
    runtime.shutdown().await;
}

async fn what_was_done_is_grouped_and_added_up(on: Kind) {
    let runtime = office(on).await;
    worked(&runtime, "Ana", "2", true).await;
    runtime.clock().advance(SignedDuration::from_hours(24 * 5)); // Saturday of the same week
    worked(&runtime, "Ana", "2", false).await;
    runtime.clock().advance(SignedDuration::from_hours(24 * 2)); // Monday of the next
    worked(&runtime, "Ana", "2", true).await;
    let table = report(&runtime, "trabajo", "2026-11-25").await;
    let names: Vec<_> = table.sections.iter().map(|section| section.name.as_deref()).collect();
    assert_eq!(names, [Some("Asistente"), Some("Jefe")]);
    let days: Vec<String> =
        cells(&table.sections[0]).into_iter().map(|row| row[2].clone()).collect();
    assert_eq!(days, ["2026-11-23", "2026-11-28"]);
    assert_eq!(table.sections[0].totals[3], Value::from(2));
    assert_eq!(table.totals[3], Value::from(3));
    assert_eq!(table.totals[4], Value::from(75));
    assert_eq!(table.totals[0], Value::Null);
    assert_eq!(table.sections[0].rows[0][0], Value::text("rosa"), "nobody of that id is known");
    runtime.shutdown().await;
}

async fn what_was_archived_is_counted(on: Kind) {
    let runtime = made(on).await;
    let kept = WORKSPACE.replace("cancels: {", "retention: 1 year\ncancels: {");
    let library = library(&format!("{kept}{REPORTS}"));
    runtime.publish(&library, "prueba").await.expect("published");
    for (name, ci) in [("Ana", "2"), ("Berta", "3")] {
        worked(&runtime, name, ci, true).await;
    }
    runtime.clock().advance(SignedDuration::from_hours(24 * 40));
    worked(&runtime, "Zoila", "4", true).await;
    assert_eq!(report(&runtime, "ordenes", "2026-11-02").await.archived, 0);
    runtime.clock().advance(SignedDuration::from_hours(24 * 400));
    let mut file = Vec::new();
    let (end, _) = runtime.archive_into(&mut file, None, "prueba").await.expect("written");
    assert_eq!(end.cases, 3);
    runtime.shelve(&file[..], &end, "/a/b.jsonl").await.expect("deleted");
    for (day, archived) in [("2026-11-02", 2), ("2026-10-31", 0), ("2027-01-02", 1)] {
        let table = report(&runtime, "ordenes", day).await;
        assert_eq!((table.archived, table.count()), (archived, 0), "{day}");
    }
    assert_eq!(report(&runtime, "trabajo", "2026-11-23").await.archived, 2);
    assert_eq!(report(&runtime, "padron", "2026-11-23").await.archived, 0, "it is of no period");
    let language = crate::language::Language::parse("es");
    let words = report(&runtime, "ordenes", "2026-11-02").await.archived_words(&language);
    assert!(words.is_some_and(|words| words.contains("2 trámites")));
}
