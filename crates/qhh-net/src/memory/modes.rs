//! What following field modes will take: memory, work, rows of a noise budget. A few origins stand for all.

use petgraph::graph::DiGraph;
use qhh_core::circuit::{Initial, MAX_PORTS};
use qhh_core::quantum::bath::Bath;
use qhh_core::quantum::heisenberg::{MODES, ModeState, Wave};

use super::fading;
use crate::coupling::connections::ConnectionValues;
use crate::coupling::neighbours::{Neighbours, reached, receivers, senders};
use crate::coupling::strong;
use crate::engine::heisenberg::backwards::MOST_BYTES;
use crate::engine::heisenberg::elimination::Size;
use crate::engine::heisenberg::graph::ModeGraph;
use crate::engine::heisenberg::{most_with_echoes, wanted};
use crate::network::{Direction, Fluctuations, Network, Observable, Quantum, Waveguides};
use crate::outcome::MeanTrajectory;

/// Origins whose reach is counted at most; the mean over them stands for all.
const COUNTED: usize = 100;
/// Neurons and waveguides passed in counting after which no further origin is counted.
const MOST_VISITS: usize = 20_000_000;
/// Frequencies of every line where the network leaves their number open: what a membrane with a spike takes.
const USUAL: usize = 48;
/// Frequencies that fringes take at most.
const MOST_FRINGES: usize = 4096;
/// Steps in a window of responses at most.
const WINDOW: f64 = 32.0;
/// Results that wait to be added up, for each thread.
const WAITING: f64 = 8.0;

/// What the start of a response takes in each neuron that it reaches, in steps of a mode.
const START: f64 = 60.0;
/// What a product of two numbers takes in solving for loops, in steps of a mode.
const PRODUCT: f64 = 0.2;
/// What a waveguide takes that arrives, in steps of a mode.
const ARM: f64 = 0.2;
/// Starts at each of a run's frequencies where waves come back or meet after ways of different length: those of the run, and
/// of as many frequencies and of twice as many to see what they leave out.
const MORE_STARTS: f64 = 4.0;
/// Neurons at most whose ways are compared one by one.
const COMPARED: usize = 2000;

/// What field modes take.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ModesSize {
    /// Frequencies of every line. Where the network leaves them open, those of a membrane with a spike, and those that
    /// differences of delays take: a run takes more where they are not enough, in loops, and around the carriers of
    /// outgoing modes.
    pub frequencies: usize,
    /// The most that they may become where waves come back: doubled until the echoes of the start are resolved.
    pub most_frequencies: usize,
    /// Bytes kept whatever the number of threads.
    pub kept: f64,
    /// Bytes for each thread.
    pub each_thread: f64,
    /// Steps of one frequency of one line in one neuron that it reaches.
    pub mode_steps: f64,
    /// What starts, loops and waveguides take, in as many such steps.
    pub more_steps: f64,
    /// Pairs of a recorded voltage, or wave where a noise budget is kept, and a line that reaches it: rows of a noise budget at each sample.
    pub pairs: f64,
    /// Pairs of recorded quantities, each with itself included: rows of the covariances at each sample.
    pub covariances: f64,
}

