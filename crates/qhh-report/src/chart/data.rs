//! A figure as the data that the page's script draws: samples as recorded, to six digits.
//!
//! Lines and bands of a panel that share their `x` share a grid: evenly spaced places as the first, their distance and
//! which were kept. The script reads them in `template/panel.js`.

use qhh_core::units::rounded;
use serde_json::{Value, json};

use super::thin::{kept, spaced};
use super::{Figure, Fill, Mark, Panel, Series};

/// Samples of the lines of a figure that a page keeps, all lines together, and the fewest of one.
const MOST_SAMPLES: usize = 24_000;
const FEWEST_SAMPLES: usize = 1500;
/// Points kept of a curve in the plane.
const MOST_IN_PLANE: usize = 4000;

impl Figure<'_> {
    /// The data of `panels`, which are those of the figure that are drawn.
    pub(super) fn data(&self, panels: &[&Panel<'_>]) -> Value {
        let lines = panels.iter().flat_map(|panel| &panel.series).filter(|series| series.mark.over_x().is_some());
        let most = (MOST_SAMPLES / lines.count().max(1)).max(FEWEST_SAMPLES);
        let panels: Vec<Value> = panels.iter().map(|panel| panel.data(most)).collect();
        json!({ "title": self.title, "panels": panels })
    }
}

impl Panel<'_> {
    fn data(&self, most: usize) -> Value {
        // Series over the same places are thinned together.
        let mut grids: Vec<(&[f64], Vec<&Series<'_>>)> = Vec::new();
        for series in self.series.iter().filter(|series| !series.mark.is_empty()) {
            let Some(x) = series.mark.over_x() else { continue };
            match grids.iter_mut().find(|grid| grid.0 == x) {
                Some(grid) => grid.1.push(series),
                None => grids.push((x, vec![series])),
            }
        }
        let thinned: Vec<(&[f64], Vec<usize>)> = grids
            .iter()
            .map(|(x, series)| {
                let curves: Vec<&[f64]> = series.iter().flat_map(|series| series.mark.curves()).collect();
                (*x, kept(x, &curves, most))
            })
            .collect();
        let series: Vec<Value> = self
            .series
            .iter()
            .filter(|series| !series.mark.is_empty())
            .filter_map(|series| {
                let x = series.mark.over_x();
                let grid = x.and_then(|x| thinned.iter().position(|grid| grid.0 == x));
                series.data(grid, grid.map_or(&[], |grid| &thinned[grid].1))
            })
            .collect();
        let grids: Vec<Value> = thinned.iter().map(|(x, kept)| places(x, kept)).collect();
        json!({ "heading": self.heading, "x": self.x, "y": self.y, "grids": grids, "series": series })
    }
}

impl Series<'_> {
    fn data(&self, grid: Option<usize>, kept: &[usize]) -> Option<Value> {
        let mut data = json!({ "name": self.name, "colour": self.colour.class(), "kind": self.mark.kind() });
        let mut put = |key: &str, value: Value| data[key] = value;
        if self.in_legend {
            put("listed", json!(true));
        }
        if self.shade > 0 {
            put("shade", json!(self.shade));
        }
        if let Some(grid) = grid {
            put("grid", json!(grid));
        }
        if let Some(frame) = self.frame {
            put("frame", json!(frame));
        }
        if !self.links.is_empty() {
            put("links", json!(self.links));
        }
        let at_kept = |values: &[f64]| listed(kept.iter().map(|&k| values.get(k).copied().unwrap_or(f64::NAN)));
        match &self.mark {
            Mark::Line(_, y) => put("y", at_kept(y)),
            Mark::Band(x, lower, upper, fill) => {
                put("low", at_kept(lower));
                put("high", at_kept(upper));
                // Of a stack, a layer says its own height; of a veil, how far it reaches to either side.
                let part = if *fill == Fill::Solid { 1.0 } else { 0.5 };
                let size: Vec<f64> =
                    (0..x.len().min(lower.len()).min(upper.len())).map(|k| part * (upper[k] - lower[k])).collect();
                put("y", at_kept(&size));
                put("fill", json!(fill.name()));
            }
            Mark::Curve(points) => put("points", flat(&spaced(points, MOST_IN_PLANE))),
            Mark::Joined(points) | Mark::Outline(points) | Mark::Dots(points) => put("points", flat(points)),
            Mark::Bars(points, width) => {
                put("points", flat(points));
                put("width", json!(width));
            }
            Mark::Strokes(points, height) => {
                put("points", flat(points));
                put("height", json!(height));
            }
            Mark::Rule(y) => put("y", json!(y)),
            Mark::Picture(picture) => picture.data()?.into_iter().for_each(|(key, value)| put(&key, value)),
        }
        Some(data)
    }
}

impl Mark<'_> {
    /// The places of a line or band.
    fn over_x(&self) -> Option<&[f64]> {
        match self {
            Self::Line(x, _) | Self::Band(x, ..) => Some(x),
            _ => None,
        }
    }

    /// The curves of a line or band.
    fn curves(&self) -> Vec<&[f64]> {
        match self {
            Self::Line(_, y) => vec![y],
            Self::Band(_, lower, upper, _) => vec![lower, upper],
            _ => Vec::new(),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Line(..) => "line",
            Self::Band(..) => "band",
            Self::Joined(_) => "joined",
            Self::Curve(_) => "curve",
            Self::Outline(_) => "outline",
            Self::Dots(_) => "dots",
            Self::Bars(..) => "bars",
            Self::Strokes(..) => "strokes",
            Self::Rule(_) => "rule",
            Self::Picture(_) => "picture",
        }
    }
}

impl Fill {
    fn name(self) -> &'static str {
        match self {
            Self::Faint => "faint",
            Self::Dense => "dense",
            Self::Solid => "solid",
        }
    }
}

/// The places kept: evenly spaced ones as the first, their distance, and how many steps each is from the one before.
fn places(x: &[f64], kept: &[usize]) -> Value {
    match even(x) {
        Some((first, step)) => {
            let mut last = 0;
            let skip: Vec<usize> = kept.iter().map(|&k| k - std::mem::replace(&mut last, k)).collect();
            json!({ "first": first, "step": step, "skip": skip })
        }
        None => json!({ "values": kept.iter().map(|&k| x[k]).collect::<Vec<f64>>() }),
    }
}

/// First value and distance of evenly spaced ones.
fn even(x: &[f64]) -> Option<(f64, f64)> {
    let (first, last) = (*x.first()?, *x.last()?);
    let step = (last - first) / (x.len().max(2) - 1) as f64;
    let far = |(k, &x): (usize, &f64)| (x - (first + k as f64 * step)).abs() > 1e-9 * (last - first).abs();
    (!x.iter().enumerate().any(far)).then_some((first, step))
}

fn flat(points: &[(f64, f64)]) -> Value {
    listed(points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).flat_map(|&(x, y)| [x, y]))
}

/// Numbers to six digits; what is no number is null.
fn listed(values: impl Iterator<Item = f64>) -> Value {
    values.map(|value| json!(rounded(value, 6))).collect()
}
