//! BPMN 2.0 in and out: a procedure as a diagram for other tools, and their diagrams as a procedure.
//!
//! `export` and `import` are each other's reverse. What a procedure says and BPMN has no element for
//! travels in `extensionElements` under a namespace of tramite; what a diagram shows and a procedure
//! can't say is told, element by element. The command line calls both. Neither runs or publishes
//! anything.

mod export;
mod import;
mod keys;
mod name;
mod xml;

pub use export::{Titles, export};
pub use import::{Imported, import};
pub use xml::{MAX_BYTES, decode};
