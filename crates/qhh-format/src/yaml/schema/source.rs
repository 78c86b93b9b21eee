//! What was typed about sources: currents, envelopes and states.

use schemars::JsonSchema;
use serde::Deserialize;

use super::spread::Spread;
use super::{Neurons, Quantity};

/// A source and the neurons it feeds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// Neurons fed, each with the full current, or with an `amplitude` of its own where that is a list or the like.
    #[schemars(example = &"relay.0")]
    pub(crate) into: Neurons,
    /// The current. Give exactly one of `current` and `wavepacket`.
    #[schemars(example = &"{shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms}")]
    pub(crate) current: Option<Current>,
    /// A wavepacket on the line of an input port at which no waveguide arrives.
    #[schemars(example = &"{carrier: 6 rad/ms, envelope: gaussian, centre: 7 ms, width: 1 ms}")]
    pub(crate) wavepacket: Option<Wavepacket>,
    /// Name of the input port a wavepacket arrives at, where the neurons have several.
    pub(crate) port: Option<String>,
    /// State of the mode of a wavepacket, or of a current of shape `mode`: vacuum by default.
    pub(crate) state: Option<State>,
}

/// The mode of a line with an envelope xi, int xi^2 dt = 1, and a carrier: sqrt(hbar w0 Z/2) (xi(t) a e^{-i w0 t} + h.c.).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wavepacket {
    /// Angular frequency w0 of the carrier as a bare number or in rad/ms; in Hz it counts cycles. More than three times
    /// the bandwidth, 1/(2 width).
    #[schemars(example = &"6 rad/ms")]
    pub(crate) carrier: Quantity,
    /// Envelope. As a word, `centre` and `width` stand beside it.
    #[schemars(example = &"gaussian")]
    pub(crate) envelope: Envelope,
    /// Time of the peak, beside `envelope: gaussian`.
    pub(crate) centre: Option<Quantity>,
    /// Standard deviation of the squared envelope, beside `envelope: gaussian`.
    pub(crate) width: Option<Quantity>,
}

