//! A measure against a number: `relay[4].spikes >= 1`.

use std::fmt;

use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::{Network, Outcome};

use super::{Measure, MeasureError, Unit};

/// What a run may fulfil.
///
/// # Examples
/// ```
/// # use qhh_core::units::UnitSystem;
/// # use qhh_lab::measure::Condition;
/// let condition = Condition::parse("relay[4].first_spike < 12 ms", UnitSystem::HodgkinHuxley)?;
/// assert_eq!(condition.to_string(), "relay[4].first_spike < 12 ms");
/// assert!(condition.holds_of(11.0) && !condition.holds_of(f64::NAN));
/// # Ok::<(), qhh_lab::measure::MeasureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: String,
    measure: Measure,
    comparison: Comparison,
    bound: f64,
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
}

/// Longer ones first, for `>` begins `>=`.
const SIGNS: [(&str, Comparison); 4] =
    [(">=", Comparison::AtLeast), ("<=", Comparison::AtMost), (">", Comparison::Above), ("<", Comparison::Below)];

/// Signs that are meant for those of [`SIGNS`].
const MISTYPED: [(&str, &str); 4] = [("=>", ">="), ("=<", "<="), ("≥", ">="), ("≤", "<=")];

impl Condition {
    /// Reads a measure, a comparison and a number with or without its unit: any unit of the measure's dimension, and the
    /// one that a table writes behind its name.
    ///
    /// # Errors
    /// [`MeasureError`] saying which of the three is wrong.
    pub fn parse(text: &str, units: UnitSystem) -> Result<Self, MeasureError> {
        let text = text.trim();
        if let Some((typed, meant)) = MISTYPED.into_iter().find(|(typed, _)| text.contains(typed)) {
            return Err(MeasureError::Sign { text: text.to_owned(), typed, meant });
        }
        let split = SIGNS.iter().find_map(|(sign, comparison)| Some((text.split_once(sign)?, *comparison)));
        let ((measure, bound), comparison) =
            split.ok_or_else(|| MeasureError::Condition { text: text.to_owned() })?;
        let measure = Measure::parse(measure, units)?;
        let wrong = |cause: qhh_core::units::UnitError| MeasureError::Bound {
            text: text.to_owned(),
            cause: cause.to_string(),
        };
        // What the table names a column by is not always a unit of the system.
        let own = |symbol: &str| bound.trim().strip_suffix(symbol).unwrap_or(bound);
        let bound = match measure.kind() {
            Unit::MeasureKind(dimension) => units.parse(bound, dimension),
            Unit::Share => units.parse_share(bound),
            Unit::PerTime => units.parse_rate(bound),
            Unit::Decibel => units.parse(own("dB"), Dimension::NUMBER),
            Unit::Nats => units.parse(own("nats"), Dimension::NUMBER),
        };
        let bound = bound.map_err(wrong)?;
        Ok(Self { text: text.to_owned(), measure, comparison, bound })
    }

    /// What is compared.
    pub fn measure(&self) -> &Measure {
        &self.measure
    }

    /// Whether a run fulfils it. One that has no such number does not.
    pub fn holds(&self, network: &Network, outcome: &Outcome) -> bool {
        self.holds_of(self.measure.of(network, outcome))
    }

    /// Whether a number fulfils it; no number does not.
    pub fn holds_of(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::AtLeast => value >= self.bound,
            Comparison::Above => value > self.bound,
            Comparison::AtMost => value <= self.bound,
            Comparison::Below => value < self.bound,
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
