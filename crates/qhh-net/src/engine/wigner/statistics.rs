//! What samples come to: moments of voltages and counts of spikes, each with its standard error.

use serde::{Deserialize, Serialize};

use super::Plan;
use crate::engine::heisenberg::Crossing;
use crate::outcome::{
    CutoffDependence, Ensemble, EnsembleNeuron, Fluctuated, LineVariance, NeuronVariance, Spike, SpikeCount,
    Trajectory,
};

/// Sums of the powers of deviations from the mean trajectory, `[recorded node][look]`.
#[derive(Serialize, Deserialize)]
pub(super) struct Sums {
    n_looks: usize,
    powers: Vec<[f64; 4]>,
}

/// A spike in a sample.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) sample: usize,
    /// Place among the recorded nodes.
    pub(super) place: usize,
    pub(super) time: f64,
}

/// A recorded node in a sample that is kept whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) sample: usize,
    /// Place among the recorded nodes.
    pub(super) place: usize,
    /// At the run's samples in time; none measured where nothing measures the voltage.
    pub(super) voltage: Vec<f64>,
    pub(super) measured: Vec<f64>,
}

impl Sums {
    pub(super) fn zero(n_nodes: usize, n_looks: usize) -> Self {
        Self { n_looks, powers: vec![[0.0; 4]; n_nodes * n_looks] }
    }

    /// Whether these are of as many nodes and looks as `other`.
    pub(super) fn fits(&self, other: &Self) -> bool {
        (self.n_looks, self.powers.len()) == (other.n_looks, other.powers.len())
    }

    pub(super) fn take(&mut self, place: usize, look: usize, deviation: f64) {
        let square = deviation * deviation;
        let powers = [deviation, square, square * deviation, square * square];
        let sums = &mut self.powers[place * self.n_looks + look];
        sums.iter_mut().zip(powers).for_each(|(sum, power)| *sum += power);
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (sums, more) in self.powers.iter_mut().zip(&other.powers) {
            sums.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
        }
    }
}

/// Moments of a voltage over the samples.
struct Moments {
    /// Of the mean, from the mean trajectory.
    shift: f64,
    variance: f64,
    variance_error: f64,
    skewness: f64,
    kurtosis: f64,
}

impl Moments {
    /// Of `n` samples with these sums of powers.
    fn new(powers: [f64; 4], n: f64) -> Self {
        let [a, b, c, d] = powers.map(|sum| sum / n);
        // Central moments from those about the mean trajectory.
        let m2 = (b - a * a).max(0.0);
        let m3 = c - 3.0 * a * b + 2.0 * a.powi(3);
        let m4 = d - 4.0 * a * c + 6.0 * a * a * b - 3.0 * a.powi(4);
        let scale = |power: f64| if m2 > 0.0 { m2.powf(power) } else { f64::INFINITY };
        Self {
            shift: a,
            variance: m2 * n / (n - 1.0),
            // Var s^2 = (m4 - m2^2 (n - 3)/(n - 1))/n.
            variance_error: ((m4 - m2 * m2 * (n - 3.0) / (n - 1.0)) / n).max(0.0).sqrt(),
            skewness: m3 / scale(1.5),
            kurtosis: if m2 > 0.0 { m4 / (m2 * m2) - 3.0 } else { 0.0 },
        }
    }
}

/// Spread of a spike's time by linear response, the samples' own deviation of the voltage over the mean's slope, and its
/// standard error.
fn linear_jitter(
    plan: &Plan<'_>,
    node: usize,
    time: f64,
    moments: &impl Fn(usize) -> Moments,
) -> Option<(f64, f64)> {
    let crossing = Crossing::new(&plan.courses[node], plan.looks, plan.network.simulation.step, time)?;
    let variance = crossing.between(|look| moments(look).variance);
    let error = crossing.between(|look| moments(look).variance_error);
    let jitter = crossing.jitter(variance);
    // d sqrt x = dx/(2 sqrt x).
    Some((jitter, if variance > 0.0 { 0.5 * jitter * error / variance } else { 0.0 }))
}

