//! One network, the engine against the reference and against itself.

use std::fmt;
use std::ops::ControlFlow;

use qhh_net::network::{Observable, Parameter, ParameterValues, Precision};
use qhh_net::{Network, Outcome, RunError, RunOptions, run_with};

use crate::generate::STEP;
use crate::reference::{self, Course};
use crate::tally::{Counts, MOST_LEVELS, Order, worst};
use crate::units::Units;

/// Errors of voltages and of spikes left, in quarters of the one before, when the step is halved. Where a crossing lies
/// within a step is another at each step, and with it the error of reading it off.
const SLACK: [f64; 2] = [1.5, 2.0];
/// Errors that the reference may have itself: of voltages and gates, relative; of spikes, in ms.
const OWN: [f64; 2] = [1e-5, 2e-5];
/// Errors of single precision as documented, as a part of the time between spikes and in mV for each step: a membrane
/// whose capacitance is off by as much is slow by as much.
const SINGLE: f64 = 2e-4;
const SINGLE_A_STEP: f64 = 2e-5;

/// What was compared, and the worst of it: voltages and gates, relative, and spikes.
#[derive(Default)]
pub struct Found {
    counts: Counts,
    order: Order<2>,
    single: [f64; 2],
}

impl Found {
    pub fn take(&mut self, other: &Self) {
        self.counts.take(other.counts);
        self.order.take(&other.order);
        self.single = worst(self.single, other.single);
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = |[v, t]: [f64; 2]| format!("{v:.2e} of the range, {t:.2e} ms of a spike");
        writeln!(f, "{}", self.counts)?;
        writeln!(f, "{}", self.order.told(STEP, errors))?;
        write!(f, "single precision: {}", errors(self.single))
    }
}

/// In the network's system of units, told back.
fn run(network: &Network, threads: usize, longest_window: u64) -> Result<Outcome, RunError> {
    let units = Units::of(network);
    let outcome =
        run_with(
            &units.told(network),
            RunOptions { threads, longest_window },
            &mut |_| ControlFlow::Continue(()),
        )?;
    Ok(units.back(outcome))
}

/// # Errors
/// What is wrong, in a sentence.
pub fn compare(network: &Network) -> Result<Found, String> {
    against(network, network)
}

/// The engine's course of a network against the reference's course of another, which should be the same.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn against(network: &Network, other: &Network) -> Result<Found, String> {
    let coarsest = match run(network, 1, 0) {
        Ok(outcome) => outcome,
        Err(RunError::NotFinite { .. }) if network.has_amplifiers() => {
            return Ok(Found { counts: Counts::runaway(), ..Found::default() });
        }
        Err(error) => return Err(error.to_string()),
    };
    for (threads, window) in [(7, 0), (1, 1), (2, 3)] {
        // As text, in which a number that is none equals itself and -0 is not 0.
        if format!("{:?}", run(network, threads, window)) != format!("{:?}", Ok::<_, RunError>(&coarsest)) {
            return Err(format!("{threads} threads and windows of {window} give other bits"));
        }
    }
    let truth = Truth::of(other);

    let mut single = network.clone();
    single.simulation.precision = Precision::F32;
    let outcome = run(&single, 1, 0).map_err(|error| format!("in single precision: {error}"))?;
    let double = Truth::of_outcome(network, &coarsest);
    let margin = double.errors(&outcome, f64::INFINITY)[0];
    let off = double.errors(&outcome, margin);
    let slow = run(&slower(network), 1, 0).map_err(|error| format!("with larger membranes: {error}"))?;
    let slowed = double.errors(&slow, margin);
    let besides = [SINGLE_A_STEP * network.n_steps() as f64, SINGLE * network.simulation.duration];
    if (0..2).any(|k| off[k] > 4.0 * slowed[k] + besides[k]) {
        return Err(format!(
            "single precision is off by {off:?}, a membrane larger by {SINGLE} of itself by {slowed:?}"
        ));
    }

    let mut errors = vec![truth.errors(&coarsest, f64::INFINITY)];
    errors[0] = truth.errors(&coarsest, errors[0][0]);
    for level in 1..MOST_LEVELS {
        let mut finer = network.clone();
        finer.simulation.step = network.simulation.step / f64::from(1 << level);
        let outcome = run(&finer, 2, 0).map_err(|error| format!("at a finer step: {error}"))?;
        let voltage = truth.errors(&outcome, f64::INFINITY)[0];
        errors.push(truth.errors(&outcome, voltage));
        if (0..2).all(|k| shrinks(&errors.iter().map(|e| e[k]).collect::<Vec<_>>(), OWN[k], SLACK[k])) {
            let counts = Counts { spikes: coarsest.spikes.len(), ..Counts::of(network) };
            return Ok(Found { counts, order: Order::of(&errors), single: off });
        }
    }
    Err(format!("the error (voltage and gates, spikes) does not fall at second order: {errors:?}"))
}

/// The network with membranes a little larger.
fn slower(network: &Network) -> Network {
    let mut slower = network.clone();
    for population in &mut slower.populations {
        let grown = 1.0 + SINGLE;
        population.circuit.capacitance *= grown;
        for variation in &mut population.varied {
            if let (Parameter::Capacitance, ParameterValues::Uniform { low, high }) =
                (variation.parameter, &mut variation.values)
            {
                (*low, *high) = (*low * grown, *high * grown);
            }
        }
    }
    slower
}

