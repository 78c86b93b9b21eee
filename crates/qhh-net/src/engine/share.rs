//! What one of several processes steps of a network: a stretch of its blocks, and the rows of others that these hear.
//!
//! Sending rows are numbered block by block, so a rank's rows of the delay lines (those of ranks below, its own, those of
//! ranks above) keep their order. Every port then adds up what arrives in the same order on any number of ranks, and the
//! bits are the same.

use std::borrow::Cow;
use std::ops::Range;

use super::division::Stretches;
use super::ranks::Ranks;
use crate::coupling::Coupling;
use crate::coupling::scattering::{Delays, Rows, Scattering};

/// The blocks of one rank.
pub(crate) struct Share {
    /// They alone, rows numbered from 0: sending rows of the delay lines from [`Share::own_rows`] on.
    pub(crate) coupling: Coupling,
    /// Their numbers among all blocks.
    pub(crate) blocks: Range<usize>,
    /// Number of all blocks.
    pub(crate) n_blocks: usize,
    /// Their sending rows among all.
    sending: Range<usize>,
    /// Rows of others that they hear, ascending.
    ghosts: Vec<u32>,
    /// How many of these are of blocks below.
    below: usize,
    /// Steps for which what a row of the delay lines sent is under way at most.
    pub(crate) longest: Vec<u32>,
    /// Ranks with which waves are exchanged, ascending.
    pub(crate) neighbours: Vec<Neighbour>,
    /// By own row, whether another rank hears it.
    heard: Vec<bool>,
    /// Of one rank of several; one process has all arms to the end, and works them out when they are needed.
    departures: Option<Departures>,
}

/// A rank with which waves are exchanged, and which rows of the delay lines.
pub(crate) struct Neighbour {
    pub(crate) rank: usize,
    /// Own rows that it hears.
    pub(crate) heard: Vec<u32>,
    /// Rows of it that are heard here.
    pub(crate) heeded: Vec<u32>,
}

impl Share {
    /// The share of a rank in a network of this coupling.
    pub(crate) fn new(whole: &Coupling, ranks: &dyn Ranks) -> Self {
        let Coupling { layout, scattering } = whole;
        let (rank, size) = (ranks.rank(), ranks.size());
        let stretches = Stretches::new(whole, size);
        let (blocks, sending, arms) = (stretches.blocks(rank), stretches.senders(rank), &scattering.arms);
        let ghosts =
            if size == 1 { Vec::new() } else { stretches.heard(arms, rank, |row| !sending.contains(&row)) };
        let below = ghosts.partition_point(|row| (*row as usize) < sending.start);
        let mut share = Self {
            coupling: whole.clone(),
            departures: (size > 1).then(|| Departures::new(scattering, &sending)),
            longest: arms.longest_lags(scattering.n_senders()),
            heard: vec![false; sending.len()],
            neighbours: Vec::new(),
            n_blocks: layout.blocks.len(),
            ghosts,
            blocks,
            sending,
            below,
        };
        if size == 1 {
            return share;
        }
        let places = |rows: &[u32]| -> Vec<u32> {
            rows.iter().map(|row| share.place(*row).expect("it is own, or heard here")).collect()
        };
        let others = (0..size).filter(|other| *other != rank);
        let neighbours = others.map(|other| {
            let rows = stretches.senders(other);
            let end = |border: usize| share.ghosts.partition_point(|row| (*row as usize) < border);
            Neighbour {
                rank: other,
                heard: places(&stretches.heard(arms, other, |row| share.sending.contains(&row))),
                heeded: places(&share.ghosts[end(rows.start)..end(rows.end)]),
            }
        });
        let neighbours: Vec<Neighbour> =
            neighbours.filter(|of| !(of.heard.is_empty() && of.heeded.is_empty())).collect();
        for row in neighbours.iter().flat_map(|neighbour| &neighbour.heard) {
            share.heard[*row as usize - share.below] = true;
        }
        share.neighbours = neighbours;
        share.cut(whole, stretches.receivers(rank));
        share
    }

    /// Leaves in the coupling what is its own.
    fn cut(&mut self, whole: &Coupling, received: Range<usize>) {
        let (layout, scattering) = (&whole.layout, &whole.scattering);
        let n_rows = self.sending.len() + self.ghosts.len();
        let arms = scattering.arms.part(&received, n_rows, |row| self.place(row).expect("an own arm is heard"));
        // What others hear of an own row may be under way for longer.
        let own = &self.longest[self.sending.clone()];
        let mut longest = arms.longest_lags(n_rows);
        longest[self.own_rows()].copy_from_slice(own);
        self.longest = longest;
        let shifted = |rows: &[Rows], first: usize| -> Vec<Rows> {
            let first = u32::try_from(first).expect("rows have numbers of 32 bits");
            rows[self.blocks.clone()].iter().map(|rows| rows.map(|row| row.map(|row| row - first))).collect()
        };
        let own = Scattering {
            senders: shifted(&scattering.senders, self.sending.start),
            receivers: shifted(&scattering.receivers, received.start),
            split: scattering.split[self.sending.clone()].to_vec(),
            n_receivers: received.len(),
            arms,
            ..scattering.without_rows()
        };
        self.coupling = Coupling { layout: layout.part(self.blocks.clone()).into(), scattering: own.into() };
    }

