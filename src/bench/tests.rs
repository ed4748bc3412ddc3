//! A whole measurement, too short for its figures to mean anything.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_measured_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan {
        postgres: None,
        folder: folder.path().to_owned(),
        clients: vec![1, 2],
        time: Duration::from_millis(450),
        with_http: true,
    };
    let report = run(&plan, |_| ()).await.expect("measured");
    let whats: Vec<_> = report.lines.iter().map(|line| (line.what, line.clients)).collect();
    let runtime = [(report::RUNTIME, 1), (report::RUNTIME, 2)];
    assert_eq!(whats[..2], [(report::RAW_ALONE, 1), (report::RAW_TOGETHER, 64)]);
    assert_eq!(whats[2..4], runtime);
    assert_eq!(whats[4..], [(report::BARE, 2), (report::HTTP, 1), (report::HTTP, 2)]);
    assert!(report.lines.iter().all(|line| line.steps_per_second > 0.0 && line.p50 <= line.p99));
    // The size does not depend on the time, and must not grow unnoticed.
    assert!((4_000..=24_000).contains(&report.bytes_per_case), "{}", report.bytes_per_case);
    let told = report.to_string();
    assert!(told.contains("p50, one client") && told.contains("kB of database"), "{told}");
}

#[test]
fn a_ratio_is_met_or_below() {
    let machine = Machine::look(std::path::Path::new("."));
    let mut report = Report::new("SQLite".to_owned(), machine);
    for (what, clients, micros) in [(report::RAW_TOGETHER, 64, 100), (report::RUNTIME, 64, 300)] {
        // So many steps in a second as fit into it one after another.
        let steps = 1_000_000 / micros;
        let micros = vec![micros; steps as usize];
        let mut measured = Measured { seconds: 1.0, micros, ..Measured::default() };
        report.lines.push(Line::of(what, clients, &mut measured));
    }
    report.compare(false);
    let [ratio] = report.ratios.as_slice() else { panic!("{:?}", report.ratios) };
    assert!((ratio.value - 0.333).abs() < 0.001 && !ratio.is_met, "{ratio:?}");
    assert!(report.to_string().contains("≥ 0.5  below"));
}
