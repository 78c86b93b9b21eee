//! One network's fluctuations at the start, by field modes against the dense reference.

use std::fmt;
use std::ops::ControlFlow;

use nalgebra::{DMatrix, DVector};
use qhh_net::network::Observable;
use qhh_net::{Network, Outcome, RunOptions, run_with};

use crate::dense::{Dense, Moments};

/// Frequencies of a line at most.
const MOST_MODES: usize = 4096;
/// Change by twice as many frequencies that is small enough, and what rounding may leave.
const SETTLED: f64 = 1e-9;
const ROUNDING: f64 = 1e-11;
/// Part of the change to half the step that an error of second order is at the longer one, and how much more may be:
/// as of the mean field.
const STEP_ERROR: f64 = 4.0 / 3.0 * 1.5;
/// Error of the reference's integral beyond which it tells nothing.
const OWN: f64 = 1e-6;

/// What was compared, and the worst of it, relative to the variances.
#[derive(Default)]
pub struct Found {
    networks: usize,
    neurons: usize,
    waveguides: usize,
    /// Networks that the reference's integral does not resolve.
    unresolved: usize,
    modes: usize,
    /// Worst deviation of variances, of the channels' parts, of covariances; and what they may be off.
    worst: [f64; 3],
    allowed: f64,
    /// With as many frequencies as the network takes by itself: the worst variance; networks whose error is more than
    /// is stated, and the most of it against that.
    alone: f64,
    understated: usize,
    factor: f64,
}

impl Found {
    pub fn take(&mut self, other: &Self) {
        self.networks += other.networks;
        self.neurons += other.neurons;
        self.waveguides += other.waveguides;
        self.unresolved += other.unresolved;
        self.understated += other.understated;
        self.modes = self.modes.max(other.modes);
        for (a, b) in self.worst.iter_mut().zip(other.worst) {
            *a = a.max(b);
        }
        self.allowed = self.allowed.max(other.allowed);
        self.alone = self.alone.max(other.alone);
        self.factor = self.factor.max(other.factor);
    }

    /// Of the networks, most must tell something.
    pub fn mostly_resolved(&self) -> bool {
        4 * self.unresolved <= self.networks
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { networks, neurons, waveguides, unresolved, modes, .. } = self;
        writeln!(f, "{networks} networks, {neurons} neurons, {waveguides} waveguides, {unresolved} not resolved")?;
        let [variance, channels, covariance] = self.worst;
        writeln!(f, "worst variance {variance:.1e}, channels' part {channels:.1e}, covariance {covariance:.1e}")?;
        writeln!(f, "of which the engine tells, at most: {:.1e}, with up to {modes} frequencies", self.allowed)?;
        write!(
            f,
            "frequencies by themselves: worst variance {:.1e}; more than stated in {} networks, up to {:.1e} times",
            self.alone, self.understated, self.factor
        )
    }
}

/// The engine's second moments at the start, and its frequencies and the error that it states for them.
struct Ours {
    moments: DMatrix<f64>,
    modes: usize,
    stated: f64,
}

fn run(network: &Network, modes: Option<usize>, halvings: i32) -> Result<Ours, String> {
    let mut network = network.clone();
    network.simulation.step *= 0.5f64.powi(halvings);
    network.quantum.as_mut().unwrap().modes = modes;
    let outcome =
        run_with(&network, RunOptions { threads: 2, longest_window: 0 }, &mut |_| ControlFlow::Continue(()))
            .map_err(|error| error.to_string())?;
    let n = network.n_neurons();
    let mut moments = DMatrix::from_element(n + 1, n, f64::NAN);
    for covariance in &outcome.covariances {
        let (i, j) = (covariance.a.0, covariance.b.0);
        assert!(covariance.a.1 == Observable::Voltage && covariance.b.1 == Observable::Voltage);
        moments[(i, j)] = covariance.values[0];
        moments[(j, i)] = covariance.values[0];
    }
    for variance in &outcome.variances {
        let i = variance.neuron;
        let channels = ["potassium", "sodium", "chloride", "channels"];
        let own = variance.lines.iter().filter(|line| channels.contains(&line.line.as_str()));
        moments[(n, i)] = own.map(|line| line.vacuum[0] + line.thermal[0]).sum();
        let (whole, summed) = (moments[(i, i)], variance.total(0));
        if (whole - summed).abs() > ROUNDING * summed {
            return Err(format!("lines add up to {summed}, the variance of neuron {i} is {whole}"));
        }
    }
    Ok(Ours { moments, modes: outcome.frequencies.unwrap_or(0), stated: stated(&outcome) })
}

