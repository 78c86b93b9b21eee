//! One network's fluctuations at the start, by field modes against the dense reference.

use std::fmt;
use std::ops::ControlFlow;

use nalgebra::{DMatrix, DVector};
use qhh_net::network::Observable;
use qhh_net::{Network, Outcome, RunOptions, run_with};

use crate::dense::{Dense, Moments};
use crate::spice::guides::Guides;
use crate::tally::{Counts, worst};
use crate::units::Units;

/// Frequencies of a line at most.
const MOST_MODES: usize = 4096;
/// Change by twice as many frequencies that is small enough, and what rounding may leave.
const SETTLED: f64 = 1e-9;
const ROUNDING: f64 = 1e-11;
/// Part of the change to half the step that an error of second order is at the longer one, and how much more may be:
/// as of the mean field.
const STEP_ERROR: f64 = 4.0 / 3.0 * 1.5;
/// Change by twice as many frequencies or panels beyond which neither tells anything, and how often the cutoff is then
/// lowered to a quarter.
const RESOLVED: f64 = 1e-6;
const LOWERED: i32 = 2;

/// Times that the error of echoes may be what is stated of it.
const ESTIMATE: f64 = 5.0;

/// What was compared, and the worst of it, relative to the variances.
#[derive(Default)]
pub struct Found {
    counts: Counts,
    /// Networks that take a lower cutoff to be resolved, and those that are not.
    lowered: usize,
    unresolved: usize,
    modes: usize,
    /// Worst deviation of variances, of the channels' parts, of covariances; and of those where the step does nothing.
    worst: [f64; 3],
    worst_still: [f64; 3],
    /// What they may be off.
    allowed: f64,
    /// With as many frequencies as the network takes by itself: the worst variance.
    alone: f64,
    /// Networks with echoes, and those of them whose error is more than the engine states.
    echoes: usize,
    understated: usize,
}

impl Found {
    pub fn take(&mut self, other: &Self) {
        self.counts.take(other.counts);
        self.lowered += other.lowered;
        self.unresolved += other.unresolved;
        self.echoes += other.echoes;
        self.understated += other.understated;
        self.modes = self.modes.max(other.modes);
        self.worst = worst(self.worst, other.worst);
        self.worst_still = worst(self.worst_still, other.worst_still);
        self.allowed = self.allowed.max(other.allowed);
        self.alone = self.alone.max(other.alone);
    }

    /// Of the networks, most must tell something.
    pub fn mostly_resolved(&self) -> bool {
        4 * self.unresolved <= self.counts.networks
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counts, lowered, unresolved, modes, .. } = self;
        writeln!(f, "{counts}")?;
        writeln!(f, "resolved below a lower cutoff: {lowered}, not at all: {unresolved}")?;
        writeln!(f, "worst of all: {}", said(self.worst))?;
        writeln!(f, "worst of those that start at rest: {}", said(self.worst_still))?;
        writeln!(f, "the engine tells of up to {:.1e}, with up to {modes} frequencies", self.allowed)?;
        write!(
            f,
            "with as many frequencies as it takes by itself: worst variance {:.1e}, more than it states in {} of {} \
             networks with echoes",
            self.alone, self.understated, self.echoes
        )
    }
}

/// Variances, channels' parts and covariances in words.
pub fn said([variance, channels, covariance]: [f64; 3]) -> String {
    format!("variance {variance:.1e}, channels' part {channels:.1e}, covariance {covariance:.1e}")
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
    let (units, n) = (Units::of_another_size(&network), network.n_neurons());
    let network = units.told(&network);
    let outcome =
        run_with(&network, RunOptions { threads: 2, longest_window: 0 }, &mut |_| ControlFlow::Continue(()))
            .map_err(|error| error.to_string())?;
    let moments = units.moments_back(moments(&outcome, n, 0)?);
    Ok(Ours { moments, modes: outcome.frequencies.unwrap_or(0), stated: stated(&outcome) })
}

/// Covariances of the voltages that a run came to at a sample, and below them, in a row of their own, what each neuron's
/// channels contribute to its variance.
///
/// # Errors
/// Lines that do not add up, in a sentence.
pub fn moments(outcome: &Outcome, n: usize, sample: usize) -> Result<DMatrix<f64>, String> {
    let mut moments = DMatrix::from_element(n + 1, n, f64::NAN);
    for covariance in &outcome.covariances {
        let (i, j) = (covariance.a.0, covariance.b.0);
        assert!(covariance.a.1 == Observable::Voltage && covariance.b.1 == Observable::Voltage);
        moments[(i, j)] = covariance.values[sample];
        moments[(j, i)] = covariance.values[sample];
    }
    for variance in &outcome.variances {
        let i = variance.neuron;
        let channels = ["potassium", "sodium", "chloride", "channels"];
        let own = variance.lines.iter().filter(|line| channels.contains(&line.line.as_str()));
        moments[(n, i)] = own.map(|line| line.vacuum[sample] + line.thermal[sample]).sum();
        let (whole, summed) = (moments[(i, i)], variance.total(sample));
        if (whole - summed).abs() > ROUNDING * summed {
            return Err(format!("lines add up to {summed}, the variance of neuron {i} is {whole}"));
        }
    }
    Ok(moments)
}

