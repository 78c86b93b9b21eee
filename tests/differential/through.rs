//! One network's fluctuations through a run, by the engine's field modes against the plain [`moments`].

use std::fmt;
use std::ops::ControlFlow;

use nalgebra::{DMatrix, DVector};
use qhh_core::circuit::{Channels, Circuit, Inputs};
use qhh_net::network::Population;
use qhh_net::{Network, RunError, RunOptions, run_with};

use crate::compare::shrinks;
use crate::generate::STEP;
use crate::moments;
use crate::response::Mean;
use crate::tally::{Counts, MOST_LEVELS, Order};
use crate::{reference, variance};

/// Frequencies of both: more than go side by side in the engine, and no whole number of those. What so few leave out of
/// the integral is no matter here.
const MODES: usize = 24;
/// In 1/ms, a rate slower than any.
const SLOWEST: f64 = 0.005;
/// Error left, in quarters of the one before, when the step is halved, and what the reference may err itself, of the
/// largest variance of a neuron.
const SLACK: f64 = 1.5;
pub const OWN: f64 = 1e-6;

/// What was compared, and the worst of it: variances, channels' parts and covariances, relative to the largest variances.
#[derive(Default)]
pub struct Found {
    counts: Counts,
    order: Order<3>,
    /// Largest variance of a neuron over its least.
    rise: f64,
}

impl Found {
    pub fn take(&mut self, other: &Self) {
        self.counts.take(other.counts);
        self.order.take(&other.order);
        self.rise = self.rise.max(other.rise);
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.counts)?;
        writeln!(f, "a variance rises up to {:.1}-fold within a run", self.rise)?;
        write!(f, "{}", self.order.told(STEP, variance::said))
    }
}

/// The network with as many frequencies as are compared, and one more neuron by itself, slower than any other: the
/// slowest lays the frequencies. Else they would lie a little elsewhere at each step, at first order where the lowest
/// conductance is that of the start or the end, and where so few miss a part of the integral that part would change.
pub fn prepared(network: &Network) -> Network {
    let mut network = network.clone();
    network.quantum.as_mut().unwrap().modes = Some(MODES);
    let channels = Channels::three([0.0, 0.0, SLOWEST], None);
    let circuit = Circuit { capacitance: 1.0, channels, output: None, inputs: Inputs::NONE, sense: None };
    network.populations.push(Population::new("slow", 1, circuit));
    network.record.neurons = (0..network.n_neurons()).collect();
    network
}

/// # Errors
/// What is wrong, in a sentence.
pub fn compare(network: &Network) -> Result<Found, String> {
    against(network, network)
}

/// The engine's moments of a network against the reference's of another, beside the mean field of the first.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn against(network: &Network, other: &Network) -> Result<Found, String> {
    let (network, other) = (&prepared(network), &prepared(other));
    let n = network.n_neurons();
    let mut counts = Counts::of(network);
    let mut truth: Option<Truth> = None;
    let mut errors: Vec<[f64; 3]> = Vec::new();
    for level in 0..MOST_LEVELS {
        let mut finer = network.clone();
        finer.simulation.step = network.simulation.step / f64::from(1 << level);
        let options = RunOptions { threads: 2, longest_window: 0 };
        let outcome = match run_with(&finer, options, &mut |_| ControlFlow::Continue(())) {
            Ok(outcome) => outcome,
            Err(RunError::NotFinite { .. }) if level == 0 && network.has_amplifiers() => {
                return Ok(Found { counts: Counts::runaway(), ..Found::default() });
            }
            Err(error) => return Err(error.to_string()),
        };
        let truth = truth.get_or_insert_with(|| Truth::of(network, other, STEP / 16.0));
        let ours: Vec<_> = (0..truth.moments.len())
            .map(|sample| variance::moments(&outcome, n, sample))
            .collect::<Result<_, _>>()?;
        errors.push(truth.errors(&ours));
        if level == 0 {
            counts.spikes = outcome.spikes.len();
            continue;
        }
        if (0..3).all(|k| shrinks(&errors.iter().map(|e| e[k]).collect::<Vec<_>>(), OWN, SLACK)) {
            return Ok(Found { counts, order: Order::of(&errors), rise: truth.rise() });
        }
    }
    Err(format!(
        "the error (variances, channels' parts, covariances) does not fall at second order: {errors:?} of the largest \
         variances"
    ))
}

/// What a run is held against: moments at its samples.
pub struct Truth {
    pub moments: Vec<DMatrix<f64>>,
    /// Largest variance of each neuron.
    largest: DVector<f64>,
}

impl Truth {
    /// Fluctuations of `other` beside the mean field of `network`, that at steps of `step`.
    pub fn of(network: &Network, other: &Network, step: f64) -> Self {
        let mean = Mean::new(network, &reference::courses(network, step), step);
        let moments = moments::moments(other, &mean, network.record.every);
        let n = network.n_neurons();
        let largest = |i: usize| moments.iter().map(|moments| moments[(i, i)]).fold(0.0, f64::max);
        let largest = DVector::from_fn(n, |i, _| largest(i));
        Self { moments, largest }
    }

    /// Worst variance, channels' part and covariance of any sample.
    pub fn errors(&self, ours: &[DMatrix<f64>]) -> [f64; 3] {
        let each = ours.iter().zip(&self.moments).map(|(a, b)| variance::apart(a, b, &self.largest));
        each.fold([0.0; 3], |worst, error| std::array::from_fn(|k| error[k].max(worst[k])))
    }

    fn rise(&self) -> f64 {
        let least = |i: usize| self.moments.iter().map(|moments| moments[(i, i)]).fold(f64::INFINITY, f64::min);
        (0..self.largest.len()).map(|i| self.largest[i] / least(i)).fold(0.0, f64::max)
    }
}
