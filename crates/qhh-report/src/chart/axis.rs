//! What an axis shows. Its range and where its ticks stand is the script's business, which zooms.

use qhh_results::number::printed;
use serde::Serialize;

/// One axis.
#[expect(clippy::struct_excessive_bools, reason = "what an axis is like, one by one, in JSON")]
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct AxisSpec {
    /// Quantity: `Voltage`.
    pub(crate) label: String,
    /// Symbol of its unit; may be empty.
    pub(crate) unit: String,
    /// A range fixed beforehand, such as the duration of the run; the data's own without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) range: Option<(f64, f64)>,
    /// Whether the axis reaches down (or up) to zero.
    #[serde(rename = "zero", skip_serializing_if = "is_false")]
    pub(crate) from_zero: bool,
    /// Whether it is logarithmic; ignored unless every value is above zero.
    #[serde(rename = "log", skip_serializing_if = "is_false")]
    pub(crate) logarithmic: bool,
    /// Whether its values are counts, so that ticks stand at whole numbers.
    #[serde(rename = "whole", skip_serializing_if = "is_false")]
    pub(crate) counts: bool,
    /// Ticks with words in place of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) named: Option<Vec<(f64, String)>>,
    /// Whether it counts rows downwards: row `k` stands at `-k`.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) rows: bool,
    /// Whether it is the time of the run: such axes of a page are zoomed together.
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) time: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}

impl AxisSpec {
    /// An axis for `label` in `unit`, which is shown as print has it.
    pub(crate) fn new(label: &str, unit: &str) -> Self {
        Self { label: label.to_owned(), unit: printed(unit), ..Self::default() }
    }

    /// The time axis of a run that lasts `duration`.
    pub(crate) fn time(unit: &str, duration: f64) -> Self {
        Self { time: true, ..Self::new("Time", unit).ranging(0.0, duration) }
    }

    /// The same axis, reaching to zero.
    pub(crate) fn with_zero(mut self) -> Self {
        self.from_zero = true;
        self
    }

    /// The same axis, for counts.
    pub(crate) fn counting(mut self) -> Self {
        self.counts = true;
        self
    }

    /// The same axis, for counts if these values are whole numbers without a unit.
    pub(crate) fn with_counts(mut self, values: impl IntoIterator<Item = f64>) -> Self {
        self.counts = self.unit.is_empty() && values.into_iter().all(|value| value.fract() == 0.0);
        self
    }

    /// The same axis with a fixed range.
    pub(crate) fn ranging(mut self, low: f64, high: f64) -> Self {
        self.range = (high > low).then_some((low, high));
        self
    }

    /// The quantity with its unit: `Voltage (mV)`.
    pub(crate) fn title(&self) -> String {
        if self.unit.is_empty() { self.label.clone() } else { format!("{} ({})", self.label, self.unit) }
    }
}
