//! One axis: its range, where its ticks stand and what they say.

use qhh_results::number::{join, power_of_ten};

/// What an axis shows, before its range is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct AxisSpec {
    /// Quantity: `Voltage`.
    pub(crate) label: String,
    /// Symbol of its unit; may be empty.
    pub(crate) unit: String,
    /// A range fixed beforehand, such as the duration of the run; the data's own without.
    pub(crate) range: Option<(f64, f64)>,
    /// Whether the axis reaches down (or up) to zero.
    pub(crate) from_zero: bool,
    /// Whether it is logarithmic; ignored unless every value is above zero.
    pub(crate) logarithmic: bool,
    /// Ticks with words in place of numbers.
    pub(crate) named: Option<Vec<(f64, String)>>,
    /// Whether it counts rows downwards: row `k` stands at `-k`.
    pub(crate) rows: bool,
}

impl AxisSpec {
    /// An axis for `label` in `unit`.
    pub(crate) fn new(label: &str, unit: String) -> Self {
        Self { label: label.to_owned(), unit, ..Self::default() }
    }

    /// The same axis, reaching to zero.
    pub(crate) fn with_zero(mut self) -> Self {
        self.from_zero = true;
        self
    }

    /// The same axis with a fixed range.
    pub(crate) fn ranging(mut self, low: f64, high: f64) -> Self {
        self.range = (high > low).then_some((low, high));
        self
    }
}

/// An axis with its range.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    /// Lowest value.
    pub(crate) low: f64,
    /// Highest value.
    pub(crate) high: f64,
    /// Whether positions go by the logarithm.
    pub(crate) logarithmic: bool,
    /// `Voltage (mV)`.
    pub(crate) title: String,
    /// Value and text of each tick.
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// The axis of `spec` over data from `data.0` to `data.1`, with about `n_ticks` ticks.
    pub(crate) fn new(spec: &AxisSpec, data: (f64, f64), n_ticks: usize, padded: bool) -> Self {
        let logarithmic = spec.logarithmic && spec.range.is_none() && data.0 > 0.0 && data.1 > 4.0 * data.0;
        let (low, high) = if logarithmic {
            (data.0 / 1.15, data.1 * 1.15)
        } else {
            spec.range.unwrap_or_else(|| widen(data, spec.from_zero, padded))
        };
        let mut axis = Self { low, high, logarithmic, title: String::new(), ticks: Vec::new() };
        let mut exponent = 0;
        if let Some(named) = &spec.named {
            axis.ticks.clone_from(named);
        } else if logarithmic {
            axis.ticks = decades(low, high);
        } else {
            let largest = low.abs().max(high.abs());
            if !(0.01..100_000.0).contains(&largest) {
                #[expect(clippy::cast_possible_truncation, reason = "exponents of floats are small")]
                let decade = largest.log10().floor() as i32;
                exponent = decade.div_euclid(3) * 3;
            }
            axis.ticks = nice_ticks(low, high, n_ticks, exponent);
        }
        let unit = match (exponent, spec.unit.as_str()) {
            (0, unit) => unit.to_owned(),
            (exponent, unit) => join(&power_of_ten(exponent), unit),
        };
        axis.title = if unit.is_empty() { spec.label.clone() } else { format!("{} ({unit})", spec.label) };
        axis
    }

    /// Where `value` stands: 0 at the low end, 1 at the high end, never beyond.
    pub(crate) fn position(&self, value: f64) -> f64 {
        let at = if self.logarithmic {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        if at.is_nan() { 0.0 } else { at.clamp(0.0, 1.0) }
    }
}

/// A range that shows the data with some room and never is empty.
fn widen((low, high): (f64, f64), from_zero: bool, padded: bool) -> (f64, f64) {
    let (mut low, mut high) = if low <= high { (low, high) } else { (0.0, 0.0) };
    if from_zero {
        (low, high) = (low.min(0.0), high.max(0.0));
    }
    let size = low.abs().max(high.abs());
    if high - low <= 1e-9 * size || size < 1e-300 {
        return match (size < 1e-300, from_zero) {
            (true, true) => (0.0, 1.0),
            (true, false) => (-1.0, 1.0),
            (false, _) => (low - 0.1 * size, high + 0.1 * size),
        };
    }
    let room = if padded { 0.06 * (high - low) } else { 0.0 };
    let grounded = |edge: f64| from_zero && edge == 0.0;
    (if grounded(low) { low } else { low - room }, if grounded(high) { high } else { high + room })
}

