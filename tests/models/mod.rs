//! Networks that tests, benches and examples share, built without a file.

pub mod published;

use qhh_core::circuit::{BathRule, Channels, Circuit, Initial, Inputs, PortRole};
use qhh_core::num_complex::Complex64;
use qhh_core::port::Port;
use qhh_core::quantum::State;
use qhh_core::source::{Current, ModeSource, Packet, Shape};
use qhh_core::units::UnitSystem;
use qhh_net::network::{
    Drive, Feedback, Fluctuations, Method, Network, Observable, OutputEnvelope, OutputMode, PacketSource, Pattern,
    Population, Quantum, Record, Source, TimeStepping, Waveguides,
};

/// The papers' three-channel circuit, raw units.
pub fn paper_circuit() -> Circuit {
    Circuit {
        capacitance: 1e-6,
        channels: Channels::three([1.33, 0.17, 3e-4], None),
        output: Some(Port { capacitance: 1e-6, impedance: 50.0 }),
        inputs: Inputs::NONE,
        sense: None,
    }
}

/// The papers' single-channel circuit, raw units.
pub fn paper_single_circuit() -> Circuit {
    Circuit { channels: Channels::single(1.33, None), output: None, ..paper_circuit() }
}

/// The giant axon of the squid with batteries, no ports, `hodgkin-huxley` units.
pub fn squid_circuit() -> Circuit {
    Circuit {
        capacitance: 1.0,
        channels: Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]),
        output: None,
        inputs: Inputs::NONE,
        sense: None,
    }
}

/// The same with the working ports.
pub fn relay_circuit() -> Circuit {
    Circuit {
        output: Some(Port { capacitance: 0.3, impedance: 3.0 }),
        inputs: Inputs::one(Port { capacitance: 1.0, impedance: 3.0 }),
        ..squid_circuit()
    }
}

/// A current from `start` to `stop`.
pub fn constant(amplitude: f64, start: f64, stop: f64) -> Drive {
    Drive::Current(Current { shape: Shape::Constant { amplitude }, start, stop })
}

/// The papers' source: `sin(10 t)` from 2.5 on.
pub fn paper_sine() -> Drive {
    let shape = Shape::Sine { amplitude: 1.0, omega: 10.0, phase: 0.0 };
    Drive::Current(Current { shape, start: 2.5, stop: f64::INFINITY })
}

/// The same as a quantum source in the given state.
pub fn paper_mode(state: State) -> Drive {
    let mode = ModeSource { zero_point: 0.1, omega: 10.0, start: 2.5, stop: f64::INFINITY, envelope: None, state };
    Drive::Mode(mode)
}

/// The coherent state of [`paper_mode`] whose mean is [`paper_sine`].
pub fn paper_coherent() -> State {
    State::Coherent(Complex64::new(0.0, 5.0))
}

/// One neuron and one source, everything else at its default.
pub fn one_neuron(circuit: Circuit, initial: Initial, drive: Drive, duration: f64, step: f64) -> Network {
    Network {
        name: "one".to_owned(),
        description: String::new(),
        caption: String::new(),
        units: UnitSystem::HodgkinHuxley,
        simulation: TimeStepping::new(duration, step),
        quantum: None,
        populations: vec![Population { initial, ..Population::new("cell", 1, circuit) }],
        sources: vec![Source::new("kick", vec![0], drive)],
        waveguides: Vec::new(),
        states: Vec::new(),
        modes: Vec::new(),
        record: Record::new(
            (0.1 / step).round().max(1.0) * step,
            vec![0],
            Observable::ALL.iter().copied().filter(|o| !o.is_variance()).collect(),
        ),
    }
}

/// Neurons with the working ports in a chain of passive waveguides, 40 uA into the first from 5 to 7 ms.
pub fn passive_chain(neurons: usize, duration: f64, step: f64) -> Network {
    let mut network = one_neuron(relay_circuit(), Initial::Rest, constant(40.0, 5.0, 7.0), duration, step);
    network.populations[0].count = neurons;
    network.record.neurons = (0..neurons).collect();
    network.waveguides = vec![chain_of((0..neurons).collect(), 1.0)];
    network
}

