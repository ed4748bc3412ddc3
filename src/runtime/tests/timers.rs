//! Timers: each fires once, whoever fires it and whoever dies meanwhile.

use super::*;

on_both!(
    a_timer_fires_once_and_not_before_its_time,
    a_timer_goes_with_its_task,
    what_a_dead_server_had_leased_is_taken_over,
    two_servers_fire_each_timer_once,
    what_goes_up_is_in_the_queue_that_it_went_to,
);

impl Runtime {
    /// How often the journal says that a task of the case became overdue.
    async fn overdue(&self, case: &CaseId) -> usize {
        let journal = self.store().journal(case).await.expect("read");
        journal.iter().filter(|record| matches!(record.entry, Entry::TaskOverdue { .. })).count()
    }
}

async fn a_timer_fires_once_and_not_before_its_time(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    assert_eq!(runtime.fire_timers().await.expect("looked"), 0);
    let due_at = runtime.row(&case).await.state.tasks[&1].due_at.expect("a due time");
    runtime.clock().advance(runtime.clock().now().duration_until(due_at));
    assert_eq!(runtime.fire_timers().await.expect("fired"), 1);
    assert_eq!(runtime.fire_timers().await.expect("looked"), 0);
    assert!(runtime.row(&case).await.state.tasks[&1].is_overdue);
    assert_eq!(runtime.overdue(&case).await, 1);
    // The work goes on as if nothing were.
    runtime.done(&rosa(), &case, register(1, "Ana", "7")).await;
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn a_timer_goes_with_its_task(on: Kind) {
    let runtime = made(on).await;
    let (done, withdrawn) = (runtime.begun().await, runtime.begun().await);
    runtime.done(&rosa(), &done, register(1, "Ana", "7")).await;
    let reason = "probando".to_owned();
    runtime.done(&luis(), &withdrawn, Command::CancelCase { reason }).await;
    runtime.clock().advance(SignedDuration::from_hours(24 * 30));
    assert_eq!(runtime.fire_timers().await.expect("looked"), 0);
    // One that a server still holds in its hands comes too late, and is no harm.
    let late = runtime.handle(&Actor::clock(), &done, Command::FireTimer { watch: 1 }, None).await;
    assert_eq!(late.expect("nothing to do").records, []);
    assert_eq!(runtime.ailments().await, [""; 0]);
}

async fn what_a_dead_server_had_leased_is_taken_over(on: Kind) {
    let runtime = made(on).await;
    let case = runtime.begun().await;
    runtime.clock().advance(SignedDuration::from_hours(24 * 30));
    let lease = SignedDuration::from_secs(10);
    let leased = runtime.store().lease_timers(runtime.clock().now(), lease, 9).await;
    assert_eq!(leased.expect("leased"), [(case, 1)]);
    assert_eq!(runtime.fire_timers().await.expect("looked"), 0, "another server has it");
    runtime.clock().advance(SignedDuration::from_secs(10));
    assert_eq!(runtime.fire_timers().await.expect("fired"), 1);
    assert_eq!(runtime.overdue(&case).await, 1);
}

async fn two_servers_fire_each_timer_once(on: Kind) {
    let runtime = made(on).await;
    let mut cases = Vec::new();
    for _ in 0..300 {
        cases.push(runtime.begun().await);
    }
    runtime.clock().advance(SignedDuration::from_hours(24 * 30));
    // Another runtime over the same database has lanes and answers of its own.
    let clock = runtime.clock().clone();
    let other = Runtime::start(runtime.store().clone(), clock).await.expect("starts");
    let mut fired = 0;
    for _ in 0..20 {
        let (first, second) = tokio::join!(runtime.fire_timers(), other.fire_timers());
        fired += first.expect("fired") + second.expect("fired");
        if fired == 300 {
            break;
        }
        // What one was told to come again for is leased until now, and looked for again.
        runtime.clock().advance(SignedDuration::from_secs(10));
    }
    assert_eq!(fired, 300);
    for case in &cases {
        assert_eq!(runtime.overdue(case).await, 1);
    }
    assert_eq!(runtime.ailments().await, [""; 0]);
}

/// A reminder, and then another queue: the row of the task goes along on both databases.
async fn what_goes_up_is_in_the_queue_that_it_went_to(on: Kind) {
    let runtime = made(on).await;
    let escalates = "on: [{ after: 1 day, remind: true }, { after: 2 days, escalate: jefe }]";
    let first = WORKSPACE.find("  1:").expect("a first step");
    let role = first + WORKSPACE[first..].find("role:").expect("its role");
    let text = format!("{}{escalates}\n    {}", &WORKSPACE[..role], &WORKSPACE[role..]);
    runtime.publish(&library(&text), "prueba").await.expect("published");
    let case = runtime.begun().await;
    runtime.clock().advance(SignedDuration::from_hours(25));
    runtime.fire_timers().await.expect("fired");
    assert_eq!(runtime.ailments().await, [""; 0], "reminded");
    runtime.clock().advance(SignedDuration::from_hours(24));
    runtime.fire_timers().await.expect("fired");
    assert_eq!(runtime.ailments().await, [""; 0], "gone up");
    assert_eq!(runtime.row(&case).await.state.tasks[&1].role, "jefe");
    assert_eq!(runtime.queue("jefe", "").await.len(), 1);
}
