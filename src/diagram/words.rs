//! The drawing's own few words. Everything else on it is the procedure's.
//!
//! They stand here and not in the catalogs because nobody else says them.

use crate::language::Language;

/// What the drawing says by itself.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    /// The lane of the steps that run by themselves.
    pub automatic: &'static str,
    /// The branch that is taken when no other is.
    pub otherwise: &'static str,
}

pub fn words(language: &Language) -> Words {
    match language.base() {
        "es" => Words { automatic: "Automático", otherwise: "en otro caso" },
        "fa" => Words { automatic: "خودکار", otherwise: "در غیر این صورت" },
        _ => Words { automatic: "Automatic", otherwise: "otherwise" },
    }
}
