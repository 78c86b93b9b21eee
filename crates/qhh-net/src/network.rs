//! The resolved network: every default explicit, every value in one unit system. Plain data, no text, no files.
//!
//! Neurons are numbered through, population after population in the order given; [`Network::locate`] and
//! [`Network::neuron_name`] go from that number to population, index and name.

use qhh_core::circuit::PortRole;
use qhh_core::circuit::{BathRule, Circuit, Initial};
use qhh_core::gates::RateUnits;
use qhh_core::name::Name;
use qhh_core::port::Port;
use qhh_core::quantum::{Gaussian, State};
use qhh_core::source::{Current, ModeSource, Packet};
use qhh_core::units::{Dimension, UnitSystem};

use crate::figure::Figure;
use crate::neurons::Neurons;
use crate::parameter::Variation;
use crate::pattern::Pattern;
use crate::random;
use crate::spread::Spread;

/// A network ready to be compiled and run.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Name; also the default name of the results' folder.
    pub name: String,
    /// What the network shows, in the user's words; may be empty.
    pub description: String,
    /// What is to be seen on the page of its run, in a sentence; may be empty.
    pub caption: String,
    /// Unit system of every value below.
    pub units: UnitSystem,
    /// Time stepping.
    pub simulation: Simulation,
    /// Quantum fluctuations; none for the mean field alone.
    pub quantum: Option<Quantum>,
    /// Populations in the order of the file.
    pub populations: Vec<Population>,
    /// Sources in the order of the file.
    pub sources: Vec<Source>,
    /// Waveguides between neurons, entry by entry in the order of the file.
    pub waveguides: Vec<Waveguides>,
    /// States that the modes of several sources are in together; each of those sources is in vacuum by itself.
    pub states: Vec<JointState>,
    /// Modes of outgoing waves that are looked at.
    pub modes: Vec<OutputMode>,
    /// What is kept.
    pub record: Record,
}

/// Time stepping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Simulation {
    /// Length of the run.
    pub duration: f64,
    /// Time step.
    pub step: f64,
    /// How the equations are solved.
    pub method: Method,
    /// How the channels' noise lines are quantized.
    pub baths: BathRule,
    /// Seed of every random stream, those of the structure aside where these have one.
    pub seed: u64,
    /// Seed of the structure: patterns of waveguides, values that differ between neurons and waveguides, factors of
    /// sources. `seed` if none is given ([`Simulation::seed_of_structure`]).
    pub structure_seed: Option<u64>,
    /// Voltage whose upward crossing is a spike, in every neuron; if none is given it is 0, in neurons with batteries
    /// alone ([`Population::spike_threshold`]).
    pub spike_threshold: Option<f64>,
    /// Numbers the neurons are stepped in.
    pub precision: Precision,
    /// Distance from rest below which a neuron that nothing arrives at sleeps, and below which its waves count as
    /// none; 0 for never. See [`qhh_core::integrate::rest`].
    pub sleep: f64,
}

/// Numbers the neurons are stepped in. Delay lines and outputs are double whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Double.
    #[default]
    F64,
    /// Single: about twice as fast, with the period of firing off by up to 2e-4 of itself.
    F32,
}

/// How the equations are solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// The circuit equations step by step ([`qhh_core::integrate::langevin`]).
    #[default]
    Langevin,
    /// The stationary response at every instant ([`qhh_core::integrate::adiabatic`]).
    Adiabatic,
}

/// Quantum fluctuations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quantum {
    /// Reduced Planck constant in the unit system.
    pub hbar: f64,
    /// `k_B T` in the unit system.
    pub thermal_energy: f64,
    /// Highest angular frequency of the noise.
    pub cutoff: f64,
    /// How fluctuations are computed.
    pub fluctuations: Fluctuations,
    /// Frequencies of every line (heisenberg); none to have as many as the variance takes.
    pub modes: Option<usize>,
    /// Number of samples (wigner).
    pub samples: usize,
    /// What the gates follow (heisenberg and wigner).
    pub feedback: Feedback,
}

/// What gates do about fluctuations of the voltage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Feedback {
    /// Nothing: they follow the mean voltage, as in the papers.
    Mean,
    /// They respond: to first order beside field modes, in full in samples, where each sample's gates follow its own voltage.
    #[default]
    Full,
}

