//! Where an answer jumps: at the time of the number, and earlier by the delays of the waveguides that lead there.
//!
//! A wave moves the voltage at once, and what leaves an output port is in the neuron after it a delay later. In steps, such
//! a jump is spread over one or two of them, and lies between two of them where the delay does. Noise that turns by more
//! than a step's worth would feel that; so the difference of the jump to what the steps make of it is added, for the few
//! lines it is large for: those of the number's own neuron, and the waves that arrive there without any neuron between.

use std::collections::BTreeMap;

use qhh_core::circuit::Circuit;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::linear_rule;

use super::emitted::Kept;
use super::lines::{BlockLine, Drive};
use super::spectrum::{Spectrum, hat};
use crate::coupling::Coupling;
use crate::coupling::scattering::{PortAt, for_each_row, lag};
use crate::network::Network;

/// Steps to either side within which a jump's difference counts: it has no mean, and falls off as the fourth power.
const NEAR: i64 = 64;
/// Part of the first jump below which reflections of it are left alone.
const LEAST: f64 = 0.02;
/// Jumps at most.
const MOST: usize = 4096;

/// A jump from 1 to 0 as time goes on, and what the steps make of it.
#[derive(Debug, Clone, PartialEq)]
struct Jump {
    /// Where it is, in steps.
    at: f64,
    /// The first step whose value is neither, and the values from there on.
    first: i64,
    values: Vec<f64>,
}

/// What jumps.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    /// The answer to a change of a neuron's voltage.
    Voltage,
    /// That to a wave which leaves this port.
    Leaving(usize),
}

/// A jump in one neuron.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    neuron: usize,
    what: What,
    height: f64,
    jump: Jump,
}

impl Jump {
    /// At a step, or this part of the way to the next, where a straight line between the two is looked at.
    #[expect(clippy::cast_possible_wrap, reason = "a step of a run")]
    fn at(step: usize, part: f64) -> Self {
        Self { at: step as f64 + part, first: step as i64, values: vec![0.5 * (1.0 + part), 0.5 * part] }
    }

    fn value(&self, step: i64) -> f64 {
        match usize::try_from(step - self.first) {
            Err(_) => 1.0,
            Ok(place) => self.values.get(place).copied().unwrap_or(0.0),
        }
    }