    /// Delays of the arms that leave its rows.
    pub(crate) fn departures(&self) -> Cow<'_, Departures> {
        match &self.departures {
            Some(departures) => Cow::Borrowed(departures),
            None => Cow::Owned(Departures::new(&self.coupling.scattering, &self.sending)),
        }
    }

    /// Rows of the delay lines that its blocks fill.
    pub(crate) fn own_rows(&self) -> Range<usize> {
        self.below..self.below + self.sending.len()
    }

    /// Row of the delay lines of one of all sending rows; none if it is not heard here.
    pub(crate) fn place(&self, row: u32) -> Option<u32> {
        let number = |place: usize| u32::try_from(place).expect("rows have numbers of 32 bits");
        if self.sending.contains(&(row as usize)) {
            return Some(number(self.below + row as usize - self.sending.start));
        }
        let place = self.ghosts.binary_search(&row).ok()?;
        Some(number(if place < self.below { place } else { place + self.sending.len() }))
    }

    /// Whether another rank hears any of these own rows.
    pub(crate) fn is_heard(&self, (first, count): (usize, usize)) -> bool {
        self.heard[first..first + count].contains(&true)
    }

    /// Number among all blocks, and lane, of an own neuron, as one number that is in the order of blocks.
    pub(crate) fn order(&self, neuron: usize) -> u64 {
        let of_block = |block: &[u32]| block.iter().position(|of| *of as usize == neuron);
        let mut blocks = self.coupling.layout.blocks.iter().enumerate();
        let found = blocks.find_map(|(block, neurons)| Some((block, of_block(neurons)?)));
        let (block, lane) = found.expect("the neuron is one of this rank");
        ((self.blocks.start + block) as u64) << 32 | lane as u64
    }
}

/// Arms whose waves under way are added up one by one, at most; of more, a port's arms count with their mean delay.
const MOST_ARMS: usize = 2_000_000;

/// Delays of the arms that leave each of some sending rows.
#[derive(Clone)]
pub(crate) enum Departures {
    /// Row and delay of each arm, ascending.
    Each(Vec<(u32, f64)>),
    /// Number of arms of each row and their delays' sum.
    Mean(Vec<(u32, f64)>),
}

impl Departures {
    /// Of some of the sending rows, which are numbered from 0 here.
    fn new(scattering: &Scattering, rows: &Range<usize>) -> Self {
        let arms = &scattering.arms;
        let numbered = arms.senders().iter().enumerate();
        let own = numbered.filter_map(|(arm, row)| {
            let row = (*row as usize).checked_sub(rows.start).filter(|row| *row < rows.len())?;
            Some((row, arms.delays.get(arm)))
        });
        if let (Delays::Each(_), ..=MOST_ARMS) = (&arms.delays, arms.len()) {
            let number = |row: usize| u32::try_from(row).expect("rows have numbers of 32 bits");
            let mut each: Vec<(u32, f64)> = own.map(|(row, delay)| (number(row), delay)).collect();
            each.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            return Self::Each(each);
        }
        let mut mean = vec![(0, 0.0); rows.len()];
        for (row, delay) in own {
            let (count, sum): &mut (u32, f64) = &mut mean[row];
            (*count, *sum) = (*count + 1, *sum + delay);
        }
        Self::Mean(mean)
    }

    /// Mean over a row's arms of what is under way for their delays; arms of one port are taken for equal parts of what it
    /// hands to waveguides.
    pub(crate) fn mean(&self, row: usize, under_way: impl Fn(f64) -> f64) -> f64 {
        match self {
            Self::Each(arms) => {
                let first = arms.partition_point(|arm| (arm.0 as usize) < row);
                let own = &arms[first..];
                let own = &own[..own.partition_point(|arm| arm.0 as usize == row)];
                let of_delays = own.chunk_by(|a, b| a.1 == b.1);
                let sum: f64 = of_delays.map(|arms| arms.len() as f64 * under_way(arms[0].1)).sum();
                if own.is_empty() { 0.0 } else { sum / own.len() as f64 }
            }
            Self::Mean(arms) => match arms[row] {
                (0, _) => 0.0,
                (count, sum) => under_way(sum / f64::from(count)),
            },
        }
    }
}