/// Moments, errors and counts.
pub(super) fn finish(
    plan: &Plan<'_>,
    (sums, counted, kept): (&Sums, &[Counted], Vec<Kept>),
    spikes: &[Spike],
) -> Fluctuated {
    let n = plan.quantum.samples as f64;
    let mut fluctuated = Fluctuated::default();
    let (samples, neurons) = (plan.quantum.samples, Vec::new());
    let mut ensemble = Ensemble { samples, neurons, spikes: Vec::new(), trajectories: Vec::new() };
    let samples: Vec<usize> =
        (0..sums.n_looks).filter(|&look| plan.looks[look].is_multiple_of(plan.stride)).collect();
    for (place, &node) in plan.recorded.iter().enumerate() {
        let neuron = plan.graph.nodes[node].neuron;
        let moments = |look: usize| Moments::new(sums.powers[place * sums.n_looks + look], n);
        let mut of = EnsembleNeuron::empty(neuron);
        for &look in &samples {
            let at = moments(look);
            of.mean.push(plan.courses[node].voltages()[plan.looks[look]] + at.shift);
            of.mean_error.push((at.variance / n).sqrt());
            of.variance.push(at.variance);
            of.variance_error.push(at.variance_error);
            of.skewness.push(at.skewness);
            of.kurtosis.push(at.kurtosis);
        }
        let zero = vec![0.0; samples.len()];
        let line = LineVariance {
            line: "all lines".to_owned(),
            vacuum: of.variance.clone(),
            thermal: zero.clone(),
            state: zero,
        };
        let cutoff = CutoffDependence { time: 0.0, rows: Vec::new() };
        fluctuated.variances.push(NeuronVariance { neuron, lines: vec![line], cutoff });
        let own: Vec<f64> = spikes.iter().filter(|spike| spike.neuron == neuron).map(|spike| spike.time).collect();
        let mut found: Vec<&Counted> = counted.iter().filter(|spike| spike.place == place).collect();
        found.sort_by(|a, b| a.sample.cmp(&b.sample).then(a.time.total_cmp(&b.time)));
        let matched = match_spikes(&own, &found, plan);
        of.made = matched.made as f64 / n;
        of.erased = own.len() as f64 - matched.times.iter().map(|times| times.len() as f64 / n).sum::<f64>();
        of.spikes = matched.all as f64 / n;
        for (time, times) in own.iter().zip(matched.times) {
            let linear = linear_jitter(plan, node, *time, &moments);
            ensemble.spikes.push(SpikeCount::new(neuron, *time, &times, plan.quantum.samples, linear));
        }
        ensemble.neurons.push(of);
    }
    let neuron = |place: usize| plan.graph.nodes[plan.recorded[place]].neuron;
    let trajectory = |Kept { sample, place, voltage, measured }| Trajectory {
        neuron: neuron(place),
        sample,
        voltage,
        measured,
    };
    ensemble.trajectories = kept.into_iter().map(trajectory).collect();
    ensemble.trajectories.sort_by_key(|of| (of.neuron, of.sample));
    ensemble.spikes.sort_by(|a, b| a.time.total_cmp(&b.time).then(a.neuron.cmp(&b.neuron)));
    fluctuated.ensemble = Some(ensemble);
    fluctuated
}

struct Matched {
    /// Times of the samples' spikes that belong to each spike of the mean.
    times: Vec<Vec<f64>>,
    /// Spikes that belong to none.
    made: usize,
    all: usize,
}

/// A sample's spike belongs to the nearest of the mean's, one at most from each sample, if no farther than half the way
/// to the next.
fn match_spikes(mean: &[f64], counted: &[&Counted], plan: &Plan<'_>) -> Matched {
    let mut matched = Matched { times: vec![Vec::new(); mean.len()], made: 0, all: 0 };
    let mut taken: Vec<Option<usize>> = vec![None; mean.len()];
    let end = plan.network.simulation.duration;
    for spike in counted {
        matched.all += 1;
        let next = mean.partition_point(|&time| time < spike.time);
        let nearest = [next.checked_sub(1), (next < mean.len()).then_some(next)].into_iter().flatten();
        let distance = |k: usize| (mean[k] - spike.time).abs();
        let nearest = nearest.min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
        // At the ends of the row as far as the nearest neighbour, or a tenth of the run for a spike alone.
        let reach = |k: usize| {
            let before = k.checked_sub(1).map(|before| mean[k] - mean[before]);
            let after = mean.get(k + 1).map(|after| after - mean[k]);
            0.5 * before.into_iter().chain(after).fold(0.2 * end, f64::min)
        };
        match nearest.filter(|&k| distance(k) <= reach(k) && taken[k] != Some(spike.sample)) {
            Some(k) => {
                taken[k] = Some(spike.sample);
                matched.times[k].push(spike.time);
            }
            None => matched.made += 1,
        }
    }
    matched
}
