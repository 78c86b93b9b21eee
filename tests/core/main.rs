//! One neuron: rates, ports, sources, states and noise against closed forms and other people's mathematics.

#![allow(unreachable_pub, reason = "modules of one test binary")]
#![allow(clippy::unwrap_used, reason = "a test may fail there")]

mod adjoint;
#[path = "../cases/mod.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod cases;
mod distribution;
#[path = "../gaps/mod.rs"]
mod gaps;
mod gates;
mod gaussian;
mod linear_map;
mod negativity;
mod noise;
mod source;
mod state;
mod vectors;