/// The relative error that a run states of its frequencies.
fn stated(outcome: &Outcome) -> f64 {
    let all = outcome.approximations.iter();
    let statement = &all.clone().find(|a| a.name == "fluctuations: heisenberg").expect("it is stated").statement;
    let (_, after) = statement.split_once("miss the variance by ").expect("the error is stated");
    after.split_once(' ').and_then(|(number, _)| number.parse().ok()).expect("it is a number")
}

/// Largest distances of variances, of channels' parts and of covariances, relative to variances.
fn apart(a: &DMatrix<f64>, b: &DMatrix<f64>, variances: &DVector<f64>) -> [f64; 3] {
    let n = variances.len();
    let mut apart = [0.0f64; 3];
    for i in 0..=n {
        for j in 0..n {
            let (what, scale) = match i {
                i if i == n => (1, variances[j]),
                i if i == j => (0, variances[j]),
                i => (2, (variances[i] * variances[j]).sqrt()),
            };
            let gap = (a[(i, j)] - b[(i, j)]).abs() / scale;
            apart[what] = if gap.is_nan() { f64::INFINITY } else { gap.max(apart[what]) };
        }
    }
    apart
}

/// # Errors
/// What is wrong, in a sentence.
pub fn compare(network: &Network) -> Result<Found, String> {
    against(network, network)
}

/// The engine's moments of a network against the reference's of another, which should be the same.
///
/// # Errors
/// What is wrong, in a sentence.
pub fn against(network: &Network, other: &Network) -> Result<Found, String> {
    let arms = network.waveguides.iter().map(|entry| entry.n_arms(network.simulation.seed)).sum();
    let found = Found { networks: 1, neurons: network.n_neurons(), waveguides: arms, ..Found::default() };
    let Moments { covariance, channels, own_error } = Dense::new(other).moments(&other.quantum.unwrap());
    if own_error > OWN {
        return Ok(Found { unresolved: 1, ..found });
    }
    let variances = covariance.diagonal();
    let n = variances.len();
    let truth = covariance.insert_row(n, 0.0);
    let truth = DMatrix::from_fn(n + 1, n, |i, j| if i == n { channels[j] } else { truth[(i, j)] });

    let alone = run(network, None, 0)?;
    let halved = run(network, Some(alone.modes), 1)?;
    let step = apart(&alone.moments, &halved.moments, &variances).map(|change| STEP_ERROR * change);
    let besides = step.map(|step| step + own_error + ROUNDING);

    let (mut ours, mut modes) = (alone.moments.clone(), alone.modes);
    let mut change = [f64::INFINITY; 3];
    while modes < MOST_MODES && change.iter().any(|change| *change > SETTLED) {
        modes = (2 * modes).min(MOST_MODES);
        let finer = run(network, Some(modes), 0)?.moments;
        change = apart(&ours, &finer, &variances);
        ours = finer;
    }
    let deviation = apart(&ours, &truth, &variances);
    let allowed: [f64; 3] = std::array::from_fn(|k| change[k] + besides[k]);
    if (0..3).any(|k| deviation[k] > allowed[k]) {
        return Err(format!(
            "variances, channels' parts and covariances are off by {deviation:?} of the variances, of which {modes} \
             frequencies and the step explain {allowed:?}"
        ));
    }
    let of_alone = apart(&alone.moments, &truth, &variances)[0];
    let factor = of_alone / (alone.stated + besides[0]);
    Ok(Found {
        modes,
        worst: deviation,
        allowed: allowed.into_iter().fold(0.0, f64::max),
        alone: of_alone,
        understated: usize::from(factor > 1.0),
        factor,
        ..found
    })
}
