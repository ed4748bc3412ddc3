//! Conditions and computed values: minijinja's syntax, with our own types and our own arithmetic.
//!
//! minijinja parses, so that an owner learns one language for conditions and documents. Checking and
//! evaluating are ours because a written procedure must not say that `'10' > 9` or that
//! `0.1 + 0.2 != 0.3`: numbers are exact decimals, a comparison of different types is a mistake found
//! before publishing, and every name has a place to point at. No loops, so no fuel is needed here:
//! an expression costs at most its length times the rows that it sums.

mod ast;
mod evaluate;
mod line;
mod parse;
mod reads;
mod slip;
mod spoken;
mod types;
mod value;

pub use ast::{Binary, Comparison, Expr, Expression, Part};
pub use evaluate::{Fault, Layer, Scope, Within};
pub use line::{Line, Piece};
pub use reads::{
    Read, TemplateReads, known_where_it_fails, known_where_it_holds, reads_of_expression,
    reads_of_template,
};
pub use spoken::Spoken;
pub use types::{Type, Types};
pub use value::{MAX_DIGITS, Map, Value};
