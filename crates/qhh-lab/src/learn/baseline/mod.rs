//! What a network is measured against: the raw input with delays, products of such inputs, and an echo state network.

mod echo_state;

use nalgebra::DMatrix;

use super::dataset::Sequence;
use super::encode::InputRange;
use super::features::{Column, Family, Table};

pub use echo_state::{EchoNetwork, EchoState};

/// Features of the quadratic baseline at most: with more inputs, fewer delays are taken.
const MOST_QUADRATIC: usize = 600;

/// The last `delays` inputs, symbol by symbol; before the start, the first.
#[must_use]
pub fn delayed(sequence: &Sequence, channels: &[String], delays: usize) -> Table {
    let width = sequence.ncols();
    let values = DMatrix::from_fn(sequence.nrows(), width * delays, |row, k| {
        sequence[(row.saturating_sub(k / width), k % width)]
    });
    let name = |k: usize| match k / width {
        0 => channels[k % width].clone(),
        ago => format!("{}, {ago} before", channels[k % width]),
    };
    table((0..width * delays).map(name), "input", values)
}

/// The last `delays` inputs brought to -1..1, and all products of two of them; fewer delays where that would be more than
/// 600 features.
#[must_use]
pub fn quadratic(sequence: &Sequence, channels: &[String], range: &InputRange, delays: usize) -> Table {
    let features = |delays: usize| {
        let n = sequence.ncols() * delays;
        n + n * (n + 1) / 2
    };
    let delays = (1..=delays).rev().find(|&delays| features(delays) <= MOST_QUADRATIC).unwrap_or(1);
    let scaled = DMatrix::from_fn(sequence.nrows(), sequence.ncols(), |row, channel| {
        2.0 * range.scaled(channel, sequence[(row, channel)]) - 1.0
    });
    let Table { columns, values, .. } = delayed(&scaled, channels, delays);
    let n = columns.len();
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).collect();
    let name = |k: usize| match k.checked_sub(n) {
        None => columns[k].name.clone(),
        Some(pair) => format!("{} times {}", columns[pairs[pair].0].name, columns[pairs[pair].1].name),
    };
    let all = DMatrix::from_fn(values.nrows(), n + pairs.len(), |row, k| match k.checked_sub(n) {
        None => values[(row, k)],
        Some(pair) => values[(row, pairs[pair].0)] * values[(row, pairs[pair].1)],
    });
    table((0..n + pairs.len()).map(name), "input", all)
}

fn table(names: impl Iterator<Item = String>, quantity: &str, values: DMatrix<f64>) -> Table {
    let columns =
        names.map(|name| Column { name, quantity: quantity.to_owned(), family: Family::MeanField }).collect();
    let scatter = DMatrix::zeros(values.nrows(), values.ncols());
    Table { columns, values, scatter }
}
