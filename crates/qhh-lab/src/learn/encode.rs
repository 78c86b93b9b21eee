//! Inputs to what sources do: amplitudes, phases, squeezing, angles, thermal photons.
//!
//! An input is brought to 0..1 by its range over the training rows, mixed with the other inputs of its encoding, and
//! mapped onto the range of what is encoded. A source has *inlets*: a current has one for each neuron it feeds (or one
//! for all that are fed the same), a quantum source one altogether.

use rand::RngExt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LearnError;
use super::dataset::Sequence;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::{Moments, State};
use qhh_core::stop;
use qhh_net::Network;
use qhh_net::network::Drive;

/// What of a source an input becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoded {
    /// Factor on the current, or on the displacement of a quantum source's state.
    Amplitude,
    /// Angle added to the phase of a sine, or of the displacement.
    Phase,
    /// Squeezing parameter r.
    Squeezing,
    /// Squeezing angle.
    SqueezingAngle,
    /// Mean number of thermal photons.
    ThermalPhotons,
}

impl Encoded {
    /// For a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Amplitude => "amplitude",
            Self::Phase => "phase",
            Self::Squeezing => "squeezing",
            Self::SqueezingAngle => "squeezing angle",
            Self::ThermalPhotons => "number of thermal photons",
        }
    }
}

/// How several inputs share the inlets of an encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mixing {
    /// One input, the same for all.
    Same,
    /// One input for each neuron of a current, or for each quantum source.
    OneToOne,
    /// A random combination of all inputs for each.
    Random,
}

/// An encoding: inputs into sources.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Encoding {
    /// Places of the sources among the network's.
    pub sources: Vec<usize>,
    /// Numbers of the inputs' channels.
    pub channels: Vec<usize>,
    /// What the inputs become.
    pub quantity: Encoded,
    /// What the smallest and the largest input become; angles in radians, squeezing and photons not below 0.
    pub range: (f64, f64),
    /// How inputs share inlets. Weights of a random combination are even between plus and minus the root of 3 over their number.
    pub mixing: Mixing,
    /// Whether each virtual node multiplies the input by a random sign of its own (time multiplexing).
    pub mask: bool,
}

impl Encoding {
    /// The first input as the amplitude of a source: off at its least, as the file has it at its greatest.
    pub fn amplitude(source: usize) -> Self {
        Self {
            sources: vec![source],
            channels: vec![0],
            quantity: Encoded::Amplitude,
            range: (0.0, 1.0),
            mixing: Mixing::Same,
            mask: false,
        }
    }
}

/// Range of each channel over the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputRange {
    /// Least value of each channel.
    pub low: Vec<f64>,
    /// Greatest value of each channel.
    pub high: Vec<f64>,
}

impl InputRange {
    /// Over some symbols of some sequences.
    pub fn of<'a>(rows: impl Iterator<Item = (&'a Sequence, usize)>, n_channels: usize) -> Self {
        let mut range = Self { low: vec![f64::INFINITY; n_channels], high: vec![f64::NEG_INFINITY; n_channels] };
        for (sequence, symbol) in rows {
            for (channel, &value) in sequence.row(symbol).iter().enumerate() {
                range.low[channel] = range.low[channel].min(value);
                range.high[channel] = range.high[channel].max(value);
            }
        }
        range
    }

    /// A value of a channel, 0 at its least and 1 at its greatest; a half where all are equal.
    pub(crate) fn scaled(&self, channel: usize, value: f64) -> f64 {
        let (low, high) = (self.low[channel], self.high[channel]);
        if high > low { (value - low) / (high - low) } else { 0.5 }
    }
}

/// The input of one inlet, slot by slot: a slot is the part of a symbol that belongs to one virtual node.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Course {
    /// Place of the source.
    pub(crate) source: usize,
    /// Place among the neurons of a current; none for all of them.
    pub(crate) target: Option<usize>,
    amplitude: Option<Vec<f64>>,
    phase: Option<Vec<f64>>,
    squeezing: Option<Vec<f64>>,
    angle: Option<Vec<f64>>,
    photons: Option<Vec<f64>>,
}

impl Course {
    fn untold(source: usize, target: Option<usize>) -> Self {
        Self { source, target, amplitude: None, phase: None, squeezing: None, angle: None, photons: None }
    }

