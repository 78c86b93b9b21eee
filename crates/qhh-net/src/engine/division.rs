//! How a network is divided among ranks: the stretches of blocks, and which rows cross from one to another.

use std::ops::Range;

use super::window;
use crate::coupling::own::stretch;
use crate::coupling::scattering::{Facts, Joined, Rows, n_ports};
use crate::coupling::{Coupling, lanes};
use crate::network::{Network, Precision};
use crate::ranks::Imagined;
use crate::validate::Checked;

/// Stretches of blocks, of about as many blocks each, and the rows of each.
pub(super) struct Stretches {
    /// First block, sending row and receiving row of each rank, and one beyond the last.
    blocks: Vec<usize>,
    senders: Vec<usize>,
    receivers: Vec<usize>,
}

impl Stretches {
    pub(super) fn new(whole: &Coupling, size: usize) -> Self {
        let Coupling { layout, scattering, .. } = whole;
        let ends = (0..size).map(|rank| stretch(layout.n_blocks(), rank, size).end);
        let blocks: Vec<usize> = std::iter::once(0).chain(ends).collect();
        let first = |rows: &[Rows]| {
            let mut next = 0;
            let ends = rows.iter().enumerate().map(|(block, rows)| {
                next += n_ports(rows) * layout.len(block);
                next
            });
            let starts: Vec<usize> = std::iter::once(0).chain(ends).collect();
            blocks.iter().map(|block| starts[*block]).collect::<Vec<_>>()
        };
        Self { senders: first(&scattering.senders), receivers: first(&scattering.receivers), blocks }
    }

    pub(super) fn blocks(&self, rank: usize) -> Range<usize> {
        self.blocks[rank]..self.blocks[rank + 1]
    }

    pub(super) fn senders(&self, rank: usize) -> Range<usize> {
        self.senders[rank]..self.senders[rank + 1]
    }

    pub(super) fn receivers(&self, rank: usize) -> Range<usize> {
        self.receivers[rank]..self.receivers[rank + 1]
    }

    /// Sending rows that a rank hears, of those that `are`, ascending.
    pub(super) fn heard(&self, arms: &Joined, rank: usize, are: impl Fn(usize) -> bool) -> Vec<u32> {
        let all = &arms.senders()[arms.of_all(&self.receivers(rank))];
        let mut heard: Vec<u32> = all.iter().copied().filter(|row| are(*row as usize)).collect();
        heard.sort_unstable();
        heard.dedup();
        heard
    }
}

/// Bytes of a message of so many rows and steps, at most: if something was sent from all of them.
pub(super) fn message_bytes(rows: usize, n_steps: usize, single: bool) -> usize {
    rows.div_ceil(8) + rows * n_steps * if single { 4 } else { 8 }
}

/// The windows of a run, after each of which ranks exchange waves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// Steps in each, but for the last.
    pub(super) window: u64,
    /// Steps of the run.
    pub(super) total: u64,
    single: bool,
}

impl Windows {
    pub(super) fn new(network: &Network, facts: &Facts, longest: u64) -> Self {
        let single = network.simulation.precision == Precision::F32;
        Self { window: window(network.n_neurons(), facts, longest), total: network.n_steps(), single }
    }

    pub(super) fn count(self) -> u64 {
        self.total.div_ceil(self.window)
    }

    /// Bytes of a message of so many rows.
    pub(super) fn message(self, rows: usize) -> u64 {
        self.of(rows, self.window)
    }

    fn of(self, rows: usize, steps: u64) -> u64 {
        message_bytes(rows, usize::try_from(steps).unwrap_or(usize::MAX), self.single) as u64
    }

    /// Bytes of the messages of so many rows in all windows.
    fn bytes(self, rows: usize) -> u64 {
        let before = self.count().saturating_sub(1);
        before * self.message(rows) + self.of(rows, self.total - before * self.window)
    }
}

