//! The equations of a network in their plainest form: classical Runge-Kutta of fourth order at a step far below the
//! engine's, one neuron after the other, what every port sent kept for ever.
//!
//! ```text
//! C dV/dt = I - sum g_i (V - E_i) - sum I_p,   I_p = (V - u_p - 2 A_p)/Z_p,   C_p du_p/dt = I_p
//! B_p = V - u_p - A_p,   A_r(t) = sum over arms  amplitude B_s(t - delay)
//! dx/dt = alpha (1 - x) - beta x
//! ```
//!
//! Nothing of the program goes in but the plain data of the network.

use qhh_core::circuit::{BathRule, Circuit};
use qhh_core::source::{Current, Pulse, PulseTimes, Shape, Train};
use qhh_core::time_grid::TimeGrid;
use qhh_net::Network;
use qhh_net::network::fed::Fed;
use qhh_net::network::{Drive, PacketSource};

use crate::spice::guides::Guides;

/// Course of one neuron, at every step of the reference.
#[derive(Default)]
pub struct Course {
    pub voltage: Vec<f64>,
    /// n, m, h.
    pub gates: Vec<[f64; 3]>,
}

/// Voltage, gates n, m, h, port capacitors.
type State = Vec<f64>;
const FIRST_PORT: usize = 4;

struct Arm {
    sender: usize,
    slot: usize,
    delay: f64,
    amplitude: f64,
}

struct Neuron<'a> {
    circuit: Circuit,
    baths: BathRule,
    sources: Vec<Fed<'a>>,
    /// Arms and wavepackets that arrive at each port.
    arms: Vec<Vec<Arm>>,
    packets: Vec<Vec<(&'a PacketSource, f64)>>,
}

/// Steps a network through at `step`, which divides its duration.
pub fn courses(network: &Network, step: f64) -> Vec<Course> {
    let neurons = neurons(network);
    let n_steps = rounded(network.simulation.duration / step);
    let start = |neuron: usize| {
        let (circuit, initial) = network.neuron(neuron).unwrap();
        let (v, gates) = initial.resolve(&circuit, network.rate_units()).unwrap();
        // A single-channel neuron has one gate; the other two do nothing.
        let gate = |place: usize| gates.get(place).copied().unwrap_or_default();
        let mut state = vec![v, gate(0), gate(1), gate(2)];
        state.extend(circuit.ports().map(|_| v));
        state
    };
    let mut states: Vec<State> = (0..neurons.len()).map(start).collect();
    let mut sent = Sent { step, waves: neurons.iter().map(|n| vec![Vec::new(); n.arms.len()]).collect() };
    let mut courses: Vec<Course> = neurons.iter().map(|_| Course::default()).collect();
    for k in 0..=n_steps {
        let t = k as f64 * step;
        for (i, neuron) in neurons.iter().enumerate() {
            for slot in 0..neuron.arms.len() {
                let wave = states[i][0] - states[i][FIRST_PORT + slot] - neuron.arriving(slot, t, &sent);
                sent.waves[i][slot].push(wave);
            }
            courses[i].voltage.push(states[i][0]);
            courses[i].gates.push([states[i][1], states[i][2], states[i][3]]);
        }
        let stepped = neurons.iter().zip(&states).map(|(neuron, state)| neuron.step(state, t, step, &sent));
        states = stepped.collect();
    }
    courses
}

pub fn rounded(x: f64) -> usize {
    assert!((x - x.round()).abs() < 1e-6, "{x} is no whole number");
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of steps")]
    let number = x.round() as usize;
    number
}

fn neurons(network: &Network) -> Vec<Neuron<'_>> {
    let guides = Guides::new(network);
    let mut neurons: Vec<Neuron<'_>> = (0..network.n_neurons())
        .map(|neuron| {
            let (circuit, _) = network.neuron(neuron).unwrap();
            let n_ports = circuit.ports().count();
            let sources: Vec<_> = network.sources_into(neuron).collect();
            let mut packets = vec![Vec::new(); n_ports];
            for fed in &sources {
                if let Drive::Packet(packet) = &fed.source.drive {
                    let hbar = network.quantum.map_or(0.0, |quantum| quantum.hbar);
                    packets[usize::from(circuit.output.is_some()) + packet.input].push((packet, hbar));
                }
            }
            let arms = (0..n_ports).map(|_| Vec::new()).collect();
            Neuron { circuit, baths: network.simulation.baths, sources, arms, packets }
        })
        .collect();
    for guide in &guides.all {
        let there = (guide.output, guide.input);
        for (from, to) in std::iter::once(there).chain(guide.two_way.then_some((there.1, there.0))) {
            let amplitude = guides.amplitude(guide, from, to);
            neurons[to.0].arms[to.1].push(Arm { sender: from.0, slot: from.1, delay: guide.delay, amplitude });
        }
    }
    neurons
}

