//! Sentences, days and amounts in the reader's language, at the organisation's place and time.
//!
//! Every page has one. It adds to [`Language`] what only a screen needs: how far off a term is, seen
//! from now, and how a number is written so that it can be typed back.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::language::{Arg, Language};
use crate::organisation::Currency;

/// Terms farther off than this are said as a date.
const NEAR_DAYS: i32 = 14;

#[derive(Debug, Clone)]
pub(super) struct Speaker {
    pub(super) language: Language,
    pub(super) zone: TimeZone,
    pub(super) currency: Currency,
    pub(super) now: Timestamp,
}

/// A term as it is shown: in relative words, and exactly.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Term {
    pub(super) words: String,
    pub(super) exact: String,
    /// `late`, `today` or `later`: said by an icon and a word too, never by colour alone.
    pub(super) urgency: &'static str,
}

impl Speaker {
    pub(super) fn t(&self, key: &str, args: &[(&str, Arg<'_>)]) -> String {
        self.language.text(key, args)
    }

    pub(super) fn today(&self) -> Date {
        self.day(self.now)
    }

    fn day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    fn clock(&self, at: Timestamp) -> String {
        self.language.time(self.zone.to_datetime(at).time())
    }

    /// Days from today to the day of `at`.
    fn days_to(&self, at: Timestamp) -> i32 {
        self.today().until(self.day(at)).map_or(0, |span| span.get_days())
    }

    pub(super) fn date(&self, date: Date) -> String {
        self.language.date(date)
    }

    /// An instant in full.
    pub(super) fn exact(&self, at: Timestamp) -> String {
        self.language.instant(at, &self.zone)
    }

    /// An instant as one says it: the time alone for today, else the day too.
    pub(super) fn when(&self, at: Timestamp) -> String {
        let time = || Arg::from(self.clock(at));
        match self.days_to(at) {
            0 => self.t("web-when-today", &[("time", time())]),
            -1 => self.t("web-when-yesterday", &[("time", time())]),
            1 => self.t("web-when-tomorrow", &[("time", time())]),
            _ => self.exact(at),
        }
    }

    /// By when something is due, seen from now.
    pub(super) fn due(&self, at: Timestamp) -> Term {
        let days = self.days_to(at);
        let time = || Arg::from(self.clock(at));
        let is_late = at < self.now;
        let words = match (is_late, days) {
            (true, 0) => self.t("web-late-today", &[("time", time())]),
            (true, -1) => self.t("web-late-yesterday", &[("time", time())]),
            (true, _) => self.t("web-late-days", &[("count", i64::from(-days).into())]),
            (false, 0) => self.t("web-due-today", &[("time", time())]),
            (false, 1) => self.t("web-due-tomorrow", &[("time", time())]),
            (false, 2..=NEAR_DAYS) => self.t("web-due-days", &[("count", i64::from(days).into())]),
            _ => self.t("web-due-on", &[("date", self.date(self.day(at)).into())]),
        };
        let urgency = match (is_late, days) {
            (true, _) => "late",
            (false, 0) => "today",
            _ => "later",
        };
        Term { words, exact: self.exact(at), urgency }
    }

    /// The number of a step in the reader's digits; numbers of documents are names and stay as printed.
    pub(super) fn step(&self, id: &str) -> String {
        let digit = |digit: u32| self.language.plain_number(&Decimal::from(digit));
        id.chars()
            .map(|letter| letter.to_digit(10).map_or_else(|| letter.to_string(), digit))
            .collect()
    }

    /// An amount of the organisation's currency.
    pub(super) fn money(&self, amount: &Decimal, decimals: u32) -> String {
        self.language.money(amount, &self.currency.symbol, decimals)
    }

    /// A number for an input: as people type it here, and such that reading it back can't be a guess.
    /// `1,125` could be eleven hundred and twenty-five, `1,1250` can't.
    pub(super) fn typed_number(&self, number: &Decimal) -> String {
        let number = number.normalize();
        let typed = self.language.plain_number(&number);
        if number.scale() == 3 {
            return typed + &self.language.plain_number(&Decimal::ZERO);
        }
        typed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::parse_number;

    fn speaker(now: &str) -> Speaker {
        Speaker {
            language: Language::parse("es-BO"),
            zone: TimeZone::get("America/La_Paz").expect("zone"),
            currency: Currency { code: "BOB".into(), symbol: "Bs".into(), decimals: 2 },
            now: now.parse().expect("instant"),
        }
    }

    #[test]
    fn a_term_is_told_from_now() {
        let speaker = speaker("2026-11-23T15:00:00Z"); // 11:00 in Tupiza
        let due = |at: &str| {
            let term = speaker.due(at.parse().expect("instant"));
            (term.words, term.urgency)
        };
        assert_eq!(due("2026-11-23T22:30:00Z"), ("Vence hoy a las 18:30".into(), "today"));
        assert_eq!(due("2026-11-23T14:00:00Z"), ("Venció hoy a las 10:00".into(), "late"));
        assert_eq!(due("2026-11-24T22:30:00Z"), ("Vence mañana a las 18:30".into(), "later"));
        assert_eq!(due("2026-11-26T22:30:00Z"), ("Vence en 3 días".into(), "later"));
        assert_eq!(due("2026-11-20T22:30:00Z"), ("Vencida hace 3 días".into(), "late"));
        assert_eq!(due("2026-12-31T22:30:00Z"), ("Vence el 31/12/2026".into(), "later"));
    }

    #[test]
    fn a_number_in_an_input_reads_back_as_itself() {
        let speaker = speaker("2026-11-23T15:00:00Z");
        for text in ["1.125", "12.5", "0.125", "1234567", "-3.125", "15"] {
            let number: Decimal = text.parse().expect("a decimal");
            let typed = speaker.typed_number(&number);
            assert_eq!(parse_number(&typed), Ok(number), "{text} was written {typed}");
        }
    }
}
