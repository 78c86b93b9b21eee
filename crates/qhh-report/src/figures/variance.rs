//! Fluctuations of the voltage: the band around its mean, the share of each line, the parts.

use std::borrow::Cow;

use qhh_core::units::Dimension;
use qhh_net::network::Observable;
use qhh_net::outcome::{NeuronVariance, OTHER_NEURONS};

use super::stack::Stack;
use super::traces::{figure, listed};
use super::{Group, Subject, axis, time_axis};
use crate::chart::{Colour, Figure, Fill, Height, Mark, N_COLOURS, Panel, Series};

/// The variance of a voltage by parts, at the times of the samples.
pub(crate) struct VarianceParts {
    /// Every line and source mode in vacuum.
    pub(crate) vacuum: Vec<f64>,
    /// What temperature adds.
    pub(crate) thermal: Vec<f64>,
    /// What the sources' states add.
    pub(crate) state: Vec<f64>,
    /// All together.
    pub(crate) total: Vec<f64>,
}

impl VarianceParts {
    /// The parts summed over the lines.
    pub(crate) fn of(variance: &NeuronVariance) -> Self {
        let n = variance.lines.iter().map(|line| line.vacuum.len()).max().unwrap_or(0);
        let mut parts =
            Self { vacuum: vec![0.0; n], thermal: vec![0.0; n], state: vec![0.0; n], total: vec![0.0; n] };
        let add = |sum: &mut [f64], values: &[f64]| sum.iter_mut().zip(values).for_each(|(s, v)| *s += v);
        for line in &variance.lines {
            add(&mut parts.vacuum, &line.vacuum);
            add(&mut parts.thermal, &line.thermal);
            add(&mut parts.state, &line.state);
        }
        add(&mut parts.total, &parts.vacuum);
        add(&mut parts.total, &parts.thermal);
        add(&mut parts.total, &parts.state);
        parts
    }

    /// Of samples, which know the whole alone.
    fn whole(mut self) -> Self {
        for part in [&mut self.vacuum, &mut self.thermal, &mut self.state] {
            part.fill(0.0);
        }
        self
    }

    /// The parts in the units a subject is shown in: from its lines, else from its traces.
    pub(crate) fn shown(subject: &Subject<'_>) -> Option<Self> {
        let mut parts = match subject.variance() {
            Some(variance) if !variance.lines.is_empty() => Self::of(variance),
            _ => {
                let own = |o| subject.run.outcome.traces.get(subject.neuron, o).map(<[f64]>::to_vec);
                let vacuum = own(Observable::VarianceVacuum);
                let total = own(Observable::Variance).or_else(|| vacuum.clone())?;
                let zero = vec![0.0; total.len()];
                Self {
                    vacuum: vacuum.unwrap_or_else(|| zero.clone()),
                    thermal: own(Observable::VarianceThermal).unwrap_or_else(|| zero.clone()),
                    state: own(Observable::VarianceState).unwrap_or(zero),
                    total,
                }
            }
        };
        if subject.samples().is_some() {
            parts = parts.whole();
        }
        let factor = subject.factor(Dimension::VOLTAGE_SQUARED);
        for values in [&mut parts.vacuum, &mut parts.thermal, &mut parts.state, &mut parts.total] {
            for value in values.iter_mut() {
                *value *= factor;
            }
        }
        Some(parts)
    }
}

/// Mean voltage with one standard deviation to either side; the deviation alone below where it would not be seen.
pub(crate) fn band<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let mut panels = Vec::new();
    let (mut inner_drawn, mut deviation_drawn) = (false, false);
    for group in groups {
        let mut around = base(group, groups, axis(groups, "Voltage", Dimension::VOLTAGE));
        around.height = Height::Normal;
        let mut alone = base(group, groups, axis(groups, "Deviation from the mean", Dimension::VOLTAGE));
        // Whether there is a width at all, and whether it can be read beside the voltage.
        let (mut any, mut visible) = (false, false);
        for subject in &group.subjects {
            let (Some(parts), Some(mean)) = (VarianceParts::shown(subject), subject.trace(Observable::Voltage))
            else {
                continue;
            };
            let outer: Vec<f64> = parts.total.iter().map(|v| v.max(0.0).sqrt()).collect();
            let inner: Vec<f64> = parts.vacuum.iter().map(|v| v.max(0.0).sqrt()).collect();
            let differs = outer.iter().zip(&inner).any(|(a, b)| (a - b).abs() > 1e-6 * (a + b));
            // Several subjects in one panel: one veil each is enough.
            let differs = differs && group.subjects.len() == 1 && inner.iter().any(|v| *v > 0.0);
            inner_drawn |= differs;
            let peak = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
            let low = mean.iter().copied().fold(f64::INFINITY, f64::min);
            let high = mean.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            any |= peak(&outer) > 0.0;
            visible |= 2.0 * peak(&outer) > 0.06 * (high - low);
            let with_name = |what: &str| {
                if group.subjects.len() > 1 { format!("{}, {what}", subject.name) } else { what.to_owned() }
            };
            let veil = |centre: &[f64], width: &[f64], what: &str, fill| {
                let edge =
                    |sign: f64| -> Vec<f64> { centre.iter().zip(width).map(|(c, w)| c + sign * w).collect() };
                let mark = Mark::Band(subject.times(), Cow::Owned(edge(-1.0)), Cow::Owned(edge(1.0)), fill);
                Series::new(&with_name(what), subject.palette(), mark)
            };
            for (panel, centre) in [(&mut around, mean.to_vec()), (&mut alone, vec![0.0; mean.len()])] {
                if peak(&outer) == 0.0 {
                    continue;
                }
                panel.series.push(veil(&centre, &outer, "one standard deviation", Fill::Faint));
                if differs {
                    panel.series.push(veil(&centre, &inner, "vacuum part alone", Fill::Dense));
                }
            }
            around.series.push(Series::line(&with_name("mean"), subject.palette(), subject.times(), mean));
        }
        if around.series.is_empty() {
            continue;
        }
        panels.push(around);
        if any && !visible {
            deviation_drawn = true;
            alone.heading = if groups.len() > 1 { group.heading.clone() } else { String::new() };
            panels.push(alone);
        }
    }
    let mut caption =
        "Mean voltage with one standard deviation of its quantum and thermal fluctuations to either \
                       side"
            .to_owned();
    if inner_drawn {
        caption.push_str(", the darker band being what vacuum alone would give");
    }
    if deviation_drawn {
        caption.push_str("; below it the same band around zero, where its width can be read");
    }
    figure("band", "Voltage and its fluctuations", caption + ".", panels)
}

