//! The integration tests, in one binary so that linking happens once.

mod broken;
mod cli;
mod cut;
mod engine;
mod fields;
mod limits;
#[path = "../../examples/torture/promises/mod.rs"]
mod promises;
mod rules;
mod tidy;
mod torture;
mod tupiza;
mod world;
