//! A network for other programs: its mean field as a SPICE netlist, its graph as GraphML.
//!
//! What a format cannot say is refused by name, never left out in silence; but for the quantum noise, which no circuit
//! simulator has, and which the netlist says it does not hold.

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

/// Something in a network that a format cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{format} cannot say {what}")]
pub struct CannotExport {
    /// Name of the format.
    pub format: &'static str,
    /// What it cannot say.
    pub what: String,
}

impl Export {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Spice, Self::GraphMl];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spice => "spice",
            Self::GraphMl => "graphml",
        }
    }

    /// Usual end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Spice => "cir",
            Self::GraphMl => "graphml",
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
