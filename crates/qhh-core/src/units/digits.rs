//! Numbers cut to the digits that a reader wants.

/// `value` to so many significant digits, the nearest.
///
/// # Examples
/// ```
/// assert_eq!(qhh_core::units::rounded(0.15000000000000002, 3), 0.15);
/// ```
pub fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.*e}", digits.saturating_sub(1)).parse().unwrap_or(value)
}

/// `value` as text that reads back as the same number, with an exponent where zeros would make it long.
///
/// # Examples
/// ```
/// use qhh_core::units::number;
/// assert_eq!([number(1e300), number(0.0025), number(2e-22)], ["1e300", "0.0025", "2e-22"]);
/// ```
pub fn number(value: f64) -> String {
    if value == 0.0 || (1e-9..1e15).contains(&value.abs()) { value.to_string() } else { format!("{value:e}") }
}

/// A positive `value` to so many significant digits and no larger, as a limit that must not be exceeded is written.
///
/// # Examples
/// ```
/// assert_eq!(qhh_core::units::rounded_down(0.6789, 3), 0.678);
/// ```
pub fn rounded_down(value: f64, digits: i32) -> f64 {
    let unit = 10f64.powf(value.log10().floor() - f64::from(digits - 1));
    rounded((value / unit).floor() * unit, 15)
}

/// A `value` that is not below zero to so many significant digits and no smaller, as a bound that holds is written; a billionth of the last
/// digit is taken for rounding.
///
/// # Examples
/// ```
/// assert_eq!(qhh_core::units::rounded_up(0.6712, 3), 0.672);
/// assert_eq!(qhh_core::units::rounded_up(0.019, 2), 0.019);
/// ```
pub fn rounded_up(value: f64, digits: i32) -> f64 {
    if value <= 0.0 {
        return value;
    }
    let unit = 10f64.powf(value.log10().floor() - f64::from(digits - 1));
    rounded((value / unit - 1e-9).ceil() * unit, 15)
}
