//! Builds one neuron in memory, runs it and prints its spikes.
//!
//!     cargo run --release -p qhh-net --example spikes

use std::ops::ControlFlow;

use qhh_core::channel::Channel;
use qhh_core::circuit::{Channels, Circuit, Inputs};
use qhh_core::source::{Current, Shape};
use qhh_net::Network;
use qhh_net::network::{Drive, Population, Simulation, Source};

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), qhh_net::RunError> {
    let channel = |conductance, reversal| Channel { conductance, reversal: Some(reversal) };
    let circuit = Circuit {
        capacitance: 1.0, // uF
        channels: Channels::Three {
            potassium: channel(36.0, -77.0), // mS, mV
            sodium: channel(120.0, 50.0),
            chloride: channel(0.3, -54.387),
        },
        output: None,
        inputs: Inputs::NONE,
    };
    let step = Current { shape: Shape::Constant { amplitude: 10.0 }, start: 5.0, stop: 95.0 }; // uA, ms
    let network = Network {
        sources: vec![Source::new("step", vec![0], Drive::Current(step))],
        ..Network::new("axon", Simulation::new(100.0, 0.01), vec![Population::new("axon", 1, circuit)])
    };
    let outcome = qhh_net::run(&network, 1, &mut |_| ControlFlow::Continue(()))?;
    for spike in &outcome.spikes {
        println!("{} fires at {:.3} ms", network.neuron_name(spike.neuron), spike.time);
    }
    let highest = outcome.extremes[0].highest;
    println!("highest voltage {:.2} mV at {:.2} ms", highest.0, highest.1);
    Ok(())
}
