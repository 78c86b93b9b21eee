//! The list of quantities that can be recorded as traces.

use qhh_core::circuit::Circuit;
use qhh_core::name::Name;
use qhh_core::units::Dimension;

use super::quantum::Fluctuations;

/// A quantity that can be recorded as a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Observable {
    /// Mean voltage of the node.
    Voltage,
    /// A gate of a channel: names of channel and gate.
    Gate(Name, Name),
    /// Conductance of a channel.
    Conductance(Name),
    /// Mean injected current, all sources together.
    Current,
    /// Current through a channel, node to ground.
    Through(Name),
    /// Mean wave leaving through the output port.
    WaveOut,
    /// Mean wave arriving at the (first) input port.
    WaveIn,
    /// Mean wave leaving back through the (first) input port.
    WaveBack,
    /// Mean wave arriving at the output port, through a two-way waveguide.
    WaveEcho,
    /// Mean record of the voltage that the gates follow, where they measure it.
    Measured,
    /// Variance of the voltage, all parts together.
    Variance,
    /// Its part with every line and source mode in vacuum.
    VarianceVacuum,
    /// What temperature adds.
    VarianceThermal,
    /// What the sources' states add to their vacuum; negative where they squeeze.
    VarianceState,
}

impl Observable {
    /// Potassium activation.
    pub const N: Self = Self::Gate(Name::POTASSIUM, Name::N);
    /// Sodium activation.
    pub const M: Self = Self::Gate(Name::SODIUM, Name::M);
    /// Sodium inactivation.
    pub const H: Self = Self::Gate(Name::SODIUM, Name::H);
    /// Conductance of potassium.
    pub const G_K: Self = Self::Conductance(Name::POTASSIUM);
    /// Conductance of sodium.
    pub const G_NA: Self = Self::Conductance(Name::SODIUM);
    /// Conductance of chloride.
    pub const G_CL: Self = Self::Conductance(Name::CHLORIDE);
    /// Current through the potassium channel.
    pub const I_K: Self = Self::Through(Name::POTASSIUM);
    /// Current through the sodium channel.
    pub const I_NA: Self = Self::Through(Name::SODIUM);
    /// Current through the chloride channel.
    pub const I_CL: Self = Self::Through(Name::CHLORIDE);

    /// Every observable of the papers' neurons; others have gates and channels of other names.
    pub const ALL: &[Self] = &[
        Self::Voltage,
        Self::N,
        Self::M,
        Self::H,
        Self::G_K,
        Self::G_NA,
        Self::G_CL,
        Self::Current,
        Self::I_K,
        Self::I_NA,
        Self::I_CL,
        Self::WaveOut,
        Self::WaveIn,
        Self::WaveBack,
        Self::WaveEcho,
        Self::Variance,
        Self::VarianceVacuum,
        Self::VarianceThermal,
        Self::VarianceState,
        Self::Measured,
    ];

