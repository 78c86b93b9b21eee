//! One neuron: rates, ports, sources, states and noise against closed forms and other people's mathematics.

mod gates;
mod noise;
mod source;
mod state;
