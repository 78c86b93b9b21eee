//! Random networks on several ranks, which are threads here, against one: the same bits, and bytes within those predicted.

use std::ops::ControlFlow;

use qhh_net::Network;
use qhh_net::engine::Checkpoint;

use crate::ranks;

/// How many ranks of how many threads each a network runs on.
const ON: [(usize, usize); 3] = [(2, 1), (3, 2), (7, 1)];

/// Whether a network has the same outcome on any number of ranks.
pub fn compare(network: &Network) -> Result<(), String> {
    let go_on = &mut |_| ControlFlow::Continue(());
    let alone = qhh_net::run(network, 1, go_on);
    let alone = format!("{alone:?}");
    for on in ON {
        let together = ranks::run_counted(network, on, Checkpoint::default(), go_on);
        let exchanged = together.as_ref().ok().map(|(_, exchanged)| (exchanged.sent(), exchanged.most()));
        let together = format!("{:?}", together.map(|(outcome, _)| outcome));
        if together != alone {
            return Err(format!("another outcome on {} ranks of {} threads", on.0, on.1));
        }
        let predicted = network.clone().checked().map_err(|_| "it has mistakes")?.divided(on.0).bytes();
        if exchanged.is_some_and(|(sent, most)| most != predicted || sent > most) {
            return Err(format!(
                "{predicted} bytes are predicted for {} ranks, and {exchanged:?} exchanged",
                on.0
            ));
        }
    }
    Ok(())
}
