//! Patterns that are laid sender by sender: who hears a sender, who a receiver hears, and how many arms come before.

use std::ops::Range;

use rand::seq::index;
use rand_chacha::ChaCha8Rng;

use super::within;
use crate::network::neurons::Neurons;
use crate::network::pattern::{Ends, Pattern};
use crate::network::random;

/// A pattern whose arms are numbered sender by sender.
pub(super) struct BySender<'a> {
    pattern: &'a Pattern,
    ends: Ends<'a>,
    /// Of layers, the first place of each and the number of arms before it, and those beyond the last.
    layers: Vec<(usize, usize)>,
    /// Of one-to-one, places at which a neuron would be joined to itself.
    itself: Vec<Range<usize>>,
}

impl<'a> BySender<'a> {
    pub(super) fn new(pattern: &'a Pattern, ends: Ends<'a>) -> Self {
        let mut rule = Self { pattern, ends, layers: Vec::new(), itself: Vec::new() };
        match pattern {
            Pattern::Feedforward { layers, fan_out } => {
                let (mut first, mut arms) = (0, 0);
                for (place, here) in layers.iter().enumerate() {
                    rule.layers.push((first, arms));
                    let next = layers.get(place + 1).copied();
                    first += here;
                    arms += here * next.map_or(0, |next| fan_out.unwrap_or(next));
                }
                rule.layers.push((first, arms));
            }
            Pattern::OneToOne if !ends.allow_self => rule.itself = same_places(ends.from, ends.to),
            _ => {}
        }
        rule
    }

    /// First place, number of neurons, and number of neurons of the next one, of the layer that a place is in.
    fn layer(&self, place: usize) -> (usize, usize, usize) {
        let number = self.layers.partition_point(|(first, _)| *first <= place).max(1) - 1;
        let first = |k: usize| self.layers.get(number + k).map_or(self.ends.from.len(), |layer| layer.0);
        (first(0), first(1) - first(0), first(2) - first(1))
    }

    /// Number of arms of the senders before a place.
    pub(super) fn arms_before(&self, place: usize) -> usize {
        let count = self.ends.from.len();
        match *self.pattern {
            Pattern::Chain => place.min(count.saturating_sub(1)),
            Pattern::Ring if count == 1 && !self.ends.allow_self => 0,
            Pattern::OneToOne => {
                let itself = |of: &Range<usize>| of.end.min(place).saturating_sub(of.start);
                place - self.itself.iter().map(itself).sum::<usize>()
            }
            Pattern::Feedforward { fan_out, .. } => {
                let number = self.layers.partition_point(|(first, _)| *first <= place).max(1) - 1;
                let (first, arms) = self.layers[number];
                let (_, _, next) = self.layer(place);
                arms + if next == 0 { 0 } else { (place - first) * fan_out.unwrap_or(next) }
            }
            Pattern::SmallWorld { neighbours, .. } => place * neighbours,
            Pattern::Grid { width, neighbours, wrap } => {
                Grid { count, width, neighbours, wrap }.arms_before(place)
            }
            _ => place,
        }
    }

    /// Calls `join` with the receivers of a sender, in the order of its arms.
    #[inline]
    pub(super) fn receivers(
        &self,
        i: usize,
        random: &mut ChaCha8Rng,
        scratch: &mut Vec<usize>,
        mut join: impl FnMut(usize),
    ) {
        let from = self.ends.from.len();
        match *self.pattern {
            Pattern::Chain if i + 1 < from => join(i + 1),
            Pattern::Ring if from > 1 || self.ends.allow_self => join((i + 1) % from),
            Pattern::OneToOne if !within(&self.itself, i) => join(i),
            Pattern::Feedforward { fan_out, .. } => {
                let (first, here, next) = self.layer(i);
                if next > 0 {
                    let fan_out = fan_out.unwrap_or(next);
                    let start = if fan_out == next { 0 } else { (i - first) * next / here };
                    (0..fan_out).for_each(|step| join(first + here + (start + step) % next));
                }
            }
            Pattern::SmallWorld { neighbours, rewire } => {
                small_world(i, from, (neighbours, rewire), random, scratch);
                for j in scratch.iter() {
                    join(*j);
                }
            }
            Pattern::Grid { width, neighbours, wrap } => {
                Grid { count: from, width, neighbours, wrap }.neighbours(i).for_each(join);
            }
            _ => {}
        }
    }

