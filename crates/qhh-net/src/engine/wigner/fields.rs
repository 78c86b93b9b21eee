//! The fields of a network as noises: which lines there are, of what spectrum, and how large a sample of them is.

use qhh_core::circuit::BathRule;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::sampled::{Colour, Into, step_response};
use qhh_core::stop;

use crate::engine::heisenberg::graph::{ArmIn, ModeGraph};
use crate::network::Network;
use crate::record::MeanCourse;

/// Frequencies at which the step's response is computed; between them it is a straight line.
const RESPONSES: usize = 128;

/// One noise.
pub(super) struct Field {
    pub(super) at: Place,
    pub(super) colour: Colour,
}

/// Where a noise enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The line of a channel, or of all together in the first place.
    Channel { node: usize, channel: usize },
    /// What enters at a port.
    Port { node: usize, slot: usize },
    /// One output of a splitter: the arm of this place among those that arrive at a node.
    Arm { node: usize, arm: usize },
    /// All outputs of a splitter that lead nowhere of interest, in the direction of its signal.
    Rest { row: usize },
}

/// Every noise of a network, in the order of their random streams.
pub(super) struct Fields {
    pub(super) list: Vec<Field>,
    /// Length of a sample, before the run and after it.
    pub(super) length: usize,
    /// What of them enters each node.
    pub(super) into: Vec<IntoNode>,
}

/// The noises that enter a node, by their places in the list.
#[derive(Default)]
pub(super) struct IntoNode {
    /// Of each channel.
    pub(super) channels: Vec<usize>,
    /// Of ports, with the port.
    pub(super) ports: Vec<(usize, usize)>,
    /// Of splitters before its arms.
    pub(super) split: Vec<SplitNoise>,
}

/// A noise that a splitter's free ends send through an arm: `v_k = w_k - b s_k sum_l s_l w_l`, whose correlation is
/// `1 - s s^T`, one term of it.
pub(super) struct SplitNoise {
    /// Place among the node's arms.
    pub(super) arm: usize,
    pub(super) field: usize,
    /// Before the arm's own amplitude.
    pub(super) factor: f64,
}

impl Fields {
    /// The noises for runs of at least `steps` steps.
    pub(super) fn new(
        network: &Network,
        bath: Bath,
        graph: &ModeGraph,
        courses: &[MeanCourse],
        steps: usize,
    ) -> Self {
        let (dt, rule) = (network.simulation.step, network.simulation.baths);
        let length = fast_length(steps);
        let energy = |omega: f64| bath.energy(omega) / std::f64::consts::PI;
        let mut list = Vec::new();
        for (node, (of, course)) in graph.nodes.iter().zip(courses).enumerate() {
            stop::check();
            let g = rule.effective_conductance(course.conductances(1));
            let corrected = |into: Into| {
                let at = |k: usize| {
                    let omega = bath.cutoff * (k.max(1) as f64) / RESPONSES as f64;
                    let (exact, stepped) = step_response(&of.circuit, g, dt, omega, into);
                    // The transform writes e^{+iwt}.
                    if stepped == Complex64::ZERO { Complex64::ONE } else { (exact / stepped).conj() }
                };
                let table: Vec<Complex64> = (0..=RESPONSES).map(at).collect();
                move |omega: f64| {
                    let place = omega / bath.cutoff * RESPONSES as f64;
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "within the table"
                    )]
                    let k = (place as usize).min(RESPONSES - 1);
                    let part = (place - k as f64).clamp(0.0, 1.0);
                    table[k] * (1.0 - part) + table[k + 1] * part
                }
            };
            let n_channels = match (rule, of.circuit.sodium().is_some()) {
                (BathRule::Independent, true) => 3,
                _ => 1,
            };
            for channel in 0..n_channels {
                let colour = Colour::new(length, dt, bath.cutoff, energy, corrected(Into::Node));
                list.push(Field { at: Place::Channel { node, channel }, colour });
            }
            for (slot, (_, port)) in of.circuit.ports().enumerate() {
                let own = of.noise[slot].total() - of.noise[slot].shared;
                if own > 1e-12 {
                    let spectrum = |omega: f64| 0.25 * port.impedance * own * energy(omega);
                    let colour = Colour::new(length, dt, bath.cutoff, spectrum, corrected(Into::Port(slot)));
                    list.push(Field { at: Place::Port { node, slot }, colour });
                }
            }
            for (arm, ArmIn { row, split, slot, .. }) in of.arms.iter().enumerate() {
                if split.is_some() {
                    // In units of the voltage wave on the sender's line.
                    let impedance = impedance(graph, *row);
                    let spectrum = |omega: f64| 0.25 * impedance * energy(omega);
                    let colour = Colour::new(length, dt, bath.cutoff, spectrum, corrected(Into::Port(*slot)));
                    list.push(Field { at: Place::Arm { node, arm }, colour });
                }
            }
        }
        for row in 0..graph.rows.len() {
            let rest = rest_of_splitter(graph, row);
            if rest > 1e-12 {
                let impedance = impedance(graph, row);
                let spectrum = |omega: f64| 0.25 * impedance * rest * energy(omega);
                let colour = Colour::new(length, dt, bath.cutoff, spectrum, |_| Complex64::ONE);
                list.push(Field { at: Place::Rest { row }, colour });
            }
        }
        let into = (0..graph.nodes.len()).map(|node| IntoNode::new(&list, graph, node)).collect();
        Self { list, length, into }
    }
}

