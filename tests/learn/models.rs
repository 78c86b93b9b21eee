//! Networks and studies that the tests share.

use qhh_core::circuit::{Channels, Circuit, Inputs, PortRole};
use qhh_core::port::Port;
use qhh_core::quantum::State;
use qhh_core::source::{Current, Packet, Shape};
use qhh_lab::learn::Reservoir;
use qhh_lab::learn::encode::Encoding;
use qhh_lab::learn::features::{Feature, Reading};
use qhh_lab::learn::readout::Method;
use qhh_lab::learn::reservoir::Plan;
use qhh_lab::learn::study::{Study, Task};
use qhh_net::Network;
use qhh_net::network::{
    Drive, Fluctuations, Observable, OutputEnvelope, OutputMode, PacketSource, ParameterValues, Pattern,
    Population, Quantum, Source, TimeStepping, Waveguides,
};

/// Squid axons that hear one current, each with a weight of its own, below firing.
pub(crate) fn pool(neurons: usize) -> Network {
    let port = Port { capacitance: 0.3, impedance: 3.0 };
    let circuit = Circuit {
        capacitance: 1.0,
        channels: Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]),
        output: Some(port),
        inputs: Inputs::NONE,
        sense: None,
    };
    let current = Current { shape: Shape::Constant { amplitude: 1.0 }, start: 0.0, stop: f64::INFINITY };
    let mut source = Source::new("input", 0..neurons, Drive::Current(current));
    source.scale = Some(ParameterValues::Linear { from: -6.0, to: 6.0 });
    let simulation = TimeStepping::new(10.0, 0.05);
    Network {
        quantum: Some(Quantum::new(0.1)),
        sources: vec![source],
        ..Network::new("pool", simulation, vec![Population::new("cell", neurons, circuit)])
    }
}

pub(crate) fn ridge() -> Method {
    Method::Ridge { alphas: vec![1e-6, 1e-3, 1.0], folds: 5 }
}

/// A task on a pool, one symbol 1 ms, two virtual nodes.
pub(crate) fn study(task: Task, neurons: usize) -> Study {
    let features = [Observable::Voltage, Observable::Variance];
    let features = features.map(|o| Feature { reading: Reading::Trace(o), neurons: (0..neurons).collect() });
    let plan = Plan {
        encodings: vec![Encoding::amplitude(0)],
        features: features.to_vec(),
        symbol_steps: 20,
        virtual_nodes: 2,
        scatter: true,
    };
    Study {
        method: ridge(),
        washout: 50,
        seeds: vec![1],
        ..Study::new("test", Reservoir { network: pool(neurons), plan }, task)
    }
}

/// Two neurons without batteries at rest, a wavepacket on each, outgoing modes of both, one waveguide between them.
pub(crate) fn packets() -> Network {
    let port = Port { capacitance: 0.3, impedance: 3.0 };
    let circuit = Circuit {
        capacitance: 0.2,
        channels: Channels::three([0.5, 0.5, 0.03], None),
        output: Some(port),
        inputs: Inputs::several(&[port, port]).unwrap(),
        sense: None,
    };
    let packet = Packet { carrier: 6.0, centre: 3.0, width: 0.6 };
    let source = |name: &str, neuron: usize| {
        let drive = Drive::Packet(PacketSource { packet, input: 0, state: State::Vacuum });
        Source::new(name, vec![neuron], drive)
    };
    let mode = |name: &str, neuron: usize, centre: f64| OutputMode {
        name: name.to_owned(),
        neuron,
        port: PortRole::Output,
        envelope: OutputEnvelope::Packet(Packet { centre, ..packet }),
    };
    let mut network = pool(2);
    let quantum = network.quantum.unwrap();
    network.simulation = TimeStepping::new(9.0, 0.02);
    network.quantum = Some(Quantum {
        hbar: 1.0,
        cutoff: 60.0,
        fluctuations: Fluctuations::Heisenberg,
        modes: Some(24),
        ..quantum
    });
    network.populations = vec![Population::new("cell", 2, circuit)];
    network.sources = vec![source("left", 0), source("right", 1)];
    let mut guide = Waveguides::new("guide", vec![0], vec![1], Pattern::OneToOne, 0.5);
    guide.port = Some("input2".to_owned());
    network.waveguides = vec![guide];
    network.modes = vec![mode("a", 0, 3.5), mode("b", 1, 4.2)];
    network
}
