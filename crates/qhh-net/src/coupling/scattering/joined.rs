//! The arms of a network as one sparse matrix from sending rows to receiving rows, each arm with its own delay.
//!
//! Senders ascend within a receiving row. A matrix has one entry for each place, so a second arm between the same two
//! ports has its column behind those of all first arms, and so on: column `copy * n_senders + sender`.

use std::ops::Range;

use sprs::CsMatI;

/// Arms by receiving row.
#[derive(Debug, Clone)]
pub(crate) struct Joined {
    /// Amplitudes of the voltage waves.
    matrix: CsMatI<f64, u32, u64>,
    /// Sending row of each arm, where parallel arms keep the columns from saying so.
    parallel: Option<Box<[u32]>>,
    pub(crate) delays: Delays,
}

/// Delays in steps, each with its own full precision.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Delays {
    /// Of all arms.
    Same(f64),
    /// In the order of the arms.
    Each(Box<[f64]>),
}

impl Delays {
    /// Delay of one arm.
    #[inline]
    pub(crate) fn get(&self, arm: usize) -> f64 {
        match self {
            Self::Same(delay) => *delay,
            Self::Each(delays) => delays[arm],
        }
    }
}

/// Rounding of a delay over a step, as a part of it: quotients within this of a whole number are that number.
const ROUNDING: f64 = 8.0 * f64::EPSILON;

/// A delay in steps, as the engine takes it: whole where only rounding keeps it from that, and a step at least.
pub(crate) fn in_steps(delay: f64, step: f64) -> f64 {
    let steps = delay / step;
    let whole = steps.round();
    if (steps - whole).abs() <= ROUNDING * whole { whole.max(1.0) } else { steps.max(1.0) }
}

/// Whole steps of a delay, and the part of a step beyond.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down, and a step at least")]
#[inline]
pub(crate) fn lag(delay: f64) -> (u32, f64) {
    let whole = delay as u32;
    (whole, delay - f64::from(whole))
}

impl Joined {
    /// Number of arms.
    pub(crate) fn len(&self) -> usize {
        self.matrix.nnz()
    }

    /// Sending row of each arm.
    pub(crate) fn senders(&self) -> &[u32] {
        self.parallel.as_deref().unwrap_or_else(|| self.matrix.indices())
    }

    /// Amplitude of the voltage wave of each arm.
    pub(crate) fn amplitudes(&self) -> &[f64] {
        self.matrix.data()
    }

    /// Places of the arms that end at a receiving row.
    #[inline]
    pub(crate) fn of(&self, receiver: usize) -> Range<usize> {
        self.matrix.indptr().outer_inds_sz(receiver)
    }

    /// Places of the arms that end at any of some receiving rows.
    pub(crate) fn of_all(&self, receivers: &Range<usize>) -> Range<usize> {
        if receivers.is_empty() {
            return 0..0;
        }
        self.of(receivers.start).start..self.of(receivers.end - 1).end
    }

    /// How many steps back a wave that arrives somewhere may have left, by sending row.
    pub(crate) fn longest_lags(&self, n_senders: usize) -> Vec<u32> {
        let mut lags = vec![0; n_senders];
        for (arm, &sender) in self.senders().iter().enumerate() {
            let (whole, part) = lag(self.delays.get(arm));
            let longest = &mut lags[sender as usize];
            *longest = (*longest).max(whole + u32::from(part > 0.0));
        }
        lags
    }

    /// Place of each arm, given the sending and receiving row of all of them as they were added.
    pub(super) fn places(&self, added: impl Iterator<Item = [u32; 2]>) -> Vec<usize> {
        let n_receivers = self.matrix.rows();
        let mut rows: Vec<(Vec<u32>, Vec<usize>)> = vec![Default::default(); n_receivers];
        let mut count = 0;
        for [sender, receiver] in added {
            let (senders, numbers) = &mut rows[receiver as usize];
            senders.push(sender);
            numbers.push(count);
            count += 1;
        }
        let mut places = vec![0; count];
        for (receiver, (senders, numbers)) in rows.into_iter().enumerate() {
            for (place, (_, added)) in self.of(receiver).zip(order(&senders)) {
                places[numbers[added]] = place;
            }
        }
        places
    }

    /// Whether any delay is no whole number of steps.
    pub(crate) fn between_steps(&self) -> bool {
        let between = |delay: &f64| lag(*delay).1 > 0.0;
        match &self.delays {
            Delays::Same(delay) => between(delay),
            Delays::Each(delays) => delays.iter().any(between),
        }
    }
}

/// Arms being put in order: by receiver, then by sender.
pub(super) struct Arms {
    starts: Vec<u64>,
    filled: Vec<u32>,
    senders: Vec<u32>,
    amplitudes: Vec<f64>,
    delays: Vec<f64>,
    /// The delay of all arms, which is then not stored for each.
    same: Option<f64>,
}

impl Arms {
    /// Room for as many arms at each receiving row as `counts` says; `same` is their delay in steps if they share one.
    pub(super) fn new(counts: impl Iterator<Item = u32>, same: Option<f64>) -> Self {
        let mut end = 0;
        let mut starts = vec![0];
        starts.extend(counts.map(|count| {
            end += u64::from(count);
            end
        }));
        let n_arms = usize::try_from(end).unwrap_or(usize::MAX);
        Self {
            filled: vec![0; starts.len() - 1],
            starts,
            senders: vec![0; n_arms],
            amplitudes: vec![0.0; n_arms],
            delays: vec![0.0; if same.is_some() { 0 } else { n_arms }],
            same,
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "places in memory")]
    pub(super) fn add(&mut self, receiver: usize, sender: u32, amplitude: f64, delay: f64) {
        let place = self.starts[receiver] as usize + self.filled[receiver] as usize;
        self.filled[receiver] += 1;
        (self.senders[place], self.amplitudes[place]) = (sender, amplitude);
        if let Some(kept) = self.delays.get_mut(place) {
            *kept = delay;
        }
    }

