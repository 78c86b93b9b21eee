//! One network's mean field against ngspice, which is told the circuit alone.
//!
//! Both are run twice, the second time at half the step. What either changes is its error at least: of second order it
//! is four thirds of that at the longer step and a third at the shorter one, of first order all of it.

use std::fmt;
use std::ops::ControlFlow;

use qhh_net::network::Observable;
use qhh_net::{Network, Outcome, RunError, RunOptions, run_with};

use crate::compare::{apart, range, spikes_of, turns};
use crate::spice::netlist::Accuracy;
use crate::spice::simulator::{self, Course};

/// Steps of ngspice at first, as parts of a millisecond.
const THEIRS: Accuracy = Accuracy { largest_step: 0.01, relative: 1e-5 };
/// Halvings of the step of either before the first comparison and at most.
const FIRST: i32 = 1;
const MOST: i32 = 6;
/// Change at half the step, as a part of a voltage's range, that is small enough.
const SETTLED: f64 = 3e-4;
/// Besides, as a part of the range: jumps of currents take ngspice a millionth of a millisecond, and it iterates to a
/// millionth of a millivolt.
const OWN: f64 = 1e-5;
/// In ms, of a spike.
const OWN_TIME: f64 = 2e-5;

/// What was compared, and the worst of it.
#[derive(Default)]
pub struct Found {
    networks: usize,
    neurons: usize,
    waveguides: usize,
    spikes: usize,
    /// Networks whose voltages or spikes did not settle, and those amplified beyond all bounds.
    unsettled: usize,
    runaways: usize,
    /// Distance between the two and what it may be, of the voltage's range and in ms of a spike.
    worst: [f64; 2],
    allowed: [f64; 2],
}

impl Found {
    pub fn take(&mut self, other: &Self) {
        self.networks += other.networks;
        self.neurons += other.neurons;
        self.waveguides += other.waveguides;
        self.spikes += other.spikes;
        self.unsettled += other.unsettled;
        self.runaways += other.runaways;
        for k in 0..2 {
            self.worst[k] = self.worst[k].max(other.worst[k]);
            self.allowed[k] = self.allowed[k].max(other.allowed[k]);
        }
    }

    /// Of the networks, most must tell something.
    pub fn mostly_settled(&self) -> bool {
        4 * (self.unsettled + self.runaways) <= self.networks
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { networks, neurons, waveguides, spikes, unsettled, runaways, .. } = self;
        let two = |[v, t]: [f64; 2]| format!("{v:.1e} of the range, {t:.1e} ms of a spike");
        writeln!(f, "{networks} networks, {neurons} neurons, {waveguides} waveguides, {spikes} spikes")?;
        writeln!(f, "did not settle: {unsettled}, amplified beyond all bounds: {runaways}")?;
        writeln!(f, "apart from ngspice by up to {}", two(self.worst))?;
        write!(f, "both at half the step change by up to {}", two(self.allowed))
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
        let finer = 0.5f64.powi(halvings);
        let accuracy =
            Accuracy { largest_step: THEIRS.largest_step * finer, relative: THEIRS.relative * finer * finer };
        let course: Course = simulator::course(network, accuracy)?;
        let threshold = network.simulation.spike_threshold;
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
    let threshold = network.simulation.spike_threshold;
    let mut found = Found {
        networks: 1,
        neurons: network.n_neurons(),
        waveguides: network.waveguides.iter().map(|entry| entry.n_arms(network.simulation.seed)).sum(),
        ..Found::default()
    };
    let (mut ours, times) = match Run::ours(network, FIRST - 1) {
        Ok(run) => run,
        Err(RunError::NotFinite { .. }) if network.has_amplifiers() => return Ok(Found { runaways: 1, ..found }),
        Err(error) => return Err(error.to_string()),
    };
    let mut theirs = Run::theirs(other, FIRST - 1, &times)?;
    for halvings in FIRST..=MOST {
        let (finer, _) = Run::ours(network, halvings).map_err(|error| format!("at a finer step: {error}"))?;
        let their_finer = Run::theirs(other, halvings, &times)?;
        let margin = finer.apart(&ours, threshold, 0.0)[0] + their_finer.apart(&theirs, threshold, 0.0)[0] + OWN;
        let apart = |a: &Run, b: &Run| a.apart(b, threshold, margin);
        let (change, their_change) = (apart(&finer, &ours), apart(&their_finer, &theirs));
        let allowed = [margin, change[1] + their_change[1] + OWN_TIME];
        let gap = apart(&finer, &their_finer);
        (ours, theirs) = (finer, their_finer);
        if allowed[0] > SETTLED || !allowed[1].is_finite() {
            continue;
        }
        if (0..2).any(|k| gap[k] > allowed[k]) {
            return Err(format!(
                "apart from ngspice (voltages, spikes) by {gap:?} after {halvings} halvings of the step, of which the \
                 last explains {allowed:?}: here {change:?}, there {their_change:?}"
            ));
        }
        (found.worst, found.allowed) = (gap, allowed);
        found.spikes = ours.spikes.iter().map(Vec::len).sum();
        return Ok(found);
    }
    Ok(Found { unsettled: 1, ..found })
}
