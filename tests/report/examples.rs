//! One finished run of each kind a report must cope with.

use num_complex::Complex64;
use qhh_core::circuit::{BathRule, Initial, Inputs};
use qhh_core::quantum::State;
use qhh_core::source::{ModeSource, Shape};
use qhh_core::units::UnitSystem;
use qhh_net::network::{Drive, Observable, Source};
use qhh_results::FinishedRun;

use crate::models::{paper_circuit, paper_single_circuit, relay_circuit};
use crate::runs::{network, population, run, source};

const HH: UnitSystem = UnitSystem::HodgkinHuxley;

/// One squid axon under a constant current.
pub(crate) fn squid() -> FinishedRun {
    let mut network = network("squid axon", HH, 50.0, vec![population("axon", 1, relay_circuit(), Initial::Rest)]);
    "The full model of 1952 under a constant current: it fires again and again."
        .clone_into(&mut network.description);
    network.sources = vec![source("drive", vec![0], Shape::Constant { amplitude: 20.0 }, 5.0, 45.0)];
    run(network)
}

/// A spike that crosses six neurons.
pub(crate) fn chain() -> FinishedRun {
    let mut network = network("chain", HH, 40.0, vec![population("relay", 6, relay_circuit(), Initial::Rest)]);
    "A spike crosses five passive waveguides.".clone_into(&mut network.description);
    network.sources = vec![source("kick", vec![0], Shape::Constant { amplitude: 40.0 }, 5.0, 7.0)];
    run(network)
}

/// The paper's three-channel neuron under a squeezed mode.
pub(crate) fn paper(shared: bool) -> FinishedRun {
    let given = Initial::Given { voltage: Some(0.0), gates: vec![Some(0.4), Some(0.6), Some(0.2)] };
    let mut network =
        network("paper", UnitSystem::Raw, 10.0, vec![population("neuron", 1, paper_circuit(), given)]);
    if shared {
        network.simulation.baths = BathRule::SharedMode;
    }
    if let Some(quantum) = &mut network.quantum {
        (quantum.thermal_energy, quantum.hbar, quantum.cutoff) = (0.0, 1e-3, 400.0);
    }
    let displacement = Complex64::new(0.0, 1.0);
    let state = State::Squeezed { r: 0.8, phase: 0.6, displacement };
    let mode = ModeSource { zero_point: 0.5, omega: 10.0, start: 2.5, stop: f64::INFINITY, envelope: None, state };
    network.sources =
        vec![Source { name: "mode".to_owned(), targets: vec![0].into(), drive: Drive::Mode(mode), scale: None }];
    network.record.hysteresis = true;
    run(network)
}

/// Three-channel and single-channel neurons, each driven at several frequencies.
pub(crate) fn frequencies() -> FinishedRun {
    let given = Initial::Given { voltage: Some(0.0), gates: vec![Some(0.4), Some(0.6), Some(0.2)] };
    let populations = vec![
        population("three", 5, paper_circuit(), given.clone()),
        population("single", 5, paper_single_circuit(), given),
    ];
    let mut network = network("frequencies", UnitSystem::Raw, 10.0, populations);
    network.quantum = None;
    network.record.hysteresis = true;
    network.record.observables = vec![Observable::Voltage, Observable::G_K];
    for (k, omega) in [2.0, 5.0, 10.0, 20.0, 50.0].into_iter().enumerate() {
        let sine = Shape::Sine { amplitude: 10.0, omega, phase: 0.0 };
        network.sources.push(source(&format!("drive {k}"), vec![k, k + 5], sine, 0.0, f64::INFINITY));
    }
    run(network)
}

/// A thousand neurons, each under a noise of its own.
pub(crate) fn crowd() -> FinishedRun {
    let mut circuit = relay_circuit();
    circuit.inputs = Inputs::NONE;
    let populations = vec![
        population("left", 600, circuit.clone(), Initial::Rest),
        population("right", 400, circuit, Initial::Rest),
    ];
    let mut network = network("crowd", HH, 100.0, populations);
    network.quantum = None;
    network.record.observables = vec![Observable::Voltage];
    for k in 0..1000u32 {
        let amplitude = 5.0 + 0.02 * f64::from(k);
        network.sources.push(source(
            &format!("input {k}"),
            vec![k as usize],
            Shape::Constant { amplitude },
            2.0,
            95.0,
        ));
    }
    run(network)
}

