//! Lists, searches, counts and the board, with more cases than a page or a look takes in.

use std::collections::BTreeSet;

use super::*;
use crate::store::{Filling, OpenCount, Page, Person, StuckFilter, StuckRow, StuckStep, Template};

on_both!(
    open_tasks_are_counted_as_they_come_and_go,
    a_search_misses_nothing_however_many_there_are,
    a_changed_subject_is_found_by_its_new_words_alone,
    what_is_stuck_comes_longest_first,
);

impl Runtime {
    async fn open(&self) -> Vec<(String, i64)> {
        let counts = self.store().open_counts("prueba").await.expect("counted");
        counts.into_iter().map(|OpenCount { step, open, .. }| (step, open)).collect()
    }

    /// All that is found, page by page, and how many pages that took.
    async fn search(&self, search: &str) -> (Vec<CaseId>, usize) {
        let mut filter = CaseFilter {
            organisation: "prueba",
            procedure: None,
            status: None,
            search,
            before: None,
            limit: 20,
        };
        let (mut found, mut pages) = (Vec::new(), 0);
        loop {
            let Page { rows, next } = self.store().cases_page(&filter).await.expect("a page");
            found.extend(rows.iter().map(|row| row.id));
            pages += 1;
            filter.before = next;
            if next.is_none() {
                return (found, pages);
            }
        }
    }

    async fn queue_search(&self, search: &str) -> usize {
        let roles = BTreeSet::from(["ape".to_owned(), "jefe".to_owned()]);
        let mut filter = QueueFilter {
            organisation: "prueba",
            roles: &roles,
            person: "rosa",
            mine_only: false,
            search,
            after: None,
            limit: 20,
        };
        let mut found = BTreeSet::new();
        loop {
            let Page { rows, next } = self.store().queue_page(&filter).await.expect("a page");
            for row in rows {
                assert!(found.insert(row.case), "twice");
            }
            filter.after = next;
            if next.is_none() {
                return found.len();
            }
        }
    }
}

