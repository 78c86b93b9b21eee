//! A threshold: the power transmission below which a spike dies out in a chain, found by bisection for three delays.
//!
//!     cargo run --release -p qhh --example threshold

use qhh::{Error, Experiment, Network, RunSettings, Sweep, json};

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), Error> {
    // Five neurons, a kick into the first.
    let chain = Network::builder("chain")
        .set("simulation.duration", "30 ms")
        .set("neurons.relay.count", 5)
        .set("neurons.relay.membrane.capacitance", "1 uF")
        .set("neurons.relay.channels.potassium", json!({"conductance": "36 mS", "reversal": "-77 mV"}))
        .set("neurons.relay.channels.sodium", json!({"conductance": "120 mS", "reversal": "50 mV"}))
        .set("neurons.relay.channels.chloride", json!({"conductance": "0.3 mS", "reversal": "-54.387 mV"}))
        .set("neurons.relay.output", json!({"capacitance": "0.3 uF", "impedance": "3 kOhm"}))
        .set("neurons.relay.input", json!({"capacitance": "1 uF", "impedance": "3 kOhm"}))
        .set("sources.kick.into", "relay[0]")
        .set(
            "sources.kick.current",
            json!({"shape": "pulse", "amplitude": "40 uA", "start": "2 ms", "duration": "2 ms"}),
        )
        .set("waveguides.axon", json!({"from": "relay", "to": "relay", "pattern": "chain", "delay": "1 ms"}))
        .build()?;
    let experiment = Experiment::new()
        .vary("waveguides.axon.delay=0.5 ms,1 ms,2 ms")?
        .find("waveguides.axon.transmission=0.05:1", "relay[4].spikes >= 1");
    let result = Sweep::of(&chain, &experiment)?.run(&RunSettings::default(), &mut ())?;
    for row in &result.table().rows {
        let eta = row.value(0).unwrap_or(f64::NAN);
        println!("delay {} ms: a spike dies out below {eta:.3}", row.coordinates[0]);
    }
    Ok(())
}