/// Multiples of 1, 2, 2.5 or 5 times a power of ten within the range, as texts in units of `10^exponent`.
fn nice_ticks(low: f64, high: f64, n_ticks: usize, exponent: i32) -> Vec<(f64, String)> {
    let rough = (high - low) / n_ticks.max(1) as f64;
    let decade = 10f64.powf(rough.log10().floor());
    // The one whose number of intervals comes closest, by ratio.
    let off = |step: f64| (step / rough).ln().abs();
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|multiple| multiple * decade);
    let step = steps.into_iter().min_by(|a, b| off(*a).total_cmp(&off(*b))).unwrap_or(decade);
    let unit = 10f64.powi(exponent);
    // Decimals that show the step itself: 2.5 needs one more than 2 or 5.
    let shown = step / unit;
    let decimals = (0..12).find(|&d| {
        let scaled = shown * 10f64.powi(d);
        (scaled - scaled.round()).abs() < 1e-6 * scaled
    });
    let decimals = usize::try_from(decimals.unwrap_or(0)).unwrap_or(0);
    let first = (low / step - 1e-9).ceil();
    let n = ((high - first * step) / step + 1e-9).floor().clamp(0.0, 40.0);
    let mut ticks = Vec::new();
    let mut k = 0.0;
    while k <= n {
        let value = (first + k) * step;
        let text = format!("{:.decimals$}", value / unit + 0.0);
        let zero = text.chars().all(|c| matches!(c, '0' | '.' | '-'));
        ticks.push((value, if zero { "0".to_owned() } else { text.replace('-', "−") }));
        k += 1.0;
    }
    ticks
}

/// Ticks of a logarithmic axis: 1, 2 and 5 times powers of ten, thinned to the powers where there are many.
fn decades(low: f64, high: f64) -> Vec<(f64, String)> {
    let many = (high / low).log10() > 2.5;
    let multiples: &[f64] = if many { &[1.0] } else { &[1.0, 2.0, 5.0] };
    #[expect(clippy::cast_possible_truncation, reason = "exponents of floats are small")]
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let stride = usize::try_from((last - first) / 7 + 1).unwrap_or(1);
    (first..=last)
        .step_by(stride)
        .flat_map(|e| multiples.iter().map(move |m| m * 10f64.powi(e)))
        .filter(|value| (low..=high).contains(value))
        .map(|value| {
            let text = qhh_results::number::number(value, 3);
            // A bare power of ten needs no factor before it.
            let bare = text.strip_prefix("1\u{202f}×\u{202f}").map(str::to_owned);
            (value, bare.unwrap_or(text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(low: f64, high: f64) -> Axis {
        Axis::new(&AxisSpec::new("V", "mV".to_owned()), (low, high), 5, true)
    }

    #[test]
    fn ticks_are_round_and_within_the_axis() {
        for (low, high) in
            [(-77.3, 41.0), (0.0, 1.0), (3.0, 3.1), (-1e-9, 2e-9), (0.0, 7e8), (-5.0, -5.0), (0.0, 0.0)]
        {
            let axis = axis(low, high);
            assert!((3..=12).contains(&axis.ticks.len()), "{low} to {high}: {:?}", axis.ticks);
            assert!(axis.ticks.iter().all(|t| (axis.low..=axis.high).contains(&t.0)), "{low} to {high}");
            let mut texts: Vec<_> = axis.ticks.iter().map(|t| &t.1).collect();
            texts.dedup();
            assert_eq!(texts.len(), axis.ticks.len(), "{texts:?}");
            assert!(texts.iter().all(|t| t.chars().count() <= 7), "{texts:?}");
        }
    }

    #[test]
    fn small_values_move_their_power_of_ten_into_the_title() {
        assert_eq!(axis(0.0, 4e-7).title, "V (10⁻⁹\u{a0}mV)");
        assert_eq!(axis(-70.0, 30.0).title, "V (mV)");
    }

    #[test]
    fn a_logarithmic_axis_spaces_decades_evenly() {
        let spec = AxisSpec { logarithmic: true, ..AxisSpec::default() };
        let axis = Axis::new(&spec, (1.0, 100.0), 5, true);
        assert!((axis.position(10.0) - 0.5).abs() < 1e-12);
        assert!(axis.ticks.iter().any(|t| t.1 == "10"));
    }
}
