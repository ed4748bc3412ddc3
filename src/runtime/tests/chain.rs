//! Whatever is done to a journal by hand shows.
//!
//! `TRAMITE_ROUNDS` says how many damages are tried one after the other, 400 when it doesn't.

use super::*;

on_both!(every_change_of_a_journal_is_found, a_chain_made_anew_does_not_fit_its_anchor,);

/// SplitMix64: the same damage in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % end as u64) as usize
    }
}

/// Some cases, each further on than the one before.
async fn office(on: Kind) -> (Runtime, Vec<Anchor>) {
    let runtime = made(on).await;
    for round in 0..5 {
        let case = runtime.begun().await;
        runtime.clock().advance(SignedDuration::from_secs(1));
        for step in 0..round {
            let (clerk, chief) = (rosa(), luis());
            let (actor, command) = match step % 2 {
                0 => (clerk, register(step + 1, &format!("Ana {step}"), &format!("{round}"))),
                _ => (chief, choose(step + 1, "Devolver")),
            };
            runtime.done(&actor, &case, command).await;
        }
    }
    let ends = runtime.anchors().await.expect("read");
    runtime.store().damage("CREATE TABLE sound_cases AS SELECT * FROM cases").await;
    runtime.store().damage("CREATE TABLE sound_entries AS SELECT * FROM entries").await;
    (runtime, ends)
}

async fn heal(runtime: &Runtime) {
    for sql in [
        "DELETE FROM entries",
        "DELETE FROM cases",
        "INSERT INTO cases SELECT * FROM sound_cases",
        "INSERT INTO entries SELECT * FROM sound_entries",
    ] {
        runtime.store().damage(sql).await;
    }
}

/// Something done to the line `seq` of a case of `count` lines, and the first line that is wrong then.
fn harm(chance: &mut Chance, case: &CaseId, other: &CaseId, count: usize) -> (Vec<String>, usize) {
    let seq = 1 + chance.below(count);
    let line = format!("WHERE case_id = '{case}' AND seq = {seq}");
    let renumber = |from: String, by: i64| {
        format!("UPDATE entries SET seq = seq + {by} WHERE case_id = '{case}' AND seq {from}")
    };
    let recount = format!(
        "UPDATE cases SET entries = (SELECT count(*) FROM entries WHERE case_id = '{case}') \
         WHERE id = '{case}'"
    );
    match chance.below(8) {
        0 => {
            let column = ["actor", "actor_name", "kind", "body", "hash"][chance.below(5)];
            let value = match column {
                "hash" => {
                    format!("(SELECT hash FROM entries WHERE case_id = '{other}' AND seq = 1)")
                }
                column => format!("{column} || ' '"),
            };
            (vec![format!("UPDATE entries SET {column} = {value} {line}")], seq)
        }
        1 => (vec![format!("UPDATE entries SET at = at - 1 {line}")], seq),
        // Without its last line a journal has an end that is not the known one.
        2 => (vec![format!("DELETE FROM entries {line}"), recount], seq.min(count - 1)),
        3 => {
            let second = 1 + chance.below(count);
            if second == seq {
                return (vec![format!("DELETE FROM entries {line}")], seq);
            }
            let steps = [
                format!("UPDATE entries SET seq = 1000000 {line}"),
                format!(
                    "UPDATE entries SET seq = {seq} WHERE case_id = '{case}' AND seq = {second}"
                ),
                format!(
                    "UPDATE entries SET seq = {second} WHERE case_id = '{case}' AND seq = 1000000"
                ),
            ];
            (steps.into(), seq.min(second))
        }
        4 => {
            // A line that is genuine elsewhere, with everything behind it moved on.
            let steps = [
                renumber(format!(">= {seq}"), 1_000_000),
                renumber("> 1000000".to_owned(), -999_999),
                format!(
                    "INSERT INTO entries SELECT '{case}', {seq}, at, actor, actor_name, kind, body, \
                     hash FROM entries WHERE case_id = '{other}' AND seq = 1"
                ),
                recount,
            ];
            (steps.into(), seq)
        }
        5 => {
            let cut = format!("DELETE FROM entries WHERE case_id = '{case}' AND seq >= {seq}");
            (vec![cut], seq)
        }
        6 => {
            let cut = format!("DELETE FROM entries WHERE case_id = '{case}' AND seq >= {seq}");
            (vec![cut, recount], seq.saturating_sub(1))
        }
        _ => {
            let end = count + 1;
            let copied = format!(
                "INSERT INTO entries SELECT case_id, {end}, at, actor, actor_name, kind, body, hash \
                 FROM entries {line}"
            );
            (vec![copied], end)
        }
    }
}

async fn every_change_of_a_journal_is_found(on: Kind) {
    let (runtime, ends) = office(on).await;
    assert_eq!(runtime.verify(None, &ends).await.expect("verified"), []);
    let mut chance = Chance(7);
    for round in 0..set("TRAMITE_ROUNDS", 400) {
        let place = chance.below(ends.len());
        let (end, other) = (&ends[place], &ends[(place + 1) % ends.len()]);
        let (harm, first) = harm(&mut chance, &end.case, &other.case, end.entries as usize);
        for sql in &harm {
            runtime.store().damage(sql).await;
        }
        let found = runtime.verify(None, &[]).await.expect("verified");
        let named: Vec<_> = found.iter().map(|breach| (breach.case, breach.seq)).collect();
        assert_eq!(named, [(end.case, first as i64)], "{round}: {harm:?} {found:?}");
        let alone = runtime.verify(Some(end.case), &[]).await.expect("verified");
        assert_eq!(alone, found);
        heal(&runtime).await;
    }
    assert_eq!(runtime.verify(None, &ends).await.expect("verified"), []);
}

async fn a_chain_made_anew_does_not_fit_its_anchor(on: Kind) {
    let (runtime, ends) = office(on).await;
    let last = ends.last().expect("a case");
    let case = last.case;
    let harms = [
        (
            vec![format!(
                "UPDATE entries SET body = replace(body, 'Ana', 'Eva') WHERE case_id = '{case}'"
            )],
            i64::from(last.entries),
        ),
        (vec![format!("DELETE FROM entries WHERE case_id = '{case}' AND seq > 3")], 4),
        (
            vec![
                format!("DELETE FROM entries WHERE case_id = '{case}'"),
                format!("DELETE FROM cases WHERE id = '{case}'"),
            ],
            1,
        ),
    ];
    for (harm, seq) in harms {
        for sql in &harm {
            runtime.store().damage(sql).await;
        }
        runtime.store().forge(&case).await;
        assert_eq!(runtime.verify(None, &[]).await.expect("verified"), [], "{harm:?}");
        let found = runtime.verify(None, &ends).await.expect("verified");
        let named: Vec<_> = found.iter().map(|breach| (breach.case, breach.seq)).collect();
        assert_eq!(named, [(case, seq)], "{found:?}");
        heal(&runtime).await;
    }
    // What goes on after the anchors were taken is no harm.
    let open = runtime.row(&case).await.state.tasks.clone();
    let task = *open.keys().next().expect("an open task");
    runtime.done(&rosa(), &case, register(task, "Ana", "9")).await;
    assert_eq!(runtime.verify(None, &ends).await.expect("verified"), []);
    runtime.store().damage("DELETE FROM cases").await;
    let found = runtime.verify(None, &[]).await.expect("verified");
    assert_eq!(found.len(), ends.len(), "{found:?}");
}
