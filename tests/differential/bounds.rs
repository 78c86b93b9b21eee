//! Errors that runs of field modes state of their frequencies, against the true ones over random networks: a statement is
//! a bound in at least 95 of 100 cases, and never below a fifth of the truth.
//!
//! The truth is a run with many more frequencies, where twice as many hardly change it, or the dense solver's.

use qhh_core::circuit::Initial;
use qhh_net::network::Direction;
use qhh_net::pattern::Pattern;
use qhh_net::{Network, Outcome};

use crate::dense::Dense;
use crate::fluctuations::{run, stated, with_quantum};
use crate::generate;

/// Figures of a run and their sizes: variances, covariances and parts of noise budgets at every sample.
fn figures(outcome: &Outcome) -> Vec<(f64, f64)> {
    let mut figures = Vec::new();
    for variance in &outcome.variances {
        figures.extend((0..variance.n_samples()).map(|k| (variance.total(k), variance.total(k))));
    }
    let own = |of| {
        let diagonal = outcome.covariances.iter().find(|covariance| covariance.a == of && covariance.b == of);
        &diagonal.unwrap().values
    };
    for covariance in &outcome.covariances {
        let sizes = own(covariance.a).iter().zip(own(covariance.b)).map(|(a, b)| (a * b).max(0.0).sqrt());
        figures.extend(covariance.values.iter().copied().zip(sizes));
    }
    for budget in &outcome.budget {
        let sums = |k: usize| budget.shares.iter().map(|share| share.values[k]).sum::<f64>();
        for share in &budget.shares {
            figures.extend(share.values.iter().enumerate().map(|(k, value)| (*value, sums(k))));
        }
    }
    figures
}

/// Largest distance relative to the sizes.
fn apart(ours: &Outcome, truth: &Outcome) -> f64 {
    let (ours, truth) = (figures(ours), figures(truth));
    assert_eq!(ours.len(), truth.len());
    let relative =
        |((a, _), (b, size)): (&(f64, f64), &(f64, f64))| if *size > 0.0 { (a - b).abs() / size } else { 0.0 };
    ours.iter().zip(&truth).map(relative).fold(0.0, f64::max)
}

fn with_modes(network: &Network, modes: Option<usize>) -> Outcome {
    run(&with_quantum(network.clone(), |quantum| quantum.modes = modes))
}

/// Statements that were compared.
#[derive(Default)]
struct Tally {
    cases: usize,
    /// Networks that nothing is known of.
    unknown: usize,
    understated: usize,
    /// The largest true error in units of the stated one.
    worst: f64,
}

impl Tally {
    fn take(&mut self, name: &str, modes: Option<usize>, error: f64, stated: f64) {
        // Sums in another order.
        let factor = error / (stated + 1e-10);
        self.cases += 1;
        self.understated += usize::from(factor > 1.0);
        if factor > 1.0 {
            println!("{name}, modes {modes:?}: off by {error:.2e}, stated {stated:.2e}");
        }
        self.worst = self.worst.max(factor);
    }

    fn holds(&self, least: usize) {
        let Self { cases, unknown, understated, worst } = self;
        println!("{cases} cases, {understated} understated, the worst by {worst:.2}; {unknown} networks unknown");
        assert!(*cases >= least, "{cases} cases only");
        assert!(20 * understated <= *cases, "{understated} of {cases} are understated");
        assert!(*worst <= 5.0, "one is off by {worst} times what is stated");
    }
}

/// Compares statements for several numbers of frequencies with a truth of `many` of them.
fn compare(network: &Network, numbers: &[Option<usize>], many: usize, tally: &mut Tally) {
    let (half, truth) = (with_modes(network, Some(many / 2)), with_modes(network, Some(many)));
    let own = apart(&half, &truth);
    for &modes in numbers {
        let ours = with_modes(network, modes);
        let error = apart(&ours, &truth);
        if own > 0.2 * error.max(1e-7) {
            tally.unknown += 1;
            return;
        }
        tally.take(&network.name, modes, error, stated(&ours));
    }
}

const NUMBERS: [Option<usize>; 3] = [None, Some(24), Some(64)];

/// At rest: everything that may be recorded.
#[test]
fn stated_errors_bound_the_true_ones_at_rest() {
    let mut tally = Tally::default();
    for number in 0..90 {
        let mut network = generate::fluctuating(number);
        network.simulation.duration = network.simulation.step;
        network.record.every = network.simulation.step;
        network.record.noise_budget = true;
        compare(&network, &NUMBERS, 2048, &mut tally);
    }
    tally.holds(200);
}

/// Through spikes and whatever else the sources do.
#[test]
fn stated_errors_bound_the_true_ones_through_runs() {
    let mut tally = Tally::default();
    for number in 0..12 {
        let mut network = generate::driven(number);
        network.simulation.duration = network.simulation.duration.min(3.0);
        network.record.every = 10.0 * network.simulation.step;
        compare(&network, &[None, Some(24)], 512, &mut tally);
    }
    tally.holds(12);
}

/// Waves that come back, at rest: against the dense solver, where it sees them.
#[test]
fn stated_errors_bound_the_true_ones_with_echoes() {
    let mut tally = Tally::default();
    let comes_back = |network: &Network| {
        network.waveguides.iter().any(|entry| {
            entry.allow_self || entry.direction == Direction::TwoWay || entry.pattern == Pattern::Ring
        })
    };
    let at_rest = |network: &Network| network.populations.iter().all(|of| of.initial == Initial::Rest);
    for network in (0..150).map(generate::fluctuating).filter(|network| comes_back(network) && at_rest(network)) {
        let network = with_quantum(network, |quantum| quantum.cutoff = quantum.cutoff.min(30.0));
        let exact = Dense::new(&network).moments(&network.quantum.unwrap());
        if exact.own_error > 1e-9 {
            tally.unknown += 1;
            continue;
        }
        for modes in [None, Some(32)] {
            let ours = with_modes(&network, modes);
            let off = ours.variances.iter().map(|variance| {
                let expected = exact.covariance[(variance.neuron, variance.neuron)];
                (variance.total(0) / expected - 1.0).abs()
            });
            tally.take(&network.name, modes, off.fold(0.0, f64::max), stated(&ours));
        }
    }
    tally.holds(10);
}
