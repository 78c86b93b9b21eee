//! The same network made otherwise, to see what its figures depend on: what a verification runs besides it.

use qhh_net::Network;
use qhh_net::network::{Fluctuations, Quantum};

/// The network at half the step; samples stay where they are.
pub fn half_step(network: &Network) -> Network {
    let mut network = network.clone();
    network.simulation.step *= 0.5;
    network
}

/// The network with twice as many field modes as the `frequencies` of a line that it was run with.
pub fn more_modes(network: &Network, frequencies: usize) -> Network {
    with(network, |quantum| quantum.modes = Some(2 * frequencies))
}

/// The network with twice the cutoff, and field modes as densely; none if nothing is known to depend on it. Samples are
/// left aside: theirs depends on statistics too.
pub fn twice_cutoff(network: &Network) -> Option<Network> {
    let depends =
        |quantum: Quantum| matches!(quantum.fluctuations, Fluctuations::Adiabatic | Fluctuations::Heisenberg);
    network.quantum.filter(|quantum| depends(*quantum))?;
    Some(with(network, |quantum| {
        quantum.cutoff *= 2.0;
        quantum.modes = quantum.modes.map(|modes| 2 * modes);
    }))
}

fn with(network: &Network, change: impl FnOnce(&mut Quantum)) -> Network {
    let mut network = network.clone();
    if let Some(quantum) = &mut network.quantum {
        change(quantum);
    }
    network
}
