//! The arms of a network the other way: by the port they leave.

use crate::coupling::scattering::{Joined, lag};

/// The arms by the row they leave, in the order of the rows at which they arrive, so that sums over them have one order.
pub(super) struct Transposed {
    starts: Vec<usize>,
    arms: Vec<Arm>,
}

/// An arm backwards. What it does to waves stands here once more, so that none of it is fetched from far away.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Arm {
    /// Row at which it arrives.
    pub(super) receiver: u32,
    /// Whole steps of the delay, and the part beyond.
    pub(super) whole: u32,
    pub(super) part: f64,
    pub(super) amplitude: f64,
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
        let mut by_sender = vec![Arm::default(); arms.len()];
        for receiver in 0..n_receivers {
            for arm in arms.of(receiver) {
                let place = &mut next[arms.senders()[arm] as usize];
                let (whole, part) = lag(arms.delays.get(arm));
                by_sender[*place] =
                    Arm { receiver: receiver as u32, whole, part, amplitude: arms.amplitudes()[arm] };
                *place += 1;
            }
        }
        Self { starts, arms: by_sender }
    }

    /// Arms that leave through a sending row.
    pub(super) fn of(&self, sender: usize) -> &[Arm] {
        &self.arms[self.starts[sender]..self.starts[sender + 1]]
    }
}