/// What field modes of a network take; none where it follows none.
pub(super) fn size(network: &Network) -> Option<ModesSize> {
    let quantum = network.quantum.filter(|quantum| quantum.fluctuations == Fluctuations::Heisenberg)?;
    let recorded = &network.record.neurons;
    let (receivers, active) = active(network);
    let mut is_active = vec![false; network.n_neurons()];
    for &neuron in &active {
        is_active[neuron] = true;
    }

    let n_steps = network.n_steps() as f64;
    // What nothing moves stays as it starts.
    let stepped = if stays_at_rest(network) { 0.0 } else { n_steps };
    let looks = n_steps / network.steps_per_sample() as f64 + 1.0;
    let (least, most) = delays(network);
    let (frequencies, fringes) = frequencies(network, &quantum, active.len(), most);
    let modes = (frequencies as f64 / MODES as f64).ceil() * MODES as f64;
    // Rings are whole windows long, and as long as the neuron's own delays.
    let lags = longest_lags(network);
    let ring = |neuron: usize| match least.clamp(1.0, WINDOW) {
        _ if network.waveguides.is_empty() => 0.0,
        window => ((f64::from(lags[neuron]) + 2.0 * window + 2.0) / window).ceil() * window,
    };
    let wave = size_of::<Wave>() as f64;

    let counted = some_of(&active);
    // Those whose reach is counted before it takes too long; they lie evenly, however many.
    let mut reaches: Vec<(usize, Vec<(usize, usize)>)> = Vec::new();
    let mut visits = 0;
    for origin in counted {
        let reach = hops(network.n_neurons(), origin, &receivers, |neuron| is_active[neuron]);
        visits += reach.iter().map(|&(neuron, _)| 1 + receivers.of(neuron).len()).sum::<usize>();
        reaches.push((origin, reach));
        if visits > MOST_VISITS {
            break;
        }
    }
    let linear = network.record.observables.iter().filter(|observable| observable.is_linear()).count() as f64;
    let paired = if network.record.covariance { linear } else { 0.0 };
    // Of the quantities of so many neurons.
    let covariances = |neurons: f64| 0.5 * neurons * paired * (neurons * paired + 1.0);
    // Beside the voltage, in a noise budget.
    let waves = if network.record.noise_budget {
        let is_wave = |of: &&Observable| of.is_linear() && **of != Observable::Voltage;
        network.record.observables.iter().filter(is_wave).count() as f64
    } else {
        0.0
    };
    let fading = fading::hops(network, &quantum, &active, frequencies);
    let arms =
        active.iter().map(|&neuron| receivers.of(neuron).len()).sum::<usize>() as f64 / active.len().max(1) as f64;
    let loops = in_loops(network, &is_active);
    // What is made backwards takes little beside the run's own.
    let forwards = rows_backwards(network, active.len(), recorded.len() as f64) == 0.0;
    let starts = if forwards && (loops.values > 0.0 || fringes || waves > 0.0) { MORE_STARTS } else { 1.0 };
    let most_frequencies =
        if quantum.modes.is_none() && loops.values > 0.0 { most_with_echoes(frequencies) } else { frequencies };
    let share = active.len() as f64 / reaches.len().max(1) as f64;
    let mut total = ModesSize { frequencies, most_frequencies, ..ModesSize::default() };
    let (mut reach_pairs, mut most_at_once) = (0.0, 0.0f64);
    for (origin, reach) in &reaches {
        let n_lines = lines_of(network, *origin);
        let seen = reach.iter().filter(|(neuron, _)| recorded.binary_search(neuron).is_ok()).count() as f64;
        let n_reach = reach.len() as f64;
        reach_pairs += share * n_reach;
        // As far as waves are followed.
        let followed = |most: &usize| reach.partition_point(|(_, hops)| hops <= most) as f64;
        let steps = fading.iter().map(followed).sum::<f64>() * share * n_lines * MODES as f64 * stepped;
        total.mode_steps += steps;
        total.more_steps += ARM * arms * steps;
        // Solved twice: what rounding leaves is taken away.
        let solved =
            if loops.values > 0.0 { 2.0 * PRODUCT * loops.values * n_reach / active.len() as f64 } else { 0.0 };
        total.more_steps += share * starts * modes * (START * n_reach + solved);
        total.pairs += share * n_lines * seen * (1.0 + waves);
        let rings: f64 = reach.iter().map(|&(neuron, _)| ring(neuron)).sum();
        let under_way = n_lines * (rings * wave + n_reach * size_of::<ModeState>() as f64);
        let results = WAITING * looks * (seen * (16.0 * n_lines * (1.0 + waves) + 8.0) + 24.0 * covariances(seen));
        most_at_once = most_at_once.max(under_way + results);
    }
    total.each_thread = most_at_once;
    total.more_steps += starts * modes * PRODUCT * loops.products;
    let n_recorded = recorded.len() as f64;
    let own: f64 = recorded.iter().map(|&neuron| lines_of(network, neuron) + 2.0).sum();
    let sources = network.sources.len() as f64;
    total.kept = MeanTrajectory::bytes_per_step(quantum.feedback) as f64 * n_steps * active.len() as f64
        + 8.0 * reach_pairs
        // Complex numbers.
        + 16.0 * modes * loops.values
        + rows_backwards(network, active.len(), n_recorded)
        // Vacuum and thermal part while they are added up, three parts in the end.
        + (16.0 + 24.0) * own * looks
        // The responses to the state's wave, or on a warm line to three more, and three parts.
        + (if quantum.thermal_energy > 0.0 { 88.0 } else { 40.0 }) * sources * n_recorded * looks;
    if network.record.noise_budget {
        total.kept += (16.0 + 8.0) * total.pairs * looks;
    }
    total.covariances = covariances(n_recorded);
    // While they are added up, with what tells their errors, with the sources' states, and in the end.
    total.kept += 40.0 * total.covariances * looks;
    Some(total)
}

