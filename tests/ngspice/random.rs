//! One network's mean field against ngspice, which gets nothing but the circuit.
//!
//! Both are run at smaller and smaller steps. The error left at the last is at most what either changed when its step was
//! halved: all of it for a method of first order, a third for one of second order. Where a jump lies within a step changes
//! the error from step to step, and by chance two may be the same; a quarter of the change before counts, too, if that is
//! more.

use std::fmt;
use std::ops::ControlFlow;

use qhh_net::network::Observable;
use qhh_net::{Network, Outcome, RunError, RunOptions, run_with};

use crate::compare::{apart, range, spikes_of, turns};
use crate::spice::simulator::{self, Course};
use crate::tally::{Counts, worst};

/// Halvings of the step of either at most.
const MOST: i32 = 6;
/// What may be left, as a part of a voltage's range, that is small enough.
const SETTLED: f64 = 3e-4;
/// Besides, of voltages as a part of the range, of spikes in ms: jumps of currents take ngspice a millionth of a
/// millisecond, and it iterates to a millionth of a millivolt.
const OWN: [f64; 2] = [1e-5, 2e-5];

/// What was compared, and the worst of it.
#[derive(Default)]
pub struct Found {
    counts: Counts,
    /// Networks whose voltages or spikes did not settle.
    unsettled: usize,
    /// Distance between the two and what it may be, of the voltage's range and in ms of a spike.
    worst: [f64; 2],
    allowed: [f64; 2],
}

impl Found {
    pub fn take(&mut self, other: &Self) {
        self.counts.take(other.counts);
        self.unsettled += other.unsettled;
        self.worst = worst(self.worst, other.worst);
        self.allowed = worst(self.allowed, other.allowed);
    }

    /// Of the networks, most must tell something.
    pub fn mostly_settled(&self) -> bool {
        4 * (self.unsettled + self.counts.runaways) <= self.counts.networks
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let two = |[v, t]: [f64; 2]| format!("{v:.1e} of the range, {t:.1e} ms of a spike");
        writeln!(f, "{}", self.counts)?;
        writeln!(f, "did not settle: {}", self.unsettled)?;
        writeln!(f, "apart from ngspice by up to {}", two(self.worst))?;
        write!(f, "both may be off by up to {}", two(self.allowed))
    }
}

/// Samples of every neuron's voltage, and its spikes.
struct Run {
    voltages: Vec<Vec<f64>>,
    spikes: Vec<Vec<f64>>,
}

impl Run {
    fn ours(network: &Network, halvings: i32) -> Result<(Self, Vec<f64>), RunError> {
        let mut finer = network.clone();
        finer.simulation.step *= 0.5f64.powi(halvings);
        let options = RunOptions { threads: 2, longest_window: 0 };
        let outcome = run_with(&finer, options, &mut |_| ControlFlow::Continue(()))?;
        let voltage = |neuron| outcome.traces.get(neuron, Observable::Voltage).unwrap().to_vec();
        let neurons = 0..network.n_neurons();
        let run = Self {
            voltages: neurons.clone().map(voltage).collect(),
            spikes: neurons.map(|neuron| spikes_of(&outcome, neuron)).collect(),
        };
        let Outcome { traces, .. } = outcome;
        Ok((run, traces.times))
    }

    fn theirs(network: &Network, halvings: i32, times: &[f64]) -> Result<Self, String> {
        let course: Course = simulator::course(network, 0.5f64.powi(halvings))?;
        let threshold = network.simulation.spike_threshold.unwrap_or(0.0);
        let sampled = |neuron| times.iter().map(|&time| course.at(neuron, time)).collect();
        let neurons = 0..network.n_neurons();
        Ok(Self {
            voltages: neurons.clone().map(sampled).collect(),
            spikes: neurons.map(|neuron| course.crossings(neuron, threshold)).collect(),
        })
    }

    /// Largest distance of voltages, of their range here, and of spikes but for neurons that turn within four times
    /// `margin` of the threshold.
    fn apart(&self, other: &Self, threshold: f64, margin: f64) -> [f64; 2] {
        let mut worst = [0.0f64; 2];
        for (neuron, voltage) in self.voltages.iter().enumerate() {
            let range = range(voltage);
            worst[0] = worst[0].max(apart(voltage, &other.voltages[neuron]) / range);
            if turns(voltage, threshold) >= 4.0 * margin * range {
                worst[1] = worst[1].max(apart(&self.spikes[neuron], &other.spikes[neuron]));
            }
        }
        worst
    }
}

/// # Errors
/// What is wrong, in a sentence.
pub fn compare(network: &Network) -> Result<Found, String> {
    against(network, network)
}

/// The engine's course of a network against what ngspice makes of another, which should be the same.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn against(network: &Network, other: &Network) -> Result<Found, String> {
    let threshold = network.simulation.spike_threshold.unwrap_or(0.0);
    let mut counts = Counts::of(network);
    let (ours, times) = match Run::ours(network, 0) {
        Ok(run) => run,
        Err(RunError::NotFinite { .. }) if network.has_amplifiers() => {
            return Ok(Found { counts: Counts::runaway(), ..Found::default() });
        }
        Err(error) => return Err(error.to_string()),
    };
    let (mut ours, mut theirs) = (vec![ours], vec![Run::theirs(other, 0, &times)?]);
    for halvings in 1..=MOST {
        ours.push(Run::ours(network, halvings).map_err(|error| format!("at a finer step: {error}"))?.0);
        theirs.push(Run::theirs(other, halvings, &times)?);
        if halvings < 2 {
            continue;
        }
        let left = |margin: f64| {
            let each = [&ours, &theirs].map(|runs| left(runs, threshold, margin));
            [each[0][0] + each[1][0] + OWN[0], each[0][1] + each[1][1] + OWN[1]]
        };
        let allowed = left(left(0.0)[0]);
        if allowed[0] > SETTLED || !allowed[1].is_finite() {
            continue;
        }
        let last = ours.len() - 1;
        let gap = ours[last].apart(&theirs[last], threshold, allowed[0]);
        if (0..2).any(|k| gap[k] > allowed[k]) {
            return Err(format!(
                "apart from ngspice (voltages, spikes) by {gap:?} after {halvings} halvings of the step, with which \
                 both change by {allowed:?}"
            ));
        }
        counts.spikes = ours[last].spikes.iter().map(Vec::len).sum();
        return Ok(Found { counts, worst: gap, allowed, unsettled: 0 });
    }
    Ok(Found { counts, unsettled: 1, ..Found::default() })
}

/// The error that the last of runs at steps each half the one before may have.
fn left(runs: &[Run], threshold: f64, margin: f64) -> [f64; 2] {
    let [.., before, coarse, fine] = runs else { return [f64::INFINITY; 2] };
    let (then, now) = (coarse.apart(before, threshold, margin), fine.apart(coarse, threshold, margin));
    std::array::from_fn(|k| now[k].max(0.25 * then[k]))
}
