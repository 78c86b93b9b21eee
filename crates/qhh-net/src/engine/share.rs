//! What one of several processes steps of a network: a stretch of its blocks, and the rows of others that these hear.

use serde::{Deserialize, Serialize};

use crate::coupling::Coupling;
use crate::coupling::layout::index;
use crate::coupling::scattering::Delays;
use crate::ranks::Ranks;

/// The blocks of one rank.
pub(crate) struct Share {
    /// They alone.
    pub(crate) coupling: Coupling,
    /// Steps for which what a row of the delay lines sent is under way at most.
    pub(crate) longest: Vec<u32>,
    /// By own row, whether another rank hears it.
    heard: Vec<bool>,
}

impl Share {
    /// The share of a rank whose coupling is known; all ranks call this together.
    pub(crate) fn new(coupling: Coupling, ranks: &dyn Ranks) -> Self {
        let (arms, border) = (&coupling.scattering.arms, &coupling.scattering.border);
        let mut longest = arms.longest_lags(border.n_rows());
        // What others hear of an own row may be under way for longer.
        border.collect(ranks, &mut longest, u32::max);
        let mut heard = vec![false; border.own_rows().len()];
        for row in border.neighbours.iter().flat_map(|neighbour| &neighbour.heard) {
            heard[*row as usize - border.own_rows().start] = true;
        }
        Self { coupling, longest, heard }
    }

    /// Whether another rank hears any of these own rows.
    pub(crate) fn is_heard(&self, (first, count): (usize, usize)) -> bool {
        self.heard[first..first + count].contains(&true)
    }

    /// Number of the block among all, and lane, of an own neuron, as one number that is in the order of blocks.
    pub(crate) fn order(&self, neuron: usize) -> u64 {
        let (block, lane) = self.coupling.layout.place(neuron);
        (block as u64) << 32 | lane as u64
    }

    /// The neuron of such a number.
    pub(crate) fn neuron(&self, order: u64) -> usize {
        #[expect(clippy::cast_possible_truncation, reason = "the lane is the lower half")]
        let (block, lane) = ((order >> 32) as usize, order as u32 as usize);
        self.coupling.layout.neuron(block, lane)
    }
}

/// Arms whose waves under way are added up one by one, at most; of more, a port's arms count with their mean delay.
const MOST_ARMS: usize = 2_000_000;

/// Delays of the arms that leave each of a rank's own sending rows.
pub(crate) enum Departures {
    /// Row and delay of each arm, ascending.
    Each(Vec<(u32, f64)>),
    /// Number of arms of each row and their delays' sum.
    Mean(Vec<(u32, f64)>),
}

/// Arms of a rank that leave ports of another, in the order in which they arrive.
#[derive(Serialize, Deserialize, Default)]
struct Arrived {
    /// Place of the port of each among those heard.
    ports: Vec<u32>,
    /// Their delays, where these differ.
    delays: Vec<f64>,
}

impl Departures {
    /// Of a rank's own rows; all ranks call this together.
    pub(crate) fn new(coupling: &Coupling, ranks: &dyn Ranks) -> Self {
        let scattering = &coupling.scattering;
        let (arms, border) = (&scattering.arms, &scattering.border);
        let own_rows = border.own_rows();
        let mut others: Vec<Arrived> = (0..ranks.size()).map(|_| Arrived::default()).collect();
        let differ = matches!(arms.delays, Delays::Each(_));
        let mut heard: Vec<(usize, u32)> = vec![(0, 0); border.n_rows()];
        for neighbour in &border.neighbours {
            for (place, row) in (0..).zip(&neighbour.heeded) {
                heard[*row as usize] = (neighbour.rank, place);
            }
        }
        for (arm, row) in arms.senders().iter().enumerate() {
            let row = *row as usize;
            if !own_rows.contains(&row) {
                let (rank, port) = heard[row];
                others[rank].ports.push(port);
                others[rank].delays.extend(differ.then(|| arms.delays.get(arm)));
            }
        }
        drop(heard);
        let mut arrived: Vec<Arrived> = (0..ranks.size()).map(|_| Arrived::default()).collect();
        border.swap(
            ranks,
            |of| std::mem::take(&mut others[of.rank]),
            |of, mut list| {
                // By own rows, numbered from 0.
                for port in &mut list.ports {
                    *port = of.heard[*port as usize] - index(own_rows.start);
                }
                arrived[of.rank] = list;
            },
        );
        let own = || {
            let numbered = arms.senders().iter().enumerate();
            numbered.filter_map(|(arm, row)| {
                let row = *row as usize;
                own_rows.contains(&row).then(|| (index(row - own_rows.start), arms.delays.get(arm)))
            })
        };
        // Receiving rows ascend from rank to rank.
        let mut see_all = |see: &mut dyn FnMut(u32, f64)| {
            for (rank, Arrived { ports, delays }) in std::mem::take(&mut arrived).into_iter().enumerate() {
                if rank == ranks.rank() {
                    own().for_each(|(row, delay)| see(row, delay));
                }
                for (arm, row) in ports.into_iter().enumerate() {
                    see(row, delays.get(arm).copied().unwrap_or_else(|| arms.delays.get(0)));
                }
            }
        };
        if differ && scattering.facts.n_arms <= MOST_ARMS {
            let mut each: Vec<(u32, f64)> = Vec::new();
            see_all(&mut |row, delay| each.push((row, delay)));
            each.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            return Self::Each(each);
        }
        let mut mean = vec![(0, 0.0); own_rows.len()];
        see_all(&mut |row, delay| {
            let (count, sum): &mut (u32, f64) = &mut mean[row as usize];
            (*count, *sum) = (*count + 1, *sum + delay);
        });
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