async fn open_tasks_are_counted_as_they_come_and_go(on: Kind) {
    let runtime = made(on).await;
    let first = runtime.begun().await;
    let second = runtime.begun().await;
    assert_eq!(runtime.open().await, [("1".to_owned(), 2)]);
    runtime.done(&rosa(), &first, Command::ClaimTask { task: 1 }).await;
    runtime.done(&rosa(), &first, register(1, "Ana", "7")).await;
    assert_eq!(runtime.open().await, [("1".to_owned(), 1), ("2".to_owned(), 1)]);
    runtime.done(&luis(), &first, choose(2, "Devolver")).await;
    let reason = "Desistió".to_owned();
    runtime.done(&luis(), &second, Command::CancelCase { reason }).await;
    assert_eq!(runtime.open().await, [("1".to_owned(), 1)]);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_search_misses_nothing_however_many_there_are(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    runtime.done(&rosa(), &case, register(1, "Zoila", "4")).await;
    let templates = [Template { case, share: 1_000 }];
    let start = runtime.clock().now().as_microsecond();
    let filling = Filling { templates: &templates, first: 0, end: 1_200, start };
    runtime.store().fill(&filling).await.expect("filled");
    let newest_first = |mut found: Vec<CaseId>| {
        let sorted = found.is_sorted_by(|left, right| left > right);
        found.sort_unstable();
        found.dedup();
        (found.len(), sorted)
    };
    for (search, count) in [
        ("", 1_201),
        ("zoila", 1),
        ("0000007", 1),
        ("exp-2026-0000007", 1),
        ("MARÍA", 360),
        ("mar maria", 360),
        ("2026-000", 1_201),
        ("maria zzz", 0),
        ("maria 5000010", 1),
    ] {
        let (found, _) = runtime.search(search).await;
        let (distinct, is_sorted) = newest_first(found.clone());
        // The template's own number has fewer digits.
        let allowed = if search == "2026-000" { count - 1..=count } else { count..=count };
        assert!(allowed.contains(&distinct), "{search}: {distinct}");
        assert_eq!(distinct, found.len(), "{search}: none comes twice");
        assert!(is_sorted, "{search}");
    }
    assert_eq!(runtime.queue_search("maria").await, 360);
    assert_eq!(runtime.queue_search("zoila").await, 1);
    assert_eq!(runtime.queue_search("maria 5000010").await, 1);
    assert_eq!(runtime.queue_search("").await, 1_201);
    let open = runtime.open().await;
    assert_eq!(open, [("2".to_owned(), 1_201)]);
}

async fn a_changed_subject_is_found_by_its_new_words_alone(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    assert_eq!(runtime.search("2026").await.0, [case]);
    runtime.done(&rosa(), &case, register(1, "Ana Muñoz", "777")).await;
    runtime.done(&luis(), &case, choose(2, "Devolver")).await;
    runtime.done(&rosa(), &case, register(3, "Eva Muñoz", "778")).await;
    for (search, is_found) in
        [("ana", false), ("777", false), ("eva", true), ("munoz", true), ("uñoz", false)]
    {
        assert_eq!(runtime.search(search).await.0.len(), usize::from(is_found), "{search}");
        assert_eq!(runtime.queue("jefe", search).await.len(), usize::from(is_found), "{search}");
    }
    assert_eq!(runtime.ailments().await, [""; 0]);
}

fn person(id: &str, role: &str, is_active: bool) -> Person {
    Person {
        id: id.to_owned(),
        organisation: "prueba".to_owned(),
        login: id.to_owned(),
        name: format!("Persona {id}"),
        password_hash: None,
        language: None,
        mail: None,
        roles: BTreeSet::from([role.to_owned()]),
        is_active,
    }
}

async fn stuck(runtime: &Runtime, after: Option<(i64, CaseId, u32)>) -> Vec<StuckRow> {
    let store = runtime.store();
    let held = store.held_roles("prueba").await.expect("read");
    let steps: Vec<StuckStep> = store
        .open_counts("prueba")
        .await
        .expect("counted")
        .into_iter()
        .map(|count| StuckStep {
            is_orphan: !held.contains(&count.role),
            procedure: count.procedure,
            step: count.step,
            role: count.role,
        })
        .collect();
    let now = runtime.clock().now();
    let filter = StuckFilter { organisation: "prueba", steps: &steps, now, after, limit: 2 };
    store.stuck(&filter).await.expect("a page")
}

async fn what_is_stuck_comes_longest_first(on: Kind) {
    let runtime = made(on).await;
    for (id, is_active) in [("rosa", true), ("eva", false)] {
        let saved = runtime.store().save_person(&person(id, "ape", is_active)).await;
        saved.expect("saved");
    }
    let mut cases = Vec::new();
    for _ in 0..3 {
        cases.push(runtime.begun().await);
        runtime.clock().advance(SignedDuration::from_hours(1));
    }
    assert_eq!(stuck(&runtime, None).await, [], "nothing is late, and rosa is there");
    let eva = actor("eva", "ape");
    runtime.done(&eva, &cases[2], Command::ClaimTask { task: 1 }).await;
    let left = stuck(&runtime, None).await;
    assert_eq!(left.len(), 1, "who has left keeps it");
    assert!(left[0].case == cases[2] && !left[0].is_holder_active);
    // A working week later all are past their two days.
    runtime.clock().advance(SignedDuration::from_hours(24 * 7));
    let first = stuck(&runtime, None).await;
    let second = stuck(&runtime, first.last().map(StuckRow::place)).await;
    let all: Vec<CaseId> = first.iter().chain(&second).map(|row| row.case).collect();
    assert_eq!(all, cases);
    assert!(first[0].due_at.is_some_and(|due| due == first[0].stuck_at));
    let counts = runtime.store().open_counts("prueba").await.expect("counted");
    let now = runtime.clock().now();
    let late = runtime.store().stuck_counts("prueba", &counts, now).await.expect("counted");
    assert_eq!(late.into_values().collect::<Vec<_>>(), [3]);
    // Nobody is a chief: what is new there is stuck from the first moment on.
    runtime.done(&rosa(), &cases[0], register(1, "Ana", "7")).await;
    let rows = stuck(&runtime, second.last().map(StuckRow::place)).await;
    assert!(rows.iter().any(|row| row.case == cases[0] && row.role == "jefe"), "{rows:?}");
}
