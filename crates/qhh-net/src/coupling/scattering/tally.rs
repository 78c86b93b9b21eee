//! What the arms at each port come to: how many, and their weight.
//!
//! What leaves a port is known to the rank that owns it once the others have said which of its arms end at theirs. It adds up
//! the weights in the order of entries and arms, whoever reported them, so that the bits are those of one process.

use std::iter::Peekable;
use std::ops::Range;
use std::vec::IntoIter;

use serde::{Deserialize, Serialize};

use super::entry::{Column, EntryConnections};
use crate::ranks::Ranks;

/// What the arms at one port come to.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) arms: u32,
    pub(super) weight: f64,
}

impl Tally {
    pub(super) fn add(&mut self, weight: f64) {
        self.arms += 1;
        self.weight += weight.abs();
    }

    /// Square of the amplitude of an arm.
    pub(super) fn share(self, weight: f64) -> f64 {
        let whole = f64::from(self.arms).max(self.weight);
        if whole > 0.0 { weight.abs() / whole } else { 0.0 }
    }

    /// Part of a change of the weights' sum by which [`Tally::share`] changes the other way: the shares of all arms are of
    /// their number up to there, of their weight beyond, and of either by half between.
    pub(super) fn follows_weight(self) -> f64 {
        match self.weight.total_cmp(&f64::from(self.arms)) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Greater => 1.0,
        }
    }

    /// Sum of [`Tally::share`] over the arms.
    pub(super) fn shared(self) -> f64 {
        self.share(self.weight)
    }
}

/// Arms of an entry that leave ports of another rank, in their order.
#[derive(Serialize, Deserialize)]
pub(super) struct Leaving {
    /// Place of the entry among those by name.
    entry: usize,
    /// Place of the port of each among those heard of that rank.
    ports: Vec<u32>,
    /// Number and weight of each, where weights differ.
    weights: Vec<(usize, f64)>,
}

impl Leaving {
    /// Adds an arm to a list of which the last may be of its entry.
    pub(super) fn add(list: &mut Vec<Self>, entry: usize, port: u32, weight: Option<(usize, f64)>) {
        if list.last().is_none_or(|last| last.entry != entry) {
            list.push(Self { entry, ports: Vec::new(), weights: Vec::new() });
        }
        if let Some(last) = list.last_mut() {
            last.ports.push(port);
            last.weights.extend(weight);
        }
    }
}

/// What another rank says of its arms that leave own ports.
pub(super) struct Others<'a> {
    /// Rows of the ports that it hears.
    rows: &'a [u32],
    /// Entry by entry.
    arms: Peekable<IntoIter<Leaving>>,
}

impl<'a> Others<'a> {
    /// What all others say; they are `reported` the same, by rank, and hear the ports of these `rows`.
    pub(super) fn reported(ranks: &dyn Ranks, mut reported: Vec<Vec<Leaving>>, rows: &'a [Vec<u32>]) -> Vec<Self> {
        let mut others = Vec::new();
        ranks.swap(
            |rank| std::mem::take(&mut reported[rank]),
            |rank, arms: Vec<Leaving>| others.push(Self { rows: &rows[rank], arms: arms.into_iter().peekable() }),
        );
        others
    }

    /// What imagined ones would say, by rank.
    pub(super) fn imagined(said: Vec<Vec<Leaving>>, rows: &'a [Vec<u32>]) -> Vec<Self> {
        let each = said.into_iter().zip(rows).filter(|(arms, _)| !arms.is_empty());
        each.map(|(arms, rows)| Self { rows, arms: arms.into_iter().peekable() }).collect()
    }
}

/// Adds the weights of all arms to those of the own ports that they leave, in the order of entries and arms.
pub(super) fn add_up(
    leaving: &mut [Tally],
    own_rows: Range<usize>,
    entries: &[EntryConnections<'_>],
    mut others: Vec<Others<'_>>,
) {
    for (entry, laid) in entries.iter().enumerate() {
        let mut more: Vec<(usize, u32, f64)> = Vec::new();
        for Others { rows, arms } in &mut others {
            while let Some(Leaving { ports, weights, .. }) = arms.next_if(|arms| arms.entry == entry) {
                let rows = ports.into_iter().map(|port| rows[port as usize]);
                match laid.weights {
                    // Of equal weights the order does not matter.
                    Column::Same(weight) => rows.for_each(|row| leaving[row as usize].add(weight)),
                    Column::Each(_) => {
                        more.extend(rows.zip(weights).map(|(row, (item, weight))| (item, row, weight)));
                    }
                }
            }
        }
        more.sort_unstable_by_key(|(item, row, _)| (*item, *row));
        let mut more = more.into_iter().peekable();
        for place in 0..laid.len() {
            while let Some((_, row, weight)) = more.next_if(|(item, ..)| *item < laid.item(place)) {
                leaving[row as usize].add(weight);
            }
            for [from, _] in laid.ways(place).filter(|[from, _]| own_rows.contains(&(*from as usize))) {
                leaving[from as usize].add(laid.weights.get(place));
            }
        }
        more.for_each(|(_, row, weight)| leaving[row as usize].add(weight));
    }
}
