//! What a network must obey before it can run; each mistake names its place by path.

use crate::network::Network;

/// Something the network says that cannot be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// Where, as a path into the network file: `neurons.relay.output`.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl Network {
    /// Every mistake of the network; empty if it can run.
    pub fn check(&self) -> Vec<Mistake> {
        Vec::new()
    }
}