/// Waves that left, `[neuron][port][step]`; none before the run.
struct Sent {
    step: f64,
    waves: Vec<Vec<Vec<f64>>>,
}

impl Sent {
    /// Through the four samples around `t`.
    fn at(&self, neuron: usize, slot: usize, t: f64) -> f64 {
        let wave = &self.waves[neuron][slot];
        if t <= 0.0 {
            return 0.0;
        }
        let sample = |k: isize| usize::try_from(k).map_or(0.0, |k| wave[k]);
        around(t / self.step).map(|(k, part)| part * sample(k)).sum()
    }
}

/// The four samples around a place and the parts in which they make up a value there, that of a cubic; one if it lies
/// on one.
pub fn around(place: f64) -> impl Iterator<Item = (isize, f64)> {
    #[expect(clippy::cast_possible_truncation, reason = "a step of the run")]
    let base = (place + 1e-9).floor() as isize;
    let x = place - base as f64;
    let parts = if x.abs() < 1e-6 {
        [0.0, 1.0, 0.0, 0.0]
    } else {
        [
            -x * (x - 1.0) * (x - 2.0) / 6.0,
            (x + 1.0) * (x - 1.0) * (x - 2.0) / 2.0,
            -(x + 1.0) * x * (x - 2.0) / 2.0,
            (x + 1.0) * x * (x - 1.0) / 6.0,
        ]
    };
    (base - 1..).zip(parts).filter(|(_, part)| *part != 0.0)
}

impl Neuron<'_> {
    fn arriving(&self, slot: usize, t: f64, sent: &Sent) -> f64 {
        let arms = self.arms[slot].iter();
        let waves = arms.map(|arm| arm.amplitude * sent.at(arm.sender, arm.slot, t - arm.delay)).sum::<f64>();
        let impedance = self.circuit.ports().nth(slot).unwrap().1.impedance;
        waves
            + self.packets[slot].iter().map(|(packet, hbar)| wavepacket(packet, *hbar, impedance, t)).sum::<f64>()
    }

    /// One step, split wherever a current jumps or bends.
    fn step(&self, state: &State, t: f64, step: f64, sent: &Sent) -> State {
        let mut edges = vec![t, t + step];
        for Fed { drive, .. } in &self.sources {
            edges.extend(breaks(drive, t, t + step));
        }
        edges.retain(|edge| (t..=t + step).contains(edge));
        edges.sort_by(f64::total_cmp);
        let pieces = edges.windows(2).filter(|piece| piece[1] > piece[0]);
        pieces.fold(state.clone(), |state, piece| {
            let (t, h, middle) = (piece[0], piece[1] - piece[0], 0.5 * (piece[0] + piece[1]));
            let slope = |state: &State, t: f64| self.slope(state, t, middle, sent);
            let along =
                |slope: &State, h: f64| -> State { state.iter().zip(slope).map(|(x, d)| x + h * d).collect() };
            let k1 = slope(&state, t);
            let k2 = slope(&along(&k1, 0.5 * h), t + 0.5 * h);
            let k3 = slope(&along(&k2, 0.5 * h), t + 0.5 * h);
            let k4 = slope(&along(&k3, h), t + h);
            (0..state.len()).map(|i| state[i] + h / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i])).collect()
        })
    }

    /// Time derivative of the state; `middle` tells on which side of a jump the currents are meant.
    fn slope(&self, state: &State, t: f64, middle: f64, sent: &Sent) -> State {
        let (v, n, m, h) = (state[0], state[1], state[2], state[3]);
        let conductances = [n.powi(4), m.powi(3) * h, 1.0];
        let mut out = vec![0.0; state.len()];
        let (mut into, mut g_sum, mut g_roots) = (0.0, 0.0, 0.0);
        for (channel, open) in self.circuit.channels.iter().zip(conductances) {
            let g = channel.conductance * open;
            (g_sum, g_roots) = (g_sum + g, g_roots + g.sqrt());
            into -= g * (v - channel.reversal.unwrap_or(0.0));
        }
        if self.baths == BathRule::SharedMode {
            into = -g_sum.sqrt() * g_roots * v;
        }
        for (slot, (_, port)) in self.circuit.ports().enumerate() {
            let current = (v - state[FIRST_PORT + slot] - 2.0 * self.arriving(slot, t, sent)) / port.impedance;
            out[FIRST_PORT + slot] = current / port.capacitance;
            into -= current;
        }
        into += self.sources.iter().map(|fed| fed.factor * current(&fed.drive, t, middle)).sum::<f64>();
        out[0] = into / self.circuit.capacitance;
        let growth = |x: f64| if x.abs() < 1e-6 { 1.0 + 0.5 * x } else { x / (1.0 - (-x).exp()) };
        let rates = [
            (0.1 * growth((v + 55.0) / 10.0), 0.125 * (-(v + 65.0) / 80.0).exp()),
            (growth((v + 40.0) / 10.0), 4.0 * (-(v + 65.0) / 18.0).exp()),
            (0.07 * (-(v + 65.0) / 20.0).exp(), 1.0 / (1.0 + (-(v + 35.0) / 10.0).exp())),
        ];
        for (gate, (opening, closing)) in rates.into_iter().enumerate() {
            let x = state[1 + gate];
            out[1 + gate] = opening * (1.0 - x) - closing * x;
        }
        out
    }
}

