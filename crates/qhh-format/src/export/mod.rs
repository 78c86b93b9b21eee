//! A network for other programs: its mean field as a SPICE netlist, its graph as GraphML.
//!
//! What a format cannot express is refused by name, never dropped in silence. The one exception is quantum noise, which no
//! circuit simulator has: the netlist says that it is missing.

mod graphml;
mod spice;

use qhh_net::Network;

/// A format of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A netlist for ngspice and its kin.
    Spice,
    /// The graph in XML, for Gephi, igraph, NetworkX, yEd.
    GraphMl,
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
    pub const ALL: [Self; 2] = [Self::Spice, Self::GraphMl];

    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spice => "spice",
            Self::GraphMl => "graphml",
        }
    }

    /// What it holds, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Self::Spice => "The mean field as a netlist, without quantum noise",
            Self::GraphMl => "Neurons and waveguides as a graph",
        }
    }

    /// The text of a checked network in this format.
    ///
    /// # Errors
    /// [`CannotExport`].
    pub fn text(self, network: &Network) -> Result<String, CannotExport> {
        match self {
            Self::Spice => spice::netlist(network).map_err(|what| CannotExport { format: "a netlist", what }),
            Self::GraphMl => Ok(graphml::text(network)),
        }
    }
}
