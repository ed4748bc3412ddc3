//! What tramite is measured with: a procedure of a usual size, and people who work it without thinking.
//!
//! Only commands come from here; who measures decides what they are handed to.

pub mod reference;
