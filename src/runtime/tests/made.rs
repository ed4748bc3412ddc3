//! Reports that are made by themselves: each once, kept as it was, forgotten when its time is over.

use super::*;
use crate::report::Table;
use crate::store::{MadeReport, Refused, RefusedFilter};

on_both!(
    a_report_is_made_when_its_time_has_come_and_stays_as_it_was,
    of_the_period_that_has_ended,
    two_servers_make_each_once,
    what_a_dead_server_had_made_is_not_made_again,
    what_was_missed_follows_the_policy,
    one_that_can_not_be_made_is_told,
    taken_out_it_is_made_no_more,
);

const NOON: &str = "2026-11-23T16:00:00Z";

fn office(every: &str) -> String {
    format!(
        "organisation: prueba\nname: Prueba\nlanguage: es-BO\ntime_zone: America/La_Paz\n\
         roles: {{ ape: Asistente }}\n---\n\
         procedure: vale\ntitle: Vale\nstarts: {{ by: ape }}\n\
         steps:\n  1: {{ role: ape, activity: Firma }}\n---\n\
         report: vales\ntitle: Vales\nseen_by: ape\nperiod: day\n{every}\n\
         rows: {{ steps: {{ vale: 1 }} }}\n\
         columns: {{ N°: row, Vale: case.number, Sí: {{ value: 1, type: integer, total: true }} }}\n"
    )
}

async fn published(on: Kind, every: &str) -> Runtime {
    let store = on.store().await.expect("a store");
    let clock = Clock::manual(NOON.parse().expect("an instant"));
    let runtime = Runtime::start(store, clock).await.expect("starts");
    runtime.publish(&library(&office(every)), "prueba").await.expect("published");
    runtime
}

impl Runtime {
    async fn signs(&self) {
        let case = self.start_case(&rosa(), "prueba", "vale", None).await.expect("begun").case;
        let done = Command::CompleteTask { task: 1, submission: Map::new(), choice: None };
        self.done(&rosa(), &case, done).await;
    }

    async fn kept(&self) -> Vec<MadeReport> {
        let name = ("prueba", "vales");
        let mut made = self.store().made_reports(name, Timestamp::MAX, 100).await.expect("read");
        made.reverse();
        made
    }

    async fn contents(&self, made: &MadeReport) -> Table {
        let name = ("prueba", "vales");
        let table = self.store().made_report(name, made.due_at).await;
        table.expect("read").expect("made")
    }

    async fn looks(&self) -> usize {
        self.fire_schedules().await.expect("looked")
    }

    /// The first day of each that was made.
    async fn days(&self) -> Vec<String> {
        let first = |made: MadeReport| made.days.expect("days").0.to_string();
        self.kept().await.into_iter().map(first).collect()
    }
}

fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

