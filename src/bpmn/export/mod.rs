//! A procedure as a BPMN 2.0 diagram.
//!
//! It works on the file's own tables: what has an element becomes one, and what has none travels as
//! YAML with the element of its step, so that a key which the language gets tomorrow is carried
//! today. `flow` makes the elements, `draw` says where they stand, `page` writes them.

mod draw;
mod event;
mod flow;
mod kind;
mod model;
mod page;
mod way;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::procedure::{self, Procedure, Target};
use crate::yaml::Node;
use crate::yaml::plain::Plain;

/// What roles and documents are called, by their ids; whoever is not named is shown by the id.
#[derive(Debug, Default)]
pub struct Titles {
    pub roles: BTreeMap<String, String>,
    pub documents: BTreeMap<String, String>,
}

/// The diagram of a procedure's file, as XML. None when the file can't be read as a procedure, which
/// is reported.
pub fn export(
    node: &Node,
    sources: &Sources,
    titles: &Titles,
    found: &mut Diagnostics,
) -> Option<String> {
    let mut wrong = Diagnostics::default();
    let procedure = procedure::decode(node, sources, &mut wrong);
    if let Some(procedure) = &procedure {
        report_lost_ways(procedure, &mut wrong);
    }
    let is_fine = !wrong.has_errors();
    found.extend(wrong);
    procedure.filter(|_| is_fine)?;
    let Plain::Table(table) = Plain::of(node) else { return None };
    let model = flow::model(table, titles);
    Some(page::write(&model, &draw::draw(&model)))
}

/// An arrow must lead somewhere.
fn report_lost_ways(procedure: &Procedure, found: &mut Diagnostics) {
    let steps = &procedure.steps;
    let known: BTreeSet<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    for target in steps.iter().flat_map(|step| step.targets()) {
        let Target::Go(to) = target else { continue };
        if !known.contains(to.as_str()) {
            found.push(
                Diagnostic::new("unknown_step", to.span, format!("there is no step {}", to.value))
                    .label("an arrow would lead nowhere")
                    .suggest(to, steps.iter().map(|step| step.id.as_str())),
            );
        }
    }
}
