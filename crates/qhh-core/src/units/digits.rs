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
