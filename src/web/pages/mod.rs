//! The pages, one file each: what the template sees, the GET, the POST.

pub(super) mod board;
pub(super) mod cancel;
pub(super) mod case;
pub(super) mod cases;
pub(super) mod claim;
pub(super) mod document;
pub(super) mod health;
pub(super) mod items;
pub(super) mod job;
pub(super) mod language;
pub(super) mod ledgers;
pub(super) mod made;
pub(super) mod movements;
pub(super) mod queue;
pub(super) mod refused;
pub(super) mod report;
pub(super) mod reports;
pub(super) mod sign_in;
pub(super) mod sign_out;
pub(super) mod start;
pub(super) mod task;
