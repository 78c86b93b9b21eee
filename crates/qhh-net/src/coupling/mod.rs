//! Where neurons are stepped and how their waves are joined: of all of a network, or of the blocks of one rank of several.

pub mod connections;
mod growth;
pub(crate) mod layout;
pub(crate) mod neighbours;
pub(crate) mod own;
pub(crate) mod scattering;
pub(crate) mod strong;
pub mod topology;

use std::ops::Range;
use std::sync::Arc;

use qhh_core::integrate::lanes::{LANES, LANES_BARE, LANES_F32};

use crate::network::{Method, Network, Precision};
use crate::ranks::{Alone, Ranks};
use layout::Layout;
use own::Own;
use scattering::Scattering;
pub use scattering::{Link, PortAt, links};

/// Where neurons are stepped and how their waves are joined; shared, not copied.
#[derive(Debug, Clone)]
pub(crate) struct Coupling {
    /// Of all neurons.
    pub(crate) layout: Arc<Layout>,
    /// The blocks that are here.
    pub(crate) blocks: Range<usize>,
    /// Theirs.
    pub(crate) scattering: Arc<Scattering>,
}

impl Coupling {
    /// The coupling of a network in blocks of `lanes` neurons.
    pub(crate) fn new(network: &Network, lanes: usize) -> Self {
        Self::among(network, lanes, &Alone)
    }

    /// That of the blocks of a rank; all ranks call this together.
    pub(crate) fn among(network: &Network, lanes: usize, ranks: &dyn Ranks) -> Self {
        let layout = Layout::new(network, lanes);
        let own = Own::new(&layout, ranks);
        let (blocks, scattering) = (own.blocks(), Scattering::new(network, own));
        Self { layout: layout.into(), blocks, scattering: scattering.into() }
    }
}

impl Network {
    /// Number of blocks of neurons that are stepped together, which any number of processes up to it can share out.
    pub fn n_blocks(&self) -> usize {
        Layout::new(self, lanes(self)).n_blocks()
    }

    /// Neurons that are stepped: a block takes as long as a full one, however few it holds.
    pub fn stepped_neurons(&self) -> usize {
        self.n_blocks().saturating_mul(lanes(self))
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
