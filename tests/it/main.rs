//! The integration tests, in one binary so that linking happens once.

mod blocks;
mod broken;
mod cli;
mod crash;
mod cut;
mod engine;
mod fields;
mod limits;
mod office;
mod patterns;
mod rules;
mod tidy;
mod tupiza;
mod world;