/// A current in time. Every `start` is 0 by default and every `stop` is `end`, the end of the run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "shape", deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum Current {
    /// The same current while it is on.
    Constant {
        /// The current.
        #[schemars(example = &"10 uA")]
        amplitude: Spread,
        /// Time it is switched on: 0 by default.
        start: Option<Quantity>,
        /// Time it is switched off: `end`, the end of the run, by default.
        stop: Option<Quantity>,
    },
    /// The same current for a time, once, at each of several `times`, or, with a `period`, again and again.
    Pulse {
        /// The current.
        #[schemars(example = &"40 uA")]
        amplitude: Spread,
        /// Time it is switched on, the first time. Give exactly one of `start` and `times`.
        #[schemars(example = &"5 ms")]
        start: Option<Quantity>,
        /// Times of several pulses, in ascending order, in place of `start`.
        times: Option<Vec<Quantity>>,
        /// How long a pulse lasts.
        #[schemars(example = &"2 ms")]
        duration: Quantity,
        /// Time from one pulse to the next: a single pulse by default.
        #[schemars(example = &"20 ms")]
        period: Option<Quantity>,
        /// Number of pulses, beside `period`: as many as there is time for by default.
        count: Option<u64>,
        /// Standard deviation of the time of each pulse, beside `period` or `times`: 0 by default.
        #[schemars(example = &"0.5 ms")]
        jitter: Option<Quantity>,
        /// Whether jitter moves the pulses of all neurons fed together: false by default.
        shared: Option<bool>,
    },
    /// Pulses at random times: a Poisson process, another one for each neuron fed. Give exactly one of `duration`,
    /// `decay` and `peak_after`.
    Poisson {
        /// Mean number of pulses per time; 50 Hz are 50 in a second.
        #[schemars(example = &"50 Hz")]
        rate: Quantity,
        /// Largest current of a pulse.
        #[schemars(example = &"10 uA")]
        amplitude: Spread,
        /// How long a rectangular pulse lasts.
        #[schemars(example = &"1 ms")]
        duration: Option<Quantity>,
        /// Time constant of a pulse that jumps to its peak and decays exponentially.
        #[schemars(example = &"2 ms")]
        decay: Option<Quantity>,
        /// Time from onset to peak of an alpha function, t/peak_after exp(1 - t/peak_after).
        #[schemars(example = &"0.5 ms")]
        peak_after: Option<Quantity>,
        /// Shortest time between two pulses, at most 0.8 over the rate, which stays as given: 0 by default.
        #[schemars(example = &"2 ms")]
        dead_time: Option<Quantity>,
        /// Whether all neurons fed get the same pulses: false by default.
        shared: Option<bool>,
        /// Time from which pulses come: 0 by default.
        start: Option<Quantity>,
        /// Time it is switched off: `end`, the end of the run, by default.
        stop: Option<Quantity>,
    },
    /// A sin(w t + phase), with t from the start of the run whatever `start` is.
    Sine {
        /// Peak current A.
        #[schemars(example = &"1 uA")]
        amplitude: Spread,
        /// Angular frequency w as a bare number or in rad/ms; in Hz it counts cycles.
        #[schemars(example = &"10 rad/ms")]
        frequency: Quantity,
        /// Phase in radians: 0 by default.
        phase: Option<Quantity>,
        /// Time it is switched on: 0 by default.
        start: Option<Quantity>,
        /// Time it is switched off: `end`, the end of the run, by default.
        stop: Option<Quantity>,
    },
    /// A straight line from one current to another.
    Ramp {
        /// Current at `start`: 0 by default.
        from: Option<Quantity>,
        /// Current at `stop`.
        #[schemars(example = &"20 uA")]
        to: Quantity,
        /// Time it begins.
        #[schemars(example = &"0 ms")]
        start: Quantity,
        /// Time it ends; the current is off afterwards.
        #[schemars(example = &"40 ms")]
        stop: Quantity,
    },
    /// Independent normal values, each held for `interval`, other ones for each neuron fed.
    Noise {
        /// Standard deviation.
        #[schemars(example = &"2 uA")]
        amplitude: Quantity,
        /// Mean current: 0 by default.
        mean: Option<Quantity>,
        /// How long each value is held, a time.
        #[schemars(example = &"0.1 ms")]
        interval: Quantity,
        /// Whether all neurons fed get the same values: false by default.
        shared: Option<bool>,
        /// Time it is switched on: 0 by default.
        start: Option<Quantity>,
        /// Time it is switched off: `end`, the end of the run, by default.
        stop: Option<Quantity>,
    },
    /// Samples of a CSV file in the network's unit system; 0 before the first and, unless the last is held, from the last
    /// on. From `#` to the end of the line is a comment; columns stand between commas or semicolons. At two equal times the
    /// current jumps.
    File {
        /// The CSV file, relative to the folder of the network file and within it.
        #[schemars(example = &"stimulus.csv")]
        path: String,
        /// Column of the currents.
        #[schemars(example = &"current")]
        column: String,
        /// Column of the times: `t` by default.
        time_column: Option<String>,
        /// What the current is between two samples: `linear` by default.
        interpolate: Option<Interpolation>,
        /// Time it is switched on: 0 by default.
        start: Option<Quantity>,
        /// Time it is switched off: `end`, the end of the run, by default.
        stop: Option<Quantity>,
    },
    /// The paper's quantum source: I_zpf e(t) (a e^{-iwt} + h.c.), one bosonic mode in the `state` given beside it.
    Mode {
        /// Zero-point current I_zpf.
        #[schemars(example = &"0.5 uA")]
        zero_point: Quantity,
        /// Angular frequency w as a bare number or in rad/ms; in Hz it counts cycles.
        #[schemars(example = &"10 rad/ms")]
        frequency: Quantity,
        /// Time it is switched on: 0 by default.
        start: Option<Quantity>,
        /// Time it is switched off: `end`, the end of the run, by default.
        stop: Option<Quantity>,
        /// Envelope e(t) of peak 1; none by default. As a word, `centre` and `width` stand beside it.
        envelope: Option<Envelope>,
        /// Time of the peak, beside `envelope: gaussian`.
        centre: Option<Quantity>,
        /// Standard deviation of the squared envelope, beside `envelope: gaussian`.
        width: Option<Quantity>,
    },
}

/// What a current is between two samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Interpolation {
    /// A straight line from one to the next.
    Linear,
    /// The earlier one, until the next; the last is held until `stop`.
    Previous,
}