/// How fluctuations are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fluctuations {
    /// Not at all.
    None,
    /// From the conductances of the instant ([`qhh_core::quantum::variance`]).
    Adiabatic,
    /// By field modes through the whole network ([`qhh_core::quantum::heisenberg`]).
    Heisenberg,
    /// By samples of the fields ([`qhh_core::quantum::sampled`]).
    Wigner,
}

impl Fluctuations {
    /// Whether they are computed beside the mean field, in many tasks that share threads.
    pub fn in_tasks(self) -> bool {
        matches!(self, Self::Heisenberg | Self::Wigner)
    }
}

/// Neurons of one circuit.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Name.
    pub name: String,
    /// Number of neurons.
    pub count: usize,
    /// Their circuit, but for what is varied.
    pub circuit: Circuit,
    /// Names of the input ports, one for each of the circuit's.
    pub inputs: Vec<String>,
    /// State they start from, but for what is varied.
    pub initial: Initial,
    /// What differs from neuron to neuron.
    pub varied: Vec<Variation>,
}

/// A source and the neurons it feeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Name.
    pub name: String,
    /// Neurons fed, ascending. Each receives the full current.
    pub targets: Neurons,
    /// What is fed.
    pub drive: Drive,
    /// Factor on a classical current for each target, in their order; 1 for all if none.
    pub scale: Option<Spread>,
}

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
    pub transmission: Spread,
    /// Share of each arm in the splitter it leaves and the combiner it arrives at: the power at either end is in
    /// proportion to its size, and below zero the wave is turned round.
    pub weight: Spread,
    /// Power gain of the phase-preserving amplifier at the start of each arm; 1 for none.
    pub gain: Spread,
    /// Whether waves travel back.
    pub direction: Direction,
}

/// Time a wave takes through a waveguide.
#[derive(Debug, Clone, PartialEq)]
pub enum Delay {
    /// As given.
    Time(Spread),
    /// Length over velocity.
    Length {
        /// Length.
        length: Spread,
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

/// What a source feeds.
#[derive(Debug, Clone, PartialEq)]
pub enum Drive {
    /// A classical current.
    Current(Current),
    /// The paper's quantum source.
    Mode(ModeSource),
    /// A wavepacket on the line of an input port.
    Packet(PacketSource),
}

impl Simulation {
    /// A run of `duration` in steps of `step`: langevin, independent baths, seed 1, no spike threshold given, double
    /// precision, no sleep.
    pub fn new(duration: f64, step: f64) -> Self {
        Self {
            duration,
            step,
            method: Method::default(),
            baths: BathRule::default(),
            seed: 1,
            structure_seed: None,
            spike_threshold: None,
            precision: Precision::default(),
            sleep: 0.0,
        }
    }

    /// Seed of what the network is: patterns, spreads and factors. Noise, random spikes and samples take
    /// [`Simulation::seed`].
    pub fn seed_of_structure(&self) -> u64 {
        self.structure_seed.unwrap_or(self.seed)
    }
}

impl Population {
    /// `count` equal neurons that start at rest. Their input ports are named `input`, `input2` and so on.
    pub fn new(name: &str, count: usize, circuit: Circuit) -> Self {
        let name_of = |k: usize| if k == 0 { "input".to_owned() } else { format!("input{}", k + 1) };
        let inputs = (0..circuit.inputs.len()).map(name_of).collect();
        Self { name: name.to_owned(), count, circuit, inputs, initial: Initial::Rest, varied: Vec::new() }
    }

    /// Name of a gate in files, by its place among the circuit's.
    pub fn gate_name(&self, gate: usize) -> &'static str {
        self.gate_of(gate).map_or("?", |(channel, gate)| Observable::Gate(channel, gate).name())
    }

    /// Names of channel and gate, by the gate's place among the circuit's.
    pub fn gate_of(&self, gate: usize) -> Option<(Name, Name)> {
        let (channel, of) = self.circuit.gates().nth(gate)?;
        Some((self.circuit.channels[channel].name, of.name))
    }

    /// Voltage whose upward crossing is a spike of these neurons; none if they have no spikes.
    ///
    /// Neurons without batteries are driven, passive circuits that rest at 0: their voltage crosses 0 in every period of
    /// what drives them, so they have a threshold only if the run gives one. Ours.
    pub fn spike_threshold(&self, simulation: &Simulation) -> Option<f64> {
        simulation.spike_threshold.or(self.circuit.has_batteries().then_some(0.0))
    }
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
    pub fn spread(&self) -> &Spread {
        match self {
            Self::Time(spread) | Self::Length { length: spread, .. } => spread,
        }
    }
}

impl Source {
    /// A source that feeds the whole current to each of `targets`, which ascend.
    pub fn new(name: &str, targets: impl Into<Neurons>, drive: Drive) -> Self {
        Self { name: name.to_owned(), targets: targets.into(), drive, scale: None }
    }

