//! Numbers and money with a place's digits and separators.
//!
//! Rounding is away from zero at the half, as on paper. Every number that is grouped is grouped
//! from a thousand on: CLDR's habit of writing 1234,50 beside 12.345,50 in `es` or `pl` makes
//! columns of money hard to read. Used through [`Language`] only.

use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal as Digits;
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::provider::{Baked, DecimalDigitsV1, DecimalSymbolsV1};
use icu_locale_core::Locale;
use icu_provider::{DataError, DataProvider, DataRequest, DataResponse};
use rust_decimal::{Decimal, RoundingStrategy};

use super::Language;

/// The two ways of writing a number of one locale. Absent where icu has no data at all, which its
/// fallback to the root locale rules out; then numbers come as ASCII.
pub(super) struct Numbers {
    grouped: Option<DecimalFormatter>,
    plain: Option<DecimalFormatter>,
}

impl Numbers {
    pub(super) fn new(locale: &Locale) -> Self {
        let with = |strategy: GroupingStrategy| {
            let options = DecimalFormatterOptions::from(strategy);
            DecimalFormatter::try_new_unstable(&AlwaysGrouped, locale.into(), options).ok()
        };
        Self { grouped: with(GroupingStrategy::Always), plain: with(GroupingStrategy::Never) }
    }
}

impl Language {
    /// A number with exactly so many decimals: `1.234,50` in La Paz.
    pub fn number(&self, number: &Decimal, decimals: u32) -> String {
        let rounded =
            number.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        // -0.001 is nothing when two decimals are shown, not "minus nothing".
        let rounded = if rounded.is_zero() { Decimal::ZERO } else { rounded };
        written(&format!("{rounded:.*}", decimals as usize), self.0.numbers.grouped.as_ref())
    }

    /// A number as it was filled in: its own decimals, no groups. For numbers that are names (a
    /// subscriber's, a row's) as much as for quantities.
    pub fn plain_number(&self, number: &Decimal) -> String {
        written(&number.normalize().to_string(), self.0.numbers.plain.as_ref())
    }

    /// An amount with its currency: `Bs 1.234,50`. Between them stands a no-break space (U+00A0).
    pub fn money(&self, amount: &Decimal, symbol: &str, decimals: u32) -> String {
        let amount = self.number(amount, decimals);
        self.text("money", &[("symbol", symbol.into()), ("amount", amount.into())])
    }
}

fn written(ascii: &str, formatter: Option<&DecimalFormatter>) -> String {
    match (formatter, Digits::try_from_str(ascii)) {
        (Some(formatter), Ok(digits)) => formatter.format(&digits).to_string(),
        _ => ascii.to_owned(),
    }
}

/// icu's own data, except that groups begin at four digits everywhere.
struct AlwaysGrouped;

impl DataProvider<DecimalSymbolsV1> for AlwaysGrouped {
    fn load(&self, request: DataRequest) -> Result<DataResponse<DecimalSymbolsV1>, DataError> {
        let mut response = DataProvider::<DecimalSymbolsV1>::load(&Baked, request)?;
        response.payload.with_mut(|symbols| symbols.grouping_sizes.min_grouping = 1);
        Ok(response)
    }
}

impl DataProvider<DecimalDigitsV1> for AlwaysGrouped {
    fn load(&self, request: DataRequest) -> Result<DataResponse<DecimalDigitsV1>, DataError> {
        DataProvider::<DecimalDigitsV1>::load(&Baked, request)
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    fn number(language: &str, number: &str, decimals: u32) -> String {
        Language::parse(language).number(&Decimal::from_str(number).expect("a decimal"), decimals)
    }

    #[test]
    fn thousands_are_grouped_from_the_first_on() {
        for spanish in ["es-BO", "es", "es-ES"] {
            assert_eq!(number(spanish, "1234.5", 2), "1.234,50");
            assert_eq!(number(spanish, "12345678.5", 2), "12.345.678,50");
            assert_eq!(number(spanish, "999", 0), "999");
        }
        assert_eq!(number("en", "1234.5", 2), "1,234.50");
        assert_eq!(number("fa", "1234.5", 2), "۱٬۲۳۴٫۵۰");
        assert_eq!(number("qu-BO", "1234.5", 2), "1.234,50");
        assert_eq!(number("pl", "1234.5", 2), "1\u{a0}234,50");
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(number("es-BO", "0.005", 2), "0,01");
        assert_eq!(number("es-BO", "2.5", 0), "3");
        assert_eq!(number("es-BO", "-1234.565", 2), "-1.234,57");
        assert_eq!(number("es-BO", "-0.001", 2), "0,00");
        assert_eq!(number("es-BO", "7", 3), "7,000");
    }

    #[test]
    fn plain_numbers_have_their_own_decimals_and_no_groups() {
        let plain = |language: &str, number: &str| {
            Language::parse(language).plain_number(&Decimal::from_str(number).expect("a decimal"))
        };
        assert_eq!(plain("es-BO", "20001"), "20001");
        assert_eq!(plain("es-BO", "12.50"), "12,5");
        assert_eq!(plain("fa", "20001.5"), "۲۰۰۰۱٫۵");
    }

    #[test]
    fn money_has_its_symbol_where_the_language_puts_it() {
        let amount = Decimal::from_str("1234.5").expect("a decimal");
        let money = |language: &str, symbol| Language::parse(language).money(&amount, symbol, 2);
        assert_eq!(money("es-BO", "Bs"), "Bs\u{a0}1.234,50");
        assert_eq!(money("en", "Bs"), "Bs\u{a0}1,234.50");
        assert_eq!(money("fa", "ریال"), "۱٬۲۳۴٫۵۰\u{a0}ریال");
        assert_eq!(money("fa", "Bs"), "۱٬۲۳۴٫۵۰\u{a0}\u{2068}Bs\u{2069}");
    }
}
