//! The fields of a network as noises: which lines there are, of what spectrum, and how large a sample of them is.

use qhh_core::circuit::PortRole;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::sampled::{Into, NoiseFilter, step_response};
use qhh_core::stop;

use super::noise::Blocks;
use crate::engine::heisenberg::graph::{ArmIn, ModeGraph};
use crate::network::{Network, random};
use crate::outcome::MeanTrajectory;

/// Frequencies at which the step's response is computed; between them it is a straight line.
const RESPONSES: usize = 128;

/// One noise.
pub(super) struct Field {
    pub(super) at: FieldPlace,
    /// Of its random numbers.
    pub(super) stream: u64,
    pub(super) colour: NoiseFilter,
}

/// Where a noise enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldPlace {
    /// The line of a channel, or of all together in the first place.
    Channel { node: usize, channel: usize },
    /// What enters at a port.
    Port { node: usize, slot: usize },
    /// One output of a splitter: the arm of this place among those that arrive at a node.
    Arm { node: usize, arm: usize },
    /// The sense line of a node, or with `idler` what is added behind it.
    Sense { node: usize, idler: bool },
    /// All outputs of a splitter that lead nowhere of interest, in the direction of its signal.
    Rest { row: usize },
}

/// Every noise of a network. Its random numbers go by names, of neurons, ports and waveguides' ends: neurons that are
/// added elsewhere change nothing, unless the time before the run is longer for it.
pub(super) struct Fields {
    pub(super) list: Vec<Field>,
    /// How they are divided.
    pub(super) blocks: Blocks,
    /// What of them enters each node.
    pub(super) into: Vec<IntoNode>,
}

/// The noises that enter a node, by their places in the list.
#[derive(Default)]
pub(super) struct IntoNode {
    /// Of each channel.
    pub(super) channels: Vec<usize>,
    /// Of the sense line, and of what is added behind it; none without one.
    pub(super) sensed: Vec<usize>,
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
    /// The noises, divided into these blocks.
    pub(super) fn new(
        network: &Network,
        bath: Bath,
        graph: &ModeGraph,
        courses: &[MeanTrajectory],
        blocks: Blocks,
    ) -> Self {
        let (dt, rule) = (network.simulation.step, network.simulation.baths);
        let length = blocks.length;
        let energy = |omega: f64| bath.energy(omega) / std::f64::consts::PI;
        let mut list: Vec<Field> = Vec::new();
        let mut add = |at: FieldPlace, colour: NoiseFilter| {
            list.push(Field { at, stream: random::hash(&at.name(network, graph)), colour });
        };
        for (node, (of, course)) in graph.nodes.iter().zip(courses).enumerate() {
            stop::check();
            let g = course.together(rule, 1);
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
            let n_channels = if rule.is_one_bath(&of.circuit) { 1 } else { of.circuit.channels.len() };
            for channel in 0..n_channels {
                let colour = NoiseFilter::new(length, dt, bath.cutoff, energy, corrected(Into::Node));
                add(FieldPlace::Channel { node, channel }, colour);
            }
            if let Some(sense) = of.circuit.sense {
                let own = bath.of_line(sense.thermal_energy);
                let spectrum = |omega: f64| 0.25 / std::f64::consts::PI * sense.impedance * own.energy(omega);
                let line = NoiseFilter::new(length, dt, bath.cutoff, spectrum, corrected(Into::Node));
                add(FieldPlace::Sense { node, idler: false }, line);
                let idler = NoiseFilter::new(length, dt, bath.cutoff, spectrum, |_| Complex64::ONE);
                add(FieldPlace::Sense { node, idler: true }, idler);
            }
            for (slot, (_, port)) in of.circuit.ports().enumerate() {
                let own = of.noise[slot].total() - of.noise[slot].shared;
                if own > 1e-12 {
                    let spectrum = |omega: f64| 0.25 * port.impedance * own * energy(omega);
                    let colour = NoiseFilter::new(length, dt, bath.cutoff, spectrum, corrected(Into::Port(slot)));
                    add(FieldPlace::Port { node, slot }, colour);
                }
            }
            for (arm, ArmIn { row, split, slot, .. }) in of.arms.iter().enumerate() {
                if split.is_some() {
                    // In units of the voltage wave on the sender's line.
                    let impedance = impedance(graph, *row);
                    let spectrum = |omega: f64| 0.25 * impedance * energy(omega);
                    let colour = NoiseFilter::new(length, dt, bath.cutoff, spectrum, corrected(Into::Port(*slot)));
                    add(FieldPlace::Arm { node, arm }, colour);
                }
            }
        }
        for (row, rest) in rest_of_splitters(graph).into_iter().enumerate() {
            if rest > 1e-12 {
                let impedance = impedance(graph, row);
                let spectrum = |omega: f64| 0.25 * impedance * rest * energy(omega);
                let colour = NoiseFilter::new(length, dt, bath.cutoff, spectrum, |_| Complex64::ONE);
                add(FieldPlace::Rest { row }, colour);
            }
        }
        let into = IntoNode::all(&list, graph);
        Self { list, blocks, into }
    }
}