    /// Factor on the current into the target of this place.
    pub fn factor(&self, place: usize, seed: u64) -> f64 {
        self.factors(seed)(place)
    }

    /// [`Source::factor`] for many places.
    pub(crate) fn factors(&self, seed: u64) -> impl FnMut(usize) -> f64 {
        let count = self.targets.len();
        let mut random = random::stream(seed, &format!("sources.{}.scale", self.name));
        move |place| self.scale.as_ref().map_or(1.0, |scale| scale.value(place, count, &mut random))
    }

    /// Factor on the current into a neuron; none if it is not fed.
    pub fn factor_into(&self, neuron: usize, seed: u64) -> Option<f64> {
        Some(self.factor(self.targets.place_in_ascending(neuron)?, seed))
    }
}

impl Record {
    /// Samples of some quantities of some neurons, which ascend, every so often; no tables besides.
    pub fn new(every: f64, neurons: Vec<usize>, observables: Vec<Observable>) -> Self {
        Self {
            every,
            neurons,
            observables,
            hysteresis: false,
            noise_budget: false,
            covariance: false,
            trajectories: 0,
            snapshot: false,
            budget_of: Vec::new(),
        }
    }
}

/// A wavepacket into an input port at which no waveguide ends.
#[derive(Debug, Clone, PartialEq)]
pub struct PacketSource {
    /// The mode of the line.
    pub packet: Packet,
    /// Place of the port among the neuron's input ports.
    pub input: usize,
    /// State of the mode.
    pub state: State,
}

impl PacketSource {
    /// Place among all ports, and the port, of a circuit that it arrives at.
    pub(crate) fn port_of(&self, circuit: &Circuit) -> Option<(usize, Port)> {
        let ports = circuit.ports().enumerate();
        let mut at = ports.filter(|(_, (role, _))| *role == PortRole::Input(self.input));
        at.next().map(|(slot, (_, port))| (slot, port))
    }

    /// Mean power wave at time `t`, in the root of an energy per time: over the root of the impedance it is the same
    /// in every line it is fed into.
    pub(crate) fn mean_at(&self, hbar: f64, t: f64) -> f64 {
        self.packet.mean_at(t, self.state.moments().mean, hbar, 1.0)
    }
}

impl Drive {
    /// State of a quantum source; none of a classical current.
    pub fn state(&self) -> Option<&State> {
        match self {
            Self::Current(_) => None,
            Self::Mode(mode) => Some(&mode.state),
            Self::Packet(packet) => Some(&packet.state),
        }
    }

    /// State of a quantum source, to be changed; none of a classical current.
    pub fn state_mut(&mut self) -> Option<&mut State> {
        match self {
            Self::Current(_) => None,
            Self::Mode(mode) => Some(&mut mode.state),
            Self::Packet(packet) => Some(&mut packet.state),
        }
    }

    /// Key of the source's entry in the network file that says what it feeds.
    pub fn entry(&self) -> &'static str {
        if matches!(self, Self::Packet(_)) { "wavepacket" } else { "current" }
    }
}

/// A Gaussian state of the modes of several quantum sources.
#[derive(Debug, Clone, PartialEq)]
pub struct JointState {
    /// Name.
    pub name: String,
    /// Places of the sources among the network's, in the order of the state's modes; each feeds one neuron.
    pub sources: Vec<usize>,
    /// The state, without displacement.
    pub state: Gaussian,
}

/// A mode of the wave that leaves a port.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputMode {
    /// Name.
    pub name: String,
    /// Number of the neuron.
    pub neuron: usize,
    /// The port.
    pub port: PortRole,
    /// Envelope and carrier.
    pub envelope: OutputEnvelope,
}

impl OutputMode {
    /// Names of the modes it comes to: its own, or with `.1`, `.2`, .. of dominant ones. Of those there may be
    /// fewer in the end.
    pub fn names(&self) -> Vec<String> {
        match &self.envelope {
            OutputEnvelope::Packet(_) => vec![self.name.clone()],
            OutputEnvelope::Dominant(search) => (1..=search.count).map(|k| format!("{}.{k}", self.name)).collect(),
        }
    }
}

/// Which mode of an outgoing wave.
#[derive(Debug, Clone, PartialEq)]
pub enum OutputEnvelope {
    /// A given one.
    Packet(Packet),
    /// Those that hold most quanta.
    Dominant(Search),
}

