//! Rows for the ports of a rank's blocks.

use super::{Impedances, Rows, for_each_row};
use crate::coupling::layout::index;
use crate::coupling::own::Own;
use crate::network::Network;

/// Which ports of a block arms end at.
pub(super) type Ports = [bool; qhh_core::circuit::MAX_PORTS];

/// Ports of a rank's blocks, numbered through: those at which arms end get rows.
pub(super) struct Rowing {
    pub(super) rows: Vec<Rows>,
    pub(super) count: usize,
}

impl Rowing {
    /// Rows for the ports that `used` (by own block and slot) names.
    pub(super) fn new(own: Own<'_>, used: &[Ports]) -> Self {
        let mut count = 0;
        let rows = own.blocks().zip(used).map(|(block, used)| {
            let mut rows = Rows::default();
            for (row, _) in rows.iter_mut().zip(used).filter(|(_, used)| **used) {
                *row = Some(index(count));
                count += own.layout.len(block);
            }
            rows
        });
        Self { rows: rows.collect(), count }
    }

    pub(super) fn row(&self, (block, lane): (usize, usize), slot: usize) -> usize {
        self.rows[block][slot].map_or(0, |first| first as usize + lane)
    }

    /// Impedance of the port of each row.
    pub(super) fn impedances(&self, network: &Network, own: Own<'_>) -> Vec<f64> {
        let impedances = Impedances::new(network);
        let mut of = vec![1.0; self.count];
        for_each_row(&self.rows, own.layout, own.blocks().start, |row, port| of[row] = impedances.at(port));
        of
    }
}
