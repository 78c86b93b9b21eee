//! How the runs part: differences from the first at the times that both have, and when they begin.
//!
//! Nothing is interpolated: between the samples of a spike's upstroke that would make up millivolts.

use std::borrow::Cow;

use qhh_core::units::Dimension;
use qhh_results::number::{number, quantity};

use super::super::chart::{Figure, Height, Panel, Series};
use super::super::figures::{Group, Subject, axis, time_axis, traces};

/// Part of a quantity's range below which two runs are the same: rounding.
const ROUNDING: f64 = 1e-9;
/// Part of a quantity's range from which two runs have parted.
const PARTED: f64 = 1e-3;

/// Where a run departs from the first.
pub(super) struct Parting {
    /// When, in the units shown.
    pub(super) time: f64,
    /// Which quantity of which neuron.
    pub(super) what: String,
    /// The largest difference of that quantity, and when.
    pub(super) largest: (f64, f64),
    pub(super) dimension: Dimension,
}

/// How one quantity of a subject differs from that of another.
struct Difference {
    times: Vec<f64>,
    values: Vec<f64>,
    /// Of the quantity in the first run.
    range: f64,
}

impl Difference {
    /// At the times both have; none where they have fewer than two in common, or where one is in units and the other bare.
    fn between<'a>(
        first: &Subject<'a>,
        other: &Subject<'a>,
        dimension: Dimension,
        value: &dyn Fn(&Subject<'a>) -> Option<Cow<'a, [f64]>>,
    ) -> Option<Self> {
        let unit = |subject: &Subject<'_>| subject.run.network.units.symbol(dimension).is_empty();
        if unit(first) != unit(other) {
            return None;
        }
        let (a, b) = (value(first)?, value(other)?);
        let (at, bt) = (first.times(), other.times());
        let near = 1e-9 * at.last()?.abs().max(bt.last()?.abs());
        let (mut times, mut values, mut k) = (Vec::new(), Vec::new(), 0);
        for (&t, &x) in at.iter().zip(a.iter()) {
            while k < bt.len() && bt[k] < t - near {
                k += 1;
            }
            if let (Some(&also), Some(&y)) = (bt.get(k), b.get(k))
                && (also - t).abs() <= near
            {
                times.push(t);
                values.push(y - x);
            }
        }
        let finite = || a.iter().copied().filter(|x| x.is_finite());
        let range = finite().fold(f64::NEG_INFINITY, f64::max) - finite().fold(f64::INFINITY, f64::min);
        (times.len() > 1).then_some(Self { times, values, range: range.max(0.0) })
    }

    /// The largest, and when; zero where all is the same.
    fn largest(&self) -> (f64, f64) {
        let each = self.times.iter().zip(&self.values).filter(|(_, x)| x.is_finite());
        each.fold((0.0, 0.0), |most, (t, x)| if x.abs() > f64::abs(most.0) { (*x, *t) } else { most })
    }

    /// What differences are measured against: the range in the first run, or the largest difference itself where the
    /// quantity rests there.
    fn scale(&self) -> f64 {
        if self.range > 0.0 { self.range } else { self.largest().0.abs() }
    }
}

/// Adds below each panel of `figure` one with the differences of its quantity from the first run, where they are more than
/// rounding. `heading` is that of the panel of a group.
pub(super) fn add<'a>(
    figure: &mut Figure<'a>,
    groups: &[Group<'a>],
    dimension: Dimension,
    heading: &dyn Fn(&Group<'a>) -> String,
    value: &dyn Fn(&Subject<'a>) -> Option<Cow<'a, [f64]>>,
) {
    for group in groups {
        let heading = heading(group);
        let Some(place) = figure.panels.iter().position(|panel| panel.heading == heading) else { continue };
        let Some((first, others)) = group.subjects.split_first() else { continue };
        let mut series = Vec::new();
        for other in others {
            let Some(difference) = Difference::between(first, other, dimension, value) else { continue };
            if difference.largest().0.abs() > ROUNDING * difference.scale() {
                let (times, values) = (Cow::Owned(difference.times), Cow::Owned(difference.values));
                series.push(Series::line(&other.name, other.palette(), times, values).unlisted());
            }
        }
        if series.is_empty() {
            continue;
        }
        let minus = format!("minus {}", first.name);
        let panel = Panel {
            heading: if heading.is_empty() { minus } else { format!("{heading}, {minus}") },
            x: time_axis(groups),
            y: axis(groups, "Difference", dimension).with_zero(),
            series,
            height: Height::Small,
        };
        figure.panels.insert(place + 1, panel);
    }
}

/// How a run stands to the first.
pub(super) enum Apart {
    /// It departs from it: the earliest time at which a recorded quantity differs by a thousandth of its range.
    From(Parting),
    /// It never does: the largest difference of any recorded quantity, as a part of the quantity's range.
    Never(f64),
}

/// How the run with the colour `other` stands to the first; none where nothing can be compared.
pub(super) fn apart(groups: &[Group<'_>], other: usize) -> Option<Apart> {
    let (mut earliest, mut worst): (Option<Parting>, Option<f64>) = (None, None);
    for group in groups {
        let of = |colour: usize| group.subjects.iter().find(|subject| subject.colour == colour);
        let (Some(first), Some(second)) = (of(0), of(other)) else { continue };
        let recorded = first.run.outcome.traces.columns.iter().filter(|column| column.neuron == first.neuron);
        for observable in recorded.map(|column| column.observable) {
            let dimension = observable.dimension();
            let Some(of) = Difference::between(first, second, dimension, &|s| s.trace(observable)) else {
                continue;
            };
            let (scale, largest) = (of.scale(), of.largest());
            let part = if scale > 0.0 { largest.0.abs() / scale } else { 0.0 };
            worst = Some(worst.map_or(part, |worst| worst.max(part)));
            let begins = of.times.iter().zip(&of.values).find(|(_, x)| scale > 0.0 && x.abs() > PARTED * scale);
            let Some((&time, _)) = begins else { continue };
            if earliest.as_ref().is_none_or(|known| time < known.time) {
                let what = traces::in_words(observable);
                let whose = if group.heading.is_empty() { first.name_in_run() } else { group.heading.clone() };
                earliest = Some(Parting { time, what: format!("{what} of {whose}"), largest, dimension });
            }
        }
    }
    earliest.map(Apart::From).or(worst.map(Apart::Never))
}

impl Parting {
    /// What parts first and how far it goes, in words.
    pub(super) fn said(&self, units: qhh_core::units::UnitSystem) -> String {
        let (largest, when) = self.largest;
        let sign = if largest > 0.0 { "+" } else { "" };
        format!(
            "first {}, at most {sign}{} at {}",
            self.what,
            quantity(units, largest, self.dimension, 3),
            quantity(units, when, Dimension::TIME, 4)
        )
    }
}

/// `agree` in words, for runs that never part.
pub(super) fn agreement(worst: f64) -> String {
    if worst <= ROUNDING {
        "the same but for rounding".to_owned()
    } else {
        format!("every recorded quantity within {} of its range", number(worst, 2))
    }
}
