//! What was typed about modes of outgoing waves and joint states of sources.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Quantity;
use super::source::Envelope;

/// A mode of the wave that leaves a port: b = (2/(hbar w0 Z))^(1/2) int f(t) e^{i w0 t} B(t) dt.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mode {
    /// The neuron.
    #[schemars(example = &"relay.0")]
    pub(crate) of: String,
    /// Name of the port the wave leaves through: `output` by default, or an input port for what is sent back.
    pub(crate) port: Option<String>,
    /// A wavepacket source whose carrier and envelope the mode has, in place of its own.
    #[schemars(example = &"signal")]
    pub(crate) like: Option<String>,
    /// Angular frequency w0 of the carrier as a bare number or in rad/ms; in Hz it counts cycles. More than three times
    /// the bandwidth, 1/(2 width).
    #[schemars(example = &"6 rad/ms")]
    pub(crate) carrier: Option<Quantity>,
    /// Envelope f, int f^2 dt = 1. As a word, `centre` and `width` stand beside it. Give this, `dominant` or `like`.
    #[schemars(example = &"gaussian")]
    pub(crate) envelope: Option<Envelope>,
    /// Envelopes to be found: those that hold most quanta.
    pub(crate) dominant: Option<Dominant>,
    /// Time of the peak, beside `envelope: gaussian`.
    pub(crate) centre: Option<Quantity>,
    /// Standard deviation of the squared envelope, beside `envelope: gaussian`.
    pub(crate) width: Option<Quantity>,
}

/// Modes that hold most quanta of the fluctuations on the carrier, found from the wave's correlation at two times. They
/// are called NAME.1, NAME.2, ..
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dominant {
    /// Earliest centre of the packets that envelopes are made of.
    #[schemars(example = &"8 ms")]
    pub(crate) from: Quantity,
    /// Latest centre.
    #[schemars(example = &"20 ms")]
    pub(crate) to: Quantity,
    /// Width of the packets: envelopes are resolved to about this.
    #[schemars(example = &"0.5 ms")]
    pub(crate) width: Quantity,
    /// Modes to be found: 1 by default.
    pub(crate) count: Option<u32>,
}

/// A Gaussian state that the modes of several quantum sources are in together. Give exactly one of
/// `two_mode_squeezed` and `covariance`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joint {
    /// Names of the sources, in the order of the state's modes; each feeds one neuron and has no `state` of its own.
    #[schemars(example = &"[left, right]")]
    pub(crate) of: Vec<String>,
    /// Two-mode squeezed vacuum: sinh^2 r quanta in each, <a b> = -e^{i phase} sinh r cosh r.
    pub(crate) two_mode_squeezed: Option<TwoModeSqueezed>,
    /// Covariance matrix of the quadratures in the order x_1, p_1, x_2, p_2, .., the vacuum's being half the identity.
    pub(crate) covariance: Option<Vec<Vec<f64>>>,
}

/// A two-mode squeezed vacuum.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TwoModeSqueezed {
    /// Squeezing parameter.
    #[schemars(example = &"1")]
    pub(crate) r: Quantity,
    /// Squeezing angle in radians: 0 by default.
    pub(crate) phase: Option<Quantity>,
}