    /// Adds the senders that may have receivers among some places, and perhaps others.
    pub(super) fn reach(&self, receivers: &Range<usize>, senders: &mut Vec<Range<usize>>) {
        let (count, Range { start, end }) = (self.ends.from.len(), receivers.clone());
        match *self.pattern {
            Pattern::Chain => senders.push(start.saturating_sub(1)..end - 1),
            Pattern::Ring => {
                senders.push(start.saturating_sub(1)..end - 1);
                senders.extend((start == 0).then_some(count - 1..count));
            }
            Pattern::OneToOne => senders.push(start..end),
            Pattern::Feedforward { fan_out, .. } => {
                let mut place = start;
                // Layer by layer.
                while place < end {
                    let (first, here, _) = self.layer(place);
                    let last = end.min(first + here);
                    if first > 0 {
                        let (before, of_before, _) = self.layer(first - 1);
                        let all = fan_out.is_none_or(|fan_out| fan_out == here);
                        let reach = fan_out.unwrap_or(here);
                        let (low, high) = (place - first, last - first);
                        let from_starts = |starts: Range<usize>| {
                            // A sender begins at its own place, as a part of its layer.
                            before + starts.start * of_before / here
                                ..before + (starts.end * of_before).div_ceil(here).min(of_before)
                        };
                        if all {
                            senders.push(before..first);
                        } else {
                            senders.push(from_starts((low + 1).saturating_sub(reach)..high));
                            // Receivers at the start of the ring that the layer is.
                            senders.extend((low + 1 < reach).then(|| from_starts(here + low + 1 - reach..here)));
                        }
                    }
                    place = last;
                }
            }
            Pattern::Grid { width, wrap, .. } => {
                for back in [width, 0] {
                    // Where rows are closed, a neighbour may be at the other end of one.
                    let beside = if wrap { width } else { 1 };
                    let low = start.saturating_sub(back + beside);
                    senders.push(low..(end + beside).saturating_sub(back).min(count));
                }
                let beside = if wrap { width } else { 1 };
                senders.push((start + width).saturating_sub(beside).min(count)..(end + width + beside).min(count));
                if wrap {
                    senders.extend((start < 2 * width).then(|| count - width..count));
                    senders.extend((end + 2 * width > count).then_some(0..width));
                }
            }
            _ => senders.push(0..count),
        }
    }
}

/// Places at which two lists have the same neuron.
fn same_places(from: &Neurons, to: &Neurons) -> Vec<Range<usize>> {
    let mut same = Vec::new();
    let (mut place, mut other) = (0, 0);
    let mut others = to.stretches().peekable();
    for stretch in from.stretches() {
        let end = place + stretch.len();
        while let Some(to) = others.peek().filter(|_| other < end).cloned() {
            let both = place.max(other)..end.min(other + to.len());
            if !both.is_empty() && stretch.start + (both.start - place) == to.start + (both.start - other) {
                same.push(both);
            }
            if other + to.len() > end {
                break;
            }
            other += to.len();
            others.next();
        }
        place = end;
    }
    same
}

/// The receivers of sender `i` of a small world, in the place of those in `taken`.
fn small_world(
    i: usize,
    count: usize,
    (neighbours, rewire): (usize, f64),
    random: &mut ChaCha8Rng,
    taken: &mut Vec<usize>,
) {
    random::seek(random, i as u64);
    taken.clear();
    taken.extend((1..=neighbours / 2).flat_map(|d| [(i + count - d) % count, (i + d) % count]));
    for k in 0..taken.len() {
        if random::uniform(random) < rewire && neighbours + 1 < count {
            loop {
                let drawn = index::sample(random, count, 1).index(0);
                if drawn != i && !taken.contains(&drawn) {
                    taken[k] = drawn;
                    break;
                }
            }
        }
    }
}

/// Places in rows.
#[derive(Clone, Copy)]
struct Grid {
    count: usize,
    width: usize,
    neighbours: usize,
    wrap: bool,
}

impl Grid {
    /// Places that one is joined to.
    #[inline]
    fn neighbours(self, i: usize) -> impl Iterator<Item = usize> {
        const STEPS: [(isize, isize); 8] = [(0, -1), (-1, 0), (1, 0), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)];
        let Self { count, width, neighbours, wrap } = self;
        let (x, y) = (i % width, i / width);
        STEPS.into_iter().take(neighbours).filter_map(move |(dx, dy)| {
            let (x, y) = (moved(x, dx, width, wrap)?, moved(y, dy, count / width, wrap)?);
            Some(y * width + x).filter(|place| *place != i)
        })
    }

    /// Number of arms of the places before one. Between the edges all have as many.
    fn arms_before(self, place: usize) -> usize {
        let of = |x: usize, y: usize| self.neighbours(y * self.width + x).count();
        let in_row = |x: usize, y: usize| match x {
            0 => 0,
            1 => of(0, y),
            _ => of(0, y) + (x - 1) * of(1, y),
        };
        let row = |y: usize| in_row(self.width - 1, y) + of(self.width - 1, y);
        let (x, y, rows) = (place % self.width, place / self.width, self.count / self.width);
        let before = match y {
            0 => 0,
            1 => row(0),
            _ if y < rows => row(0) + (y - 1) * row(1),
            _ => row(0) + (rows - 2) * row(1) + row(rows - 1),
        };
        before + if x == 0 { 0 } else { in_row(x, y) }
    }
}

/// A place one step along an axis of `n`; `None` beyond its edge.
#[inline]
fn moved(place: usize, step: isize, n: usize, wrap: bool) -> Option<usize> {
    match place.checked_add_signed(step) {
        Some(moved) if moved < n => Some(moved),
        _ if !wrap => None,
        None => Some(n - 1),
        Some(_) => Some(0),
    }
}
