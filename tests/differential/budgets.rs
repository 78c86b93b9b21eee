//! Variances split by their origin from one run backwards, against the noise budgets of field modes: of a voltage at a time,
//! line by line of every neuron. With gates that follow the mean and with gates that respond; some of the networks measure
//! their voltages, some have a fourth channel.

use std::fmt;
use std::ops::ControlFlow;

use qhh_core::channel::Channel;
use qhh_core::circuit::BathRule;
use qhh_core::gating::library::Published;
use qhh_core::name::Name;
use qhh_core::sense::Sense;
use qhh_net::network::{Direction, Drive, Feedback, Figure, Observable};
use qhh_net::outcome::Origins;
use qhh_net::{Network, Outcome, RunError, RunOptions, run_with};

use crate::cases::COUPLINGS_OFF;
use crate::compare::shrinks;
use crate::{as_file, finds_couplings_off, generate, n_networks};

/// Frequencies of the field modes: enough for what has no steps to be as good as exact.
const MODES: usize = 240;
/// Error of either way that is no step's: of the frequencies, of what has died out, of the exponentials.
const OWN: f64 = 4e-5;
/// Error left, in quarters of the one before, when the step is halved.
const SLACK: f64 = 1.5;
/// Halvings of the step at most.
const LEVELS: u32 = 4;

/// What was compared, and the worst of it.
#[derive(Default)]
struct Found {
    networks: usize,
    sensed: usize,
    coupled: usize,
    both_ways: usize,
    /// At the longest step: of the whole variance, and of one line.
    errors: [f64; 2],
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} budgets agree at second order: {} of networks with waveguides ({} of them both ways), {} with sense lines; \
             at a step of {} ms the variance is off by up to {:.1e}, a line by up to {:.1e} of it",
            self.networks,
            self.coupled,
            self.both_ways,
            self.sensed,
            generate::STEP,
            self.errors[0],
            self.errors[1]
        )
    }
}

/// Gives some networks sense lines, and some a fourth channel.
pub fn add_lines(network: &mut Network, number: usize) {
    let shared = network.simulation.baths == BathRule::SharedMode;
    if number % 3 == 1 {
        let reference = Some(if shared { 0.0 } else { -65.0 });
        for population in &mut network.populations {
            let thermal_energy = (number % 2 == 1).then_some(0.3);
            population.circuit.sense =
                Some(Sense { impedance: 20.0, response_time: 0.2, reference, thermal_energy });
        }
    }
    if number % 4 == 2 && !shared {
        for population in &mut network.populations {
            let gating = Published::named("connor-stevens-a").unwrap().gating(&[], None).unwrap();
            let channel = Channel { name: Name::new("a"), gating, conductance: 10.0, reversal: Some(-75.0) };
            let more: Vec<Channel> = population.circuit.channels.iter().cloned().chain([channel]).collect();
            population.circuit.channels = more.into_iter().collect();
        }
    }
}

/// The network of this number, some with more to them than those that others compare.
fn network(number: usize) -> Network {
    let (mut network, _) = as_file(&generate::driven(number)).unwrap();
    add_lines(&mut network, number);
    // What a packet takes the place of on a warm line is no noise of the line any more: field modes leave it out.
    network.sources.retain(|source| !matches!(source.drive, Drive::Packet(_)));
    network.record.noise_budget = true;
    network.record.covariance = false;
    network.modes.clear();
    network.quantum.as_mut().unwrap().modes = Some(MODES);
    assert!(network.check().is_empty(), "network {number} cannot run");
    network
}

fn go(network: &Network, threads: usize) -> Result<Outcome, RunError> {
    run_with(network, RunOptions { threads, longest_window: 0 }, &mut |_| ControlFlow::Continue(()))
}

/// The largest differences of the whole variance and of a line, against the whole.
fn apart(network: &Network, modes: &Outcome, origins: &Origins, sample: usize) -> [f64; 2] {
    let neuron = origins.figure.neuron();
    let of = |budget: &&qhh_net::outcome::NoiseBudget| {
        (budget.neuron, budget.observable) == (neuron, Observable::Voltage)
    };
    let budget = modes.budget.iter().find(of).unwrap();
    let mut lines: Vec<(String, f64)> =
        budget.shares.iter().map(|share| (share.origin.clone(), share.values[sample])).collect();
    let whole: f64 = lines.iter().map(|(_, variance)| variance).sum();
    for share in &origins.shares {
        let name = format!("{} {}", network.neuron_name(share.neuron as usize), origins.line(share));
        match lines.iter_mut().find(|(line, _)| *line == name) {
            Some((_, left)) => *left -= share.variance,
            None => lines.push((name, -share.variance)),
        }
    }
    let worst = lines.iter().map(|(_, left)| left.abs()).fold(0.0, f64::max);
    [(origins.variance / whole - 1.0).abs(), worst / whole]
}

