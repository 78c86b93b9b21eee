//! Random networks, each the same everywhere by its number: everything small, nothing regular.

use qhh_core::circuit::{BathRule, Channels, Circuit, Initial, Inputs};
use qhh_core::num_complex::Complex64;
use qhh_core::port::Port;
use qhh_core::quantum::State;
use qhh_core::source::{Current, Envelope, ModeSource, Packet, Pulse, PulseTimes, Shape, Train};
use qhh_core::units::UnitSystem;
use qhh_net::Network;
use qhh_net::network::fed::draws_of;
use qhh_net::network::{
    Delay, Direction, Drive, Feedback, Fluctuations, Observable, PacketSource, Parameter, Population, PortPlace,
    Quantum, Record, Source, StartValue, TimeStepping, Variation, Waveguides,
};
use qhh_net::network::{ParameterValues, Pattern};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// The longest step that a generated network is run at, in ms; every delay is at least as long.
pub const STEP: f64 = 0.02;

/// All times of the networks are multiples of it.
const THIRD: f64 = STEP / 3.0;

/// The network of this number.
pub fn network(number: usize) -> Network {
    // A draw that is refused (a wavepacket where a waveguide ends, a ring of one) is followed by another.
    let mut draws = (0..).map(|attempt| Draw::new(number, attempt).network(number));
    draws.find(|network| network.check().is_empty()).expect("the draws do not end")
}

/// Neurons at most of a network whose fluctuations are compared.
const FEW_NEURONS: usize = 6;

/// The network of this number of another sequence: small, with fluctuations by field modes, left alone for a few steps.
pub fn fluctuating(number: usize) -> Network {
    let stream = usize::MAX / 2 + number;
    let mut draws = (0..).map(|attempt| Draw::new(stream, attempt).fluctuating(number));
    let suits = |network: &Network| network.n_neurons() <= FEW_NEURONS && network.check().is_empty();
    draws.find(suits).expect("the draws do not end")
}

/// Neurons at most of a network whose fluctuations are compared through a run, and its longest duration.
const FEWER_NEURONS: usize = 4;
const SHORT: f64 = 6.0;

/// The network of this number of a third sequence: smaller still, with fluctuations by field modes beside what its
/// sources, some of them squeezed, do to it.
pub fn driven(number: usize) -> Network {
    let stream = usize::MAX / 4 + number;
    let mut draws = (0..).map(|attempt| Draw::new(stream, attempt).driven(number));
    let suits = |network: &Network| {
        network.n_neurons() <= FEWER_NEURONS && network.simulation.duration <= SHORT && network.check().is_empty()
    };
    draws.find(suits).expect("the draws do not end")
}

/// The network of this number of a fourth sequence: for samples, at twice the step, with sources that squeeze and move
/// nothing.
pub fn sampled(number: usize) -> Network {
    let stream = usize::MAX / 8 + number;
    let mut draws = (0..).map(|attempt| Draw::new(stream, attempt).sampled(number));
    let suits = |network: &Network| network.n_neurons() <= FEWER_NEURONS && network.check().is_empty();
    draws.find(suits).expect("the draws do not end")
}

struct Draw(ChaCha8Rng);

impl Draw {
    fn new(number: usize, attempt: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(0xd1ff_e4e5);
        random.set_stream(number as u64);
        random.set_word_pos(u128::from(attempt) << 20);
        Self(random)
    }

    fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 * 0.5f64.powi(53)
    }

    /// To three digits, as files have them.
    fn between(&mut self, low: f64, high: f64) -> f64 {
        let value = low + (high - low) * self.unit();
        (value * 1e3).round() / 1e3
    }

    /// From 0, below `end`.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u64() % end.max(1) as u64).expect("it is below a usize")
    }

    /// A time from `low` on, below `high`: a whole number of steps, or of thirds of the step. What jumps there lies on a
    /// step or at a third of it however often the step is halved, so that halving shows the order.
    fn time(&mut self, low: f64, high: f64) -> f64 {
        let unit = if self.chance(0.4) { STEP } else { THIRD };
        ((low + (high - low) * self.unit()) / unit).ceil() * unit
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Some of the neurons, at least one, ascending.
    fn some_of(&mut self, count: usize) -> Vec<usize> {
        let first = self.below(count);
        (0..count).filter(|&neuron| neuron == first || self.chance(0.3)).collect()
    }

    fn network(&mut self, number: usize) -> Network {
        // Batteries and a shared bath exclude each other.
        let shared = self.chance(0.1);
        let mut simulation = TimeStepping::new((self.between(4.0, 16.0) / 0.08).round() * 0.08, STEP);
        simulation.seed = 1 + number as u64;
        simulation.spike_threshold = Some(if shared { 0.1 } else { 0.0 });
        simulation.baths = if shared { BathRule::SharedMode } else { BathRule::Independent };
        let n_populations = 1 + self.below(3);
        let populations: Vec<_> = (0..n_populations).map(|k| self.population(k, shared)).collect();
        let count = populations.iter().map(|population| population.count).sum();
        let mut network = Network {
            name: format!("random_{number}"),
            description: String::new(),
            caption: String::new(),
            units: UnitSystem::HodgkinHuxley,
            simulation,
            // For the mean of wavepackets.
            quantum: Some(Quantum { fluctuations: Fluctuations::None, ..Quantum::new(0.5) }),
            populations,
            sources: Vec::new(),
            waveguides: Vec::new(),
            states: Vec::new(),
            modes: Vec::new(),
            record: Record::new(4.0 * STEP, (0..count).collect(), vec![Observable::Voltage, Observable::N]),
        };
        self.waveguides(&mut network);
        for k in 0..=self.below(3) {
            let source = self.source(k, &network);
            network.sources.push(source);
        }
        network
    }

    fn fluctuating(&mut self, number: usize) -> Network {
        let mut network = self.network(number);
        network.sources.clear();
        network.simulation.duration = 4.0 * STEP;
        self.quantum(&mut network, 150.0);
        network
    }

    fn sampled(&mut self, number: usize) -> Network {
        let mut network = self.fluctuating(number);
        network.simulation.step = 2.0 * STEP;
        let isolated = network.waveguides.iter().all(|entry| entry.direction == Direction::Isolated);
        if let Some(entry) = network.waveguides.first_mut().filter(|_| isolated)
            && self.chance(0.25)
        {
            entry.gain = ParameterValues::Same(self.between(1.0, 1.4));
        }
        for entry in &mut network.waveguides {
            let later = |time: &f64| time + STEP;
            entry.delay = match &entry.delay {
                Delay::Time(ParameterValues::Same(time)) => Delay::Time(ParameterValues::Same(later(time))),
                Delay::Time(ParameterValues::Each(times)) => {
                    Delay::Time(ParameterValues::Each(times.iter().map(later).collect()))
                }
                Delay::Length { length: ParameterValues::Same(length), velocity } => {
                    Delay::Length { length: ParameterValues::Same(length + STEP * velocity), velocity: *velocity }
                }
                other => other.clone(),
            };
        }
        let squeezed = |draw: &mut Self| State::Squeezed {
            r: draw.between(0.3, 1.0),
            phase: draw.between(-3.0, 3.0),
            displacement: Complex64::ZERO,
        };
        let centre = self.between(3.0, 9.0);
        if self.chance(0.5) {
            let envelope = Some(Envelope::Gaussian { centre, width: 1.5 });
            let (start, state) = (self.time(0.0, 2.0), squeezed(self));
            let (zero_point, omega) = (self.between(0.3, 0.8), self.between(0.5, 4.0));
            let mode = ModeSource { zero_point, omega, start, stop: f64::INFINITY, envelope, state };
            let into = self.some_of(network.n_neurons());
            network.sources.push(Source::new("squeezed", into, Drive::Mode(mode)));
        }
        if self.chance(0.4) {
            let packet = Packet { carrier: self.between(2.0, 6.0), centre, width: 0.8 };
            let state =
                if self.chance(0.7) { squeezed(self) } else { State::Thermal { photons: self.between(0.5, 3.0) } };
            let into = vec![self.below(network.n_neurons())];
            network.sources.push(Source::new(
                "packet",
                into,
                Drive::Packet(PacketSource { packet, input: 0, state }),
            ));
        }
        network
    }

    fn driven(&mut self, number: usize) -> Network {
        let mut network = self.network(number);
        for source in &mut network.sources {
            let state = match &mut source.drive {
                Drive::Current(_) => continue,
                Drive::Mode(mode) => &mut mode.state,
                Drive::Packet(PacketSource { packet, state, .. }) => {
                    // All of it comes after the start.
                    packet.width = packet.centre / 6.0;
                    packet.carrier = 2.0 / packet.width;
                    state
                }
            };
            if self.chance(0.7) {
                let displacement = state.moments().mean;
                *state =
                    State::Squeezed { r: self.between(0.2, 1.0), phase: self.between(-3.0, 3.0), displacement };
            }
        }
        // Enough to make most neurons fire, early.
        let (start, strong) =
            (self.time(0.1, 1.0), if network.simulation.baths == BathRule::SharedMode { 0.1 } else { 1.0 });
        let stop = start + self.time(0.5, 2.0);
        let shape = Shape::Constant { amplitude: strong * self.between(20.0, 80.0) };
        let kick = Drive::Current(Current { shape, start, stop });
        network.sources.push(Source::new("kick", self.some_of(network.n_neurons()), kick));
        self.quantum(&mut network, 40.0);
        network
    }

    fn quantum(&mut self, network: &mut Network, highest: f64) {
        network.record.observables = vec![Observable::Voltage];
        network.record.covariance = true;
        let warm = self.chance(0.6);
        network.quantum = Some(Quantum {
            thermal_energy: if warm { self.between(0.01, 20.0) } else { 0.0 },
            cutoff: self.between(5.0, highest),
            fluctuations: Fluctuations::Heisenberg,
            // As the plain solvers have them.
            feedback: Feedback::Mean,
            ..Quantum::new(self.between(0.01, 2.0))
        });
    }

    fn port(&mut self) -> Port {
        Port { capacitance: self.between(0.2, 1.5), impedance: self.between(1.0, 5.0) }
    }

    fn population(&mut self, k: usize, shared: bool) -> Population {
        let batteries = !shared && self.chance(0.85);
        let mut spread = |value: f64| (value * self.between(0.9, 1.1) * 1e3).round() / 1e3;
        let potassium = spread(36.0);
        let channels = if self.chance(0.2) {
            Channels::single(potassium, batteries.then_some(-77.0))
        } else {
            Channels::three([potassium, 120.0, 0.3], batteries.then_some([-77.0, 50.0, -54.387]))
        };
        let output = if self.chance(0.85) { Some(self.port()) } else { None };
        let inputs: Vec<_> = (0..[0, 1, 1, 1, 2][self.below(5)]).map(|_| self.port()).collect();
        let inputs = Inputs::several(&inputs).expect("two are not too many");
        let circuit = Circuit { capacitance: self.between(0.7, 1.5), channels, output, inputs, sense: None };
        // Some fill more than one block of the engine's sixteen or thirty-two.
        let count = if self.chance(0.05) { [17, 18, 33][self.below(3)] } else { 1 + self.below(4) };
        let mut population = Population::new(&format!("p{k}"), count, circuit);
        if self.chance(0.3) {
            let (n, v) = (self.between(0.1, 0.8), if batteries { self.between(-75.0, -40.0) } else { 0.5 });
            population.initial = Initial::Given { voltage: Some(v), gates: vec![Some(n), None, None] };
        }
        if self.chance(0.4) {
            let values = ParameterValues::Uniform { low: 0.8, high: 1.2 };
            population.varied.push(Variation { parameter: Parameter::Capacitance, values });
        }
        if self.chance(0.2) {
            let values = ParameterValues::Normal { mean: 36.0, deviation: 2.0, low: 30.0, high: 45.0 };
            population.varied.push(Variation { parameter: Parameter::Conductance(0), values });
        }
        if self.chance(0.2) && population.circuit.output.is_some() {
            let values = ParameterValues::Linear { from: 2.0, to: 4.0 };
            population.varied.push(Variation { parameter: Parameter::PortImpedance(PortPlace::Output), values });
        }
        if self.chance(0.3) && !population.circuit.inputs.is_empty() {
            let values = ParameterValues::Linear { from: 1.5, to: 4.5 };
            population.varied.push(Variation { parameter: Parameter::PortImpedance(PortPlace::Input(0)), values });
        }
        if self.chance(0.2) && batteries {
            let values = (0..population.count).map(|_| self.between(-70.0, -55.0)).collect();
            let parameter = Parameter::Initial(StartValue::Voltage);
            population.varied.push(Variation { parameter, values: ParameterValues::Each(values) });
        }
        population
    }

    /// A current that is on at some time of the run; its jumps lie anywhere.
    fn window(&mut self, duration: f64) -> (f64, f64) {
        let start = self.time(0.0, 0.5 * duration);
        if self.chance(0.3) { (start, f64::INFINITY) } else { (start, start + self.time(0.5, 0.4 * duration)) }
    }

    fn source(&mut self, k: usize, network: &Network) -> Source {
        let (count, duration) = (network.n_neurons(), network.simulation.duration);
        let (start, stop) = self.window(duration);
        let weak = if network.simulation.baths == BathRule::SharedMode { 0.1 } else { 1.0 };
        let amplitude = weak * self.between(2.0, 40.0);
        let omega = self.between(0.5, 8.0);
        let current = |shape| Drive::Current(Current { shape, start, stop });
        let drive = match self.below(8) {
            0 => current(Shape::Constant { amplitude }),
            1 => {
                let period = std::f64::consts::TAU / omega;
                let regular = |k: usize| start + k as f64 * period;
                let listed: Vec<f64> = (0..1000).map(regular).take_while(|time| *time < duration).collect();
                // Every third at listed times, of which some are left out.
                let times = if (omega * 1e6).floor() % 3.0 == 0.0 && listed.len() > 2 {
                    let times = listed.into_iter().enumerate().filter(|(k, _)| k % 3 != 1).map(|(_, time)| time);
                    PulseTimes::Listed { times: times.collect(), jitter: 0.0 }
                } else {
                    PulseTimes::Regular { period, count: None, jitter: 0.0 }
                };
                current(Shape::Train(Train {
                    pulse: Pulse::Rectangle { duration: 0.6 * period },
                    amplitude,
                    times,
                    draws: draws_of(network.simulation.seed, "train", true),
                }))
            }
            2 => current(Shape::Sine { amplitude, omega, phase: self.between(-3.0, 3.0) }),
            3 => {
                let stop = if stop.is_finite() { stop } else { duration };
                let shape = Shape::Ramp { from: 0.0, to: amplitude };
                Drive::Current(Current { shape, start, stop })
            }
            4 => current(Shape::Noise {
                mean: amplitude,
                deviation: 0.5 * amplitude,
                interval: self.time(0.1, 1.0),
                draws: draws_of(network.simulation.seed, "noise", self.chance(0.5)),
            }),
            5 => {
                let mut t = self.time(0.0, 1.0);
                let mut point = || {
                    t += self.time(0.1, 2.0);
                    (t, weak * self.between(-10.0, 30.0))
                };
                let points = (0..6).map(|_| point()).collect();
                Drive::Current(Current { shape: Shape::Samples { points }, start: 0.0, stop: f64::INFINITY })
            }
            6 => {
                let state = State::Coherent(Complex64::new(self.between(-20.0, 20.0), self.between(-20.0, 20.0)));
                let centre = self.between(0.0, duration);
                let envelope =
                    if self.chance(0.5) { Some(Envelope::Gaussian { centre, width: 1.5 }) } else { None };
                Drive::Mode(ModeSource { zero_point: 0.2 * weak, omega, start, stop, envelope, state })
            }
            _ => {
                let packet =
                    Packet { carrier: self.between(2.0, 8.0), centre: self.between(1.0, duration), width: 1.0 };
                let state = State::Coherent(Complex64::new(self.between(-4.0, 4.0), self.between(-4.0, 4.0)));
                let drive = Drive::Packet(PacketSource { packet, input: 0, state });
                // Into one neuron, or into several, whose ports differ.
                let into = if self.chance(0.5) { vec![self.below(count)] } else { self.some_of(count) };
                return Source::new(&format!("s{k}"), into, drive);
            }
        };
        let mut source = Source::new(&format!("s{k}"), self.some_of(count), drive);
        if self.chance(0.3) && matches!(source.drive, Drive::Current(_)) {
            source.scale = Some(ParameterValues::Uniform { low: 0.5, high: 1.5 });
        }
        source
    }

    fn delay(&mut self, pattern: &Pattern) -> Delay {
        match (self.below(4), pattern) {
            (0, _) => Delay::Time(ParameterValues::Same(STEP * (1 + self.below(100)) as f64)),
            (1, _) => {
                let velocity = self.between(1.0, 4.0);
                Delay::Length { length: ParameterValues::Same(velocity * self.time(0.1, 2.0)), velocity }
            }
            (_, Pattern::Pairs(pairs)) => {
                Delay::Time(ParameterValues::Each(pairs.iter().map(|_| self.time(STEP, 2.0)).collect()))
            }
            _ => Delay::Time(ParameterValues::Same(self.time(STEP, 2.0))),
        }
    }

    fn waveguides(&mut self, network: &mut Network) {
        let first: Vec<usize> =
            network.populations.iter().map(|p| network.first_of(&p.name).unwrap_or(0)).collect();
        let with = |network: &Network, has: &dyn Fn(&Circuit) -> bool| -> Vec<usize> {
            (0..network.populations.len()).filter(|&k| has(&network.populations[k].circuit)).collect()
        };
        let senders = with(network, &|circuit| circuit.output.is_some());
        let receivers = with(network, &|circuit| !circuit.inputs.is_empty());
        if senders.is_empty() || receivers.is_empty() {
            return;
        }
        let of = |network: &Network, k: usize| -> Vec<usize> {
            (first[k]..first[k] + network.populations[k].count).collect()
        };
        let two_way = self.chance(0.2);
        for k in 0..if two_way { 1 } else { 1 + self.below(3) } {
            let (s, r) = (senders[self.below(senders.len())], receivers[self.below(receivers.len())]);
            let (from, to) = (of(network, s), of(network, r));
            let pattern = match self.below(if two_way { 2 } else { 8 }) {
                0 if s == r => Pattern::Chain,
                1 if s == r && !two_way => Pattern::Ring,
                0 | 1 => Pattern::OneToOne,
                2 => Pattern::AllToAll,
                3 => Pattern::FixedFanIn { k: 1 + self.below(2) },
                4 => Pattern::Random { probability: 0.5 },
                5 if s == r && from.len() > 1 => {
                    Pattern::Feedforward { layers: vec![1; from.len()], fan_out: None }
                }
                _ => {
                    let pair = |draw: &mut Self| (draw.below(from.len()), draw.below(to.len()));
                    let small = |number: usize| u32::try_from(number).expect("there are few");
                    let pairs = (0..=self.below(4)).map(|_| pair(self)).map(|(a, b)| (small(a), small(b)));
                    Pattern::Pairs(pairs.collect())
                }
            };
            let mut entry = Waveguides::new(&format!("w{k}"), from, to, pattern, 1.0);
            entry.delay = self.delay(&entry.pattern);
            entry.allow_self = self.chance(0.2);
            if network.populations[r].inputs.len() > 1 {
                entry.port = Some(network.populations[r].inputs[self.below(2)].clone());
            }
            if self.chance(0.6) {
                entry.transmission = match self.below(2) {
                    0 => ParameterValues::Same(self.between(0.1, 1.0)),
                    _ => ParameterValues::Uniform { low: 0.3, high: 1.0 },
                };
            }
            if self.chance(0.4) && !two_way {
                entry.weight = match self.below(2) {
                    0 => ParameterValues::Same(self.between(-1.5, 1.5)),
                    _ => ParameterValues::Uniform { low: -1.0, high: 1.0 },
                };
            }
            if self.chance(0.1) && !two_way {
                entry.gain = ParameterValues::Same(self.between(1.0, 1.5));
            }
            if two_way {
                entry.direction = Direction::TwoWay;
            }
            network.waveguides.push(entry);
        }
    }
}