/// Times at which a current may jump or bend.
pub fn breaks(drive: &Drive, from: f64, to: f64) -> Vec<f64> {
    match drive {
        Drive::Current(Current { shape, start, stop }) => {
            let mut breaks = vec![*start, *stop];
            match shape {
                Shape::Samples { points } => breaks.extend(points.iter().map(|point| point.0)),
                Shape::Noise { interval, .. } => {
                    let mut k = ((from - start) / interval).floor().max(0.0);
                    while start + k * interval <= to {
                        breaks.push(start + k * interval);
                        k += 1.0;
                    }
                }
                Shape::Train(train) => breaks.extend(pulses(train, *start, to).flatten()),
                _ => {}
            }
            breaks
        }
        Drive::Mode(mode) => vec![mode.start, mode.stop],
        Drive::Packet(_) => Vec::new(),
    }
}

/// Start and end of each rectangular pulse of a train that is not random.
fn pulses(train: &Train, start: f64, to: f64) -> impl Iterator<Item = [f64; 2]> {
    let Pulse::Rectangle { duration } = train.pulse else { panic!("no train of this test: {train:?}") };
    let onset = move |k: u64| match &train.times {
        PulseTimes::Regular { period, count, jitter: 0.0 } => {
            (k < count.unwrap_or(u64::MAX)).then_some(start + k as f64 * period)
        }
        PulseTimes::Listed { times, jitter: 0.0 } => times.get(usize::try_from(k).unwrap()).copied(),
        _ => panic!("no train of this test: {train:?}"),
    };
    (0..).map_while(onset).map(move |from| [from, from + duration]).take_while(move |on| on[0] <= to)
}

fn current(drive: &Drive, t: f64, middle: f64) -> f64 {
    match drive {
        Drive::Current(current @ Current { shape, start, stop }) => {
            if middle < *start || middle >= *stop {
                return 0.0;
            }
            match shape {
                Shape::Constant { amplitude } => *amplitude,
                Shape::Sine { amplitude, omega, phase } => amplitude * (omega * t + phase).sin(),
                Shape::Ramp { from, to } => from + (to - from) * (t - start) / (stop - start),
                // What is drawn is data of the network; how it is held is not.
                Shape::Noise { .. } => current.on(TimeGrid::new(1.0)).at(middle),
                Shape::Train(train) => {
                    let on = pulses(train, *start, middle).filter(|on| (on[0]..on[1]).contains(&middle)).count();
                    train.amplitude * on as f64
                }
                Shape::Samples { points } => {
                    let piece = points.windows(2).find(|piece| (piece[0].0..piece[1].0).contains(&middle));
                    piece.map_or(0.0, |piece| {
                        let [(t0, i0), (t1, i1)] = [piece[0], piece[1]];
                        i0 + (i1 - i0) * (t - t0) / (t1 - t0)
                    })
                }
            }
        }
        Drive::Mode(mode) => {
            if middle < mode.start || middle >= mode.stop {
                return 0.0;
            }
            let mean = mode.state.moments().mean;
            let (sin, cos) = (mode.omega * t).sin_cos();
            let envelope = mode.envelope.map_or(1.0, |envelope| envelope.at(t));
            2.0 * mode.zero_point * envelope * (mean.re * cos + mean.im * sin)
        }
        Drive::Packet(_) => 0.0,
    }
}

/// `2 sqrt(hbar w Z/2) xi(t) Re(alpha e^{-iwt})`, `xi` a Gaussian whose square has integral 1.
fn wavepacket(source: &PacketSource, hbar: f64, impedance: f64, t: f64) -> f64 {
    let (packet, alpha) = (source.packet, source.state.moments().mean);
    let (sin, cos) = (packet.carrier * t).sin_cos();
    let wave = 2.0 * (hbar * packet.carrier * impedance / 2.0).sqrt() * envelope(source, t);
    wave * (alpha.re * cos + alpha.im * sin)
}

/// `xi(t)`.
pub fn envelope(source: &PacketSource, t: f64) -> f64 {
    let packet = source.packet;
    let away = (t - packet.centre) / packet.width;
    (-away * away / 4.0).exp() / (std::f64::consts::TAU.sqrt() * packet.width).sqrt()
}
