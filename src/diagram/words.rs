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
    /// The way of a machine that did what it was asked for.
    pub done: &'static str,
    /// Branches that all begin, and those of which some do.
    pub at_once: &'static str,
    pub as_needed: &'static str,
    /// Branches one at a time, one for each item, and rounds of the same steps.
    pub any_order: &'static str,
    pub each: &'static str,
    pub repeat: &'static str,
    /// When there is no item; how long rounds go on; and what is special about a step.
    pub no_item: &'static str,
    pub until: &'static str,
    pub as_long_as: &'static str,
    pub one_at_a_time: &'static str,
    pub one_of_all: &'static str,
    pub only_while: &'static str,
    pub withdraws: &'static str,
    pub waits_for_all: &'static str,
    /// Branches of which the first in which something happens is worked.
    pub first: &'static str,
}

pub fn words(language: &Language) -> Words {
    match language.base() {
        "es" => Words {
            automatic: "Automático",
            otherwise: "en otro caso",
            done: "hecho",
            at_once: "A la vez",
            as_needed: "Según el caso",
            any_order: "En cualquier orden",
            each: "Para cada uno",
            repeat: "Se repite",
            no_item: "si no hay ninguno",
            until: "hasta que",
            as_long_as: "mientras",
            one_at_a_time: "de uno en uno",
            one_of_all: "un trámite a la vez",
            only_while: "solo mientras está en",
            withdraws: "deja sin efecto",
            waits_for_all: "espera lo que falta",
            first: "Lo que ocurra primero",
        },
        "fa" => Words {
            automatic: "خودکار",
            otherwise: "در غیر این صورت",
            done: "انجام شد",
            at_once: "هم‌زمان",
            as_needed: "بسته به مورد",
            any_order: "به هر ترتیب",
            each: "برای هر یک",
            repeat: "تکرار می‌شود",
            no_item: "اگر موردی نباشد",
            until: "تا وقتی که",
            as_long_as: "مادامی که",
            one_at_a_time: "یکی‌یکی",
            one_of_all: "هر بار یک پرونده",
            only_while: "فقط تا وقتی در مرحلهٔ",
            withdraws: "لغو می‌کند",
            waits_for_all: "منتظر بقیه می‌ماند",
            first: "هرکدام زودتر رخ دهد",
        },
        _ => Words {
            automatic: "Automatic",
            otherwise: "otherwise",
            done: "done",
            at_once: "At once",
            as_needed: "As needed",
            any_order: "In any order",
            each: "For each",
            repeat: "Repeated",
            no_item: "if there is none",
            until: "until",
            as_long_as: "while",
            one_at_a_time: "one at a time",
            one_of_all: "one case at a time",
            only_while: "only while at",
            withdraws: "withdraws",
            waits_for_all: "waits for the others",
            first: "Whatever comes first",
        },
    }
}
