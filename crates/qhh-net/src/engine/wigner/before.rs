//! How long samples run before the run begins: until what is older makes no difference.
//!
//! A neuron forgets within a few of its own memories. Waves under way last longer: in a loop that loses little, echoes
//! come round many times. What noise of the time before `-T` adds to a variance at the start is bounded, frequency by
//! frequency, by
//!
//! ```text
//! int_T^inf |h(t)|^2 dt <= e^{-2aT} int |h(t) e^{at}|^2 dt       for every a > 0 for which the integral exists
//! ```
//!
//! where `h(t) e^{at}` is the response at the complex frequency `w - ia`. It is followed from waveguide to waveguide:
//! what leaves the ports, `L`, comes back as `R W L`, and the squares of all rounds add up, because their noise is of
//! different times. Each frequency takes the `a` that gives the least. Ours.

use std::f64::consts::PI;

use qhh_core::circuit::MAX_PORTS;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, Node as Frequency};
use qhh_core::stop;

use crate::engine::heisenberg::answers::Answers;
use crate::engine::heisenberg::gates::AtStart;
use crate::engine::heisenberg::graph::ModeGraph;

/// Memories of the slowest neuron that a sample runs before the run begins.
const MEMORIES: f64 = 5.0;
/// Part of a variance that older waves may add.
const ENOUGH: f64 = 2e-3;
/// Steps before the run at most, for memories and for echoes.
const MOST_STEPS: f64 = 1e6;
const MOST_STEPS_OF_ECHOES: f64 = 262_144.0;
/// Frequencies at which echoes are followed.
const FREQUENCIES: usize = 24;
/// Rounds that echoes are followed for, and the power left at which no more are.
const ROUNDS: usize = 128;
const FADED: f64 = 1e-8;
/// Decays tried at each frequency: the largest, in slowest rates; each next one is so much smaller; how many, and how many
/// of those that suit.
const FASTEST: f64 = 0.8;
const SMALLER: f64 = 0.6;
const TRIED: usize = 24;
const SUITING: usize = 4;

/// The time before a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Before {
    pub(crate) steps: usize,
    /// Those that the neurons' own memories take, without waves under way.
    pub(crate) own: usize,
    /// Part of a variance at the start that older waves may add; no more than [`ENOUGH`] unless that takes too long.
    pub(crate) missing: f64,
}

/// What one frequency adds to the variance at the start, relative, from the time before `-T`: the least of
/// `size e^{-2aT}` over pairs of `a` and `size`.
type Bounds = Vec<(f64, f64)>;

impl Before {
    /// Of a network whose nodes start with these channels; the voltages of the `recorded` ones count.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "numbers of steps, kept in bounds"
    )]
    pub(crate) fn new(graph: &ModeGraph, g: &[AtStart], recorded: &[usize], bath: Bath, dt: f64) -> Self {
        let rates = graph.nodes.iter().zip(g).map(|(node, g)| g.slowest(&node.circuit));
        let slowest = rates.fold(f64::INFINITY, f64::min);
        let own = (MEMORIES / (slowest * dt)).clamp(16.0, MOST_STEPS);
        if graph.rows.is_empty() || recorded.is_empty() {
            return Self { steps: own as usize, own: own as usize, missing: 0.0 };
        }
        let bounds = bounds(graph, g, recorded, bath, slowest, dt);
        let missing = |steps: f64| -> f64 {
            let least = |bounds: &Bounds| {
                let sizes = bounds.iter().map(|(a, size)| size * (-2.0 * a * steps * dt).exp());
                sizes.fold(f64::INFINITY, f64::min)
            };
            bounds.iter().map(least).sum()
        };
        let most = MOST_STEPS_OF_ECHOES.max(own);
        let (mut low, mut high) = (own, own);
        while missing(high) > ENOUGH && high < most {
            (low, high) = (high, (2.0 * high).min(most));
        }
        while high - low > 0.02 * high && missing(high) <= ENOUGH {
            let middle = 0.5 * (low + high);
            if missing(middle) > ENOUGH { low = middle } else { high = middle }
        }
        Self { steps: high.ceil() as usize, own: own as usize, missing: missing(high) }
    }

    /// Whether older waves may matter.
    pub(crate) fn is_short(&self) -> bool {
        self.missing > 1.5 * ENOUGH
    }
}

/// The bounds of each frequency.
fn bounds(graph: &ModeGraph, g: &[AtStart], recorded: &[usize], bath: Bath, slowest: f64, dt: f64) -> Vec<Bounds> {
    let frequencies = bath.some_nodes(slowest, FREQUENCIES);
    let follow = |frequency: &Frequency, a: f64| {
        Echoes { graph, recorded, dt }.follow(g, Complex64::new(frequency.omega, -a))
    };
    let weight = |frequency: &Frequency| frequency.weight * bath.energy(frequency.omega);
    // Variances of the recorded voltages.
    let mut variances = vec![0.0; recorded.len()];
    let mut all = Vec::new();
    for frequency in &frequencies {
        let squares = follow(frequency, 0.0);
        for (variance, square) in variances.iter_mut().zip(squares.own.iter().zip(&squares.later)) {
            *variance += weight(frequency) * (square.0 + square.1);
        }
        all.push(squares);
    }
    let relative = |frequency: &Frequency, later: &[f64]| {
        let each = later.iter().zip(&variances).map(|(square, variance)| weight(frequency) * square / variance);
        each.fold(0.0, f64::max)
    };
    let of = |(frequency, squares): (&Frequency, &Squares)| {
        // What does not fade stays.
        let mut bounds = vec![(0.0, relative(frequency, &squares.later))];
        let mut a = FASTEST * slowest;
        for _ in 0..TRIED {
            let squares = follow(frequency, a);
            if squares.fades {
                bounds.push((a, relative(frequency, &squares.later)));
            }
            if bounds.len() > SUITING {
                break;
            }
            a *= SMALLER;
        }
        bounds
    };
    frequencies.iter().zip(&all).map(of).collect()
}

