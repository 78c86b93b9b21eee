//! A network as a graph to look at: DOT for other programs, SVG drawn here, and what there is to say of it.
//!
//! `drawing` chooses what is drawn, single neurons or whole populations, `layout` where it stands, `svg` and `dot`
//! write it. What the graph is like in numbers is [`qhh_net::coupling::topology`]'s business.

mod dot;
mod drawing;
mod facts;
mod layout;
mod svg;

use qhh_net::Network;
use qhh_net::coupling::topology::Topology;

pub use drawing::Level;
pub use facts::{Fact, facts, verdict};

/// Neurons drawn one by one, at most.
pub const MOST_NEURONS: usize = 100;
/// Waveguides drawn one by one, at most.
pub const MOST_ARMS: usize = 600;
/// Neurons, and waveguides, that a DOT file lists one by one, at most.
pub const MOST_LISTED: usize = 100_000;

impl Level {
    /// What an SVG shows of a network of so many neurons and waveguides.
    pub fn drawn(topology: &Topology) -> Self {
        Self::up_to(topology, MOST_NEURONS, MOST_ARMS)
    }

    /// What a DOT file lists of it.
    pub fn listed(topology: &Topology) -> Self {
        Self::up_to(topology, MOST_LISTED, MOST_LISTED)
    }

    fn up_to(topology: &Topology, neurons: usize, arms: usize) -> Self {
        if topology.n_neurons <= neurons && topology.n_arms <= arms { Self::Neurons } else { Self::Populations }
    }
}

/// The network in the DOT language: every neuron and waveguide, or, where they are more than [`MOST_LISTED`],
/// populations and entries with their counts.
pub fn dot(network: &Network, topology: &Topology) -> String {
    dot::write(network, topology, Level::listed(topology))
}

/// The network as an SVG, complete in itself, light or dark as its reader is: every neuron and waveguide, or, where
/// they are more than [`MOST_NEURONS`] and [`MOST_ARMS`], populations and entries with their counts.
pub fn svg(network: &Network, topology: &Topology) -> String {
    svg::write(network, topology, Level::drawn(topology))
}