/// Waveguides from each neuron to the next.
pub fn chain_of(neurons: Vec<usize>, delay: f64) -> Waveguides {
    Waveguides::new("axon", neurons.clone(), neurons, Pattern::Chain, delay)
}

/// The papers' initial gates.
pub fn paper_start() -> Initial {
    Initial::Given { voltage: Some(0.0), gates: vec![Some(0.4), Some(0.6), Some(0.2)] }
}

/// The papers' neuron under the adiabatic method.
pub fn paper(circuit: Circuit, baths: BathRule, drive: Drive, step: f64) -> Network {
    let mut network = one_neuron(circuit, paper_start(), drive, 10.0, step);
    network.units = UnitSystem::Raw;
    network.simulation.method = Method::Adiabatic;
    network.simulation.baths = baths;
    network.record.every = (0.01 / step).round().max(1.0) * step;
    network
}

/// Switches adiabatic fluctuations on and records every part of the variance.
pub fn with_variance(mut network: Network, hbar: f64, thermal_energy: f64, cutoff: f64) -> Network {
    let fluctuations = Fluctuations::Adiabatic;
    network.quantum = Some(Quantum {
        hbar,
        thermal_energy,
        cutoff,
        fluctuations,
        modes: None,
        samples: 0,
        feedback: Feedback::Mean,
    });
    network.record.observables = Observable::ALL.to_vec();
    network
}

/// Switches field modes on.
pub fn with_modes(mut network: Network, hbar: f64, thermal_energy: f64, cutoff: f64, modes: usize) -> Network {
    let fluctuations = Fluctuations::Heisenberg;
    network.quantum = Some(Quantum {
        hbar,
        thermal_energy,
        cutoff,
        fluctuations,
        modes: Some(modes),
        samples: 0,
        feedback: Feedback::Mean,
    });
    network
}

/// Switches samples of the fields on.
pub fn with_samples(
    mut network: Network,
    (hbar, thermal_energy, cutoff): (f64, f64, f64),
    samples: usize,
    feedback: Feedback,
) -> Network {
    let fluctuations = Fluctuations::Wigner;
    network.quantum = Some(Quantum { hbar, thermal_energy, cutoff, fluctuations, modes: None, samples, feedback });
    network
}

/// Runs a network on one thread, to its end.
pub fn run(network: &Network) -> qhh_net::Outcome {
    qhh_net::run(network, 1, &mut |_| std::ops::ControlFlow::Continue(())).expect("the network runs")
}

/// Three neurons at rest in a chain, a squeezed packet into the first, and the modes that leave them: linear circuits all
/// of them.
pub fn three_linear_modes(step: f64, modes: usize) -> Network {
    // Without a drive the gates stay where they rest, and conductances with them.
    let mut network = with_modes(passive_chain(3, 24.0, step), 1.0, 0.0, 60.0, modes);
    let packet = |centre| Packet { carrier: 6.0, centre, width: 1.5 };
    let state = State::Squeezed { r: 1.0, phase: 0.3, displacement: Complex64::ZERO };
    let source = PacketSource { packet: packet(10.0), input: 0, state };
    network.sources = vec![Source::new("signal", vec![0], Drive::Packet(source))];
    let leaving = |name: &str, neuron, port, centre| OutputMode {
        name: name.to_owned(),
        neuron,
        port,
        envelope: OutputEnvelope::Packet(packet(centre)),
    };
    network.modes = vec![
        leaving("back", 0, PortRole::Input(0), 10.0),
        leaving("first", 0, PortRole::Output, 10.5),
        leaving("last", 2, PortRole::Output, 13.5),
    ];
    network.record.neurons = vec![2];
    network
}
