//! Sending ports that this rank hears of others, and own ones that others hear.
//!
//! Rows of the delay lines are those heard of ranks below, its own, and those heard of ranks above: in the order in which the
//! sending rows of all ranks are numbered, block by block. Every port so adds up what arrives in the same order on any number
//! of ranks.

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::coupling::layout::index;
use crate::ranks::Ranks;

/// A rank with which waves are exchanged, and which rows of the delay lines.
#[derive(Debug, Clone)]
pub(crate) struct Neighbour {
    pub(crate) rank: usize,
    /// Own rows that it hears, ascending.
    pub(crate) heard: Vec<u32>,
    /// Rows of it that are heard here, ascending.
    pub(crate) heeded: Vec<u32>,
}

/// The sending rows of a rank and those of others that it hears.
#[derive(Debug, Clone)]
pub(crate) struct Border {
    /// Its own among those of all ranks.
    sending: Range<usize>,
    /// Those heard of others among those of all ranks, ascending.
    ghosts: Vec<u32>,
    /// How many of these are of ranks below.
    below: usize,
    /// Ranks with which waves are exchanged, ascending.
    pub(crate) neighbours: Vec<Neighbour>,
}

impl Border {
    /// Of a rank with these own rows, which hears these `ghosts`, as neighbours say, too.
    pub(super) fn new(sending: Range<usize>, ghosts: Vec<u32>, neighbours: Vec<Neighbour>) -> Self {
        let below = ghosts.partition_point(|row| (*row as usize) < sending.start);
        Self { sending, ghosts, below, neighbours }
    }

    /// Rows of the delay lines that its own blocks fill.
    pub(crate) fn own_rows(&self) -> Range<usize> {
        self.below..self.below + self.sending.len()
    }

    /// Number of rows of the delay lines.
    pub(crate) fn n_rows(&self) -> usize {
        self.sending.len() + self.ghosts.len()
    }

    /// Number among the sending rows of all ranks of each own row.
    pub(crate) fn sending(&self) -> Range<usize> {
        self.sending.clone()
    }

    /// Row of the delay lines of one of all ranks' sending rows; none if it is not heard here.
    pub(crate) fn place(&self, row: usize) -> Option<usize> {
        if self.sending.contains(&row) {
            return Some(self.below + row - self.sending.start);
        }
        let place = self.ghosts.binary_search(&index(row)).ok()?;
        Some(if place < self.below { place } else { place + self.sending.len() })
    }

    /// Gives each neighbour what `make` makes for it, and `take` what that made for this rank.
    pub(crate) fn swap<T: Serialize + DeserializeOwned>(
        &self,
        ranks: &dyn Ranks,
        mut make: impl FnMut(&Neighbour) -> T,
        mut take: impl FnMut(&Neighbour, T),
    ) {
        let neighbour = |rank: usize| {
            let place = self.neighbours.binary_search_by_key(&rank, |of| of.rank).ok()?;
            Some(&self.neighbours[place])
        };
        let make = |rank: usize| neighbour(rank).map(&mut make);
        ranks.swap(make, |rank: usize, made: Option<T>| {
            if let (Some(neighbour), Some(made)) = (neighbour(rank), made) {
                take(neighbour, made);
            }
        });
    }

    /// Brings the values of rows heard of others from there.
    pub(crate) fn share(&self, ranks: &dyn Ranks, values: &mut [f64]) {
        let values = std::cell::RefCell::new(values);
        let picked = |of: &Neighbour| {
            let values = values.borrow();
            of.heard.iter().map(|row| values[*row as usize]).collect::<Vec<f64>>()
        };
        self.swap(ranks, picked, |of, came| {
            let mut values = values.borrow_mut();
            of.heeded.iter().zip(came).for_each(|(row, value)| values[*row as usize] = value);
        });
    }

    /// Brings what was gathered here for rows of others there, and calls `add` with what they gathered for own ones.
    pub(crate) fn collect<T: Copy + Serialize + DeserializeOwned>(
        &self,
        ranks: &dyn Ranks,
        gathered: &mut [T],
        add: impl Fn(T, T) -> T,
    ) {
        let gathered = std::cell::RefCell::new(gathered);
        let picked = |of: &Neighbour| {
            let gathered = gathered.borrow();
            of.heeded.iter().map(|row| gathered[*row as usize]).collect::<Vec<T>>()
        };
        self.swap(ranks, picked, |of, came| {
            let mut gathered = gathered.borrow_mut();
            for (row, one) in of.heard.iter().zip(came) {
                let own = &mut gathered[*row as usize];
                *own = add(*own, one);
            }
        });
    }
}