/// The colour of a neuron's line, number `k` of them; what comes from others is no part of it.
pub(super) fn line_colour(line: &str, k: usize) -> Colour {
    if line == OTHER_NEURONS { Colour::Palette(N_COLOURS - 1) } else { Colour::of(line, k) }
}

/// The variance as a stack of what each line contributes.
pub(crate) fn by_line<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let mut panels = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for group in groups {
        let [subject] = group.subjects.as_slice() else { continue };
        let Some(variance) = subject.variance() else { continue };
        let factor = subject.factor(Dimension::VOLTAGE_SQUARED);
        let n = variance.lines.iter().map(|line| line.vacuum.len()).max().unwrap_or(0);
        let (mut stack, times) = (Stack::new(n), subject.times());
        let mut panel = base(group, groups, axis(groups, "Variance", Dimension::VOLTAGE_SQUARED).with_zero());
        panel.height = Height::Normal;
        for line in &variance.lines {
            if !names.contains(&line.line) {
                names.push(line.line.clone());
            }
            let position = names.iter().position(|name| *name == line.line).unwrap_or(0);
            let at = |k: usize| {
                let part = |values: &[f64]| values.get(k).copied().unwrap_or(0.0);
                factor * (part(&line.vacuum) + part(&line.thermal) + part(&line.state))
            };
            panel.series.extend(stack.layer(&line.line, line_colour(&line.line, position), &times, &at));
        }
        if stack.is_flat() {
            // A stack of nothing would not be seen.
            panel.series =
                vec![Series::line("no line brings in any", Colour::Ink, times, Cow::Owned(vec![0.0; n]))];
        }
        panels.push(panel);
    }
    let caption = format!(
        "Variance of the voltage as the sum of what each line brings in: {}.",
        if names.len() > 8 { format!("{} lines", names.len()) } else { listed(&names) }
    );
    figure("lines", "Variance by line", caption, panels)
}

/// The variance and its parts: vacuum, temperature, states of the sources.
pub(crate) fn parts<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    const NAMES: [&str; 4] = ["vacuum", "thermal", "source states", "total"];
    let mut panels = Vec::new();
    let mut silent = [true; 3];
    for group in groups {
        let shown: Vec<(&Subject<'a>, VarianceParts)> =
            group.subjects.iter().filter_map(|s| VarianceParts::shown(s).map(|parts| (s, parts))).collect();
        let lone = group.subjects.len() == 1;
        let fresh = || {
            let mut panel = base(group, groups, axis(groups, "Variance", Dimension::VOLTAGE_SQUARED).with_zero());
            panel.height = if lone { Height::Normal } else { Height::Small };
            panel
        };
        let mut together = fresh();
        for (k, what) in NAMES.into_iter().enumerate() {
            let mut panel = fresh();
            panel.heading = group.heading_of(groups, what);
            for (subject, parts) in &shown {
                let values = [&parts.vacuum, &parts.thermal, &parts.state, &parts.total][k];
                if let Some(silent) = silent.get_mut(k) {
                    if values.iter().all(|value| *value == 0.0) {
                        continue;
                    }
                    *silent = false;
                }
                let values = Cow::Owned(values.clone());
                if lone {
                    let colour = if k == 3 { Colour::Ink } else { Colour::Palette(k) };
                    together.series.push(Series::line(what, colour, subject.times(), values));
                } else {
                    panel.series.push(Series::line(&subject.name, subject.palette(), subject.times(), values));
                }
            }
            panels.extend((!panel.series.is_empty()).then_some(panel));
        }
        // The total, drawn broad and pale, lies under its parts.
        let last = together.series.len().min(1);
        together.series.rotate_right(last);
        panels.extend((!together.series.is_empty()).then_some(together));
    }
    let absent: Vec<&str> = NAMES.into_iter().zip(silent).filter(|(_, s)| *s).map(|(name, _)| name).collect();
    let mut caption =
        "Variance of the voltage and its parts: what vacuum on every line gives, what temperature adds \
                       and what the states of the sources add to their vacuum"
            .to_owned();
    if absent.len() == silent.len() {
        "Variance of the voltage, all lines and parts together".clone_into(&mut caption);
    } else if !absent.is_empty() {
        caption = format!("{caption} (zero throughout and not drawn: {})", listed(&absent));
    }
    caption.push('.');
    if groups.iter().flat_map(|group| &group.subjects).any(|subject| subject.samples().is_some()) {
        caption.push_str(" Samples of the fields know the total alone.");
    }
    figure("parts", "Parts of the variance", caption, panels)
}

fn base<'a>(group: &Group<'a>, groups: &[Group<'a>], y: crate::chart::AxisSpec) -> Panel<'a> {
    Panel { heading: group.heading.clone(), x: time_axis(groups), y, series: Vec::new(), height: Height::Small }
}
