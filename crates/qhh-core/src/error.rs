//! What can be wrong with one circuit, source or state.

/// A value physics does not allow. Values are in the network's unit system; whoever read them adds the text.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum CircuitError {
    #[error("{quantity} must be above zero, got {value}")]
    NotPositive { quantity: &'static str, value: f64 },
    #[error("{quantity} must not be negative, got {value}")]
    Negative { quantity: &'static str, value: f64 },
    #[error("{quantity} must be a finite number, got {value}")]
    NotFinite { quantity: &'static str, value: f64 },
    #[error("{quantity} must be between {low} and {high}, got {value}")]
    OutOfRange { quantity: &'static str, low: f64, high: f64, value: f64 },
    #[error("a neuron has at most 16 channels, not {count}")]
    TooManyChannels { count: usize },
    #[error("no channel conducts, so the neuron has no rest point: give `initial: {{voltage: ..}}`")]
    NoRest,
    #[error("a superposition needs at least one number state with a nonzero amplitude")]
    EmptySuperposition,
    #[error(
        "the amplitudes of the superposition cancel: what is left has the norm {norm}, of terms with {whole}. Terms of one \
         photon number add up"
    )]
    SuperpositionCancels { norm: f64, whole: f64 },
    #[error("the state is out of the range of numbers: {quantity} is {value}. Take smaller parameters")]
    StateOutOfRange { quantity: &'static str, value: f64 },
    #[error("an odd cat state needs an amplitude above zero: at 0 it is no state at all")]
    OddCatOfNothing,
    #[error(
        "the bandwidth of the envelope, {bandwidth}, is not below a third of the carrier, {carrier}: widen it"
    )]
    EnvelopeTooFast { bandwidth: f64, carrier: f64 },
    #[error("a sampled current needs samples at two times or more, in order, and no more than two at one time")]
    SamplesOutOfOrder,
    #[error("times of pulses must ascend, got {after} after {before}")]
    PulsesOutOfOrder { before: f64, after: f64 },
}

pub(crate) fn finite(quantity: &'static str, value: f64) -> Result<(), CircuitError> {
    if value.is_finite() { Ok(()) } else { Err(CircuitError::NotFinite { quantity, value }) }
}

pub(crate) fn above_zero(quantity: &'static str, value: f64) -> Result<(), CircuitError> {
    finite(quantity, value)?;
    if value > 0.0 { Ok(()) } else { Err(CircuitError::NotPositive { quantity, value }) }
}

pub(crate) fn not_negative(quantity: &'static str, value: f64) -> Result<(), CircuitError> {
    finite(quantity, value)?;
    if value >= 0.0 { Ok(()) } else { Err(CircuitError::Negative { quantity, value }) }
}

/// A time to go on and one to go off, not before it; the latter may be infinite.
pub(crate) fn in_order(start: f64, stop: f64) -> Result<(), CircuitError> {
    finite("start", start)?;
    if stop >= start {
        Ok(())
    } else {
        Err(CircuitError::OutOfRange { quantity: "stop", low: start, high: f64::INFINITY, value: stop })
    }
}
