//! The arms of a network the other way: by the port they leave.

use crate::coupling::scattering::Joined;

/// Places of the arms and the rows at which they arrive, by sending row, ascending within each, so that sums over them have
/// one order.
pub(super) struct Transposed {
    starts: Vec<usize>,
    /// `(receiving row, place)`
    arms: Vec<(u32, u32)>,
}

impl Transposed {
    #[expect(clippy::cast_possible_truncation, reason = "a network has fewer than 2^32 of everything")]
    pub(super) fn new(arms: &Joined, n_senders: usize, n_receivers: usize) -> Self {
        let mut starts = vec![0; n_senders + 1];
        for &sender in arms.senders() {
            starts[sender as usize + 1] += 1;
        }
        for row in 0..n_senders {
            starts[row + 1] += starts[row];
        }
        let mut next = starts.clone();
        let mut by_sender = vec![(0, 0); arms.len()];
        for receiver in 0..n_receivers {
            for arm in arms.of(receiver) {
                let place = &mut next[arms.senders()[arm] as usize];
                by_sender[*place] = (receiver as u32, arm as u32);
                *place += 1;
            }
        }
        Self { starts, arms: by_sender }
    }

    /// Receiving row and place of the arms that leave through a sending row.
    pub(super) fn of(&self, sender: usize) -> &[(u32, u32)] {
        &self.arms[self.starts[sender]..self.starts[sender + 1]]
    }
}