impl FieldPlace {
    /// Name of its random numbers.
    fn name(self, network: &Network, graph: &ModeGraph) -> String {
        let end = |node: usize, slot: usize| {
            let port = match graph.nodes[node].circuit.ports().nth(slot) {
                Some((PortRole::Output, _)) => "output".to_owned(),
                Some((PortRole::Input(place), _)) => format!("input.{place}"),
                None => slot.to_string(),
            };
            format!("{}.{port}", network.neuron_name(graph.nodes[node].neuron))
        };
        let of = match self {
            Self::Channel { node, channel } => {
                format!("{}.channel.{channel}", network.neuron_name(graph.nodes[node].neuron))
            }
            Self::Port { node, slot } => end(node, slot),
            Self::Sense { node, idler } => {
                let of = if idler { "idler" } else { "sense" };
                format!("{}.{of}", network.neuron_name(graph.nodes[node].neuron))
            }
            Self::Arm { node, arm } => {
                let arms = &graph.nodes[node].arms;
                let ArmIn { row, slot, .. } = arms[arm];
                // Several may join the same ports.
                let number = arms[..arm].iter().filter(|other| (other.row, other.slot) == (row, slot)).count();
                let (from, out) = graph.rows[row];
                format!("{} to {}.{number}", end(from, out), end(node, slot))
            }
            Self::Rest { row } => {
                let (node, slot) = graph.rows[row];
                format!("{}.rest", end(node, slot))
            }
        };
        format!("quantum.samples.{of}")
    }
}

/// Place of a splitter's noise in the list, and the node and arm that it is of; none of all arms that lead elsewhere.
type OfSplitter = (usize, Option<(usize, usize)>);

impl IntoNode {
    /// What enters each node.
    fn all(list: &[Field], graph: &ModeGraph) -> Vec<Self> {
        let mut all: Vec<Self> = graph.nodes.iter().map(|_| Self::default()).collect();
        // By row.
        let mut splitters: Vec<Vec<OfSplitter>> = vec![Vec::new(); graph.rows.len()];
        for (place, field) in list.iter().enumerate() {
            match field.at {
                FieldPlace::Channel { node, .. } => all[node].channels.push(place),
                FieldPlace::Port { node, slot } => all[node].ports.push((slot, place)),
                FieldPlace::Sense { node, .. } => all[node].sensed.push(place),
                FieldPlace::Arm { node, arm } => {
                    splitters[graph.nodes[node].arms[arm].row].push((place, Some((node, arm))));
                }
                FieldPlace::Rest { row } => splitters[row].push((place, None)),
            }
        }
        for (node, into) in all.iter_mut().enumerate() {
            for (number, arm) in graph.nodes[node].arms.iter().enumerate() {
                let Some(split) = arm.split.filter(|split| *split > 0.0) else { continue };
                let (from, slot) = graph.rows[arm.row];
                let total = graph.nodes[from].shared_out[slot].min(1.0);
                let mixing = (1.0 - (1.0 - total).sqrt()) / total;
                for &(field, of) in &splitters[arm.row] {
                    // The amplitude's sign is the arm's own.
                    let share = match of {
                        Some((to, other)) => {
                            let of_sibling = graph.nodes[to].arms[other].split.unwrap_or(0.0);
                            let own = (to, other) == (node, number);
                            f64::from(u8::from(own)) - mixing * (split * of_sibling).sqrt()
                        }
                        None => -mixing * split.sqrt(),
                    };
                    into.split.push(SplitNoise { arm: number, field, factor: share / split.sqrt() });
                }
            }
        }
        all
    }
}

fn impedance(graph: &ModeGraph, row: usize) -> f64 {
    let (node, slot) = graph.rows[row];
    graph.nodes[node].circuit.ports().nth(slot).map_or(1.0, |(_, port)| port.impedance)
}

/// By row, the squares of the amplitudes of a splitter's arms that are not followed.
fn rest_of_splitters(graph: &ModeGraph) -> Vec<f64> {
    let mut rest: Vec<f64> = graph
        .rows
        .iter()
        .map(|&(node, slot)| if graph.nodes[node].splits[slot] { graph.nodes[node].shared_out[slot] } else { 0.0 })
        .collect();
    for arm in graph.nodes.iter().flat_map(|node| &node.arms) {
        rest[arm.row] -= arm.split.unwrap_or(0.0);
    }
    rest
}
