//! `looks_up`: a decision table that a step asks, and the variable that its answer is put into.

use std::sync::Arc;

use super::{Procedure, Step};
use crate::decision::{Outcome, Table};
use crate::diagnostic::{Diagnostics, Sources};
use crate::expression::{Expression, Fault, Map, Scope};
use crate::field::{Field, check_name};
use crate::yaml::{Entries, Node, Spanned, text};

/// `looks_up: { garantia: { in: garantias, with: { consumo: servicio.consumo } } }`.
#[derive(Debug, Clone)]
pub struct LookUp {
    pub variable: Spanned<String>,
    pub table: Spanned<String>,
    /// Inputs with what stands for them; one that is not named here is the variable of its name.
    pub with: Vec<(Spanned<String>, Expression)>,
    /// The table itself, once all files are read; none when there is no such table.
    pub found: Option<Arc<Table>>,
}

/// What stands for an input of the table.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'a> {
    Written(&'a Expression),
    /// The variable that is called like the input.
    Namesake,
}

/// Reads `looks_up`: a table by its id, or `{ in, with }`.
pub(super) fn look_ups(
    entries: &mut Entries<'_>,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Vec<LookUp> {
    let mut list = Vec::new();
    for (variable, node) in entries.pairs("looks_up", found) {
        for part in variable.split('.') {
            check_name(&Spanned::new(part.to_owned(), variable.span), found);
        }
        list.extend(look_up(variable, node, sources, found));
    }
    list
}

fn look_up(
    variable: Spanned<String>,
    node: &Node,
    sources: &Sources,
    found: &mut Diagnostics,
) -> Option<LookUp> {
    if node.text().is_some() {
        let table = text(node, "looks_up", found)?;
        return Some(LookUp { variable, table, with: Vec::new(), found: None });
    }
    let mut entries = Entries::open(node, "a look-up", found)?;
    let table = entries.require_text("in", found);
    let with = entries.pairs("with", found).into_iter();
    let with =
        with.filter_map(|(input, node)| Some((input, Expression::parse(node, sources, found)?)));
    let with = with.collect();
    entries.finish(found);
    Some(LookUp { variable, table: table?, with, found: None })
}

impl Procedure {
    /// Finds the tables that the steps look up.
    pub fn link(&mut self, tables: &[Arc<Table>]) {
        for look_up in self.steps.iter_mut().flat_map(|step| &mut step.looks_up) {
            let table = tables.iter().find(|table| *table.id == *look_up.table);
            look_up.found = table.map(Arc::clone);
        }
    }

    /// The output of a table behind a variable that some step looks up.
    pub fn looked_up(&self, path: &str) -> Option<&Field> {
        let mut look_ups = self.steps.iter().flat_map(|step| &step.looks_up);
        look_ups.find_map(|look_up| look_up.found.as_ref()?.field(&look_up.variable, path))
    }
}

impl LookUp {
    /// The variables that it fills in.
    pub fn leaves(&self) -> Vec<String> {
        match &self.found {
            Some(table) => table.leaves(&self.variable),
            None => vec![self.variable.value.clone()],
        }
    }

    /// What stands for an input.
    pub fn argument(&self, input: &Field) -> Argument<'_> {
        let written = self.with.iter().find(|(name, _)| **name == *input.name);
        written.map_or(Argument::Namesake, |(_, expression)| Argument::Written(expression))
    }

    /// Asks the table; none when there is no such table, which no published version has.
    pub fn decide(
        &self,
        scope: &dyn Scope,
        currency_decimals: u32,
    ) -> Option<Result<Outcome, Fault>> {
        let table = self.found.as_ref()?;
        let mut given = Map::new();
        for input in &table.inputs {
            let value = match self.argument(input) {
                Argument::Written(expression) => expression.evaluate(scope),
                Argument::Namesake => Ok(scope.variable(&input.name).cloned().unwrap_or_default()),
            };
            match value {
                Ok(value) => given.insert(input.name.value.clone(), value),
                Err(fault) => return Some(Err(fault)),
            };
        }
        Some(table.decide(given, scope, currency_decimals))
    }
}

impl Step {
    /// Every variable that a `looks_up` of the step fills in.
    pub fn looked_up(&self) -> impl Iterator<Item = String> {
        self.looks_up.iter().flat_map(LookUp::leaves)
    }
}
