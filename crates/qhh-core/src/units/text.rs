//! Names of units and numbers, read from text.

use super::{Dimension, dimension};

/// A unit: `factor * 10^exponent` of the SI unit of its dimension. The exponent is kept whole so that a unit of the
/// system itself changes no digit.
pub(super) struct Unit {
    pub(super) factor: f64,
    pub(super) exponent: i32,
    pub(super) dimension: Dimension,
    /// Whether hertz stands beside another unit, or in a power.
    pub(super) hertz_in_product: bool,
}

impl Unit {
    /// Reads a product of powers of units; the unreadable part as the error.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut unit = Self { factor: 1.0, exponent: 0, dimension: Dimension::NUMBER, hertz_in_product: false };
        let (mut words, mut hertz) = (0, 0);
        let mut sign = 1;
        let mut rest = text;
        let mut empty = true;
        while let Some(start) = rest.find(|c: char| !matches!(c, ' ' | '*' | '·')) {
            rest = &rest[start..];
            if let Some(after) = rest.strip_prefix('/') {
                sign = -1;
                rest = after;
                empty = true;
                continue;
            }
            let end = rest.find([' ', '*', '·', '/']).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            let (atom, power) = split_power(word).ok_or_else(|| text.to_owned())?;
            let power = power * sign;
            // `1/ms` divides one by a unit; a bare 1 elsewhere is no unit.
            if !(atom == "1" && tail.trim_start().starts_with('/')) {
                let known = atom_unit(atom).ok_or_else(|| word.to_owned())?;
                unit.factor *= known.factor.powi(i32::from(power));
                unit.exponent += known.exponent * i32::from(power);
                unit.dimension = unit.dimension.times(known.dimension, power).ok_or_else(|| text.to_owned())?;
                hertz += i32::from(atom.ends_with("Hz"));
                words += if power == 1 { 1 } else { 2 };
            }
            rest = tail;
            sign = 1;
            empty = false;
        }
        unit.hertz_in_product = hertz > 0 && words > 1;
        if empty { Err(text.to_owned()) } else { Ok(unit) }
    }
}

/// `mV^2` and `mV²` as `mV` and 2.
fn split_power(word: &str) -> Option<(&str, i8)> {
    if let Some((atom, power)) = word.split_once('^') {
        let power: i8 = power.parse().ok()?;
        return (-4..=4).contains(&power).then_some((atom, power));
    }
    Some(match word.strip_suffix('²') {
        Some(atom) => (atom, 2),
        None => (word, 1),
    })
}

/// A unit with at most one prefix.
fn atom_unit(atom: &str) -> Option<Unit> {
    if let Some((factor, exponent, dimension)) = base_unit(atom) {
        return Some(Unit { factor, exponent, dimension, hertz_in_product: false });
    }
    let prefix = atom.chars().next()?;
    let prefix_exponent = match prefix {
        'f' => -15,
        'p' => -12,
        'n' => -9,
        // u, the micro sign and the Greek letter.
        'u' | '\u{b5}' | '\u{3bc}' => -6,
        'm' => -3,
        'k' => 3,
        'M' => 6,
        'G' => 9,
        _ => return None,
    };
    let base = &atom[prefix.len_utf8()..];
    let (factor, exponent, dimension) = base_unit(base).filter(|_| !matches!(base, "rad" | "deg" | "°"))?;
    Some(Unit { factor, exponent: exponent + prefix_exponent, dimension, hertz_in_product: false })
}

fn base_unit(name: &str) -> Option<(f64, i32, Dimension)> {
    use std::f64::consts::{PI, TAU};
    Some(match name {
        "V" => (1.0, 0, Dimension::VOLTAGE),
        "s" => (1.0, 0, Dimension::TIME),
        "S" => (1.0, 0, Dimension::CONDUCTANCE),
        // The Greek letter and the ohm sign.
        "Ohm" | "ohm" | "\u{3a9}" | "\u{2126}" => (1.0, 0, Dimension::IMPEDANCE),
        "F" => (1.0, 0, Dimension::CAPACITANCE),
        "A" => (1.0, 0, Dimension::CURRENT),
        "C" => (1.0, 0, dimension(1, 1, 1)),
        "W" => (1.0, 0, Dimension::POWER),
        "J" => (1.0, 0, Dimension::ENERGY),
        "Hz" => (TAU, 0, Dimension::FREQUENCY),
        "K" => (1.0, 0, Dimension::TEMPERATURE),
        "m" => (1.0, 0, Dimension::LENGTH),
        "rad" => (1.0, 0, Dimension::ANGLE),
        "deg" | "°" => (PI / 180.0, 0, Dimension::ANGLE),
        _ => return None,
    })
}

/// Length in bytes of the number `text` begins with, exponent included (`1e-3 mV`, but not the `e` of `1 eV`).
pub(super) fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let sign = |at: usize| usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let mantissa = sign(0) + digits(sign(0));
    if !matches!(bytes.get(mantissa), Some(b'e' | b'E')) {
        return mantissa;
    }
    let start = mantissa + 1 + sign(mantissa + 1);
    match digits(start) {
        0 => mantissa,
        n => start + n,
    }
}

/// `value * 10^exponent` with one rounding: powers of ten up to 10^22 are exact.
pub(super) fn shift_decimal(value: f64, exponent: i32) -> f64 {
    if exponent >= 0 { value * 10f64.powi(exponent) } else { value / 10f64.powi(-exponent) }
}

/// The number that `typed` is times `10^exponent`, as if its decimal point had been typed elsewhere.
pub(super) fn shift_typed(typed: &str, exponent: i32) -> f64 {
    let (digits, own) = typed.split_once(['e', 'E']).unwrap_or((typed, "0"));
    let shifted = || format!("{digits}e{}", own.parse::<i32>().ok()?.checked_add(exponent)?).parse().ok();
    // What is beyond such exponents is zero or no number, wherever its point is.
    shifted().unwrap_or_else(|| typed.parse().unwrap_or(f64::NAN))
}

/// At most 40 characters of what was typed, for a message.
pub(super) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
