//! Nodes in columns, arrows from left to right, after Sugiyama, Tagawa and Toda (IEEE Trans. Syst. Man Cybern. 11,
//! 109 (1981)): arrows that close a loop are turned round, columns follow from the longest paths, arrows across several
//! columns get a place in each, and the order within columns is that with the fewest crossings found.

use super::columns::{self, Sheet};
use super::curve::{Curve, Point, at};
use super::{Block, Component, Marks};

/// Places that arrows across several columns may take up, all together; beyond, such arrows go straight.
const MOST_BENDS: usize = 400;
/// Widest picture, where room between the columns can be saved.
const WIDEST: f64 = 1150.0;

/// Lays out a part that has no plainer shape.
///
/// `turned` says which arrows to turn round.
pub(super) fn lay_out(part: &Component, turned: &[bool]) -> Block {
    let column = column_of(part, turned);
    let gap = match (part.marks, part.text.iter().any(|text| text.x > 0.0)) {
        (_, true) => 30.0,
        (Marks::Named, _) => 12.0,
        (Marks::Numbered, _) => 8.0,
        (Marks::Dots, _) => 4.0,
    };
    let n = part.nodes.len();
    let n_columns = column.iter().max().map_or(0, |last| last + 1);
    let mut laid = Sheet {
        room: part.room.clone(),
        before: vec![Vec::new(); n],
        after: vec![Vec::new(); n],
        columns: vec![Vec::new(); n_columns],
        gap,
    };
    for (node, &column) in column.iter().enumerate() {
        laid.columns[column].push(node);
    }
    let span = |k: usize| column[part.arrows[k].1].abs_diff(column[part.arrows[k].2]);
    let n_bends: usize = (0..part.arrows.len()).map(|k| span(k) - 1).sum();
    let ways: Vec<Vec<usize>> = (0..part.arrows.len())
        .map(|k| {
            let (_, from, to) = part.arrows[k];
            let (left, right) = if turned[k] { (to, from) } else { (from, to) };
            if n_bends > MOST_BENDS && span(k) > 1 {
                return vec![left, right];
            }
            laid.join(left, right, column[left]..column[right], part.text[k])
        })
        .collect();
    columns::order(&mut laid);
    let heights = columns::heights(&laid);
    let (x, widths) = laid.across(part, &ways, &column);
    let place = |k: usize| at(x[laid.column_of(k)], heights[k]);
    let centres: Vec<Point> = (0..n).map(place).collect();
    let opposed =
        |k: usize| part.arrows.iter().any(|&(_, from, to)| (to, from) == (part.arrows[k].1, part.arrows[k].2));
    let curves = ways.iter().enumerate().map(|(k, way)| {
        let aside: f64 = match (opposed(k), turned[k]) {
            (false, _) => 0.0,
            (true, false) => -5.0,
            (true, true) => 5.0,
        };
        let mut points = Vec::new();
        for (step, &stop) in way.iter().enumerate() {
            let half = if stop < n { part.half[stop].x } else { widths[laid.column_of(stop)] };
            let here = place(stop)
                + at(0.0, if stop < n { aside.clamp(-part.half[stop].y, part.half[stop].y) } else { 0.0 });
            if step > 0 {
                points.push(here - at(half, 0.0));
            }
            if step + 1 < way.len() {
                points.push(here + at(half, 0.0));
            }
        }
        if turned[k] {
            points.reverse();
        }
        Curve::through(&points)
    });
    Block { curves: curves.collect(), centres }
}

impl Sheet {
    /// Leads an arrow from column to column; what it stops at, both ends included.
    fn join(&mut self, left: usize, right: usize, columns: std::ops::Range<usize>, text: Point) -> Vec<usize> {
        let mut way = vec![left];
        for column in columns.skip(1) {
            let bend = self.room.len();
            self.room.push(at(text.x, text.y.max(3.0)));
            self.before.push(Vec::new());
            self.after.push(Vec::new());
            self.columns[column].push(bend);
            way.push(bend);
        }
        way.push(right);
        for pair in way.windows(2) {
            self.after[pair[0]].push(pair[1]);
            self.before[pair[1]].push(pair[0]);
        }
        way
    }

