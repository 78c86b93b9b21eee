//! A network as a graph: facts, and drawings.

use qhh_net::coupling::topology::Topology;
use qhh_report::graph::{self, Level};

use crate::Network;

/// The graph of a network: who is joined to whom.
pub struct Graph {
    network: Network,
    topology: Topology,
}

impl Graph {
    /// The graph of a network.
    pub fn of(network: &Network) -> Self {
        Self { network: network.clone(), topology: Topology::of(network.net()) }
    }

    /// What it is like: components, loops, layers, delays; topic and sentences.
    pub fn facts(&self) -> Vec<(&'static str, Vec<String>)> {
        let facts = graph::facts(self.network.net(), &self.topology);
        facts.into_iter().map(|fact| (fact.name, fact.lines)).collect()
    }

    /// Whether it is one network, and whether waves come back, in a sentence.
    pub fn verdict(&self) -> String {
        graph::verdict(&self.topology)
    }

    /// As an SVG, complete in itself; of a large network populations and their counts.
    pub fn svg(&self) -> String {
        graph::svg(self.network.net(), &self.topology)
    }

    /// In the DOT language; of a large network populations and their counts.
    pub fn dot(&self) -> String {
        graph::dot(self.network.net(), &self.topology)
    }

    /// Whether [`Graph::svg`] shows populations in place of neurons.
    pub fn is_drawn_by_populations(&self) -> bool {
        Level::drawn(&self.topology) == Level::Populations
    }

    /// Whether [`Graph::dot`] lists populations in place of neurons.
    pub fn is_listed_by_populations(&self) -> bool {
        Level::listed(&self.topology) == Level::Populations
    }
}
