//! Forms of a step: from fields to inputs, and from what was typed to a submission.
//!
//! ```text
//!   GET   case data, defaults ── prefill ──┐
//!   POST  what was sent ──────── typed ────┼─▶ raw ── reckon ─▶ values and problems ── view ─▶ inputs
//! ```
//!
//! `raw` is what stands in the inputs, letter by letter: it goes to the engine unread, and comes back
//! into the inputs when the engine says no. `reckon` is a rehearsal that changes nothing: it shows what
//! is computed and which fields are asked for. Whether the step may be completed, the engine decides.

mod inputs;
mod lookup;
mod prefill;
mod problems;
mod reckon;
mod registers;
mod rows;
mod typed;
mod view;

pub(super) use inputs::FormView;
pub(super) use lookup::{Looked, look_up};
pub(super) use prefill::{Sources, blank_row, prefill};
pub(super) use problems::{Line, Problems};
pub(super) use reckon::{Reckoned, reckon};
pub(super) use registers::Registers;
pub(super) use typed::typed;
pub(super) use view::forms;