/// Nothing happens, everything recorded is zero or constant.
pub(crate) fn silent() -> FinishedRun {
    let network = network("silence", HH, 5.0, vec![population("quiet", 2, paper_single_circuit(), Initial::Rest)]);
    let mut run = run(network);
    for column in &mut run.outcome.traces.columns {
        let constant = if column.observable == Observable::Voltage { -65.0 } else { 0.0 };
        column.values.fill(constant);
    }
    for variance in &mut run.outcome.variances {
        for line in &mut variance.lines {
            line.vacuum.fill(0.0);
            line.thermal.fill(0.0);
            line.state.fill(0.0);
        }
    }
    run.outcome.spikes.clear();
    run
}

/// Spikes alone, nothing recorded.
pub(crate) fn bare() -> FinishedRun {
    let mut run = chain();
    run.network.record.neurons.clear();
    run.network.record.observables.clear();
    run.network.quantum = None;
    run.outcome.traces.columns.clear();
    run.outcome.traces.times.clear();
    run.outcome.extremes.clear();
    run.outcome.variances.clear();
    run.outcome.checks.clear();
    run.outcome.approximations.clear();
    run
}

/// What a hostile file may call things.
pub(crate) const HOSTILE: &str = "</script><script>alert(1)</script><img src=x onerror=alert(2)>'\"&";

/// Every name and text tries to break out.
pub(crate) fn hostile() -> FinishedRun {
    let mut run = chain();
    HOSTILE.clone_into(&mut run.network.name);
    HOSTILE.clone_into(&mut run.network.description);
    HOSTILE.clone_into(&mut run.network.populations[0].name);
    HOSTILE.clone_into(&mut run.network.sources[0].name);
    HOSTILE.clone_into(&mut run.network_yaml);
    HOSTILE.clone_into(&mut run.version);
    HOSTILE.clone_into(&mut run.outcome.approximations[0].name);
    HOSTILE.clone_into(&mut run.outcome.approximations[0].statement);
    for variance in &mut run.outcome.variances {
        for line in &mut variance.lines {
            line.line.push_str(HOSTILE);
        }
    }
    run
}

/// The squid axon in volts, seconds and siemens.
pub(crate) fn squid_in_si() -> FinishedRun {
    let mut run = squid();
    run.network.units = UnitSystem::Si;
    let milli = 1e-3;
    let network = &mut run.network;
    for time in [&mut network.simulation.duration, &mut network.simulation.step, &mut network.record.every] {
        *time *= milli;
    }
    network.sources = vec![source("drive", vec![0], Shape::Constant { amplitude: 20e-6 }, 5e-3, 45e-3)];
    let outcome = &mut run.outcome;
    outcome.traces.times.iter_mut().for_each(|t| *t *= milli);
    outcome.spikes.iter_mut().for_each(|spike| spike.time *= milli);
    for column in &mut outcome.traces.columns {
        let from = HH.display(1.0, column.observable.dimension());
        let factor = UnitSystem::Si.parse(&from, column.observable.dimension()).unwrap_or(1.0);
        column.values.iter_mut().for_each(|value| *value *= factor);
    }
    for extreme in &mut outcome.extremes {
        for (value, time) in [&mut extreme.highest, &mut extreme.lowest] {
            (*value, *time) = (*value * milli, *time * milli);
        }
    }
    for variance in &mut outcome.variances {
        for line in &mut variance.lines {
            for part in [&mut line.vacuum, &mut line.thermal, &mut line.state] {
                for value in part.iter_mut() {
                    *value *= milli * milli;
                }
            }
        }
        variance.cutoff.rows.clear();
    }
    run
}