    /// Factor on the amplitude in a slot.
    pub(crate) fn amplitude(&self, slot: usize) -> f64 {
        self.amplitude.as_ref().map_or(1.0, |values| values[slot])
    }

    /// Angle added to the phase in a slot.
    pub(crate) fn phase(&self, slot: usize) -> f64 {
        self.phase.as_ref().map_or(0.0, |values| values[slot])
    }

    /// Moments of a quantum source's mode in a slot, from those its file gives.
    pub(crate) fn moments(&self, own: &State, slot: usize) -> Moments {
        let Moments { mean, mut n, mut m } = own.moments();
        let (r, phase) = match own {
            State::Squeezed { r, phase, .. } => (*r, *phase),
            _ => (0.0, 0.0),
        };
        if self.squeezing.is_some() || self.angle.is_some() {
            let r = self.squeezing.as_ref().map_or(r, |values| values[slot].max(0.0));
            let phase = self.angle.as_ref().map_or(phase, |values| values[slot]);
            n = r.sinh().powi(2);
            m = -Complex64::from_polar(r.sinh() * r.cosh(), phase);
        }
        if let Some(photons) = &self.photons {
            // A squeezed thermal state: both moments grow by 2 N + 1, its vacuum included.
            let factor = 2.0 * photons[slot].max(0.0) + 1.0;
            (n, m) = (factor * (n + 0.5) - 0.5, m * factor);
        }
        let mean = mean * Complex64::from_polar(self.amplitude(slot), self.phase(slot));
        Moments { mean, n, m }
    }
}

/// Encodings of one network with their random weights and masks drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Encoder {
    parts: Vec<DrawnEncoding>,
    n_virtual: usize,
}

#[derive(Debug, Clone, PartialEq)]
struct DrawnEncoding {
    channels: Vec<usize>,
    quantity: Encoded,
    range: (f64, f64),
    inlets: Vec<Inlet>,
}

#[derive(Debug, Clone, PartialEq)]
struct Inlet {
    source: usize,
    target: Option<usize>,
    /// Weight of each channel.
    weights: Vec<f64>,
    /// Factor of each virtual node.
    mask: Vec<f64>,
}

impl Encoder {
    /// Draws what is random by `seed`.
    ///
    /// # Errors
    /// [`LearnError`] where an encoding does not fit its source.
    pub(crate) fn new(
        network: &Network,
        encodings: &[Encoding],
        n_virtual: usize,
        seed: u64,
    ) -> Result<Self, LearnError> {
        let part = |(number, encoding): (usize, &Encoding)| {
            for &source in &encoding.sources {
                fits(network, source, encoding.quantity)?;
            }
            let apart = encoding.mixing != Mixing::Same;
            let places = encoding.sources.iter().flat_map(|&source| {
                let n_targets = match network.sources[source].drive {
                    Drive::Current(_) if apart => network.sources[source].targets.len(),
                    _ => 0,
                };
                let all = (n_targets == 0).then_some((source, None));
                all.into_iter().chain((0..n_targets).map(move |target| (source, Some(target))))
            });
            let places: Vec<_> = places.collect();
            let n_channels = encoding.channels.len();
            let one_to_one = match encoding.mixing {
                Mixing::Same => n_channels == 1,
                Mixing::OneToOne => n_channels == places.len(),
                Mixing::Random => true,
            };
            if !one_to_one {
                let source_name = network.sources[encoding.sources[0]].name.clone();
                return Err(LearnError::OneToOne { source_name, inlets: places.len(), channels: n_channels });
            }
            let mut weights = qhh_net::network::random::stream(seed, &format!("learn.encode[{number}].weights"));
            let mut signs = qhh_net::network::random::stream(seed, &format!("learn.encode[{number}].mask"));
            let size = (3.0 / n_channels as f64).sqrt();
            let inlets = places.into_iter().enumerate().map(|(k, (source, target))| Inlet {
                source,
                target,
                weights: match encoding.mixing {
                    Mixing::Same => vec![1.0],
                    Mixing::OneToOne => (0..n_channels).map(|channel| f64::from(u8::from(channel == k))).collect(),
                    Mixing::Random => {
                        (0..n_channels).map(|_| size * (2.0 * weights.random::<f64>() - 1.0)).collect()
                    }
                },
                mask: (0..n_virtual)
                    .map(|_| if encoding.mask && signs.random::<bool>() { -1.0 } else { 1.0 })
                    .collect(),
            });
            let inlets = inlets.collect();
            Ok(DrawnEncoding {
                channels: encoding.channels.clone(),
                quantity: encoding.quantity,
                range: encoding.range,
                inlets,
            })
        };
        let parts = encodings.iter().enumerate().map(part).collect::<Result<_, _>>()?;
        Ok(Self { parts, n_virtual })
    }