/// Envelope of a mode's current.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Envelope {
    Word(EnvelopeWord),
    Given(EnvelopeShape),
}

/// A word for an envelope.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EnvelopeWord {
    /// exp(-(t - centre)^2/(4 width^2)), with `centre` and `width` beside it.
    Gaussian,
}

/// An envelope with its values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnvelopeShape {
    /// exp(-(t - centre)^2/(4 width^2)).
    pub(crate) gaussian: Gaussian,
}

/// exp(-(t - centre)^2/(4 width^2)).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Gaussian {
    /// Time of the peak.
    #[schemars(example = &"7 ms")]
    pub(crate) centre: Quantity,
    /// Standard deviation of the squared envelope.
    #[schemars(example = &"1 ms")]
    pub(crate) width: Quantity,
}

/// State of a mode. A complex amplitude is `amplitude` with a `phase` in radians (0 by default), or `real` and
/// `imaginary`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// No excitation (default).
    Vacuum,
    /// Displaced vacuum.
    Coherent(Complex),
    /// Squeezed vacuum, then displaced.
    Squeezed(Squeezed),
    /// Thermal state.
    Thermal(Thermal),
    /// Number state.
    Fock(Fock),
    /// Superposition of two opposite coherent states.
    Cat(Cat),
    /// Superposition of number states; normalised for you.
    Superposition(#[schemars(example = &"[{n: 0, amplitude: 1}, {n: 1, amplitude: 1}]")] Vec<Term>),
}

/// A complex amplitude.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Complex {
    /// Its modulus.
    #[schemars(example = &"2")]
    pub(crate) amplitude: Option<Quantity>,
    /// Its argument in radians: 0 by default.
    pub(crate) phase: Option<Quantity>,
    /// Its real part, in place of `amplitude` and `phase`.
    pub(crate) real: Option<Quantity>,
    /// Its imaginary part, in place of `amplitude` and `phase`.
    pub(crate) imaginary: Option<Quantity>,
}

/// A squeezed state: `phase: 0` squeezes the quadrature (a + a*)/sqrt 2 to the variance e^(-2r)/2.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Squeezed {
    /// Squeezing parameter.
    #[schemars(example = &"0.8")]
    pub(crate) r: Quantity,
    /// Squeezing angle in radians: 0 by default.
    pub(crate) phase: Option<Quantity>,
    /// Displacement: none by default.
    pub(crate) displacement: Option<Complex>,
}

/// A thermal state.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Thermal {
    /// Mean photon number.
    #[schemars(example = &"2")]
    pub(crate) photons: Quantity,
}

/// A number state.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fock {
    /// Photon number.
    #[schemars(example = &"1")]
    pub(crate) n: u32,
}

/// A cat state, the normalised |alpha> + |-alpha> (even) or |alpha> - |-alpha> (odd).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cat {
    /// Modulus of alpha.
    #[schemars(example = &"2")]
    pub(crate) amplitude: Option<Quantity>,
    /// Argument of alpha in radians: 0 by default.
    pub(crate) phase: Option<Quantity>,
    /// Real part of alpha, in place of `amplitude` and `phase`.
    pub(crate) real: Option<Quantity>,
    /// Imaginary part of alpha, in place of `amplitude` and `phase`.
    pub(crate) imaginary: Option<Quantity>,
    /// Sign of the second term.
    #[schemars(example = &"even")]
    pub(crate) parity: Parity,
}

/// Sign in a cat state.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Parity {
    /// Plus: even photon numbers only.
    Even,
    /// Minus: odd photon numbers only.
    Odd,
}

/// One term of a superposition of number states.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Term {
    /// Photon number.
    #[schemars(example = &"1")]
    pub(crate) n: u32,
    /// Modulus of the coefficient.
    #[schemars(example = &"1")]
    pub(crate) amplitude: Option<Quantity>,
    /// Argument of the coefficient in radians: 0 by default.
    pub(crate) phase: Option<Quantity>,
    /// Real part of the coefficient, in place of `amplitude` and `phase`.
    pub(crate) real: Option<Quantity>,
    /// Imaginary part of the coefficient, in place of `amplitude` and `phase`.
    pub(crate) imaginary: Option<Quantity>,
}
