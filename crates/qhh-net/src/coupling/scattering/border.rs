//! Sending ports that this rank hears of others, and own ones that others hear.
//!
//! Rows of the delay lines are those heard of ranks below, its own, and those heard of ranks above: in the order in which the
//! sending rows of all ranks are numbered, block by block. Every port so adds up what arrives in the same order on any number
//! of ranks.

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

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
    /// How many are heard of ranks below, and above.
    heard: (usize, usize),
    /// Ranks with which waves are exchanged, ascending.
    pub(crate) neighbours: Vec<Neighbour>,
}

impl Border {
    /// Of a rank with these own rows, which hears so many of ranks below and above, as neighbours say, too.
    pub(super) fn new(sending: Range<usize>, heard: (usize, usize), neighbours: Vec<Neighbour>) -> Self {
        Self { sending, heard, neighbours }
    }

    /// Rows of the delay lines that its own blocks fill.
    pub(crate) fn own_rows(&self) -> Range<usize> {
        self.heard.0..self.heard.0 + self.sending.len()
    }

    /// Number of rows of the delay lines.
    pub(crate) fn n_rows(&self) -> usize {
        self.heard.0 + self.sending.len() + self.heard.1
    }

    /// Number among the sending rows of all ranks of each own row.
    pub(crate) fn sending(&self) -> Range<usize> {
        self.sending.clone()
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
