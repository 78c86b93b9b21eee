//! A threshold: the power transmission below which a spike dies out in a chain, found by bisection on two threads.
//!
//!     cargo run --release -p qhh-lab --example threshold

use std::ops::ControlFlow;

use qhh_core::channel::Channel;
use qhh_core::circuit::{Channels, Circuit, Inputs};
use qhh_core::port::Port;
use qhh_core::source::{Current, Shape};
use qhh_lab::sweep::{Axis, Design, Ends, Plan, Point, Search, Workers, bisect, each};
use qhh_net::Network;
use qhh_net::network::{Drive, Population, Simulation, Source, Waveguides};
use qhh_net::pattern::Pattern;

const SEARCH: Search = Search { ends: Ends::Between(0.05, 1.0), tolerance: 1e-3 };

/// Five neurons, a kick into the first.
fn chain(transmission: f64, delay: f64) -> Network {
    let channel = |conductance, reversal| Channel { conductance, reversal: Some(reversal) };
    let circuit = Circuit {
        capacitance: 1.0, // uF
        channels: Channels::Three {
            potassium: channel(36.0, -77.0), // mS, mV
            sodium: channel(120.0, 50.0),
            chloride: channel(0.3, -54.387),
        },
        output: Some(Port { capacitance: 0.3, impedance: 3.0 }), // uF, kOhm
        inputs: Inputs::one(Port { capacitance: 1.0, impedance: 3.0 }),
    };
    let kick = Current { shape: Shape::Constant { amplitude: 40.0 }, start: 2.0, stop: 4.0 }; // uA, ms
    let mut axon = Waveguides::new("axon", 0..5, 0..5, Pattern::Chain, delay);
    axon.transmission = transmission.into();
    Network {
        sources: vec![Source::new("kick", vec![0], Drive::Current(kick))],
        waveguides: vec![axon],
        ..Network::new("chain", Simulation::new(30.0, 0.01), vec![Population::new("relay", 5, circuit)])
    }
}

fn arrives(network: &Network, threads: usize) -> bool {
    let outcome = qhh_net::run(network, threads, &mut |_| ControlFlow::Continue(())).expect("the network runs");
    outcome.spikes.iter().any(|spike| spike.neuron == 4)
}

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let axes = vec![Axis::list("delay", [0.5, 1.0, 2.0])]; // ms
    let points = Plan { axes, design: Design::Grid, repeats: 1, seed: 1 }.points()?;
    let run = |point: &Point, threads: usize| {
        bisect(SEARCH, |eta| Ok::<_, ()>(arrives(&chain(eta, point.value("delay")), threads)))
    };
    each(&points, Workers::new(2, points.len()), run, |point, found| {
        let eta = found.map_or(f64::NAN, |found| found.threshold());
        println!("delay {} ms: a spike dies out below {eta:.3}", point.value("delay"));
        ControlFlow::Continue(())
    });
    Ok(())
}