    fn column_of(&self, stop: usize) -> usize {
        self.columns.iter().position(|column| column.contains(&stop)).unwrap_or(0)
    }

    /// Middle of each column, and half its width.
    fn across(&self, part: &Component, ways: &[Vec<usize>], column: &[usize]) -> (Vec<f64>, Vec<f64>) {
        let widest = |column: &Vec<usize>| column.iter().fold(0.0, |w: f64, &k| w.max(self.room[k].x));
        let widths: Vec<f64> = self.columns.iter().map(widest).collect();
        let highest = self.columns.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let room = WIDEST - 2.0 * widths.iter().sum::<f64>();
        let least = if part.marks == Marks::Named { 34.0 } else { 20.0 };
        let usual = (34.0 + 8.0 * highest).min(220.0);
        let usual = usual.min(room / (widths.len() as f64 - 1.0).max(1.0)).max(least);
        let mut gaps = vec![usual; widths.len()];
        for (k, way) in ways.iter().enumerate().filter(|(_, way)| way.len() == 2) {
            let gap = &mut gaps[column[way[0]]];
            *gap = gap.max(2.0 * part.text[k].x + 44.0);
        }
        let mut middles = Vec::new();
        let mut left = 0.0;
        for (width, gap) in widths.iter().zip(&gaps) {
            middles.push(left + width);
            left += 2.0 * width + gap;
        }
        (middles, widths)
    }
}

/// Which arrows lead back to where a search along the arrows came from.
pub(super) fn turned(part: &Component) -> Vec<bool> {
    let mut leaving = vec![Vec::new(); part.nodes.len()];
    let mut fed = vec![false; part.nodes.len()];
    for (k, &(_, from, to)) in part.arrows.iter().enumerate() {
        leaving[from].push((k, to));
        fed[to] = true;
    }
    let mut turned = vec![false; part.arrows.len()];
    // 0: not seen, 1: on the way, 2: done.
    let mut state = vec![0u8; part.nodes.len()];
    let first = (0..fed.len()).filter(|&node| !fed[node]);
    let rest = (0..fed.len()).filter(|&node| fed[node]);
    for start in first.chain(rest) {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut open = vec![(start, 0)];
        while let Some((node, next)) = open.last_mut() {
            let Some(&(arrow, to)) = leaving[*node].get(*next) else {
                state[*node] = 2;
                open.pop();
                continue;
            };
            *next += 1;
            match state[to] {
                0 => {
                    state[to] = 1;
                    open.push((to, 0));
                }
                1 => turned[arrow] = true,
                _ => {}
            }
        }
    }
    turned
}

/// Column of each node: one beyond the last of its senders; those without senders just before their receivers.
fn column_of(part: &Component, turned: &[bool]) -> Vec<usize> {
    let ends = |k: usize| {
        let (_, from, to) = part.arrows[k];
        if turned[k] { (to, from) } else { (from, to) }
    };
    let n = part.nodes.len();
    let mut waiting = vec![0usize; n];
    (0..part.arrows.len()).for_each(|k| waiting[ends(k).1] += 1);
    let fed: Vec<bool> = waiting.iter().map(|&count| count > 0).collect();
    let mut column = vec![0; n];
    let mut ready: Vec<usize> = (0..n).filter(|&node| waiting[node] == 0).collect();
    while let Some(node) = ready.pop() {
        for (_, to) in (0..part.arrows.len()).map(ends).filter(|end| end.0 == node) {
            column[to] = column[to].max(column[node] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    for node in (0..n).filter(|&node| !fed[node]) {
        let receivers = (0..part.arrows.len()).map(ends).filter(|end| end.0 == node);
        column[node] = receivers.map(|end| column[end.1] - 1).min().unwrap_or(0);
    }
    column
}