impl IntoNode {
    fn new(list: &[Field], graph: &ModeGraph, node: usize) -> Self {
        let mut into = Self::default();
        for (place, field) in list.iter().enumerate() {
            match field.at {
                Place::Channel { node: of, .. } if of == node => into.channels.push(place),
                Place::Port { node: of, slot } if of == node => into.ports.push((slot, place)),
                _ => {}
            }
        }
        for (number, arm) in graph.nodes[node].arms.iter().enumerate() {
            let Some(split) = arm.split.filter(|split| *split > 0.0) else { continue };
            let (from, slot) = graph.rows[arm.row];
            let total = graph.nodes[from].shared_out[slot].min(1.0);
            let mixing = (1.0 - (1.0 - total).sqrt()) / total;
            for (field, of) in list.iter().enumerate() {
                // The amplitude's sign is the arm's own.
                let share = match of.at {
                    Place::Arm { node: to, arm: other } => {
                        let sibling = &graph.nodes[to].arms[other];
                        let Some(of_sibling) = sibling.split.filter(|_| sibling.row == arm.row) else { continue };
                        let own = (to, other) == (node, number);
                        f64::from(u8::from(own)) - mixing * (split * of_sibling).sqrt()
                    }
                    Place::Rest { row } if row == arm.row => -mixing * split.sqrt(),
                    _ => continue,
                };
                into.split.push(SplitNoise { arm: number, field, factor: share / split.sqrt() });
            }
        }
        into
    }
}

fn impedance(graph: &ModeGraph, row: usize) -> f64 {
    let (node, slot) = graph.rows[row];
    graph.nodes[node].circuit.ports().nth(slot).map_or(1.0, |(_, port)| port.impedance)
}

/// Squares of the amplitudes of a splitter's arms that are not followed.
fn rest_of_splitter(graph: &ModeGraph, row: usize) -> f64 {
    let (node, slot) = graph.rows[row];
    if !graph.nodes[node].splits[slot] {
        return 0.0;
    }
    let followed = graph.nodes.iter().flat_map(|node| &node.arms).filter(|arm| arm.row == row);
    graph.nodes[node].shared_out[slot] - followed.filter_map(|arm| arm.split).sum::<f64>()
}

/// The next length that transforms are fast at: a power of two, or one and a half or five fourths of one.
fn fast_length(steps: usize) -> usize {
    let whole = steps.max(16).next_power_of_two();
    [whole / 8 * 5, whole / 4 * 3, whole].into_iter().find(|&length| length >= steps).unwrap_or(whole)
}