/// Modes on a carrier within a stretch of time, as far as packets side by side resolve them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Angular frequency of the carrier.
    pub carrier: f64,
    /// Width of the packets: envelopes are resolved to about this.
    pub width: f64,
    /// Centre of the first packet.
    pub from: f64,
    /// Centre of the last.
    pub to: f64,
    /// Modes to be found at most.
    pub count: usize,
}

impl Search {
    /// Distance between packets at most, in widths: neighbours overlap by three quarters.
    const SPACING: f64 = 1.5;

    /// Number of packets.
    pub fn n_packets(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of packets")]
        let gaps = ((self.to - self.from) / (Self::SPACING * self.width)).ceil().clamp(0.0, 1e6) as usize;
        gaps + 1
    }

    /// The packets, evenly spaced.
    pub fn packets(&self) -> Vec<Packet> {
        let n = self.n_packets();
        let part = |k: usize| if n > 1 { k as f64 / (n - 1) as f64 } else { 0.0 };
        let centre = |k: usize| self.from + part(k) * (self.to - self.from);
        (0..n).map(|k| Packet { carrier: self.carrier, centre: centre(k), width: self.width }).collect()
    }
}

impl OutputEnvelope {
    /// The packets it is made of.
    pub fn packets(&self) -> Vec<Packet> {
        match self {
            Self::Packet(packet) => vec![*packet],
            Self::Dominant(search) => search.packets(),
        }
    }
}

