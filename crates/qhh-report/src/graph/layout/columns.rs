//! The order within columns, and how high each node stands.

use super::curve::Point;

/// Sweeps over the columns, there and back.
const SWEEPS: usize = 12;

/// Nodes and the bends of arrows, by column.
pub(super) struct Sheet {
    /// Half the room each needs: nodes first, then bends.
    pub(super) room: Vec<Point>,
    /// Neighbours one column before and one after.
    pub(super) before: Vec<Vec<usize>>,
    pub(super) after: Vec<Vec<usize>>,
    /// What stands in each column, top to bottom.
    pub(super) columns: Vec<Vec<usize>>,
    /// Room between two in a column.
    pub(super) gap: f64,
}

/// Orders each column by the mean place of the neighbours, to and fro, and keeps the order with the fewest crossings.
pub(super) fn order(laid: &mut Sheet) {
    let mut place = places(laid);
    let (mut best, mut fewest) = (laid.columns.clone(), crossings(laid, &place));
    for sweep in 0..SWEEPS {
        let n = laid.columns.len();
        for step in 1..n {
            let (column, neighbours) =
                if sweep % 2 == 0 { (step, &laid.before) } else { (n - 1 - step, &laid.after) };
            let mean = |stop: &usize| {
                let near = &neighbours[*stop];
                let sum: f64 = near.iter().map(|&k| place[k]).sum();
                if near.is_empty() { place[*stop] } else { sum / near.len() as f64 }
            };
            laid.columns[column].sort_by(|a, b| mean(a).total_cmp(&mean(b)));
            number(&laid.columns[column], &mut place);
        }
        let crossed = crossings(laid, &place);
        if crossed < fewest {
            (best, fewest) = (laid.columns.clone(), crossed);
        }
    }
    laid.columns = best;
}

/// Places in their columns, from 0 at the top to 1, so that columns of different lengths compare.
fn places(laid: &Sheet) -> Vec<f64> {
    let mut place = vec![0.0; laid.room.len()];
    laid.columns.iter().for_each(|column| number(column, &mut place));
    place
}

fn number(column: &[usize], place: &mut [f64]) {
    for (k, &stop) in column.iter().enumerate() {
        place[stop] = (k as f64 + 0.5) / column.len() as f64;
    }
}

fn crossings(laid: &Sheet, place: &[f64]) -> usize {
    let between = |column: &Vec<usize>| {
        let lines = column.iter().flat_map(|&a| laid.after[a].iter().map(move |&b| (place[a], place[b])));
        let lines: Vec<(f64, f64)> = lines.collect();
        let crossed = |a: &(f64, f64), b: &(f64, f64)| (a.0 - b.0) * (a.1 - b.1) < 0.0;
        (1..lines.len()).map(|k| lines[..k].iter().filter(|line| crossed(line, &lines[k])).count()).sum::<usize>()
    };
    laid.columns.iter().map(between).sum()
}

/// Height of everything: as near to its neighbours as the room between two in a column allows.
pub(super) fn heights(laid: &Sheet) -> Vec<f64> {
    let mut height = vec![0.0; laid.room.len()];
    for column in &laid.columns {
        set(laid, column, &mut height, |_| 0.0);
    }
    for sweep in 0..SWEEPS {
        let there = sweep % 2 == 0;
        for step in 0..laid.columns.len() {
            let column = if there { step } else { laid.columns.len() - 1 - step };
            let neighbours = if there { &laid.before } else { &laid.after };
            let old = height.clone();
            set(laid, &laid.columns[column], &mut height, |stop| {
                let near = &neighbours[stop];
                let sum: f64 = near.iter().map(|&k| old[k]).sum();
                if near.is_empty() { old[stop] } else { sum / near.len() as f64 }
            });
        }
    }
    height
}

/// Sets one column: the heights nearest to those wanted, by the sum of squares, that leave room between neighbours.
/// Without the room they stand apart by, heights must only not fall: pool those that do to their mean.
fn set(laid: &Sheet, column: &[usize], height: &mut [f64], wanted: impl Fn(usize) -> f64) {
    let mut pools: Vec<(f64, f64)> = Vec::new();
    let mut offsets = Vec::with_capacity(column.len());
    let mut offset = 0.0;
    for (k, &stop) in column.iter().enumerate() {
        if k > 0 {
            offset += laid.room[column[k - 1]].y + laid.gap + laid.room[stop].y;
        }
        offsets.push(offset);
        pools.push((wanted(stop) - offset, 1.0));
        while let [.., (a, na), (b, nb)] = pools[..]
            && a >= b
        {
            pools.pop();
            let n = na + nb;
            pools.pop();
            pools.push(((a * na + b * nb) / n, n));
        }
    }
    let level =
        pools.iter().flat_map(|&(level, n)| (0..).take_while(move |&k| f64::from(k) < n).map(move |_| level));
    for ((&stop, level), offset) in column.iter().zip(level).zip(offsets) {
        height[stop] = level + offset;
    }
}

#[cfg(test)]
mod tests {
    use super::super::curve::at;
    use super::*;

    fn columns(columns: Vec<Vec<usize>>, lines: &[(usize, usize)]) -> Sheet {
        let n = columns.iter().flatten().count();
        let mut laid = Sheet {
            room: vec![at(10.0, 10.0); n],
            before: vec![Vec::new(); n],
            after: vec![Vec::new(); n],
            columns,
            gap: 4.0,
        };
        for &(a, b) in lines {
            laid.after[a].push(b);
            laid.before[b].push(a);
        }
        laid
    }

    #[test]
    fn lines_that_cross_are_untangled() {
        let mut laid = columns(vec![vec![0, 1, 2], vec![3, 4, 5]], &[(0, 5), (1, 4), (2, 3)]);
        assert_eq!(crossings(&laid, &places(&laid)), 3);
        order(&mut laid);
        assert_eq!(crossings(&laid, &places(&laid)), 0);
    }

    #[test]
    fn neighbours_stand_apart_and_lone_lines_are_level() {
        let laid = columns(vec![vec![0], vec![1, 2, 3], vec![4]], &[(0, 1), (0, 2), (0, 3), (2, 4)]);
        let height = heights(&laid);
        assert!(height[2] - height[1] >= 24.0 - 1e-9 && height[3] - height[2] >= 24.0 - 1e-9, "{height:?}");
        assert!((height[0] - height[2]).abs() < 1e-9 && (height[2] - height[4]).abs() < 1e-9, "{height:?}");
    }
}
