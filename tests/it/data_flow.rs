//! What is there when it is read: small procedures in which a way leads past what fills something in, each
//! beside one in which none does.

use tramite::diagnostic::Severity;
use tramite::library::Files;

use crate::office::text;
use crate::world::read;

/// The codes of the errors.
fn errors(steps: &str) -> Vec<&'static str> {
    let (_, found) = read(&Files::from([("office.yaml".to_owned(), text(steps))]));
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.code).collect()
}

const ASK: &str = "  1: { role: clerk, activity: Ask, form: request }\n";

/// The last two steps: the first of them reads the answer.
fn read_behind(steps: &str) -> String {
    let (one, two) = (behind(steps), behind(steps) + 1);
    format!(
        "{ASK}{steps}  {one}: {{ role: boss, activity: Read, choose: [{{ when: answer.ok, go: {two} }}, {{ go: \
         {two} }}] }}\n  {two}: {{ role: boss, activity: End }}\n"
    )
}

/// The next number.
fn behind(steps: &str) -> usize {
    let first = |line: &str| line.trim().split(':').next()?.parse::<usize>().ok();
    1 + steps.lines().filter_map(first).max().expect("a step")
}

/// Nobody reads anything behind these.
fn ended(steps: &str) -> String {
    format!("{ASK}{steps}  {}: {{ role: boss, activity: End }}\n", behind(steps))
}

fn not_filled_in(steps: &str) {
    assert_eq!(errors(&read_behind(steps)), ["not_filled_in"], "{steps}");
}

fn sound(steps: &str) {
    assert_eq!(errors(&read_behind(steps)), Vec::<&str>::new(), "{steps}");
}

fn side_by_side(one: &str, other: &str) -> String {
    let (one, other) = (format!("        {one}\n"), format!("        {other}\n"));
    format!("  2:\n    parallel:\n      a:\n{one}      b:\n{other}")
}

#[test]
fn a_step_that_is_passed_over_fills_in_nothing() {
    let clerk = "3: { role: clerk, activity: Work }";
    not_filled_in(&side_by_side(
        clerk,
        "4: { role: boss, activity: Answer, form: answer, enabled_while: 3 }",
    ));
    sound(&side_by_side(clerk, "4: { role: boss, activity: Answer, form: answer }"));
    // Whoever passes it over goes by its own conditions, too.
    let choose = "choose: [{ when: answer.ok, go: join }, { go: join }]";
    let asked =
        format!("4: {{ role: boss, activity: Answer, form: answer, enabled_while: 3, {choose} }}");
    let steps = ended(&side_by_side(clerk, &asked));
    assert_eq!(errors(&steps), ["not_filled_in"]);
    // Who decided has done it; who passes it over goes on with what follows.
    let decide = "decide: { On: join }";
    let asked = format!(
        "4: {{ role: boss, activity: Answer, form: answer, enabled_while: 3, {decide} }}\n        5: {{ role: \
         boss, activity: Later }}"
    );
    not_filled_in(&side_by_side(clerk, &asked));
}

#[test]
fn a_branch_that_is_taken_away_fills_in_nothing() {
    let answer = "3: { role: clerk, activity: Answer, form: answer }";
    not_filled_in(&side_by_side(answer, "4: { role: boss, activity: Drop, cancels: [3] }"));
    not_filled_in(&side_by_side(answer, "4: { role: boss, activity: Drop, cancels: [a] }"));
    // The one that takes away has done its own work.
    sound(&side_by_side(
        "3: { role: clerk, activity: Work }",
        "4: { role: boss, activity: Drop, form: answer, cancels: [3] }",
    ));
}

#[test]
fn what_a_block_asks_is_there() {
    let inside = "    steps:\n      3: { role: clerk, activity: Work }\n";
    not_filled_in(&format!(
        "  2:\n    each: {{ times: \"1 if answer.ok else 2\" }}\n{inside}  4: {{ role: clerk, activity: A, form: answer }}\n"
    ));
    not_filled_in(&format!(
        "  2:\n    each: {{ in: orders }}\n{inside}  4: {{ role: clerk, activity: A, form: [orders, answer] }}\n"
    ));
    not_filled_in(&format!(
        "  2:\n    repeat: {{ while: answer.ok, at_most: 2 }}\n{inside}  4: {{ role: clerk, activity: A, form: answer }}\n"
    ));
    not_filled_in(&format!(
        "  2:\n    repeat: {{ until: answer.ok, at_most: 2 }}\n{inside}  4: {{ role: clerk, activity: A, form: answer }}\n"
    ));
    sound(
        "  2:\n    repeat: { until: answer.ok }\n    steps:\n      3: { role: clerk, activity: A, form: answer }\n",
    );
    let two = side_by_side(
        "3: { role: clerk, activity: Answer, form: answer }",
        "4: { role: boss, activity: Work }",
    );
    let end = "  5: { role: clerk, activity: A, form: orders }\n";
    let when = "    join: { when: answer.ok, rest: finish }\n";
    let steps = format!("{ASK}{two}{when}{end}");
    assert_eq!(errors(&steps), ["not_filled_in"]);
    let when = "    join: { when: visits('3') > 0 and amount > 5, rest: finish }\n";
    assert_eq!(errors(&format!("{ASK}{two}{when}{end}")), Vec::<&str>::new());
}