/// The budget backwards of one network against the field modes of another, of one neuron, from one halving of the step on and so many.
fn against(
    network: &Network,
    other: &Network,
    neuron: usize,
    (first, levels): (u32, u32),
) -> Result<Found, String> {
    let part = 0.4 + 0.05 * (network.simulation.seed % 10) as f64;
    let sample = (part * network.simulation.duration / network.record.every).floor();
    let figure = Figure::Voltage { neuron, time: sample * network.record.every };
    let mut errors: Vec<[f64; 2]> = Vec::new();
    for level in first..first + levels {
        let at = |network: &Network| {
            let mut network = network.clone();
            network.simulation.step /= f64::from(1 << level);
            network
        };
        let (mut backwards, mut modes) = (at(network), at(other));
        backwards.record.budget_of = vec![figure];
        backwards.quantum.as_mut().unwrap().fluctuations = qhh_net::network::Fluctuations::None;
        backwards.record.noise_budget = false;
        modes.record.neurons = vec![neuron];
        let (Ok(backwards), Ok(modes)) = (go(&backwards, 1), go(&modes, 2)) else {
            return Ok(Found::default());
        };
        let origins = &backwards.origins[0];
        let emitted: f64 = origins.emitted.iter().flat_map(|(_, parts)| parts).sum();
        if (emitted / origins.variance - 1.0).abs() > 1e-9 {
            return Err(format!("times add up to {emitted}, lines to {}", origins.variance));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sample of the run")]
        errors.push(apart(network, &modes, origins, sample as usize));
        let of = |k: usize| errors.iter().map(|error| error[k]).collect::<Vec<_>>();
        if level > first && (0..2).all(|k| shrinks(&of(k), OWN, SLACK)) {
            return Ok(Found {
                networks: 1,
                sensed: usize::from(network.populations.iter().any(|of| of.circuit.sense.is_some())),
                coupled: usize::from(!network.waveguides.is_empty()),
                both_ways: usize::from(network.waveguides.iter().any(|of| of.direction == Direction::TwoWay)),
                errors: errors[0],
            });
        }
    }
    Err(format!("the error (whole, one line) does not fall at second order: {errors:?}"))
}

#[test]
fn budgets_backwards_agree_with_those_of_field_modes() {
    let mut all = Found::default();
    for number in 0..n_networks().div_ceil(5) {
        for feedback in [Feedback::Mean, Feedback::Full] {
            let mut network = network(number);
            network.quantum.as_mut().unwrap().feedback = feedback;
            let neuron = number % network.n_neurons();
            let found = against(&network, &network, neuron, (0, LEVELS))
                .unwrap_or_else(|problem| panic!("network {number}, gates {feedback:?}: {problem}"));
            all.networks += found.networks;
            all.sensed += found.sensed;
            all.coupled += found.coupled;
            all.both_ways += found.both_ways;
            all.errors = std::array::from_fn(|k| all.errors[k].max(found.errors[k]));
        }
    }
    println!("{all}");
    assert!(all.networks > n_networks() / 5, "too few networks tell anything");
    assert!(all.coupled > 0 && all.sensed > 0, "{all}");
}

#[test]
fn couplings_a_little_off_are_found_in_budgets_backwards() {
    finds_couplings_off(
        (0..COUPLINGS_OFF.number()).map(generate::driven),
        |network, other| {
            let prepared = |network: &Network| {
                let mut network = network.clone();
                network.sources.retain(|source| !matches!(source.drive, Drive::Packet(_)));
                network.record.noise_budget = true;
                network.record.covariance = false;
                network.quantum.as_mut().unwrap().modes = Some(MODES);
                network
            };
            // One that a waveguide leads to.
            let neuron = qhh_net::links(network).last().map_or(0, |link| link.to.neuron);
            against(&prepared(network), &prepared(other), neuron, (1, 2))
        },
        "second order",
    );
}

#[test]
fn budgets_backwards_have_the_same_bytes_on_any_threads() {
    for number in 0..n_networks().div_ceil(10) {
        let mut network = network(number);
        network.record.noise_budget = false;
        network.quantum.as_mut().unwrap().fluctuations = qhh_net::network::Fluctuations::None;
        let time = 0.6 * network.simulation.duration;
        network.record.budget_of =
            (0..network.n_neurons()).map(|neuron| Figure::Voltage { neuron, time }).collect();
        let of = |threads: usize, longest_window: u64| {
            run_with(&network, RunOptions { threads, longest_window }, &mut |_| ControlFlow::Continue(()))
                .unwrap()
                .origins
        };
        let one = of(1, 0);
        assert!(one.iter().all(|origins| origins.variance > 0.0), "network {number}");
        assert!(one == of(2, 0), "network {number} on two threads");
    }
}