/// Squares of the recorded voltages in response to all noise, by what comes straight and by what has been under way.
struct Squares {
    own: Vec<f64>,
    later: Vec<f64>,
    /// Whether the rounds have a sum.
    fades: bool,
}

struct Echoes<'a> {
    graph: &'a ModeGraph,
    recorded: &'a [usize],
    dt: f64,
}

impl Echoes<'_> {
    /// Follows the noise of all lines, in units of the strength `hbar w coth`, at a complex frequency.
    fn follow(&self, g: &[AtStart], omega: Complex64) -> Squares {
        let graph = self.graph;
        stop::check();
        let answers: Vec<Answers> = graph
            .nodes
            .iter()
            .zip(g)
            .map(|(node, g)| Answers::new(&node.circuit, g.admittance(omega), omega))
            .collect();
        let turned: Vec<Vec<Complex64>> = graph
            .nodes
            .iter()
            .map(|node| {
                let of = |lag: f64, amplitude: f64| (Complex64::I * omega * (lag * self.dt)).exp() * amplitude;
                node.arms.iter().map(|arm| of(arm.lag, arm.amplitude)).collect()
            })
            .collect();
        let impedances: Vec<f64> = graph
            .rows
            .iter()
            .map(|&(node, slot)| {
                graph.nodes[node].circuit.ports().nth(slot).map_or(1.0, |(_, port)| port.impedance)
            })
            .collect();
        // Noise of one line is a phase of its own.
        let mut phase = Phases(omega.re.to_bits());
        let mut voltages = vec![Complex64::ZERO; graph.nodes.len()];
        let mut arriving = vec![[Complex64::ZERO; MAX_PORTS]; graph.nodes.len()];
        for (node, of_node) in graph.nodes.iter().enumerate() {
            voltages[node] = phase.next() * (g[node].g / PI).sqrt() / answers[node].whole;
            for (slot, (_, port)) in of_node.circuit.ports().enumerate() {
                let noise =
                    phase.next() * (0.25 / PI * port.impedance * of_node.noise[slot].total().max(0.0)).sqrt();
                arriving[node][slot] = noise;
                voltages[node] += answers[node].voltage(slot) * noise;
            }
        }
        let squares = |voltages: &[Complex64]| -> Vec<f64> {
            self.recorded.iter().map(|&node| voltages[node].norm_sqr()).collect()
        };
        let own = squares(&voltages);
        let mut later = vec![0.0; self.recorded.len()];
        let mut powers = Vec::with_capacity(ROUNDS);
        // Without loops the last waveguide comes after as many rounds as there are nodes, at most.
        let rounds = if graph.has_loops() { ROUNDS } else { graph.nodes.len() };
        for round in 0..rounds {
            let leaves = |(&(node, slot), _): (&(usize, usize), &f64)| {
                let (of_voltage, of_wave) = answers[node].leaving(slot);
                of_voltage * voltages[node] + of_wave * arriving[node][slot]
            };
            let leaving: Vec<Complex64> = graph.rows.iter().zip(&impedances).map(leaves).collect();
            let power: f64 = leaving.iter().zip(&impedances).map(|(wave, z)| wave.norm_sqr() / z).sum();
            powers.push(power);
            if !power.is_finite() || power <= FADED * powers[0] {
                return Squares { own, later, fades: power.is_finite() };
            }
            for (node, of_node) in graph.nodes.iter().enumerate() {
                arriving[node] = [Complex64::ZERO; MAX_PORTS];
                for (arm, turned) in of_node.arms.iter().zip(&turned[node]) {
                    arriving[node][arm.slot] += turned * leaving[arm.row];
                }
                let ports = of_node.circuit.ports().count();
                voltages[node] = (0..ports).map(|slot| answers[node].voltage(slot) * arriving[node][slot]).sum();
            }
            let now = squares(&voltages);
            // The rounds that are not followed go on as the last ones did.
            let after = if round + 1 == ROUNDS && graph.has_loops() {
                let ratio = (powers[ROUNDS - 1] / powers[ROUNDS / 2]).powf(1.0 / (ROUNDS / 2 - 1) as f64);
                if ratio >= 1.0 {
                    return Squares { own, later, fades: false };
                }
                1.0 / (1.0 - ratio)
            } else {
                1.0
            };
            later.iter_mut().zip(now).for_each(|(sum, square)| *sum += after * square);
        }
        Squares { own, later, fades: true }
    }
}

/// Phases that have nothing to do with one another (splitmix64).
struct Phases(u64);

impl Phases {
    fn next(&mut self) -> Complex64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^= x >> 31;
        Complex64::from_polar(1.0, std::f64::consts::TAU * (x >> 11) as f64 * 0.5f64.powi(53))
    }
}
