//! What samples of the fields show: voltages beside the mean field, their moments, and when they fire.

use std::borrow::Cow;

use qhh_core::units::Dimension;
use qhh_net::network::{Feedback, Observable};
use qhh_net::outcome::{EnsembleNeuron, SpikeCount};

use super::traces::figure;
use super::{Group, Subject, axis, spread, time_axis};
use crate::chart::{AxisSpec, Colour, Figure, Fill, Height, Mark, Panel, Series};
use qhh_results::FinishedRun;
use qhh_results::number::{count, quantity};

/// Spikes of one neuron whose times are drawn, at most.
const MOST_SPIKES: usize = 4;
/// Colour of a normal distribution, unlike those of spikes.
const NORMAL: Colour = Colour::Palette(MOST_SPIKES);
/// Points of a normal distribution's curve.
const CURVE_POINTS: u32 = 120;

/// Mean of the samples with one standard deviation to either side, over the mean field.
pub(crate) fn courses<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let panels = panels(groups, &axis(groups, "Voltage", Dimension::VOLTAGE), |subject, of| {
        let factor = subject.factor(Dimension::VOLTAGE);
        let deviations = || of.variance.iter().map(|variance| factor * variance.max(0.0).sqrt());
        let mean: Vec<f64> = of.mean.iter().map(|mean| factor * mean).collect();
        let edge = |sign: f64| mean.iter().zip(deviations()).map(|(m, d)| m + sign * d).collect();
        let band = Mark::Band(subject.times(), Cow::Owned(edge(-1.0)), Cow::Owned(edge(1.0)), Fill::Faint);
        let mut series = vec![Series::new("one standard deviation of the samples", subject.palette(), band)];
        if let Some(field) = subject.trace(Observable::Voltage) {
            series.push(Series::line("mean field", Colour::Ink, subject.times(), field));
        }
        series.push(Series::line("mean of the samples", subject.palette(), subject.times(), Cow::Owned(mean)));
        series
    });
    let caption = "Mean voltage of the samples with one standard deviation to either side, over the mean field (broad \
                   and pale). Where samples fire at different times their mean is lower and broader than any one of \
                   them, and the deviation is that between a neuron that has fired and one that has not.";
    figure("samples", "Samples beside the mean field", caption.to_owned(), panels)
}

/// Variance over the samples with its standard error.
pub(crate) fn variance<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let y = axis(groups, "Variance", Dimension::VOLTAGE_SQUARED).with_zero();
    let panels = panels(groups, &y, |subject, of| {
        let factor = subject.factor(Dimension::VOLTAGE_SQUARED);
        let edge = |sign: f64| {
            of.variance.iter().zip(&of.variance_error).map(|(v, e)| factor * (v + sign * e)).collect::<Vec<f64>>()
        };
        let band = Mark::Band(subject.times(), Cow::Owned(edge(-1.0)), Cow::Owned(edge(1.0)), Fill::Dense);
        vec![
            Series::new("standard error", subject.palette(), band),
            Series::line("variance", subject.palette(), subject.times(), Cow::Owned(edge(0.0))),
        ]
    });
    let caption = "Variance of the voltage over the samples, all lines together, with its standard error to either \
                   side.";
    figure("sample-variance", "Variance over the samples", caption.to_owned(), panels)
}

/// When each spike of the mean field happens in the samples, counted in intervals of time.
pub(crate) fn times<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let mut panels = Vec::new();
    let mut several = false;
    for group in groups {
        let [subject] = group.subjects.as_slice() else { continue };
        let own: Vec<&SpikeCount> = subject.counted().filter(|spike| spike.histogram.counts.len() > 1).collect();
        let mut panel = Panel {
            heading: group.heading.clone(),
            x: axis(groups, "Time after the spike of the mean field", Dimension::TIME),
            y: AxisSpec::new("Samples", "").with_zero().counting(),
            series: Vec::new(),
            height: if groups.len() > 2 { Height::Small } else { Height::Normal },
        };
        if let [spike] = own.as_slice() {
            let (edges, counts) = steps(subject, spike);
            let zero = vec![0.0; counts.len()];
            let bars = Mark::Band(Cow::Owned(edges), Cow::Owned(zero), Cow::Owned(counts), Fill::Solid);
            panel.series.push(Series::new("samples", subject.palette(), bars));
            panel.series.extend(normal(subject, spike));
        } else {
            several |= !own.is_empty();
            for (colour, spike) in spread(&own, MOST_SPIKES).into_iter().enumerate() {
                let (edges, counts) = steps(subject, spike);
                let time =
                    quantity(subject.units, spike.time * subject.factor(Dimension::TIME), Dimension::TIME, 4);
                let name = format!("spike at {time}");
                panel.series.push(Series::line(&name, Colour::Palette(colour), edges.into(), counts.into()));
            }
        }
        panels.push(panel);
    }
    panels.retain(|panel| !panel.series.is_empty());
    align(&mut panels);
    let mut caption =
        "How many samples fire when, before (left of zero) or after the spike of the mean field".to_owned();
    caption.push_str(if several {
        "; a few spikes of each neuron, evenly chosen."
    } else {
        ". The line is a normal distribution of the same mean and spread: where the steps lean away from it, linear \
         response no longer tells the jitter."
    });
    figure("spike-times", "Times of spikes in the samples", caption, panels)
}