/// What a run keeps besides the spikes.
#[expect(clippy::struct_excessive_bools, reason = "each table is a choice of its own")]
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Time between samples; a whole number of steps.
    pub every: f64,
    /// Neurons recorded, ascending.
    pub neurons: Vec<usize>,
    /// Quantities recorded, in the order given.
    pub observables: Vec<Observable>,
    /// Whether I-V loops of the memristors are kept.
    pub hysteresis: bool,
    /// Whether the variance is kept by where it comes from, line by line of every neuron (heisenberg).
    pub noise_budget: bool,
    /// Whether covariances of the recorded voltages and waves are kept, of every pair (heisenberg).
    pub covariance: bool,
    /// Samples that are kept whole, the first ones: their voltages, and records of those where gates measure them (wigner).
    pub trajectories: usize,
    /// Whether the state of every neuron at the end is kept (langevin).
    pub snapshot: bool,
    /// Numbers whose variance is split by where the noise comes from, each by one run backwards (langevin).
    pub budget_of: Vec<Figure>,
}

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

    /// Gates, conductances and currents of every channel of these populations, in the order that they are first met.
    pub fn of_channels<'a>(populations: impl IntoIterator<Item = &'a Population>) -> Vec<[Vec<Self>; 3]> {
        let mut channels: Vec<(Name, [Vec<Self>; 3])> = Vec::new();
        for channel in populations.into_iter().flat_map(|population| population.circuit.channels.iter()) {
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
}

impl Observable {
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

    /// Whether the neurons of a population have such a quantity at all.
    pub fn is_of(self, population: &Population) -> bool {
        let circuit = &population.circuit;
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

impl Quantum {
    /// Whether gates respond to fluctuations that are computed beside the mean field.
    pub fn gates_respond(self) -> bool {
        self.fluctuations.in_tasks() && self.feedback == Feedback::Full
    }

    /// Fluctuations from the conductances of the instant, at zero temperature, up to 200 rad/ms.
    pub fn new(hbar: f64) -> Self {
        Self {
            hbar,
            thermal_energy: 0.0,
            cutoff: 200.0,
            fluctuations: Fluctuations::Adiabatic,
            modes: None,
            samples: 1000,
            feedback: Feedback::default(),
        }
    }
}

impl Network {
    /// Populations alone, in `hodgkin-huxley` units: no sources, waveguides or fluctuations; the voltage of the first
    /// neuron is recorded at every step.
    pub fn new(name: &str, simulation: Simulation, populations: Vec<Population>) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            caption: String::new(),
            units: UnitSystem::HodgkinHuxley,
            simulation,
            quantum: None,
            populations,
            sources: Vec::new(),
            waveguides: Vec::new(),
            states: Vec::new(),
            modes: Vec::new(),
            record: Record::new(simulation.step, vec![0], vec![Observable::Voltage]),
        }
    }

    /// Number of neurons.
    pub fn n_neurons(&self) -> usize {
        self.populations.iter().map(|population| population.count).sum()
    }

    /// Population and index within it of a neuron; `None` beyond the last.
    pub fn locate(&self, neuron: usize) -> Option<(&Population, usize)> {
        self.place_of(neuron).map(|(place, index)| (&self.populations[place], index))
    }

    /// Place of its population in the order of the file, and index within it, of a neuron; `None` beyond the last.
    pub fn place_of(&self, neuron: usize) -> Option<(usize, usize)> {
        let mut first = 0;
        self.populations.iter().enumerate().find_map(|(place, population)| {
            let index = neuron.checked_sub(first).filter(|&index| index < population.count);
            first += population.count;
            index.map(|index| (place, index))
        })
    }

    /// Number of the first neuron of a population; `None` if there is no such population.
    pub fn first_of(&self, population: &str) -> Option<usize> {
        let position = self.populations.iter().position(|p| p.name == population)?;
        Some(self.populations[..position].iter().map(|p| p.count).sum())
    }

    /// Name of a neuron, `relay[3]`.
    pub fn neuron_name(&self, neuron: usize) -> String {
        self.locate(neuron).map_or_else(|| format!("?[{neuron}]"), |(p, index)| format!("{}[{index}]", p.name))
    }

    /// A number as the network file names it: `relay[7].spikes[0]`, `relay[9].voltage at 12 ms`.
    pub fn figure_name(&self, figure: Figure) -> String {
        let neuron = self.neuron_name(figure.neuron());
        match figure {
            Figure::Voltage { time, .. } => {
                format!("{neuron}.voltage at {}", self.units.display(time, Dimension::TIME))
            }
            Figure::Spike { number, .. } => format!("{neuron}.spikes[{number}]"),
        }
    }

    /// Voltage whose upward crossing is a spike of a neuron; none if it has no spikes ([`Population::spike_threshold`]).
    pub fn spike_threshold(&self, neuron: usize) -> Option<f64> {
        self.locate(neuron).and_then(|(population, _)| population.spike_threshold(&self.simulation))
    }

    /// Whether any neuron has a spike threshold.
    pub fn has_spikes(&self) -> bool {
        self.populations.iter().any(|population| population.spike_threshold(&self.simulation).is_some())
    }

    /// Circuit and start of a neuron, everything varied in place; `None` beyond the last.
    pub fn neuron(&self, neuron: usize) -> Option<(Circuit, Initial)> {
        let (population, index) = self.locate(neuron)?;
        let (mut circuit, mut initial) = (population.circuit.clone(), population.initial.clone());
        for variation in &population.varied {
            variation.apply(self.simulation.seed_of_structure(), population, index, &mut circuit, &mut initial);
        }
        if circuit.sense.is_some() {
            // Where it rests nowhere, the check says so.
            circuit = circuit.clone().referred(self.rate_units()).unwrap_or(circuit);
        }
        Some((circuit, initial))
    }

    /// Whether any neuron has a port.
    pub fn has_ports(&self) -> bool {
        self.populations.iter().any(|population| population.circuit.ports().next().is_some())
    }

    /// Whether any waveguide asks for an amplifier.
    pub fn has_amplifiers(&self) -> bool {
        self.waveguides.iter().any(|entry| entry.gain.range().1 > 1.0)
    }

    /// Whether gates respond to fluctuations without the noise of a measurement that tells them of the voltage, so that
    /// commutators are not kept.
    pub fn lacks_noise_of_measurement(&self) -> bool {
        let unmeasured = |population: &Population| population.circuit.has_unmeasured_gates();
        self.quantum.is_some_and(Quantum::gates_respond) && self.populations.iter().any(unmeasured)
    }

    /// Whether gates respond beside field modes.
    pub(crate) fn has_responding_modes(&self) -> bool {
        let modes = |quantum: Quantum| quantum.fluctuations == Fluctuations::Heisenberg;
        self.quantum.is_some_and(|quantum| modes(quantum) && quantum.gates_respond())
    }

    /// How the rate functions of the gates read this network's volts and seconds.
    pub fn rate_units(&self) -> RateUnits {
        self.units.rate_units()
    }

    /// Number of time steps of the run: the whole steps that fit into the duration, give or take rounding.
    pub fn n_steps(&self) -> u64 {
        self.grid().whole_steps(self.simulation.duration)
    }

    /// Number of time steps between two samples.
    pub fn steps_per_sample(&self) -> u64 {
        self.grid().whole_steps(self.record.every).max(1)
    }
}