/// Whether nothing drives a network whose neurons begin at rest.
fn stays_at_rest(network: &Network) -> bool {
    network.sources.is_empty() && network.populations.iter().all(|population| population.initial == Initial::Rest)
}

/// What arrives at the recorded neurons for what leaves anywhere, before the run, at one set of frequencies.
fn rows_backwards(network: &Network, n_active: usize, n_recorded: f64) -> f64 {
    if network.waveguides.is_empty() {
        return 0.0;
    }
    let two_way = network.waveguides.iter().any(|entry| entry.direction == Direction::TwoWay);
    let ports = if two_way { 2.0 } else { 1.0 };
    let bytes = n_recorded * ports * n_active as f64 * ports * size_of::<Wave>() as f64;
    if bytes > MOST_BYTES as f64 { 0.0 } else { bytes }
}

/// Frequencies of every line, and whether some are for the fringes of delays, of which the longest has `most` steps.
fn frequencies(network: &Network, quantum: &Quantum, n_active: usize, most: f64) -> (usize, bool) {
    let step = network.simulation.step;
    let between = network.record.covariance && network.record.observables.iter().any(|of| of.is_linear());
    let span = if n_active <= COMPARED {
        let graph = ModeGraph::new(network, &wanted(network));
        graph.span(&graph.recorded(network), between) * step
    } else if between {
        // At least.
        most * step
    } else {
        0.0
    };
    let bath = Bath { hbar: quantum.hbar, thermal_energy: quantum.thermal_energy, cutoff: quantum.cutoff };
    let usual = USUAL + bath.fringes(span).min(MOST_FRINGES);
    (quantum.modes.unwrap_or(usual), span > 0.0)
}

/// What factoring the loops of a network takes, at each frequency.
fn in_loops(network: &Network, is_active: &[bool]) -> Size {
    // A port that sends is an unknown: 0 of a neuron's output, 1 of its inputs.
    let mut arms: Vec<(u32, u32, u32)> = Vec::new();
    for entry in &network.waveguides {
        let two_way = entry.direction == Direction::TwoWay;
        network.for_each_connection(entry, |arm| {
            if is_active[arm.from] && is_active[arm.to] {
                let (from, to) = (index(arm.from), index(arm.to));
                arms.push((from, 0, to));
                if two_way {
                    arms.push((to, 1, from));
                }
            }
        });
    }
    let mut graph = DiGraph::<(), (), u32>::with_capacity(network.n_neurons(), arms.len());
    for _ in 0..network.n_neurons() {
        graph.add_node(());
    }
    for (from, _, to) in &arms {
        graph.add_edge((*from).into(), (*to).into(), ());
    }
    let mut component = vec![u32::MAX; network.n_neurons()];
    for (number, nodes) in (0..).zip(strong::sets(&graph)) {
        for node in nodes {
            component[node.index()] = number;
        }
    }
    drop(graph);
    arms.retain(|(from, _, to)| component[*from as usize] == component[*to as usize]);
    // Unknowns by neuron and port.
    let mut unknown = vec![[u32::MAX; 2]; network.n_neurons()];
    let mut n_unknowns = 0;
    for (from, port, _) in &arms {
        let of = &mut unknown[*from as usize][*port as usize];
        if *of == u32::MAX {
            *of = n_unknowns;
            n_unknowns += 1;
        }
    }
    let entries = arms.iter().flat_map(|(from, port, to)| {
        let column = unknown[*from as usize][*port as usize];
        unknown[*to as usize].into_iter().filter(|row| *row != u32::MAX).map(move |row| (row, column))
    });
    let mut size = Size::of(n_unknowns as usize, entries);
    // The matrix itself is kept, too.
    size.values += arms.len() as f64;
    size
}

