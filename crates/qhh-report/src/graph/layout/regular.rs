//! Chains, rings and grids, which have a shape of their own.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::curve::{Curve, Point, at};
use super::{Block, Component};

/// Widest row of a chain.
const ROW: f64 = 1000.0;

/// A chain in rows, there and back again.
pub(super) fn snake(part: &Component, order: &[usize]) -> Block {
    let widest = part.half.iter().fold(0.0, |w: f64, half| w.max(2.0 * half.x));
    let pitch = at(widest + 38.0, 2.0 * part.room[0].y + 40.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above zero")]
    let most = (ROW / pitch.x).max(2.0) as usize;
    // Rows of about one length.
    let columns = order.len().div_ceil(order.len().div_ceil(most));
    let mut centres = vec![Point::default(); order.len()];
    for (k, &node) in order.iter().enumerate() {
        let (row, column) = (k / columns, k % columns);
        let column = if row % 2 == 0 { column } else { columns - 1 - column };
        centres[node] = at(column as f64 * pitch.x, row as f64 * pitch.y);
    }
    let curves = part.arrows.iter().map(|&(_, from, to)| {
        let (from, to) = (part.place(&centres, from), part.place(&centres, to));
        Curve::bent(from, to, 0.0)
    });
    Block { curves: curves.collect(), centres }
}

/// Nodes on a circle, clockwise from the top. Arrows between neighbours keep outside, all others bend inwards.
pub(super) fn circle(part: &Component, order: &[usize]) -> Block {
    let n = order.len();
    let widest = part.half.iter().fold(0.0, |w: f64, half| w.max(2.0 * half.x));
    let apart = if n <= 24 { 34.0 } else { 16.0 };
    let radius = (n as f64 * (widest + apart) / TAU).max(1.3 * widest);
    let (mut centres, mut place) = (vec![Point::default(); n], vec![0; n]);
    for (k, &node) in order.iter().enumerate() {
        let angle = TAU * k as f64 / n as f64 - FRAC_PI_2;
        centres[node] = at(radius * angle.cos(), radius * angle.sin());
        place[node] = k;
    }
    let curves = part.arrows.iter().map(|&(_, a, b)| {
        let (from, to) = (part.place(&centres, a), part.place(&centres, b));
        let ahead = (place[b] + n - place[a]) % n;
        if ahead == 1 || ahead == n - 1 {
            return Curve::bent(from, to, 0.5 * (TAU / n as f64 / 2.0).tan().min(0.5));
        }
        // Towards the centre, less far on the way back.
        let middle = (from.centre + to.centre) * 0.5;
        Curve::pulled(from, to, middle * if ahead * 2 < n { 0.62 } else { 0.8 })
    });
    Block { curves: curves.collect(), centres }
}

/// Rows of the given width.
pub(super) fn grid(part: &Component, order: &[usize], width: usize) -> Block {
    let widest = part.half.iter().fold(at(0.0, 0.0), |w, half| at(w.x.max(half.x), w.y.max(half.y)));
    let pitch = widest * 2.0 + at(38.0, 46.0);
    let mut centres = vec![Point::default(); order.len()];
    for (k, &node) in order.iter().enumerate() {
        centres[node] = at((k % width) as f64 * pitch.x, (k / width) as f64 * pitch.y);
    }
    let curves = part.arrows.iter().map(|&(_, from, to)| {
        let (from, to) = (part.place(&centres, from), part.place(&centres, to));
        // From edge to edge of a grid that is closed, a wider bend passes the nodes between.
        let way = to.centre - from.centre;
        let far = way.x.abs() > 1.5 * pitch.x || way.y.abs() > 1.5 * pitch.y;
        Curve::bent(from, to, if far { 0.16 } else { 0.09 })
    });
    Block { curves: curves.collect(), centres }
}
