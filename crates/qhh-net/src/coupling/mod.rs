//! Where neurons are stepped and how their waves are joined: worked out once, by the check or by the run.

pub mod connections;
pub(crate) mod layout;
pub(crate) mod scattering;
pub(crate) mod strong;
pub mod topology;

use std::sync::Arc;

use qhh_core::integrate::lanes::{LANES, LANES_BARE, LANES_F32};

use crate::network::{Method, Network, Precision};
use layout::Layout;
use scattering::Scattering;
pub use scattering::{Link, PortAt, links};

/// Where neurons are stepped and how their waves are joined; shared, not copied.
#[derive(Debug, Clone)]
pub(crate) struct Coupling {
    pub(crate) layout: Arc<Layout>,
    pub(crate) scattering: Arc<Scattering>,
}

impl Coupling {
    /// The coupling of a network in blocks of `lanes` neurons.
    pub(crate) fn new(network: &Network, lanes: usize) -> Self {
        let layout = Layout::new(network, lanes);
        let scattering = Scattering::new(network, &layout);
        Self { layout: layout.into(), scattering: scattering.into() }
    }
}

impl Network {
    /// Number of blocks of neurons that are stepped together, which any number of processes up to it can share out.
    pub fn n_blocks(&self) -> usize {
        Layout::new(self, lanes(self)).blocks.len()
    }
}

/// Neurons in a block of the form that [`crate::Simulation::from_checked`] gives a network.
pub(crate) fn lanes(network: &Network) -> usize {
    match (network.simulation.method, network.simulation.precision) {
        (Method::Langevin, Precision::F32) => LANES_F32,
        (Method::Langevin, Precision::F64) if !network.has_ports() => LANES_BARE,
        _ => LANES,
    }
}
