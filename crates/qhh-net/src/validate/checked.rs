//! A network of which it is known that it can run, so that nobody need ask again.

use std::ops::Deref;

use crate::network::Network;
use crate::validate::Mistake;

/// A network that has passed [`Network::check`]; reads as the [`Network`] it holds.
///
/// # Examples
/// ```
/// # use qhh_net::{Checked, Network, RunOptions, Simulation};
/// fn run(network: Network) -> Result<(), Box<dyn std::error::Error>> {
///     let checked = network.checked().map_err(|mistakes| format!("{} mistakes", mistakes.len()))?;
///     Simulation::from_checked(&checked, RunOptions::default()).run(&mut |_| std::ops::ControlFlow::Continue(()))?;
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    network: Network,
}

impl Network {
    /// The network as one that can run.
    ///
    /// # Errors
    /// Every mistake, as [`Network::check`] finds them.
    pub fn checked(self) -> Result<Checked, Vec<Mistake>> {
        let mistakes = self.check();
        if mistakes.is_empty() { Ok(Checked { network: self }) } else { Err(mistakes) }
    }
}

impl Checked {
    /// The network, to be changed.
    pub fn into_network(self) -> Network {
        self.network
    }
}

impl Deref for Checked {
    type Target = Network;

    fn deref(&self) -> &Network {
        &self.network
    }
}

impl From<Checked> for Network {
    fn from(checked: Checked) -> Self {
        checked.network
    }
}
