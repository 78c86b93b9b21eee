//! Networks of quantized Hodgkin-Huxley neurons: populations, the engine, what a run keeps.
//!
//! Rooms in the order that data goes through them: [`network`] (the resolved description, plain data), `coupling` (who is
//! joined to whom, where each neuron is stepped), [`validate`] (what a network must obey), [`outcome`] (recorders and
//! what a run hands over), [`engine`], and `memory` (what a run will take). This crate knows no YAML, paths, formats or
//! wall clock.
//!
//! # Examples
//! A pulse crosses a waveguide and fires the second neuron:
//! ```
//! use std::ops::ControlFlow;
//!
//! use qhh_core::channel::Channels;
//! use qhh_core::circuit::{Circuit, Inputs};
//! use qhh_core::port::Port;
//! use qhh_core::source::{Current, Shape};
//! use qhh_net::Network;
//! use qhh_net::network::{Drive, Pattern, Population, Source, TimeStepping, Waveguides};
//!
//! let circuit = Circuit {
//!     capacitance: 1.0, // uF
//!     // Potassium, sodium, chloride: mS, mV.
//!     channels: Channels::three([36.0, 120.0, 0.3], [-77.0, 50.0, -54.387]),
//!     output: Some(Port { capacitance: 0.3, impedance: 3.0 }), // uF, kOhm
//!     inputs: Inputs::one(Port { capacitance: 1.0, impedance: 3.0 }),
//!     sense: None,
//! };
//! let kick = Current { shape: Shape::Constant { amplitude: 40.0 }, start: 1.0, stop: 3.0 }; // uA, ms
//! let network = Network {
//!     sources: vec![Source::new("kick", vec![0], Drive::Current(kick))],
//!     waveguides: vec![Waveguides::new("axon", 0..2, 0..2, Pattern::Chain, 1.0)], // ms
//!     ..Network::new("pair", TimeStepping::new(20.0, 0.01), vec![Population::new("relay", 2, circuit)])
//! };
//! let spikes = qhh_net::run(&network, 1, &mut |_| ControlFlow::Continue(()))?.spikes;
//! assert_eq!(spikes.iter().map(|spike| spike.neuron).collect::<Vec<_>>(), [0, 1]);
//! # Ok::<(), qhh_net::RunError>(())
//! ```
//!
//! A chain as `qhh graph --svg` draws it:
#![doc = ""]
#![doc = include_str!("../doc/chain.svg")]

pub mod coupling;
pub mod engine;
mod memory;
pub mod network;
pub mod outcome;
mod ranks;
mod recheck;
pub mod tasks;
pub mod validate;

pub use coupling::{Link, PortAt, links};
pub use engine::{Progress, RunError, RunOptions, Simulation, run, run_with};
pub use memory::{Extent, Memory, ModesSize, SamplesSize};
pub use network::{Network, Neurons, Places};
pub use outcome::Outcome;
pub use validate::{Checked, MOST_SAMPLES, MOST_STEPS, Warning};
