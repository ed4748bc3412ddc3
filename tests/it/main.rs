//! The integration tests, in one binary so that linking happens once.

mod beside;
mod blocks;
mod bpmn;
mod bpmn_harm;
mod bpmn_schema;
mod broken;
mod calendars;
mod cli;
mod cut;
mod data_flow;
mod engine;
mod events;
mod fields;
mod limits;
mod office;
mod patterns;
#[path = "../../examples/torture/promises/mod.rs"]
mod promises;
mod proof;
mod random;
mod rules;
mod slips;
mod tables;
mod tidy;
mod torture;
mod tupiza;
mod world;
