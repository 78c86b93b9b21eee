//! What ranks tell one another after each window: the waves that left through ports which others hear.
//!
//! A message is empty if nothing was sent, otherwise a bit for each row that says whether anything was, and the samples of
//! those rows, in the precision of the run. What ranks would send that are only imagined is made of own waves.

use std::ops::Range;

use super::delay_lines::Slab;
use super::division::message_bytes;
use crate::coupling::layout::index;
use crate::coupling::scattering::{Border, Neighbour};
use crate::ranks::Ranks;

/// Messages of a run, used again in each window.
pub(crate) struct Exchange {
    /// By rank: what leaves.
    send: Vec<(usize, Vec<u8>)>,
    /// By rank: what came.
    received: Vec<(usize, Vec<u8>)>,
    /// The same, own rows whose waves stand for those of ranks that are imagined.
    alike: Vec<Vec<u32>>,
    /// Whether samples are exact in single precision.
    single: bool,
}

impl Exchange {
    pub(crate) fn new(ranks: &dyn Ranks, border: &Border, single: bool) -> Self {
        let send = border.neighbours.iter().filter(|of| !of.heard.is_empty());
        let receive = border.neighbours.iter().filter(|of| !of.heeded.is_empty());
        let alike = |of: &Neighbour| alike(&border.own_rows(), (ranks.rank(), of.rank), of.heeded.len());
        Self {
            send: send.map(|of| (of.rank, Vec::new())).collect(),
            received: receive.clone().map(|of| (of.rank, Vec::new())).collect(),
            alike: if ranks.imagined().is_some() { receive.map(alike).collect() } else { Vec::new() },
            single,
        }
    }

    /// Exchanges what was sent in the `n_steps` steps of a window, and does `meanwhile` while that is under way. What it
    /// does to the slab it does to other rows.
    pub(crate) fn window(
        &mut self,
        (ranks, neighbours): (&dyn Ranks, &[Neighbour]),
        (slab, n_steps, width): (&mut Slab, usize, usize),
        mut meanwhile: impl FnMut(&mut Slab),
    ) {
        let heard = neighbours.iter().filter(|of| !of.heard.is_empty());
        for ((_, message), neighbour) in self.send.iter_mut().zip(heard) {
            pack(slab, &neighbour.heard, (n_steps, width), self.single, message);
        }
        let heeded: Vec<&[u32]> =
            neighbours.iter().map(|of| of.heeded.as_slice()).filter(|rows| !rows.is_empty()).collect();
        for ((_, buffer), rows) in self.received.iter_mut().zip(&heeded) {
            buffer.resize(message_bytes(rows.len(), n_steps, self.single), 0);
        }
        ranks.exchange(&self.send, &mut self.received, &mut || meanwhile(slab));
        if let Some(rank) = ranks.imagined() {
            rank.beside(|| {
                for ((_, message), rows) in self.received.iter_mut().zip(&self.alike) {
                    pack(slab, rows, (n_steps, width), self.single, message);
                }
            });
        }
        for ((_, message), rows) in self.received.iter().zip(heeded) {
            unpack(slab, rows, (n_steps, width), self.single, message);
        }
    }
}

/// Own rows in the place of so many of another rank: of a rank beside this one those at the edge, of others evenly spaced ones.
fn alike(own: &Range<usize>, (rank, other): (usize, usize), count: usize) -> Vec<u32> {
    let (n, stride) = (own.len(), (own.len() / count.max(1)).max(1));
    let place = |k: usize| match () {
        () if other == rank + 1 => k,
        () if other + 1 == rank => n - count % n + k,
        () => stride * k,
    };
    let count = if n == 0 { 0 } else { count };
    (0..count).map(|k| index(own.start + place(k) % n)).collect()
}

fn pack(slab: &mut Slab, rows: &[u32], (n_steps, width): (usize, usize), single: bool, message: &mut Vec<u8>) {
    message.clear();
    let mut slab = slab.fresh(width);
    let marks = rows.len().div_ceil(8);
    for (place, row) in rows.iter().enumerate() {
        let (samples, active) = slab.row(*row as usize);
        if !*active {
            continue;
        }
        if message.is_empty() {
            message.resize(marks, 0);
        }
        message[place / 8] |= 1 << (place % 8);
        if single {
            #[expect(clippy::cast_possible_truncation, reason = "they come from that precision")]
            samples[..n_steps].iter().for_each(|x| message.extend_from_slice(&(*x as f32).to_le_bytes()));
        } else {
            samples[..n_steps].iter().for_each(|x| message.extend_from_slice(&x.to_le_bytes()));
        }
    }
}

fn unpack(slab: &mut Slab, rows: &[u32], (n_steps, width): (usize, usize), single: bool, message: &[u8]) {
    let mut slab = slab.fresh(width);
    let (marks, mut rest) = message.split_at(rows.len().div_ceil(8).min(message.len()));
    for (place, row) in rows.iter().enumerate() {
        let (samples, active) = slab.row(*row as usize);
        *active = marks.get(place / 8).is_some_and(|byte| byte >> (place % 8) & 1 == 1);
        if !*active {
            continue;
        }
        let samples = &mut samples[..n_steps];
        let (own, more) = rest.split_at(n_steps * if single { 4 } else { 8 });
        if single {
            samples
                .iter_mut()
                .zip(own.as_chunks().0)
                .for_each(|(x, bytes)| *x = f32::from_le_bytes(*bytes).into());
        } else {
            samples.iter_mut().zip(own.as_chunks().0).for_each(|(x, bytes)| *x = f64::from_le_bytes(*bytes));
        }
        rest = more;
    }
}
