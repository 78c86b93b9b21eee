//! A current over one time step.

/// A current over one time step: `I(s) = mean + slope (s - 1/2)` for `s` from 0 (start) to 1 (end of the step).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Segment {
    /// Exact mean over the step.
    pub mean: f64,
    /// Value just before the end less value just after the start.
    pub slope: f64,
}
