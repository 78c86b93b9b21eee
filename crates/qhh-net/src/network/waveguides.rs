//! Entries of waveguides: connections of one pattern, with their values.

use super::neurons::Neurons;
use super::pattern::Pattern;
use super::values::ParameterValues;

/// Waveguides of one entry of the file: arms from output ports to input ports, laid by one pattern.
#[derive(Debug, Clone, PartialEq)]
pub struct Waveguides {
    /// Name.
    pub name: String,
    /// Neurons whose output port they leave, in the order the pattern counts them.
    pub from: Neurons,
    /// Neurons at whose input port they arrive, likewise.
    pub to: Neurons,
    /// Name of the receivers' input port; none where they have but one.
    pub port: Option<String>,
    /// Who is joined to whom.
    pub pattern: Pattern,
    /// Whether a neuron may be joined to itself.
    pub allow_self: bool,
    /// Time a wave takes.
    pub delay: Delay,
    /// Power transmission of each arm.
    pub transmission: ParameterValues,
    /// Share of each arm in the splitter it leaves and the combiner it arrives at: the power at either end is in
    /// proportion to its size, and below zero the wave is turned round.
    pub weight: ParameterValues,
    /// Power gain of the phase-preserving amplifier at the start of each arm; 1 for none.
    pub gain: ParameterValues,
    /// Whether waves travel back.
    pub direction: Direction,
}

/// Time a wave takes through a waveguide.
#[derive(Debug, Clone, PartialEq)]
pub enum Delay {
    /// As given.
    Time(ParameterValues),
    /// Length over velocity.
    Length {
        /// Length.
        length: ParameterValues,
        /// Velocity, lengths per time.
        velocity: f64,
    },
}

/// Whether waves travel back through a waveguide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// As through an isolator: what returns is absorbed, and the output port sees vacuum.
    #[default]
    Isolated,
    /// The input port's outgoing wave travels back to the output port.
    TwoWay,
}

impl Waveguides {
    /// Lossless isolated waveguides of one delay, equal shares, no amplifiers.
    pub fn new(
        name: &str,
        from: impl Into<Neurons>,
        to: impl Into<Neurons>,
        pattern: Pattern,
        delay: f64,
    ) -> Self {
        Self {
            name: name.to_owned(),
            from: from.into(),
            to: to.into(),
            port: None,
            pattern,
            allow_self: false,
            delay: Delay::Time(delay.into()),
            transmission: 1.0.into(),
            weight: 1.0.into(),
            gain: 1.0.into(),
            direction: Direction::default(),
        }
    }
}

impl Delay {
    /// The times, or the lengths.
    pub fn spread(&self) -> &ParameterValues {
        match self {
            Self::Time(spread) | Self::Length { length: spread, .. } => spread,
        }
    }
}