async fn a_report_is_made_when_its_time_has_come_and_stays_as_it_was(on: Kind) {
    let runtime = published(on, "every: day at 17:00\nkeep: 2 months").await;
    runtime.signs().await;
    assert_eq!(runtime.looks().await, 0);
    runtime.clock().advance(hours(5));
    assert_eq!((runtime.looks().await, runtime.looks().await), (1, 0));
    let [made] = &runtime.kept().await[..] else { panic!("one") };
    assert_eq!((made.count, made.title.as_str(), &made.problem), (1, "Vales", &None));
    assert_eq!(made.due_at.to_string(), "2026-11-23T21:00:00Z");
    assert_eq!(made.keep_until.to_string(), "2027-01-23T21:00:00Z");
    let before = runtime.contents(made).await;
    // What is signed later is another report's, whatever is published meanwhile.
    runtime.signs().await;
    let other =
        office("every: day at 17:00\nkeep: 2 months").replace("title: Vales", "title: Otro");
    runtime.publish(&library(&other), "prueba").await.expect("published");
    assert_eq!(runtime.contents(made).await, before);
    assert_eq!((before.count(), before.totals[2].clone()), (1, Value::number(1)));
    let xlsx = crate::report::xlsx(&before).expect("an Excel file");
    assert_eq!(crate::report::xlsx(&before).expect("again"), xlsx);
    runtime.clock().advance(hours(24));
    assert_eq!(runtime.looks().await, 1);
    assert_eq!(runtime.kept().await.iter().map(|made| made.count).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(runtime.ailments().await, [""; 0]);
    runtime.clock().advance(hours(24 * 61));
    runtime.store().forget_reports(runtime.clock().now()).await.expect("forgotten");
    assert_eq!(runtime.kept().await.len(), 1, "the younger one is still kept");
}

async fn of_the_period_that_has_ended(on: Kind) {
    let runtime = published(on, "every: working day at 08:00\nof: last").await;
    runtime.signs().await;
    runtime.clock().advance(hours(24));
    assert_eq!(runtime.looks().await, 1);
    assert_eq!(runtime.days().await, ["2026-11-23"]);
    assert_eq!(runtime.kept().await[0].count, 1, "all of that day");
}

async fn two_servers_make_each_once(on: Kind) {
    let runtime = published(on, "every: day at 17:00\nmissed: all").await;
    let other = Runtime::start(runtime.store().clone(), runtime.clock().clone()).await;
    let other = other.expect("starts");
    runtime.clock().advance(hours(24 * 10));
    let mut made = 0;
    for _ in 0..30 {
        let (one, two) = tokio::join!(runtime.fire_schedules(), other.fire_schedules());
        made += one.expect("looked") + two.expect("looked");
        runtime.clock().advance(SignedDuration::from_secs(10));
    }
    assert_eq!((made, runtime.kept().await.len()), (10, 10));
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_a_dead_server_had_made_is_not_made_again(on: Kind) {
    let runtime = published(on, "every: day at 17:00").await;
    runtime.clock().advance(hours(5));
    let now = runtime.clock().now();
    let leased = runtime.store().lease_schedules(now, SignedDuration::from_secs(10), 9).await;
    let leased = leased.expect("leased");
    // It died before it moved the schedule on.
    assert!(runtime.make_scheduled(&leased[0], leased[0].next_at).await.expect("made"));
    let [made] = &runtime.kept().await[..] else { panic!("one") };
    runtime.signs().await;
    runtime.clock().advance(SignedDuration::from_secs(11));
    assert_eq!(runtime.looks().await, 0, "it has been made");
    assert_eq!(runtime.kept().await, std::slice::from_ref(made));
    let [row] = &runtime.store().schedules("prueba").await.expect("read")[..] else { panic!() };
    assert_eq!(row.next_at.to_string(), "2026-11-24T21:00:00Z", "it moved on");
}

async fn what_was_missed_follows_the_policy(on: Kind) {
    let cases = [
        ("", vec!["2026-11-25"]),
        ("\nmissed: all", vec!["2026-11-23", "2026-11-24", "2026-11-25"]),
        ("\nmissed: skip", vec![]),
    ];
    for (missed, days) in cases {
        let runtime = published(on, &format!("every: day at 17:00{missed}")).await;
        runtime.clock().advance(hours(72));
        while runtime.looks().await > 0 {}
        assert_eq!(runtime.days().await, days, "{missed}");
    }
}

async fn one_that_can_not_be_made_is_told(on: Kind) {
    let runtime = published(on, "every: day at 17:00").await;
    runtime.clock().advance(hours(5));
    runtime.looks().await;
    // As if it had had too many rows.
    let due_at = "2026-11-22T21:00:00Z".parse().expect("an instant");
    let [made] = &runtime.kept().await[..] else { panic!("one") };
    let problem = Some(Setback::TooManyRows.json());
    let failed = MadeReport { due_at, problem, count: 0, ..made.clone() };
    let store = runtime.store();
    assert!(store.save_report("prueba", &failed, None).await.expect("kept"));
    assert!(!store.save_report("prueba", &failed, None).await.expect("kept"), "told once");
    let reports = ["vales".to_owned()];
    let told = async || {
        let filter =
            RefusedFilter { organisation: "prueba", procedures: &[], reports: &reports, limit: 9 };
        store.refused(&filter).await.expect("read")
    };
    let rows = told().await;
    let what = Refused::Report { name: "vales".to_owned(), due_at };
    assert_eq!((&rows[0].what, rows.len()), (&what, 1));
    assert_eq!(Setback::read(&rows[0].problem), Setback::TooManyRows);
    assert!(runtime.try_refused("prueba", &what).await.expect("tried"));
    assert_eq!(told().await, []);
    assert_eq!(
        runtime.contents(&failed).await.span.expect("a day").first.to_string(),
        "2026-11-22"
    );
    let dropped = runtime.drop_refused(&rosa(), "prueba", &what).await.expect("looked");
    assert!(!dropped, "what was made is not dropped");
    assert_eq!(runtime.kept().await.len(), 2);
}

async fn taken_out_it_is_made_no_more(on: Kind) {
    let runtime = published(on, "every: day at 17:00").await;
    runtime.publish(&library(&office("")), "prueba").await.expect("published");
    runtime.clock().advance(hours(72));
    assert_eq!(runtime.looks().await, 0);
    assert_eq!(runtime.kept().await, []);
}
