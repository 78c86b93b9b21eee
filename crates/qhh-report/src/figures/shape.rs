//! Skewness and kurtosis of voltages: of samples, or behind sources whose states are not Gaussian.

use std::borrow::Cow;

use qhh_core::units::Dimension;

use super::traces::figure;
use super::{Group, Subject, axis, time_axis, whose};
use crate::chart::{Colour, Figure, Fill, Height, Mark, Panel, Series};

/// Standard errors that samples must be off by to be drawn, and the size of a computed figure.
const SEEN: f64 = 5.0;
const FAINT: f64 = 1e-6;

/// Skewness and kurtosis over time.
struct Shown<'a> {
    skewness: Cow<'a, [f64]>,
    kurtosis: Cow<'a, [f64]>,
    samples: Option<f64>,
}

impl<'a> Shown<'a> {
    fn of(subject: &Subject<'a>) -> Option<Self> {
        if let (Some(of), Some(ensemble)) = (subject.samples(), &subject.run.outcome.ensemble) {
            return Some(Self {
                skewness: Cow::Borrowed(&of.skewness),
                kurtosis: Cow::Borrowed(&of.kurtosis),
                samples: Some(ensemble.samples as f64),
            });
        }
        let shape = subject.run.outcome.shape(&subject.run.network, subject.neuron)?;
        Some(Self { skewness: Cow::Owned(shape.skewness), kurtosis: Cow::Owned(shape.kurtosis), samples: None })
    }
}

/// Both for each drawn neuron; nothing where neither can be told from zero.
pub(crate) fn shape<'a>(groups: &[Group<'a>], recorded: usize) -> Figure<'a> {
    let subjects = || groups.iter().flat_map(|group| &group.subjects);
    let shown: Vec<(&Subject<'a>, Shown<'a>)> = subjects().filter_map(|s| Some((s, Shown::of(s)?))).collect();
    let sampled = shown.iter().any(|(_, shown)| shown.samples.is_some());
    let panels: Vec<Panel<'a>> = [("Skewness", 6.0), ("Excess kurtosis", 24.0)]
        .into_iter()
        .enumerate()
        .filter_map(|(which, (label, factor))| {
            let values =
                |shown: &Shown<'a>| if which == 0 { shown.skewness.clone() } else { shown.kurtosis.clone() };
            let error = |shown: &Shown<'a>| shown.samples.map(|n| (factor / n).sqrt());
            let seen = |shown: &Shown<'a>| {
                let least = error(shown).map_or(FAINT, |error| SEEN * error);
                values(shown).iter().any(|value| value.abs() > least)
            };
            let any = shown.iter().any(|(_, shown)| seen(shown));
            any.then(|| {
                let mut series: Vec<Series<'a>> = shown
                    .iter()
                    .map(|(subject, shown)| {
                        Series::line(&subject.name, subject.palette(), subject.times(), values(shown))
                    })
                    .collect();
                if let [only] = series.as_mut_slice() {
                    only.in_legend = false;
                }
                if let Some((subject, error)) =
                    shown.first().and_then(|(subject, shown)| Some((subject, error(shown)?)))
                {
                    let times = subject.times();
                    let level = |value: f64| Cow::Owned(vec![value; times.len()]);
                    let band = Mark::Band(times.clone(), level(-error), level(error), Fill::Faint);
                    series.insert(0, Series::new("standard error of a normal distribution", Colour::Ink, band));
                }
                let y = axis(groups, label, Dimension::NUMBER).with_zero();
                Panel { heading: String::new(), x: time_axis(groups), y, series, height: Height::Small }
            })
        })
        .collect();
    let caption = format!(
        "How far the distribution of the voltage of {}{} is from a normal one, of which both are zero. Skewness tells that \
         one tail is longer; kurtosis that tails are heavier (above zero){} or that there are two groups (below).",
        whose(groups, recorded),
        if sampled { " over the samples" } else { "" },
        if sampled { ", as of a few samples far from the others," } else { "" },
    );
    figure("shape", "Skewness and kurtosis", caption, panels)
}