    /// The same a delay earlier, as delays between steps are made.
    fn earlier(&self, (whole, part): (u32, f64)) -> Self {
        let first = self.first - i64::from(whole) - 1;
        let of = |more: usize| {
            let step = first + i64::try_from(more).unwrap_or(0) + i64::from(whole);
            (1.0 - part) * self.value(step) + part * self.value(step + 1)
        };
        Self { at: self.at - f64::from(whole) - part, first, values: (0..=self.values.len()).map(of).collect() }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a step of a run")]
    fn base(&self) -> i64 {
        self.at.floor() as i64
    }

    /// The jump less the straight lines between the steps' values, as points and weights of its integrals: times from
    /// [`Jump::base`] on.
    #[expect(clippy::cast_precision_loss, reason = "a step of a run")]
    fn difference(&self) -> Vec<(f64, f64)> {
        let last = self.first + i64::try_from(self.values.len()).unwrap_or(0);
        let mut breaks: Vec<f64> = (self.first - 1..=last).map(|step| step as f64).collect();
        breaks.push(self.at);
        breaks.sort_by(f64::total_cmp);
        let mut points = Vec::new();
        for pair in breaks.windows(2).filter(|pair| pair[1] - pair[0] > 1e-9) {
            for node in linear_rule(-1.0, 1.0, 12) {
                let (half, middle) = (0.5 * (pair[1] - pair[0]), 0.5 * (pair[0] + pair[1]));
                let x = middle + half * node.omega;
                let step = x.floor();
                #[expect(clippy::cast_possible_truncation, reason = "a step of a run")]
                let (low, part) = (step as i64, x - step);
                let steps = (1.0 - part) * self.value(low) + part * self.value(low + 1);
                let jump = if middle < self.at { 1.0 } else { 0.0 };
                points.push((x - self.base() as f64, half * node.weight * (jump - steps)));
            }
        }
        points
    }
}

/// The jumps of the answers to a number with these slopes by the voltage of a neuron at some steps.
pub(super) fn edges(network: &Network, coupling: &Coupling, neuron: usize, slopes: &[(usize, f64)]) -> Vec<Edge> {
    let (layout, scattering) = (&coupling.layout, &coupling.scattering);
    let mut ports: Vec<Option<PortAt>> = vec![None; scattering.n_senders()];
    for_each_row(&scattering.senders, layout, 0, |row, port| ports[row] = Some(port));
    let row = |port: PortAt| {
        let (block, lane) = layout.place(port.neuron);
        scattering.receivers[block][port.slot].map(|first| first as usize + lane)
    };
    let arriving = |port: PortAt| {
        let arms = row(port).into_iter().flat_map(|row| scattering.arms.of(row));
        arms.filter_map(|arm| {
            let from = ports[scattering.arms.senders()[arm] as usize]?;
            Some((from, scattering.arms.amplitudes()[arm], lag(scattering.arms.delays.get(arm))))
        })
        .collect::<Vec<_>>()
    };
    let Some((circuit, _)) = network.neuron(neuron) else { return Vec::new() };
    let mut edges: Vec<Edge> = Vec::new();
    let mut largest = 0.0f64;
    // A voltage between two steps is that of its time, whatever the steps make of it.
    let between = match slopes {
        [(before, a), (after, b)] if after - before == 1 && a * b > 0.0 => Some((*before, a + b, b / (a + b))),
        _ => None,
    };
    let jumps: Vec<(usize, f64, f64)> =
        between.map_or_else(|| slopes.iter().map(|(step, slope)| (*step, *slope, 0.0)).collect(), |one| vec![one]);
    for (step, slope, part) in jumps {
        let jump = Jump::at(step, part);
        edges.push(Edge { neuron, what: What::Voltage, height: slope, jump: jump.clone() });
        for (slot, (_, port)) in circuit.ports().enumerate() {
            let height = 2.0 * slope / (port.impedance * circuit.capacitance);
            for (from, amplitude, delay) in arriving(PortAt { neuron, slot }) {
                let height = amplitude * height;
                largest = largest.max(height.abs());
                edges.push(Edge {
                    neuron: from.neuron,
                    what: What::Leaving(from.slot),
                    height,
                    jump: jump.earlier(delay),
                });
            }
        }
    }
    // What arrives at a port is reflected there, where its waves go on.
    let mut next = 0;
    while next < edges.len() && edges.len() < MOST {
        let Edge { neuron, what, height, jump } = edges[next].clone();
        next += 1;
        let What::Leaving(slot) = what else { continue };
        for (from, amplitude, delay) in arriving(PortAt { neuron, slot }) {
            let height = -amplitude * height;
            if height.abs() > LEAST * largest {
                edges.push(Edge {
                    neuron: from.neuron,
                    what: What::Leaving(from.slot),
                    height,
                    jump: jump.earlier(delay),
                });
            }
        }
    }
    edges
}

/// For each neuron with jumps, the first step of which its answers are needed.
pub(super) fn needed(edges: &[Edge]) -> BTreeMap<usize, i64> {
    let mut needed = BTreeMap::new();
    for edge in edges {
        let from = edge.jump.base() - NEAR;
        needed.entry(edge.neuron).and_modify(|known: &mut i64| *known = from.min(*known)).or_insert(from);
    }
    needed
}

/// What the jumps of a neuron add to the variance, by line and jump, and the steps at which those are.
pub(super) fn corrections(
    edges: &[Edge],
    (neuron, circuit): (usize, &Circuit),
    lines: &[BlockLine],
    kept: &Kept,
    spectra: &[Spectrum],
) -> Vec<(usize, i64, f64)> {
    let place = |step: i64| usize::try_from(kept.to? - step).ok();
    let at = |values: &[f64], step: i64| place(step).and_then(|place| values.get(place)).copied().unwrap_or(0.0);
    let own: Vec<&Edge> = edges.iter().filter(|edge| edge.neuron == neuron).collect();
    let mut found = Vec::new();
    for (number, line) in lines.iter().enumerate().filter(|(_, line)| line.strengths.0[kept.lane] != 0.0) {
        let height = |edge: &Edge| match (line.drive, edge.what) {
            (Drive::Channel(channel), What::Voltage) => {
                at(&kept.roots[channel], edge.jump.base()) * edge.height / circuit.capacitance
            }
            (Drive::Port(slot), What::Voltage) => {
                let impedance = circuit.ports().nth(slot).map_or(1.0, |(_, port)| port.impedance);
                2.0 * edge.height / (impedance * circuit.capacitance)
            }
            (Drive::Sense(size), What::Voltage) => size.0[kept.lane] * edge.height / circuit.capacitance,
            (Drive::Port(slot), What::Leaving(of)) if slot == of => -edge.height,
            (Drive::Splitter(slot), What::Leaving(of)) if slot == of => edge.height,
            _ => 0.0,
        };
        let jumps: Vec<(f64, &Jump)> =
            own.iter().map(|edge| (height(edge), &edge.jump)).filter(|(height, _)| *height != 0.0).collect();
        let spectrum = &spectra[line.form];
        let strength = line.strengths.0[kept.lane];
        for (place, (height, jump)) in jumps.iter().enumerate() {
            let with: Vec<(f64, &Jump)> =
                jumps[..place].iter().map(|(h, jump)| (2.0 * h, *jump)).chain([(*height, *jump)]).collect();
            let answer = |step: i64| 2.0 * at(&kept.answers[number], step);
            let sum = height * with_difference(spectrum, jump, answer, &with);
            found.push((number, jump.base() + 1, strength * sum));
        }
    }
    found
}

/// The form of a jump's difference with an answer around it, and with other differences.
#[expect(clippy::cast_precision_loss, reason = "a few steps")]
fn with_difference(spectrum: &Spectrum, jump: &Jump, answer: impl Fn(i64) -> f64, others: &[(f64, &Jump)]) -> f64 {
    let base = jump.base();
    let answers: Vec<f64> = (base - NEAR..=base + NEAR).map(answer).collect();
    let own = jump.difference();
    let near = others.iter().filter(|(_, other)| (other.base() - base).abs() <= NEAR);
    let others: Vec<_> =
        near.map(|(height, other)| (*height, (other.base() - base) as f64, other.difference())).collect();
    let transform = |points: &[(f64, f64)], turn: f64| -> Complex64 {
        points.iter().map(|(x, weight)| Complex64::from_polar(*weight, -turn * x)).sum()
    };
    let mut sum = 0.0;
    spectrum.each((NEAR + 8) as f64, |turn, energy| {
        let difference = transform(&own, turn).conj();
        let (mut at, by) = (Complex64::from_polar(1.0, turn * NEAR as f64), Complex64::from_polar(1.0, -turn));
        let mut whole = Complex64::ZERO;
        for answer in &answers {
            whole += at * *answer;
            at *= by;
        }
        whole *= hat(turn);
        for (height, apart, points) in &others {
            whole += Complex64::from_polar(*height, -turn * apart) * transform(points, turn);
        }
        sum += energy * spectrum.dt * spectrum.dt * (difference * whole).re;
    });
    sum
}
