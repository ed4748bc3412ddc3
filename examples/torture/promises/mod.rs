//! The promises, each as something that tries to break it.
//!
//! One file a promise, with a `run` that answers with a line of figures, or with what was broken.
//! `main.rs` beside it runs them at length on demand, `tests/it/torture.rs` shortly in every test
//! run. Nothing here looks into the store: what is checked is what anybody can read.

pub mod audit;
pub mod backup;
pub mod chance;
pub mod claims;
#[path = "../../../tests/it/cluster.rs"]
pub mod cluster;
pub mod contention;
pub mod crash;
pub mod desk;
pub mod determinism;
pub mod fixture;
pub mod ground;
pub mod joins;
pub mod ledger;
pub mod office;
pub mod poison;
pub mod server;
pub mod servers;
pub mod timers;

/// How hard it is tried.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    /// Of whatever is killed, copied or gone through again and again.
    pub rounds: usize,
    pub cases: usize,
    pub clients: usize,
    pub on_postgres: bool,
}
