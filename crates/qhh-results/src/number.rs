//! Numbers and units as a reader sees them: rounded, with a real minus sign and powers of ten in superscript.
//!
//! Files keep every digit; this is for pages and terminals.

use qhh_core::units::{Dimension, UnitSystem, rounded};

/// A number to four digits, for reading: `5.951`, `-65`, `1.2e-7`.
pub fn short(value: f64) -> String {
    let rounded = rounded(value, 4);
    if rounded == 0.0 {
        return "0".to_owned();
    }
    if (1e-3..1e6).contains(&rounded.abs()) { format!("{rounded}") } else { format!("{rounded:e}") }
}

/// Bytes as a number of the largest unit of which there is one.
pub fn bytes(bytes: f64) -> (f64, &'static str) {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    units
        .into_iter()
        .find(|unit| bytes >= unit.0)
        .map_or((bytes, "bytes"), |(factor, unit)| (bytes / factor, unit))
}

/// On which side of the vacuum's a variance is that is so many dB below it.
pub fn side_of_vacuum(db: f64) -> &'static str {
    if db < 0.0 { "above" } else { "below" }
}

/// `value` rounded to `digits` significant digits: `-65`, `0.3`, `1.2 × 10⁻⁷`.
pub fn number(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    if !value.is_finite() {
        return if value.is_nan() {
            "not a number"
        } else if value > 0.0 {
            "∞"
        } else {
            "−∞"
        }
        .to_owned();
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let text = if (-3..6).contains(&exponent) {
        let shown = i32::try_from(digits).unwrap_or(1);
        let decimals = usize::try_from(shown - 1 - exponent).unwrap_or(0);
        trim(&format!("{value:.decimals$}")).to_owned()
    } else {
        format!("{}\u{202f}×\u{202f}10{}", trim(mantissa), superscript(exponent))
    };
    text.replace('-', "−")
}

/// `value` and its standard error to two digits of the error: `0.343 ± 0.012`; a dash where there is none.
pub fn within(value: f64, error: f64) -> String {
    if !value.is_finite() || !error.is_finite() {
        return "–".to_owned();
    }
    if error <= 0.0 {
        return number(value, 4);
    }
    let (size, blur) = (value.abs().max(error).log10().floor(), error.log10().floor());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 2 and 12")]
    let digits = (size - blur + 2.0).min(12.0) as usize;
    if (-3.0..6.0).contains(&size) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 12")]
        let decimals = (1.0 - blur).clamp(0.0, 12.0) as usize;
        format!("{value:.decimals$}\u{a0}±\u{a0}{error:.decimals$}").replace('-', "−")
    } else {
        format!("{}\u{a0}±\u{a0}{}", number(value, digits), number(error, 2))
    }
}

/// `value` with the symbol of its unit, joined by a space that does not break.
pub fn quantity(units: UnitSystem, value: f64, dimension: Dimension, digits: usize) -> String {
    join(&number(value, digits), &symbol(units, dimension))
}

/// Symbol of the system's unit as print has it: `µA`, `kΩ`; empty in `raw` and for numbers.
pub fn symbol(units: UnitSystem, dimension: Dimension) -> String {
    printed(units.symbol(dimension))
}

/// The symbol of a unit as print has it.
pub fn printed(unit: &str) -> String {
    unit.replace("Ohm", "Ω").replace("uA", "µA").replace("uF", "µF")
}

/// A number and a unit, the unit possibly empty.
pub fn join(number: &str, unit: &str) -> String {
    if unit.is_empty() { number.to_owned() } else { format!("{number}\u{a0}{unit}") }
}

/// A whole number in groups of three: `12 000`.
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (k, digit) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) && digits.len() > 4 {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `1 spike`, `3 spikes`: a count and its noun.
pub fn counted(value: usize, noun: &str) -> String {
    format!("{} {noun}{}", count(value), if value == 1 { "" } else { "s" })
}

/// A span on the clock: `12 ms`, `3.4 s`, `5 min 20 s`.
pub fn clock(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        "unknown".to_owned()
    } else if seconds < 0.9995 {
        join(&number(seconds * 1e3, 3), "ms")
    } else if seconds < 119.5 {
        join(&number(seconds, 3), "s")
    } else {
        let whole = seconds.round();
        let (minutes, rest) = ((whole / 60.0).floor(), whole % 60.0);
        if minutes < 120.0 {
            format!("{minutes}\u{a0}min {rest}\u{a0}s")
        } else {
            format!("{}\u{a0}h {}\u{a0}min", (minutes / 60.0).floor(), minutes % 60.0)
        }
    }
}

fn superscript(exponent: i32) -> String {
    exponent
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
        })
        .collect()
}

fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_and_set_as_print_has_them() {
        let cases = [
            (-65.0, "−65"),
            (0.3, "0.3"),
            (123_456.0, "123456"),
            (99_999.9, "100000"),
            (0.001_234_56, "0.001235"),
            (1.2e-7, "1.2\u{202f}×\u{202f}10⁻⁷"),
            (-4e23, "−4\u{202f}×\u{202f}10²³"),
            (f64::INFINITY, "∞"),
            (0.0, "0"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value, 4), text);
        }
    }

    #[test]
    fn an_error_decides_how_many_digits_are_shown() {
        assert_eq!(within(0.343_023_9, 0.012_235), "0.343\u{a0}±\u{a0}0.012");
        assert_eq!(within(98.5, 0.607), "98.50\u{a0}±\u{a0}0.61");
        assert_eq!(within(-1234.5, 61.0), "−1234\u{a0}±\u{a0}61");
        assert_eq!(within(0.5, 0.0), "0.5");
        assert_eq!(within(3.2e-8, 1e-9), "3.2\u{202f}×\u{202f}10⁻⁸\u{a0}±\u{a0}1\u{202f}×\u{202f}10⁻⁹");
        assert_eq!(within(f64::NAN, 0.1), "–");
    }

    #[test]
    fn counts_and_clocks_read_well() {
        assert_eq!(count(1234), "1234");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(counted(1, "spike"), "1 spike");
        assert_eq!(clock(0.0123), "12.3\u{a0}ms");
        assert_eq!(clock(3725.0), "62\u{a0}min 5\u{a0}s");
    }

    #[test]
    fn numbers_for_reading_have_four_digits() {
        let texts = [5.951_34, -65.0, 0.0, 1.234_56e-7, 123_456.0, f64::NAN].map(short);
        assert_eq!(texts, ["5.951", "-65", "0", "1.235e-7", "123500", "NaN"]);
    }
}