#[test]
fn a_join_that_may_wait_for_nobody_leaves_nothing() {
    let three = |count: &str| {
        format!(
            "  2:\n    each: {{ times: 2 }}\n    steps:\n      3: {{ role: clerk, activity: Work }}\n  4:\n    \
             parallel:\n      a:\n        5: {{ role: clerk, activity: Answer, form: answer }}\n      b:\n        6: {{ \
             role: boss, activity: Work }}\n    join: {{ first: {count}, rest: finish }}\n"
        )
    };
    not_filled_in(&three("\"amount // 2000\""));
    sound(&three("2"));
}

#[test]
fn nobody_fills_in_what_another_one_fills_in_too() {
    let form = "{ role: clerk, activity: Answer, form: answer }";
    let twice = "  2: { role: clerk, activity: Twice, spawn: 2 }\n";
    let steps = ended(&format!("{twice}  3: {form}\n"));
    assert_eq!(errors(&steps), ["written_at_once"]);
    let joined = "  3: { role: clerk, activity: Together, join: { tokens: 2 }, form: answer }\n";
    let steps = ended(&format!("{twice}{joined}"));
    assert_eq!(errors(&steps), Vec::<&str>::new());
    let two = side_by_side("3: { role: clerk, activity: A }", "4: { role: boss, activity: B }");
    let steps = ended(&format!("{two}    join: none\n  5: {form}\n"));
    assert_eq!(errors(&steps), ["written_at_once"]);
    let steps = ended(&format!("{two}    join: queue\n  5: {form}\n"));
    assert_eq!(errors(&steps), Vec::<&str>::new());
    // What is reckoned is reckoned for each.
    let steps = ended(&format!("{two}    join: none\n  5: {{ set: {{ n: \"visits('5')\" }} }}\n"));
    assert_eq!(errors(&steps), Vec::<&str>::new());
}

#[test]
fn what_is_handed_back_is_there_at_every_end() {
    let office = |into: &str, output: &str| {
        let asked = format!(
            "  1: {{ role: clerk, activity: A }}\n  2: {{ procedure: other, into: {{ back: {{ {into} }} }} }}\n"
        );
        let other = format!(
            "---\nprocedure: other\ntitle: Other\ninputs: {{}}\noutputs: {{ ok: {output} }}\ncancels: {{ by: boss \
             }}\nsteps:\n  1: {{ role: clerk, activity: A, decide: {{ Well: {{}}, Badly: {{ end: refused }} }} }}\n  \
             2: {{ role: clerk, activity: B, form: answer }}\n"
        );
        errors(&format!("{asked}{other}"))
    };
    assert_eq!(office("outcome: text, ok: yes_no", "answer.ok"), ["not_filled_in"]);
    assert_eq!(office("outcome: text, ok: optional yes_no", "answer.ok"), Vec::<&str>::new());
    assert_eq!(office("outcome: text", "answer.ok"), Vec::<&str>::new());
    assert_eq!(office("ok: yes_no", "\"answer.ok is defined\""), Vec::<&str>::new());
}

/// What happens meanwhile takes its time: nobody goes round for ever.
#[test]
fn a_block_that_a_message_begins_again_is_sound() {
    let steps = "  2:\n    each: { times: amount // 400 }\n    steps:\n      3: { role: boss, activity: Work }\n    \
                 on: { message: withdrawn, key: \"{{ person.id }}\", go: 2 }\n";
    assert_eq!(errors(&ended(steps)), Vec::<&str>::new());
}

#[test]
fn what_another_procedure_needs_is_not_given_empty() {
    let office = |given: &str, inputs: &str| {
        let asked = format!(
            "  1: {{ role: clerk, activity: A, form: more }}\n  2: {{ procedure: other, with: {{ {given} }} }}\n"
        );
        let form = "---\nform: more\ntitle: More\nfields:\n  note: { label: Note, optional: true }\n  \
                    who: { label: Who, fields: { id: { label: Id }, mail: { label: Mail, optional: true } } }\n";
        let other = format!(
            "---\nprocedure: other\ntitle: Other\ninputs: {{ {inputs} }}\ncancels: {{ by: boss \
             }}\nsteps:\n  1: {{ role: clerk, activity: A }}\n"
        );
        errors(&format!("{asked}{form}{other}"))
    };
    assert_eq!(office("note: note", "note: text"), ["not_filled_in"]);
    assert_eq!(office("note: note", "note: optional text"), Vec::<&str>::new());
    assert_eq!(office("note: \"note | default('x')\"", "note: text"), Vec::<&str>::new());
    assert_eq!(office("who: who", "who: { id: text, mail: text }"), ["not_filled_in"]);
    assert_eq!(office("who: who", "who: { id: text }"), Vec::<&str>::new());
    let sends = "  2: { role: boss, activity: B, sends: { message: paid, key: x, with: { amount: sum } } }\n---\n\
                 form: more\ntitle: More\nfields: { sum: { label: Sum, type: money, optional: true } }\n";
    let asked = "  1: { role: clerk, activity: A, form: more }\n";
    assert_eq!(errors(&format!("{asked}{sends}")), ["not_filled_in"]);
}