/// Gives all the same times, with some room at both ends.
fn align(panels: &mut [Panel<'_>]) {
    let (mut low, mut high) = (0.0f64, 0.0f64);
    for series in panels.iter().flat_map(|panel| &panel.series) {
        if let Mark::Band(times, ..) | Mark::Line(times, _) = &series.mark {
            low = times.iter().copied().fold(low, f64::min);
            high = times.iter().copied().fold(high, f64::max);
        }
    }
    let room = 0.04 * (high - low);
    for panel in panels {
        panel.x = panel.x.clone().ranging(low - room, high + room);
    }
}

/// Corners of a histogram's outline, times from the mean field's spike.
fn steps(subject: &Subject<'_>, spike: &SpikeCount) -> (Vec<f64>, Vec<f64>) {
    let factor = subject.factor(Dimension::TIME);
    let (mut times, mut counts) = (Vec::new(), Vec::new());
    let sides = spike.histogram.edges.windows(2).zip(&spike.histogram.counts);
    for (side, &samples) in sides {
        times.extend(side.iter().map(|edge| factor * (edge - spike.time)));
        counts.extend([f64::from(samples); 2]);
    }
    // Down to the ground at both ends.
    if let (Some(&first), Some(&last)) = (times.first(), times.last()) {
        times.insert(0, first);
        times.push(last);
        counts.insert(0, 0.0);
        counts.push(0.0);
    }
    (times, counts)
}

/// The normal distribution of the same mean and deviation, as counts in the same intervals.
fn normal<'a>(subject: &Subject<'_>, spike: &SpikeCount) -> Option<Series<'a>> {
    let (edges, counts) = (&spike.histogram.edges, &spike.histogram.counts);
    let (first, last) = (*edges.first()?, *edges.last()?);
    let in_all: f64 = counts.iter().map(|&n| f64::from(n)).sum();
    let width = (last - first) / counts.len() as f64;
    if spike.jitter.is_nan() || spike.jitter <= 0.0 {
        return None;
    }
    let height = in_all * width / (spike.jitter * std::f64::consts::TAU.sqrt());
    let (first, last) =
        (first.min(spike.mean_time - 3.0 * spike.jitter), last.max(spike.mean_time + 3.0 * spike.jitter));
    let times = || (0..=CURVE_POINTS).map(|k| first + (last - first) * f64::from(k) / f64::from(CURVE_POINTS));
    let at = |t: f64| height * (-0.5 * ((t - spike.mean_time) / spike.jitter).powi(2)).exp();
    let factor = subject.factor(Dimension::TIME);
    let x: Vec<f64> = times().map(|t| factor * (t - spike.time)).collect();
    let y: Vec<f64> = times().map(at).collect();
    Some(Series::line("normal distribution", NORMAL, x.into(), y.into()))
}

/// How many samples there are, and what their gates follow: what every figure here is made of.
pub(crate) fn lead(run: &FinishedRun) -> Option<String> {
    let ensemble = run.outcome.ensemble.as_ref()?;
    let gates = match run.network.quantum?.feedback {
        Feedback::Mean => {
            "the gates follow the mean field (feedback mean), so that samples are linear in the noise and show whether \
             it would reach the threshold, not what a spike would do then"
        }
        Feedback::Full => "the gates follow each sample's own voltage (feedback full)",
    };
    let samples = count(ensemble.samples);
    Some(format!("From {samples} samples of the fields on every line (fluctuations wigner); {gates}."))
}

/// A panel for each neuron that has samples, with the series `draw` makes of them.
fn panels<'a>(
    groups: &[Group<'a>],
    y: &AxisSpec,
    mut draw: impl FnMut(&Subject<'a>, &'a EnsembleNeuron) -> Vec<Series<'a>>,
) -> Vec<Panel<'a>> {
    let mut panels = Vec::new();
    for group in groups {
        let [subject] = group.subjects.as_slice() else { continue };
        let Some(of) = subject.samples() else { continue };
        panels.push(Panel {
            heading: group.heading.clone(),
            x: time_axis(groups),
            y: y.clone(),
            series: draw(subject, of),
            height: Height::Normal,
        });
    }
    panels
}
