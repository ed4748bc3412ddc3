//! Which element of BPMN a step becomes, by its keys. A new kind of step is a line here.

use crate::yaml::plain::{Table, get};

/// What tells a step that runs by itself, in the order of precedence.
const AUTOMATIC: [(&str, &str); 12] = [
    ("call", "serviceTask"),
    ("job", "serviceTask"),
    ("procedure", "callActivity"),
    ("send", "sendTask"),
    ("wait", "receiveTask"),
    ("sends", "sendTask"),
    ("signals", "sendTask"),
    ("looks_up", "businessRuleTask"),
    ("set", "scriptTask"),
    ("assigns", "scriptTask"),
    ("saves", "scriptTask"),
    ("issues", "scriptTask"),
];

/// The element of a step without branches.
pub fn task(step: &Table) -> &'static str {
    if get(step, "role").is_some() {
        return "userTask";
    }
    let known = AUTOMATIC.iter().find(|(key, _)| get(step, key).is_some());
    known.map_or("task", |(_, element)| element)
}

/// Whether the step is nothing but a choice that the data makes.
pub fn is_bare_choice(step: &Table) -> bool {
    let beside = ["choose", "activity", "erratum"];
    get(step, "choose").is_some() && step.iter().all(|(key, _)| beside.contains(&key.as_str()))
}