    /// Name in files: those of the papers' channels have short ones, `n` and `g_K`; others are named by channel and gate,
    /// `g_calcium`, `i_calcium`, `calcium.m`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Voltage => "voltage",
            Self::N => "n",
            Self::M => "m",
            Self::H => "h",
            Self::Gate(channel, gate) => Name::new(&format!("{channel}.{gate}")).text(),
            Self::G_K => "g_K",
            Self::G_NA => "g_Na",
            Self::G_CL => "g_Cl",
            Self::Conductance(channel) => Name::new(&format!("g_{channel}")).text(),
            Self::Current => "current",
            Self::I_K => "i_K",
            Self::I_NA => "i_Na",
            Self::I_CL => "i_Cl",
            Self::Through(channel) => Name::new(&format!("i_{channel}")).text(),
            Self::WaveOut => "wave_out",
            Self::WaveIn => "wave_in",
            Self::WaveBack => "wave_back",
            Self::WaveEcho => "wave_echo",
            Self::Measured => "V_measured",
            Self::Variance => "variance",
            Self::VarianceVacuum => "variance_vacuum",
            Self::VarianceThermal => "variance_thermal",
            Self::VarianceState => "variance_state",
        }
    }

    /// The observable of a name; whether any neuron has such a channel or gate is another question.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(known) = Self::ALL.iter().find(|observable| observable.name() == name) {
            return Some(*known);
        }
        let word = |text: &str| {
            let sound = text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') && !text.is_empty();
            sound.then(|| Name::new(text))
        };
        if let Some((channel, gate)) = name.split_once('.') {
            return Some(Self::Gate(word(channel)?, word(gate)?));
        }
        if let Some(channel) = name.strip_prefix("g_") {
            return word(channel).map(Self::Conductance);
        }
        name.strip_prefix("i_").and_then(word).map(Self::Through)
    }

    /// Physical dimension.
    pub fn dimension(self) -> Dimension {
        match self {
            Self::Voltage | Self::WaveOut | Self::WaveIn | Self::WaveBack | Self::WaveEcho | Self::Measured => {
                Dimension::VOLTAGE
            }
            Self::Gate(..) => Dimension::NUMBER,
            Self::Conductance(_) => Dimension::CONDUCTANCE,
            Self::Current | Self::Through(_) => Dimension::CURRENT,
            Self::Variance | Self::VarianceVacuum | Self::VarianceThermal | Self::VarianceState => {
                Dimension::VOLTAGE_SQUARED
            }
        }
    }

    /// Gates, conductances and currents of every channel of these circuits, in the order that they are first met.
    pub fn of_channels<'a>(circuits: impl IntoIterator<Item = &'a Circuit>) -> Vec<[Vec<Self>; 3]> {
        let mut channels: Vec<(Name, [Vec<Self>; 3])> = Vec::new();
        for channel in circuits.into_iter().flat_map(|circuit| circuit.channels.iter()) {
            let place = channels.iter().position(|(name, _)| *name == channel.name).unwrap_or_else(|| {
                let own = |of: fn(Name) -> Self| vec![of(channel.name)];
                channels.push((channel.name, [Vec::new(), own(Self::Conductance), own(Self::Through)]));
                channels.len() - 1
            });
            for gate in channel.gating.gates() {
                let gate = Self::Gate(channel.name, gate.name);
                if !channels[place].1[0].contains(&gate) {
                    channels[place].1[0].push(gate);
                }
            }
        }
        channels.into_iter().map(|(_, of)| of).collect()
    }

    /// Whether this is a part of the variance.
    pub fn is_variance(self) -> bool {
        self.dimension() == Dimension::VOLTAGE_SQUARED
    }

    /// Whether fluctuations computed so tell this variance: samples know the whole, and no part of it.
    pub fn is_told_by(self, fluctuations: Fluctuations) -> bool {
        match fluctuations {
            Fluctuations::None => false,
            Fluctuations::Adiabatic | Fluctuations::Heisenberg => self.is_variance(),
            Fluctuations::Wigner => self == Self::Variance,
        }
    }

    /// Whether it is linear in the fields and has covariances: the node's voltage, or a wave.
    pub fn is_linear(self) -> bool {
        self.dimension() == Dimension::VOLTAGE && self != Self::Measured
    }

    /// Whether a neuron of this circuit has such a quantity at all.
    pub fn is_of(self, circuit: &Circuit) -> bool {
        match self {
            Self::Conductance(name) | Self::Through(name) => circuit.channels.named(name).is_some(),
            Self::Gate(name, gate) => circuit
                .channels
                .named(name)
                .is_some_and(|channel| channel.gating.gates().iter().any(|of| of.name == gate)),
            Self::WaveOut | Self::WaveEcho => circuit.output.is_some(),
            Self::WaveIn | Self::WaveBack => !circuit.inputs.is_empty(),
            Self::Measured => circuit.sense.is_some(),
            _ => true,
        }
    }
}
