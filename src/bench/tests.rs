//! A whole measurement, too short for its figures to mean anything.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_measured_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan {
        postgres: None,
        folder: folder.path().to_owned(),
        clients: vec![1, 64],
        time: Duration::from_millis(450),
        with_http: false,
    };
    let report = run(&plan, |_| ()).await.expect("measured");
    assert_eq!(report.lines.len(), 4);
    assert!(report.lines.iter().all(|line| line.steps_per_second > 0.0 && line.p50 <= line.p99));
    assert_eq!(report.ratios.len(), 4);
    // The size does not depend on the time, and must not grow unnoticed.
    assert!((4_000..=24_000).contains(&report.bytes_per_case), "{}", report.bytes_per_case);
    assert!(report.to_string().contains("64 together"));
    let over_http = Plan { clients: vec![2], with_http: true, ..plan };
    let report = run(&over_http, |_| ()).await.expect("measured");
    let whats: Vec<_> = report.lines.iter().map(|line| (line.what, line.clients)).collect();
    assert_eq!(whats[3..], [(report::BARE, 2), (report::HTTP, 2)]);
}
