//! Runs that go on from a state on their way end as ones that were never stopped, to the bit.

use std::ops::ControlFlow;

use qhh_core::circuit::{BathRule, Initial};
use qhh_net::engine::{Checkpoint, Observer, Stage, State};
use qhh_net::network::{Feedback, Network, Precision};
use qhh_net::{Outcome, Progress, RunError, RunOptions, Simulation};

use crate::models;

/// Keeps every state.
#[derive(Default)]
struct Keeper {
    mean_field: Vec<Vec<u8>>,
    fluctuations: Vec<Vec<u8>>,
}

impl Observer for Keeper {
    fn progress(&mut self, _: Progress) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn wants_state(&mut self, _: Progress) -> bool {
        true
    }

    fn keep(&mut self, state: &State<'_>) {
        let mut bytes = Vec::new();
        state.write_to(&mut bytes).unwrap();
        let of_mean_field = state.progress.stage == Stage::MeanField;
        if of_mean_field { &mut self.mean_field } else { &mut self.fluctuations }.push(bytes);
    }
}

fn resume(network: &Network, threads: usize, kept: Checkpoint) -> Result<Outcome, RunError> {
    let options = RunOptions { threads, ..RunOptions::default() };
    Simulation::new(network, options)?.resume(kept, &mut |_| ControlFlow::Continue(()))
}

/// The whole run, and from states all along its way, on one thread and on three.
fn check(network: &Network) {
    let mut keeper = Keeper::default();
    let options = RunOptions { threads: 2, ..RunOptions::default() };
    let whole = Simulation::new(network, options).unwrap().resume(Checkpoint::default(), &mut keeper).unwrap();
    assert!(keeper.mean_field.len() > 2, "{} windows", keeper.mean_field.len());
    for (k, state) in keeper.mean_field.iter().enumerate().step_by(1 + keeper.mean_field.len() / 8) {
        let kept = Checkpoint::in_memory(Some(state.clone()), None);
        assert_same(&resume(network, 1 + 2 * (k % 2), kept).unwrap(), &whole, k);
    }
    let last = keeper.mean_field.pop();
    let kept = Checkpoint::in_memory(last.clone(), None);
    assert_same(&resume(network, 1, kept).unwrap(), &whole, keeper.mean_field.len());
    for (k, state) in keeper.fluctuations.iter().enumerate().step_by(1 + keeper.fluctuations.len() / 8) {
        let kept = Checkpoint::in_memory(last.clone(), Some(state.clone()));
        assert_same(&resume(network, 1 + 2 * (k % 2), kept).unwrap(), &whole, k);
    }
}

/// Equal to the bit, numbers that are none included.
fn assert_same(one: &Outcome, other: &Outcome, place: usize) {
    assert_eq!(one.spikes, other.spikes, "spikes from state {place}");
    assert_eq!(one.traces, other.traces, "traces from state {place}");
    assert_eq!(format!("{one:?}"), format!("{other:?}"), "from state {place}");
}

fn chain() -> Network {
    let mut network = models::passive_chain(5, 16.0, 0.02);
    network.record.every = 0.1;
    network.waveguides[0].delay = qhh_net::network::Delay::Time(0.333.into());
    network
}

#[test]
fn a_chain_goes_on_with_its_waves_under_way() {
    check(&chain());
    let mut single = chain();
    single.simulation.precision = Precision::F32;
    check(&single);
}

/// The run ends within a window, one step after it began: waves under way then left in the two windows before.
#[test]
fn a_chain_that_ends_within_a_window_goes_on_with_its_waves_under_way() {
    let mut network = chain();
    network.waveguides[0].delay = qhh_net::network::Delay::Time(0.32.into());
    network.simulation.duration = 16.02;
    check(&network);
    check(&models::with_modes(network, 0.5, 0.0, 40.0, 24));
}

/// One of six lines is far longer than twice their mean, and kept apart.
#[test]
fn a_line_much_longer_than_the_others_goes_on() {
    let mut network = chain();
    network.populations[0].count = 7;
    network.waveguides = vec![models::chain_of((0..7).collect(), 1.0)];
    let delays = vec![1.0, 0.7, 5.5, 0.8, 1.0, 0.35];
    network.waveguides[0].delay =
        qhh_net::network::Delay::Time(qhh_net::network::ParameterValues::Each(delays.into()));
    check(&network);
}

#[test]
fn neurons_of_their_own_go_on() {
    let mut pool =
        models::one_neuron(models::squid_circuit(), Initial::Rest, models::constant(10.0, 2.0, 20.0), 30.0, 0.05);
    pool.populations[0].count = 40;
    pool.record.neurons = vec![0, 7, 39];
    check(&pool);
}

#[test]
fn the_adiabatic_method_goes_on_with_its_loops() {
    let circuit = models::paper_circuit();
    let network = models::paper(circuit, BathRule::SharedMode, models::paper_sine(), 0.001);
    let mut network = models::with_variance(network, 1.0, 0.0, 1000.0);
    network.simulation.duration = 4.0;
    network.record.hysteresis = true;
    check(&network);
}

#[test]
fn field_modes_go_on_with_budgets_covariances_and_outgoing_modes() {
    let mut network = models::with_modes(chain(), 0.5, 0.2, 100.0, 96);
    network.record.noise_budget = true;
    network.record.covariance = true;
    network.record.observables.push(qhh_net::network::Observable::WaveOut);
    network.record.every = 1.0;
    check(&network);
    check(&models::three_linear_modes(0.02, 96));
}

#[test]
fn samples_go_on() {
    check(&models::with_samples(chain(), (0.5, 0.2, 100.0), 400, Feedback::Full));
}

#[test]
fn a_state_of_another_network_or_a_spoilt_one_is_refused() {
    let network = models::with_modes(chain(), 0.5, 0.0, 100.0, 32);
    let mut keeper = Keeper::default();
    let options = RunOptions { threads: 1, ..RunOptions::default() };
    Simulation::new(&network, options).unwrap().resume(Checkpoint::default(), &mut keeper).unwrap();
    let mean_field = keeper.mean_field.pop();
    let fluctuations = keeper.fluctuations.pop();
    let kept = Checkpoint::in_memory(mean_field.clone(), fluctuations.clone());
    let larger = models::with_modes(models::passive_chain(6, 16.0, 0.02), 0.5, 0.0, 100.0, 32);
    assert_eq!(resume(&larger, 1, kept), Err(RunError::StateMismatch));
    let swapped = Checkpoint::in_memory(fluctuations.clone(), mean_field.clone());
    assert_eq!(resume(&network, 1, swapped), Err(RunError::StateMismatch));
    let (mean_field, fluctuations) = (mean_field.unwrap(), fluctuations.unwrap());
    for length in (0..mean_field.len()).step_by(997) {
        let short = Checkpoint::in_memory(Some(mean_field[..length].to_vec()), None);
        assert_eq!(resume(&network, 1, short), Err(RunError::StateMismatch), "cut at {length}");
    }
    for length in (0..fluctuations.len()).step_by(9973) {
        let short = Checkpoint::in_memory(Some(mean_field.clone()), Some(fluctuations[..length].to_vec()));
        assert_eq!(resume(&network, 1, short), Err(RunError::StateMismatch), "cut at {length}");
    }
}
