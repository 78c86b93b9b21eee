//! Waves under way in response to the lines of a task: `[row][line][step]`, in rings of whole windows so that a window's
//! waves lie side by side. The wave at the end of step `k` is at `k`.
//!
//! A ring has memory only while a wave in it is large enough to count, so a task costs what its lines reach. Memory goes
//! from task to task: given back to the system, it would be cleared page by page for each.

use std::sync::Mutex;

use qhh_core::quantum::heisenberg::{Wave, add_products, largest_square};

use super::graph::ModeGraph;

/// Memory for rings that tasks hand on to each other.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Vec<Vec<Wave>>>>);

/// The rings of a task.
pub(super) struct Rings<'a> {
    /// Place of each row of the graph.
    places: Vec<Option<usize>>,
    list: Vec<Ring>,
    n_lines: usize,
    spare: Vec<Vec<Wave>>,
    buffers: &'a Buffers,
}

/// Waves that left through one row in response to one line; none that count if empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Ring {
    waves: Vec<Wave>,
    /// Waves that it has memory for, once it has.
    length: usize,
    /// The last time, in steps, at which a wave was large enough to count; before the start they count as at it.
    pub(super) loud: Option<usize>,
}

impl<'a> Rings<'a> {
    /// Empty rings for the rows in reach, for steps in windows of `window`; 0 where nothing is stepped.
    pub(super) fn new(
        graph: &ModeGraph,
        reach: &[usize],
        n_lines: usize,
        window: usize,
        buffers: &'a Buffers,
    ) -> Self {
        let mut places = vec![None; graph.rows.len()];
        let mut n_rows = 0;
        for row in reach.iter().flat_map(|&node| graph.nodes[node].rows).flatten() {
            places[row] = Some(n_rows);
            n_rows += 1;
        }
        // As far back as the row's longest delay reaches from the first step of a window, and the window itself.
        let mut longest = vec![0; n_rows];
        for arm in reach.iter().filter(|_| window > 0).flat_map(|&node| &graph.nodes[node].arms) {
            if let Some(place) = places[arm.row] {
                let (near, part) = arm.samples();
                longest[place] = longest[place].max(near + usize::from(part > 0.0));
            }
        }
        let ring = |longest: usize| {
            let length = if window == 0 { 1 } else { (longest + 2 * window + 2).next_multiple_of(window) };
            Ring { length, ..Ring::default() }
        };
        let list = longest.into_iter().flat_map(|longest| vec![ring(longest); n_lines]).collect();
        let spare = buffers.0.lock().ok().and_then(|mut list| list.pop()).unwrap_or_default();
        Self { places, list, n_lines, spare, buffers }
    }

    fn place(&self, row: usize, line: usize) -> Option<usize> {
        Some(self.places[row]? * self.n_lines + line)
    }

    /// The ring of a row and line; none of a row that is out of reach.
    pub(super) fn ring(&self, row: usize, line: usize) -> Option<&Ring> {
        Some(&self.list[self.place(row, line)?])
    }

    pub(super) fn ring_mut(&mut self, row: usize, line: usize) -> Option<&mut Ring> {
        let place = self.place(row, line)?;
        Some(&mut self.list[place])
    }

    /// What has always left through a row until the start; nothing if it is not larger than `cut`.
    pub(super) fn begin(&mut self, row: usize, line: usize, wave: Wave, cut: f64) {
        let Some(place) = self.place(row, line) else { return };
        if largest_square(&[wave]) > cut * cut {
            self.fill(place, wave);
            self.list[place].loud = Some(0);
        }
    }

    /// Takes a ring out, for a window to be written to it.
    pub(super) fn take(&mut self, row: Option<usize>, line: usize) -> Ring {
        let place = row.and_then(|row| self.place(row, line));
        place.map_or_else(Ring::default, |place| std::mem::take(&mut self.list[place]))
    }

    /// Takes a ring back whose window of `n` steps has been written, to `spare` if the ring has no memory.
    pub(super) fn put(
        &mut self,
        (row, line): (usize, usize),
        mut ring: Ring,
        (first, n): (usize, usize),
        spare: &mut Vec<Wave>,
        cut: f64,
    ) {
        let Some(place) = self.place(row, line) else { return };
        let counts = largest_square(ring.window(first, n, spare)) > cut * cut;
        if counts {
            ring.loud = Some(first + n);
        }
        let is_new = counts && ring.waves.is_empty();
        self.list[place] = ring;
        if is_new {
            self.fill(place, Wave::default());
            self.list[place].window(first, n, &mut Vec::new()).copy_from_slice(spare);
        }
    }

    /// Takes in a window of `n` steps in which nothing leaves that counts.
    pub(super) fn silence(&mut self, row: usize, line: usize, first: usize, n: usize) {
        let Some(place) = self.place(row, line) else { return };
        let ring = &mut self.list[place];
        if ring.waves.is_empty() {
            return;
        }
        if ring.loud.is_none_or(|loud| loud + ring.length <= first) {
            self.spare.push(std::mem::take(&mut ring.waves));
            ring.loud = None;
        } else {
            let start = first % ring.length;
            ring.waves[start..start + n].fill(Wave::default());
        }
    }

    /// Gives a ring memory, full of the same wave.
    fn fill(&mut self, place: usize, wave: Wave) {
        let mut waves = self.spare.pop().unwrap_or_default();
        waves.clear();
        waves.resize(self.list[place].length, wave);
        self.list[place].waves = waves;
    }
}

impl Drop for Rings<'_> {
    fn drop(&mut self) {
        let used = self.list.drain(..).map(|ring| ring.waves).filter(|waves| !waves.is_empty());
        let spare = std::mem::take(&mut self.spare).into_iter().chain(used).collect();
        if let Ok(mut list) = self.buffers.0.lock() {
            list.push(spare);
        }
    }
}

impl Ring {
    /// Where the waves of a window of `n` steps belong: in `spare` as long as the ring has no memory.
    pub(super) fn window<'w>(&'w mut self, first: usize, n: usize, spare: &'w mut Vec<Wave>) -> &'w mut [Wave] {
        if self.waves.is_empty() {
            spare.resize(n, Wave::default());
            return spare;
        }
        let start = first % self.length;
        &mut self.waves[start..start + n]
    }

    /// The wave at a time, in steps from the start.
    pub(super) fn at(&self, time: usize) -> Wave {
        match self.waves.len() {
            0 => Wave::default(),
            length => self.waves[(time + length - 1) % length],
        }
    }

    /// Adds the waves that left `lag` steps before `n` times, the first at the start of step `first`, turned.
    pub(super) fn add_to(&self, sum: &mut Vec<Wave>, turn: Wave, (first, n, lag): (usize, usize, usize)) {
        let length = self.waves.len();
        if length == 0 {
            return;
        }
        sum.resize(n, Wave::default());
        // Before the start the ring holds the stationary wave everywhere.
        let start = (first + (lag / length + 2) * length - 1 - lag) % length;
        let (before, after) = sum.split_at_mut(n.min(length - start));
        add_products(before, turn, &self.waves[start..]);
        add_products(after, turn, &self.waves);
    }
}