    /// The arms as a matrix with `n_senders` sending rows.
    #[expect(clippy::cast_possible_truncation, reason = "places in memory")]
    pub(super) fn joined(mut self, n_senders: usize) -> Joined {
        let mut row: Vec<(u32, f64, f64)> = Vec::new();
        // Copies between the same two ports at most, less one.
        let mut copies = 0;
        for receiver in 0..self.filled.len() {
            let span = self.starts[receiver] as usize..self.starts[receiver + 1] as usize;
            if self.senders[span.clone()].is_sorted_by(|a, b| a < b) {
                continue;
            }
            let delay = |k: usize| self.delays.get(k).copied().unwrap_or_default();
            row.clear();
            row.extend(span.clone().map(|k| (self.senders[k], self.amplitudes[k], delay(k))));
            let order = order(&self.senders[span.clone()]);
            copies = order.last().map_or(copies, |(copy, _)| copies.max(*copy));
            let numbered = order.into_iter().map(|(_, added)| row[added]);
            for (k, arm) in span.zip(numbered) {
                (self.senders[k], self.amplitudes[k]) = (arm.0, arm.1);
                if let Some(kept) = self.delays.get_mut(k) {
                    *kept = arm.2;
                }
            }
        }
        let (columns, parallel) = if copies == 0 {
            (self.senders, None)
        } else {
            (columns(&self.starts, &self.senders, n_senders), Some(self.senders.into()))
        };
        let shape = (self.filled.len(), n_senders * (copies as usize + 1));
        let delays = self.same.map_or_else(|| Delays::Each(self.delays.into()), Delays::Same);
        Joined { matrix: CsMatI::new(shape, self.starts, columns, self.amplitudes), parallel, delays }
    }
}

/// Order of the arms of a receiving row, given their senders as they were added: first those to each sender by sender, then
/// the second ones, and so on; each with its copy. Stable: parallel arms stay in the order of their entries.
fn order(senders: &[u32]) -> Vec<(u32, usize)> {
    let mut order: Vec<(u32, usize)> = (0..senders.len()).map(|added| (0, added)).collect();
    order.sort_by_key(|(_, added)| senders[*added]);
    for k in 1..order.len() {
        let again = senders[order[k - 1].1] == senders[order[k].1];
        order[k].0 = if again { order[k - 1].0 + 1 } else { 0 };
    }
    order.sort_by_key(|(copy, added)| (*copy, senders[*added]));
    order
}

/// Column of each arm: a sender that is not above the one before begins the next copy.
#[expect(clippy::cast_possible_truncation, reason = "places in memory")]
fn columns(starts: &[u64], senders: &[u32], n_senders: usize) -> Vec<u32> {
    let mut columns = Vec::with_capacity(senders.len());
    for span in starts.windows(2) {
        let row = &senders[span[0] as usize..span[1] as usize];
        let mut copy = 0;
        for (k, sender) in row.iter().enumerate() {
            copy += usize::from(k > 0 && row[k - 1] >= *sender);
            columns.push(u32::try_from(copy * n_senders).expect("fewer than 2^32 columns") + sender);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::{Arms, Delays, in_steps, lag};

    /// Parallel arms keep amplitude and delay of their entry, whatever the order in which they are added.
    #[test]
    fn parallel_arms_have_a_place_each() {
        let mut arms = Arms::new([5, 0, 1].into_iter(), None);
        for (receiver, sender, amplitude, delay) in [
            (0, 2, 0.1, 5.0),
            (0, 0, 0.2, 4.0),
            (2, 1, 0.6, 9.0),
            (0, 2, 0.3, 3.0),
            (0, 2, 0.4, 2.0),
            (0, 1, 0.5, 1.0),
        ] {
            arms.add(receiver, sender, amplitude, delay);
        }
        let joined = arms.joined(3);
        assert_eq!((joined.of(0), joined.of(1), joined.of(2)), (0..5, 5..5, 5..6));
        assert_eq!(joined.senders(), [0, 1, 2, 2, 2, 1]);
        assert_eq!(joined.amplitudes(), [0.2, 0.5, 0.1, 0.3, 0.4, 0.6]);
        assert_eq!(joined.delays, Delays::Each([4.0, 1.0, 5.0, 3.0, 2.0, 9.0].into()));
        assert_eq!(joined.len(), 6);
        let added = [[2, 0], [0, 0], [1, 2], [2, 0], [2, 0], [1, 0]];
        assert_eq!(joined.places(added.into_iter()), [2, 0, 5, 3, 4, 1]);
    }

    #[test]
    fn quotients_off_by_rounding_are_whole_and_others_keep_every_digit() {
        for (delay, step, whole) in [(1.0, 0.01, 100.0), (0.3, 0.1, 3.0), (1e5, 0.02, 5e6), (0.7, 0.1, 7.0)] {
            assert_eq!(in_steps(delay, step), whole, "{delay}/{step}");
        }
        assert_eq!(in_steps(1.00394, 0.02), 1.00394 / 0.02);
        assert_eq!(in_steps(0.5, 0.5), 1.0);
        let (whole, part) = lag(in_steps(1.000_000_1, 0.01));
        assert_eq!(whole, 100);
        assert!((part - 1e-5).abs() < 1e-12, "{part}");
    }
}
