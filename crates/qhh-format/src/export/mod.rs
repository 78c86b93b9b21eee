//! A network for other programs: its mean field as a SPICE netlist, its graph as GraphML, its circuit for SONATA.
//!
//! What a format cannot express is refused by name, never dropped in silence. The one exception is quantum noise, which no
//! circuit simulator has: the netlist says that it is missing.

mod graphml;
mod sonata;
mod spice;

use qhh_net::Network;

pub use sonata::{left_out, milliseconds_of, write_circuit};

/// A format of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A netlist for ngspice and its kin.
    Spice,
    /// The graph in XML, for Gephi, igraph, NetworkX, yEd.
    GraphMl,
    /// A folder with nodes and edges, for libsonata, BMTK, NEST.
    Sonata,
}

/// Something in a network that a format cannot express.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format} cannot express {what}")]
pub struct CannotExport {
    /// Name of the format.
    pub format: &'static str,
    /// What it cannot express.
    pub what: String,
}

impl Export {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Spice, Self::GraphMl, Self::Sonata];

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spice => "spice",
            Self::GraphMl => "graphml",
            Self::Sonata => "sonata",
        }
    }

    /// What it holds, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Self::Spice => "The mean field as a netlist, without quantum noise",
            Self::GraphMl => "Neurons and waveguides as a graph",
            Self::Sonata => "Nodes and edges in a folder; of a folder of results, its spikes in a file",
        }
    }

    /// The text of a checked network in this format; a SONATA circuit is none, but a folder ([`write_circuit`]).
    ///
    /// # Errors
    /// [`CannotExport`].
    pub fn text(self, network: &Network) -> Result<String, CannotExport> {
        match self {
            Self::Spice => spice::netlist(network).map_err(|what| CannotExport { format: "a netlist", what }),
            Self::GraphMl => Ok(graphml::text(network)),
            Self::Sonata => {
                let what = "a circuit as one text: it is a folder of files".to_owned();
                Err(CannotExport { format: "SONATA", what })
            }
        }
    }
}