/// Whether the last of errors at steps each half the one before is what a method of second order leaves: a quarter of
/// an earlier one for each halving. Where a jump lies within a step changes the error from step to step, so the largest
/// of what the earlier ones let expect counts.
pub fn shrinks(errors: &[f64], own: f64, slack: f64) -> bool {
    let (last, earlier) = errors.split_last().expect("there is one");
    let expected = earlier.iter().rev().enumerate().filter(|(_, error)| error.is_finite());
    let expected = expected.map(|(k, error)| error / 4f64.powi(i32::try_from(k + 1).expect("it is small")));
    *last <= own || *last <= slack * expected.fold(0.0, f64::max)
}

/// What a run is held against.
struct Truth {
    /// Voltages and gates at the samples, and the range of the voltage.
    samples: Vec<(Vec<f64>, Vec<f64>, f64)>,
    spikes: Vec<Vec<f64>>,
    /// How near the voltage comes to the threshold and turns, as a part of its range.
    nearest: Vec<f64>,
}

impl Truth {
    fn of(network: &Network) -> Self {
        let step = STEP / 16.0;
        let courses = reference::courses(network, step);
        let every = samples_apart(network.record.every / step);
        let threshold = network.simulation.spike_threshold.unwrap_or(0.0);
        let sampled = |course: &Course| {
            let voltage = course.voltage.iter().copied().step_by(every).collect();
            let n = course.gates.iter().map(|gates| gates[0]).step_by(every).collect();
            (voltage, n, range(&course.voltage))
        };
        let samples = courses.iter().map(sampled).collect();
        let spikes = courses.iter().map(|course| crossings(course, step, threshold)).collect();
        let nearest = courses.iter().map(|course| turns(&course.voltage, threshold) / range(&course.voltage));
        let nearest = nearest.collect();
        Self { samples, spikes, nearest }
    }

    /// An outcome as the truth about another.
    fn of_outcome(network: &Network, outcome: &Outcome) -> Self {
        let trace = |neuron, what| outcome.traces.get(neuron, what).unwrap().to_vec();
        let n = network.n_neurons();
        let samples: Vec<_> = (0..n)
            .map(|neuron| {
                let voltage = trace(neuron, Observable::Voltage);
                let range = range(&voltage);
                (voltage, trace(neuron, Observable::N), range)
            })
            .collect();
        let threshold = network.simulation.spike_threshold.unwrap_or(0.0);
        let nearest = samples.iter().map(|(voltage, _, range)| turns(voltage, threshold) / range).collect();
        let spikes = (0..n).map(|neuron| spikes_of(outcome, neuron)).collect();
        Self { samples, spikes, nearest }
    }

    /// Worst error of voltages and gates, relative, and of spikes, infinite if there are more or fewer. Those of a
    /// neuron that turns within four times `margin` of the threshold tell nothing.
    fn errors(&self, outcome: &Outcome, margin: f64) -> [f64; 2] {
        let (mut of_values, mut of_spikes) = (0.0f64, 0.0f64);
        for (neuron, (voltage, gate, range)) in self.samples.iter().enumerate() {
            let trace = |what| outcome.traces.get(neuron, what).unwrap();
            of_values = of_values.max(apart(trace(Observable::Voltage), voltage) / range);
            of_values = of_values.max(apart(trace(Observable::N), gate));
            if self.nearest[neuron] < 4.0 * margin {
                continue;
            }
            let (ours, theirs) = (spikes_of(outcome, neuron), &self.spikes[neuron]);
            let gap = if ours.len() == theirs.len() { apart(&ours, theirs) } else { f64::INFINITY };
            of_spikes = of_spikes.max(gap);
        }
        [of_values, of_spikes]
    }
}

fn samples_apart(steps: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of steps")]
    let every = steps.round() as usize;
    every
}

pub fn spikes_of(outcome: &Outcome, neuron: usize) -> Vec<f64> {
    outcome.spikes.iter().filter(|spike| spike.neuron == neuron).map(|spike| spike.time).collect()
}

/// Largest distance; infinite of what is no number, and of lists of different lengths.
pub fn apart(a: &[f64], b: &[f64]) -> f64 {
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    let gaps = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    gaps.fold(0.0, |worst, gap| if gap.is_nan() { f64::INFINITY } else { gap.max(worst) })
}

/// From lowest to highest, and no less than a millivolt or so.
pub fn range(values: &[f64]) -> f64 {
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    (high - low).max(1.0)
}

/// Upward crossings of the threshold.
fn crossings(course: &Course, step: f64, threshold: f64) -> Vec<f64> {
    let pairs = course.voltage.windows(2).enumerate();
    let crossed = pairs.filter(|(_, v)| v[0] < threshold && v[1] >= threshold);
    crossed.map(|(k, v)| step * (k as f64 + (threshold - v[0]) / (v[1] - v[0]))).collect()
}

/// Least distance from the threshold at which the voltage turns, begins or ends.
pub fn turns(voltage: &[f64], threshold: f64) -> f64 {
    let ends = [voltage[0], voltage[voltage.len() - 1]];
    let inner = voltage.windows(3).filter(|v| (v[1] - v[0]) * (v[2] - v[1]) <= 0.0).map(|v| v[1]);
    ends.into_iter().chain(inner).map(|v| (v - threshold).abs()).fold(f64::INFINITY, f64::min)
}