fn index(neuron: usize) -> u32 {
    u32::try_from(neuron).expect("fewer than 2^32 neurons")
}

/// Those to whom waves go from each neuron, and the neurons whose noise reaches one that is wanted.
pub(super) fn active(network: &Network) -> (Neighbours, Vec<usize>) {
    let (senders, receivers) = (senders(network), receivers(network));
    let active = reached(network.n_neurons(), &wanted(network), &senders, |_| true);
    (receivers, active)
}

/// All of a few neurons; of many some, any first part of which lies evenly among them.
fn some_of(neurons: &[usize]) -> Vec<usize> {
    let n = neurons.len();
    if n <= COUNTED {
        return neurons.to_vec();
    }
    // Multiples of the golden ratio: no two places are near one another.
    let place = |k: usize| ((k as f64 + 0.5) * 0.618_033_988_749_894_9).fract() * n as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below n")]
    (0..COUNTED).map(|k| neurons[(place(k) as usize).min(n - 1)]).collect()
}

/// Number of lines that noise comes from, of a neuron whose ports are all open.
pub(super) fn lines_of(network: &Network, neuron: usize) -> f64 {
    let Some((population, _)) = network.locate(neuron) else { return 0.0 };
    let circuit = &population.circuit;
    let channels = if network.simulation.baths.is_one_bath(circuit) { 1 } else { circuit.channels.len() };
    let sensed = if circuit.sense.is_some() { 2 } else { 0 };
    (channels + circuit.ports().count().min(MAX_PORTS) + sensed) as f64
}

/// Shortest and longest delay in steps.
fn delays(network: &Network) -> (f64, f64) {
    let ranges = network.waveguides.iter().map(Waveguides::delay_range);
    let (least, most) = ranges.fold((f64::INFINITY, 0.0f64), |(least, most), (a, b)| (least.min(a), most.max(b)));
    let step = network.simulation.step;
    ((least / step).floor(), (most / step).ceil())
}

/// Longest delay in steps of what each neuron sends.
pub(super) fn longest_lags(network: &Network) -> Vec<f32> {
    let mut lags = vec![0.0f32; network.n_neurons()];
    for entry in &network.waveguides {
        let mut values = ConnectionValues::new(network, entry);
        network.for_each_connection(entry, |arm| {
            #[expect(clippy::cast_possible_truncation, reason = "an estimate")]
            let lag = (values.delay(arm.item) / network.simulation.step).ceil() as f32;
            lags[arm.from] = lags[arm.from].max(lag);
            if entry.direction == Direction::TwoWay {
                lags[arm.to] = lags[arm.to].max(lag);
            }
        });
    }
    lags
}

/// Neurons that are reached from one, itself included, each with the fewest waveguides on the way; nearest first.
fn hops(n: usize, from: usize, next: &Neighbours, may: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut seen = vec![false; n];
    seen[from] = true;
    let mut reached = vec![(from, 0)];
    let mut place = 0;
    while let Some(&(neuron, hops)) = reached.get(place) {
        place += 1;
        for other in next.of(neuron).iter().map(|&other| other as usize) {
            if may(other) && !std::mem::replace(&mut seen[other], true) {
                reached.push((other, hops + 1));
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::some_of;

    #[test]
    fn some_neurons_stand_evenly_for_all() {
        assert_eq!(some_of(&[3, 5, 8]), [3, 5, 8]);
        let all: Vec<usize> = (0..10_000).collect();
        let some = some_of(&all);
        for n in [10, 100] {
            let mean = some[..n].iter().sum::<usize>() as f64 / n as f64;
            assert!((mean - 5000.0).abs() < 500.0, "{mean} of {n}");
        }
    }
}