/// The relative error that a run states of its frequencies.
fn stated(outcome: &Outcome) -> f64 {
    let all = outcome.approximations.iter();
    let statement = &all.clone().find(|a| a.name == "fluctuations: heisenberg").expect("it is stated").statement;
    let (_, after) = statement.split_once("miss the variance by ").expect("the error is stated");
    after.split_once(' ').and_then(|(number, _)| number.parse().ok()).expect("it is a number")
}

/// Largest distances of variances, of channels' parts and of covariances, relative to variances.
pub fn apart(a: &DMatrix<f64>, b: &DMatrix<f64>, variances: &DVector<f64>) -> [f64; 3] {
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
    let lowered = |network: &Network, times: i32| {
        let mut network = network.clone();
        network.quantum.as_mut().unwrap().cutoff *= 0.25f64.powi(times);
        network
    };
    // Echoes between ends that reflect all but a little are the sharper the higher the frequency.
    for times in 0..=LOWERED {
        if let Some(found) = below_cutoff(&lowered(network, times), &lowered(other, times))? {
            return Ok(Found { lowered: usize::from(times > 0), ..found });
        }
    }
    Ok(Found { counts: Counts { networks: 1, ..Counts::default() }, unresolved: 1, ..Found::default() })
}

/// None where too sharp a resonance leaves either unsettled.
fn below_cutoff(network: &Network, other: &Network) -> Result<Option<Found>, String> {
    let Moments { covariance, channels, own_error } = Dense::new(other).moments(&other.quantum.unwrap());
    if own_error > RESOLVED {
        return Ok(None);
    }
    let variances = covariance.diagonal();
    let n = variances.len();
    let truth = DMatrix::from_fn(n + 1, n, |i, j| if i == n { channels[j] } else { covariance[(i, j)] });

    let alone = run(network, None, 0)?;
    let (mut ours, mut modes) = (alone.moments.clone(), alone.modes);
    let mut change = [f64::INFINITY; 3];
    while modes < MOST_MODES && change.iter().any(|change| *change > SETTLED) {
        modes = (2 * modes).min(MOST_MODES);
        let finer = run(network, Some(modes), 0)?.moments;
        change = apart(&ours, &finer, &variances);
        ours = finer;
    }
    if change.iter().any(|change| *change > RESOLVED) {
        return Ok(None);
    }
    let halved = run(network, Some(modes), 1)?.moments;
    let step = apart(&ours, &halved, &variances).map(|change| STEP_ERROR * change);
    let besides = step.map(|step| step + own_error + ROUNDING);
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
    let echoes = echoes(network);
    // Of echoes the change by twice as many frequencies is stated, an estimate and no bound.
    let most = if echoes { ESTIMATE } else { 1.0 };
    if factor > most {
        return Err(format!(
            "a variance is off by {of_alone:.1e} of itself with {} frequencies, stated are {:.1e}",
            alone.modes, alone.stated
        ));
    }
    Ok(Some(Found {
        counts: Counts::of(network),
        modes,
        worst: deviation,
        worst_still: if step[0] < ROUNDING { deviation } else { [0.0; 3] },
        allowed: allowed.into_iter().fold(0.0, f64::max),
        alone: of_alone,
        echoes: usize::from(echoes),
        understated: usize::from(factor > 1.0),
        ..Found::default()
    }))
}

/// Whether a wave can come back to the neuron that sent it.
fn echoes(network: &Network) -> bool {
    let guides = Guides::new(network);
    let n = network.n_neurons();
    let mut reaches = vec![vec![false; n]; n];
    for guide in &guides.all {
        let (from, to) = (guide.output.0, guide.input.0);
        reaches[from][to] = true;
        reaches[to][from] |= guide.two_way;
    }
    for over in 0..n {
        for from in 0..n {
            for to in 0..n {
                reaches[from][to] |= reaches[from][over] && reaches[over][to];
            }
        }
    }
    (0..n).any(|neuron| reaches[neuron][neuron])
}