    /// The inputs of every inlet over a sequence; encodings into one inlet are put together.
    pub(crate) fn courses(&self, sequence: &Sequence, range: &InputRange) -> Vec<Course> {
        let mut courses: Vec<Course> = Vec::new();
        for part in &self.parts {
            for inlet in &part.inlets {
                let values = part.values(inlet, sequence, range, self.n_virtual);
                let same = |course: &Course| (course.source, course.target) == (inlet.source, inlet.target);
                let at = courses.iter().position(same).unwrap_or_else(|| {
                    courses.push(Course::untold(inlet.source, inlet.target));
                    courses.len() - 1
                });
                let course = &mut courses[at];
                *match part.quantity {
                    Encoded::Amplitude => &mut course.amplitude,
                    Encoded::Phase => &mut course.phase,
                    Encoded::Squeezing => &mut course.squeezing,
                    Encoded::SqueezingAngle => &mut course.angle,
                    Encoded::ThermalPhotons => &mut course.photons,
                } = Some(values);
            }
        }
        courses
    }
}

impl DrawnEncoding {
    fn values(&self, inlet: &Inlet, sequence: &Sequence, range: &InputRange, n_virtual: usize) -> Vec<f64> {
        let (low, high) = self.range;
        let mut values = Vec::with_capacity(sequence.nrows() * n_virtual);
        for symbol in 0..sequence.nrows() {
            stop::check();
            let mixed: f64 = self
                .channels
                .iter()
                .zip(&inlet.weights)
                .map(|(&channel, weight)| weight * (range.scaled(channel, sequence[(symbol, channel)]) - 0.5))
                .sum();
            values.extend(inlet.mask.iter().map(|sign| low + (high - low) * (0.5 + sign * mixed)));
        }
        values
    }
}

/// Whether a source has what is to be encoded.
fn fits(network: &Network, source: usize, quantity: Encoded) -> Result<(), LearnError> {
    use qhh_core::source::Shape;
    let joint = network.states.iter().any(|state| state.sources.contains(&source));
    let source = &network.sources[source];
    let wrong = |what: &str, needs, has: &str| {
        let what = format!("{what} of source `{}`", source.name);
        Err(LearnError::Unsupported { entry: "encode", what, needs, has: has.to_owned() })
    };
    let displaced = |state: &State| state.moments().mean.norm() > 0.0;
    match (quantity, &source.drive) {
        (_, Drive::Mode(_) | Drive::Packet(_)) if joint => {
            wrong("the state", "a state of its own", "one that is part of a joint state")
        }
        (Encoded::Amplitude, Drive::Current(current)) if matches!(current.shape, Shape::Samples { .. }) => {
            wrong("the amplitude", "a current by formula", "samples from a file")
        }
        (Encoded::Amplitude, Drive::Current(current))
            if matches!(current.shape.draws(), Some(qhh_core::source::Draws::Own(_))) =>
        {
            wrong("the amplitude", "`shared: true`", "a random current that differs from neuron to neuron")
        }
        (Encoded::Amplitude, Drive::Current(_)) => Ok(()),
        (Encoded::Phase, Drive::Current(current)) if matches!(current.shape, Shape::Sine { .. }) => Ok(()),
        (Encoded::Phase, Drive::Current(_)) => wrong("the phase", "a sine or a quantum source", "another current"),
        (_, Drive::Current(_)) => wrong("the state", "a quantum source", "a current"),
        (Encoded::Amplitude | Encoded::Phase, Drive::Mode(mode)) if !displaced(&mode.state) => {
            wrong("the displacement", "a state with a mean, such as `coherent`", "one without")
        }
        (Encoded::Amplitude | Encoded::Phase, Drive::Packet(packet)) if !displaced(&packet.state) => {
            wrong("the displacement", "a state with a mean, such as `coherent`", "one without")
        }
        _ => Ok(()),
    }
}
