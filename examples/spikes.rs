//! Builds one neuron, runs it and prints its spikes.
//!
//!     cargo run --release -p qhh --example spikes

use qhh::{Error, Network, RunSettings, json};

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), Error> {
    let axon = Network::builder("axon")
        .set("simulation.duration", "100 ms")
        .set("neurons.axon.membrane.capacitance", "1 uF")
        .set("neurons.axon.channels.potassium", json!({"conductance": "36 mS", "reversal": "-77 mV"}))
        .set("neurons.axon.channels.sodium", json!({"conductance": "120 mS", "reversal": "50 mV"}))
        .set("neurons.axon.channels.chloride", json!({"conductance": "0.3 mS", "reversal": "-54.387 mV"}))
        .set("sources.step.into", "axon")
        .set(
            "sources.step.current",
            json!({"shape": "constant", "amplitude": "10 uA", "start": "5 ms", "stop": "95 ms"}),
        )
        .build()?;
    let result = axon.run(&RunSettings::default(), &mut ())?;
    for spike in &result.outcome().spikes {
        println!("{} fires at {:.3} ms", result.neuron_name(spike.neuron), spike.time);
    }
    let highest = result.outcome().extremes[0].highest;
    println!("highest voltage {:.2} mV at {:.2} ms", highest.0, highest.1);
    Ok(())
}
