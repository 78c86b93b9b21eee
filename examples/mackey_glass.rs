//! A reservoir in memory: twenty neurons, of which voltages and variances are read, learn a chaotic series.
//!
//!     cargo run --release -p qhh --example mackey_glass

use std::ops::ControlFlow;

use qhh::qhh_core::circuit::{Channels, Circuit, Inputs};
use qhh::qhh_core::source::{Current, Shape};
use qhh::qhh_lab::learn::features::{Feature, Reading};
use qhh::qhh_lab::learn::reservoir::Plan;
use qhh::qhh_lab::learn::study::{Study, Task};
use qhh::qhh_lab::learn::{Reservoir, Watch, encode::Encoding};
use qhh::qhh_net::Network;
use qhh::qhh_net::network::ParameterValues;
use qhh::qhh_net::network::{Drive, Observable, Population, Quantum, Source, TimeStepping};

#[expect(clippy::print_stdout, reason = "what an example is for")]
fn main() -> Result<(), qhh::qhh_lab::learn::LearnError> {
    let circuit = Circuit {
        capacitance: 1.0,                                                     // uF
        channels: Channels::three([36.0, 40.0, 0.3], [-77.0, 50.0, -54.387]), // mS, mV
        output: None,
        inputs: Inputs::NONE,
        sense: None,
    };
    let current = Current { shape: Shape::Constant { amplitude: 1.0 }, start: 0.0, stop: f64::INFINITY };
    let weights = ParameterValues::Uniform { low: -20.0, high: 20.0 }; // uA
    let input = Source { scale: Some(weights), ..Source::new("input", 0..20, Drive::Current(current)) };
    let network = Network {
        quantum: Some(Quantum::new(0.1)),
        sources: vec![input],
        ..Network::new("pool", TimeStepping::new(1.0, 0.05), vec![Population::new("cell", 20, circuit)])
    };
    let plan = Plan {
        encodings: vec![Encoding::amplitude(0)],
        features: [Observable::Voltage, Observable::Variance]
            .map(|quantity| Feature { reading: Reading::Trace(quantity), neurons: (0..20).collect() })
            .to_vec(),
        symbol_steps: 20,
        virtual_nodes: 2,
        scatter: false,
    };
    let task = Task::MackeyGlass { tau: 17.0, horizon: 6, steps: 1500 };
    let study = Study::new("mackey_glass", Reservoir { network, plan }, task);
    let findings = study.run(&mut Watch::new(0, &mut |_| ControlFlow::Continue(())))?;
    for learner in &findings.summary.learners {
        println!("{:12} NRMSE {:.3}", learner.name, learner.test.map_or(f64::NAN, |test| test.mean));
    }
    Ok(())
}