/// What one of several ranks steps and exchanges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RankLoad {
    /// Neurons that it steps.
    pub neurons: usize,
    /// Waveguides that end at them.
    pub waveguides: usize,
    /// Ports of its neurons that waveguides leave.
    pub own_rows: usize,
    /// Ports of other ranks' neurons that waveguides lead from to its own.
    pub heard_rows: usize,
    /// Ranks that it receives from.
    pub neighbours: usize,
    /// Bytes that it sends in a run if every port sends something in every window, each to every rank that hears it.
    pub sent_bytes: u64,
    /// The same received.
    pub received_bytes: u64,
}

impl RankLoad {
    /// Of a rank that is built.
    pub(super) fn of(coupling: &Coupling, windows: Windows) -> Self {
        let Coupling { layout, blocks, scattering } = coupling;
        let neighbours = &scattering.border.neighbours;
        Self {
            neurons: blocks.clone().map(|block| layout.len(block)).sum(),
            waveguides: scattering.arms.len(),
            own_rows: scattering.n_senders(),
            heard_rows: neighbours.iter().map(|of| of.heeded.len()).sum(),
            neighbours: neighbours.iter().filter(|of| !of.heeded.is_empty()).count(),
            sent_bytes: neighbours.iter().map(|of| windows.bytes(of.heard.len())).sum(),
            received_bytes: neighbours.iter().map(|of| windows.bytes(of.heeded.len())).sum(),
        }
    }
}

/// A network divided among ranks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Division {
    /// Windows of the run, after each of which ranks exchange waves.
    pub windows: u64,
    /// By rank.
    pub ranks: Vec<RankLoad>,
}

impl Division {
    fn new(network: &Network, whole: &Coupling, size: usize) -> Self {
        let (stretches, arms) = (Stretches::new(whole, size), &whole.scattering.arms);
        let windows = Windows::new(network, &whole.scattering.facts, 0);
        let own = |rank: usize| RankLoad {
            neurons: stretches.blocks(rank).map(|block| whole.layout.len(block)).sum(),
            waveguides: arms.of_all(&stretches.receivers(rank)).len(),
            own_rows: stretches.senders(rank).len(),
            ..RankLoad::default()
        };
        let mut ranks: Vec<RankLoad> = (0..size).map(own).collect();
        for rank in 0..size {
            let own = stretches.senders(rank);
            let heard = stretches.heard(arms, rank, |row| !own.contains(&row));
            let sender = |row: &u32| stretches.senders.partition_point(|first| *first <= *row as usize) - 1;
            for rows in heard.chunk_by(|a, b| sender(a) == sender(b)) {
                let bytes = windows.bytes(rows.len());
                ranks[sender(&rows[0])].sent_bytes += bytes;
                ranks[rank].received_bytes += bytes;
                ranks[rank].neighbours += 1;
            }
            ranks[rank].heard_rows = heard.len();
        }
        Self { windows: windows.count(), ranks }
    }

    /// Bytes sent in a run, all ranks together.
    pub fn bytes(&self) -> u64 {
        self.ranks.iter().map(|rank| rank.sent_bytes).sum()
    }
}

impl Checked {
    /// The network divided among so many ranks, as a run divides it. Its waveguides are laid out for it.
    ///
    /// # Panics
    /// If there is no rank.
    pub fn divided(&self, ranks: usize) -> Division {
        assert!(ranks > 0, "a network runs on a rank at least");
        let coupling = Coupling::new(self, lanes(self));
        Division::new(self, &coupling, ranks)
    }

    /// The same where every rank is taken to be like one of them, which alone is laid out. What others hear of it is counted
    /// where a rule says who hears a neuron, and as on the average where senders are drawn.
    ///
    /// # Panics
    /// If there is no such rank.
    pub fn divided_like(&self, rank: usize, ranks: usize) -> Division {
        let coupling = Coupling::among(self, lanes(self), &Imagined::new(rank, ranks));
        let windows = Windows::new(self, &coupling.scattering.facts, 0);
        Division { windows: windows.count(), ranks: vec![RankLoad::of(&coupling, windows); ranks] }
    }
}
