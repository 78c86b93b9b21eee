//! Figures of a memristive neuron: I-V loops, their areas over the periods and against frequency.

use std::collections::BTreeMap;

use qhh_core::units::Dimension;
use qhh_net::outcome::NeuronLoop;

use super::{Group, Subject, axis};
use crate::chart::{Arrangement, Colour, Figure, Height, Mark, Panel, Series};
use qhh_results::number::quantity;

/// Channels of which any of these subjects has a loop, potassium and sodium first.
fn channels<'a, 'b>(subjects: impl Iterator<Item = &'b Subject<'a>>) -> Vec<&'a str>
where
    'a: 'b,
{
    let mut channels = vec!["potassium", "sodium"];
    for subject in subjects {
        for iv in &subject.run.outcome.loops {
            if !channels.contains(&&*iv.channel) {
                channels.push(&iv.channel);
            }
        }
    }
    channels
}

/// Points of a loop from a time on, in the units shown.
fn since<'a>(subject: &Subject<'a>, iv: &NeuronLoop, start: f64) -> Mark<'a> {
    let (volt, ampere) = (subject.factor(Dimension::VOLTAGE), subject.factor(Dimension::CURRENT));
    let points = iv.hysteresis.points.iter().filter(|point| point.0 >= start);
    Mark::Curve(points.map(|&(_, u, i)| (u * volt, i * ampere)).collect())
}

/// Area of a loop, as a part of the product of its peaks, from which on it can be told from a line.
const OPEN: f64 = 0.01;

/// The I-V loop of each memristor over the last whole period of the drive; nothing where none is open any more.
pub(crate) fn last_loops<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let mut open = false;
    let panels = per_channel(groups, |subject, iv| match iv.hysteresis.periods.last() {
        Some(last) => since(subject, iv, last.start),
        None => Mark::Curve(Vec::new()),
    });
    for subject in groups.iter().flat_map(|group| &group.subjects) {
        let loops = subject.run.outcome.loops.iter().filter(|iv| iv.neuron == subject.neuron);
        let mut last = loops.filter_map(|iv| iv.hysteresis.periods.last());
        open |= last.any(|last| last.area > OPEN * last.peak_voltage * last.peak_current);
    }
    let panels = if open { panels } else { Vec::new() };
    let caption = "Current through each memristor against the voltage across it (reversal potential taken off) in the last whole \
                   period of the drive: the loop is pinched at the origin, and what it encloses is memory.";
    let labels = ("Voltage across", Dimension::VOLTAGE, "Current", Dimension::CURRENT);
    Figure {
        id: "last-loops".to_owned(),
        title: "I–V loops of the last period".to_owned(),
        caption: caption.to_owned(),
        panels: with_axes(panels, groups, labels, Height::Square),
        arrangement: Arrangement::Beside,
    }
}

/// The I-V loop of each memristor over the whole run; of a lone neuron period by period as well.
pub(crate) fn loops<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let mut panels = per_channel(groups, |subject, iv| since(subject, iv, f64::NEG_INFINITY));
    let mut caption =
        "Current through each memristor against the voltage across it (reversal potential taken off) from the start of the drive: \
         each loop is pinched at the origin, and what it encloses is memory."
            .to_owned();
    if let [Group { subjects, .. }] = groups
        && let [subject] = subjects.as_slice()
        && by_period(subject, &mut panels)
    {
        caption.push_str(" The slider goes through the periods of the drive; all of them lie faintly behind.");
    }
    let labels = ("Voltage across", Dimension::VOLTAGE, "Current", Dimension::CURRENT);
    let panels = with_axes(panels, groups, labels, Height::Square);
    Figure {
        id: "loops".to_owned(),
        title: "I–V loops of the memristors".to_owned(),
        caption,
        panels,
        arrangement: Arrangement::Beside,
    }
}

/// Most periods that a slider goes through, and most points drawn of each.
const MOST_PERIODS: usize = 60;
const POINTS_OF_PERIOD: usize = 300;

/// Adds each whole period as a frame to the panels of a neuron's channels, whose loops become faint; not where there is
/// one period alone, or too many.
fn by_period<'a>(subject: &Subject<'a>, panels: &mut [(String, Vec<Series<'a>>)]) -> bool {
    let mut any = false;
    for (channel, series) in panels {
        let ([whole], Some(iv)) = (series.as_mut_slice(), subject.iv_loop(channel)) else { continue };
        let periods = &iv.hysteresis.periods;
        if !(2..=MOST_PERIODS).contains(&periods.len()) {
            continue;
        }
        let colour = std::mem::replace(&mut whole.colour, Colour::Ink);
        let length = std::f64::consts::TAU / iv.hysteresis.omega;
        let (volt, ampere) = (subject.factor(Dimension::VOLTAGE), subject.factor(Dimension::CURRENT));
        for (frame, period) in periods.iter().enumerate() {
            let inside = |point: &&(f64, f64, f64)| (period.start..=period.start + length).contains(&point.0);
            let points: Vec<_> = iv.hysteresis.points.iter().filter(inside).collect();
            let every = points.len().div_ceil(POINTS_OF_PERIOD).max(1);
            let curve = points.iter().step_by(every).map(|point| (point.1 * volt, point.2 * ampere)).collect();
            let start =
                quantity(subject.units, period.start * subject.factor(Dimension::TIME), Dimension::TIME, 4);
            let name = format!("period {} of {}, from {start}", frame + 1, periods.len());
            series.push(Series::new(&name, colour, Mark::Curve(curve)).unlisted().in_frame(frame));
        }
        any = true;
    }
    any
}

/// The area of each loop, period after period.
pub(crate) fn areas<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let panels = per_channel(groups, |subject, iv| {
        let (time, power) = (subject.factor(Dimension::TIME), subject.factor(Dimension::POWER));
        Mark::Joined(iv.hysteresis.periods.iter().map(|p| (p.start * time, p.area * power)).collect())
    });
    let caption = "Area of both lobes of the I–V loop for each whole period of the drive, at the time the period \
                   began: the memory fades as the gates settle.";
    let labels = ("Start of the period", Dimension::TIME, "Loop area", Dimension::POWER);
    Figure {
        id: "areas".to_owned(),
        title: "Loop area over successive periods".to_owned(),
        caption: caption.to_owned(),
        panels: spanning(with_axes(panels, groups, labels, Height::Normal)),
        arrangement: Arrangement::Beside,
    }
}

/// The area of the last whole period against the drive's frequency, where a population was driven at several: all
/// recorded neurons of `runs`, a line for each run and population.
pub(crate) fn area_against_frequency<'a>(runs: &[Subject<'a>]) -> Figure<'a> {
    let mut panels = Vec::new();
    for channel in channels(runs.iter()) {
        let mut series = Vec::new();
        for subject in runs {
            let network = &subject.run.network;
            let mut lines: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
            for iv in subject.run.outcome.loops.iter().filter(|l| l.channel == channel) {
                let population = network.locate(iv.neuron).map(|(p, _)| p.name.as_str());
                let position = network.populations.iter().position(|p| Some(p.name.as_str()) == population);
                if let (Some(position), Some(last)) = (position, iv.hysteresis.periods.last()) {
                    let omega = iv.hysteresis.omega * subject.factor(Dimension::FREQUENCY);
                    let area = last.area * subject.factor(Dimension::POWER);
                    lines.entry(position).or_default().push((omega, area));
                }
            }
            for (position, mut points) in lines {
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                if points.first().map(|p| p.0) == points.last().map(|p| p.0) {
                    continue;
                }
                let population = &network.populations[position].name;
                let (name, colour) = if runs.len() > 1 {
                    (format!("{}, {population}", subject.name), subject.colour)
                } else {
                    (population.clone(), position)
                };
                series.push(Series::new(&name, Colour::Palette(colour), Mark::Joined(points)));
            }
        }
        panels.push((channel, series));
    }
    let groups = [Group { heading: String::new(), subjects: runs.to_vec() }];
    let labels = ("Frequency of the drive", Dimension::FREQUENCY, "Loop area", Dimension::POWER);
    let panels = panels.into_iter().map(|(channel, series)| (channel.to_owned(), series)).collect();
    let mut panels = with_axes(panels, &groups, labels, Height::Normal);
    for panel in &mut panels {
        (panel.x.logarithmic, panel.y.logarithmic, panel.y.from_zero) = (true, true, false);
    }
    Figure {
        id: "frequency".to_owned(),
        title: "Loop area against frequency".to_owned(),
        caption:
            "Area of the I–V loop in the last whole period of each neuron, against the frequency it was driven \
                  at: a memristor driven fast is a resistor."
                .to_owned(),
        panels,
        arrangement: Arrangement::Beside,
    }
}

/// For each group and channel that has loops, a heading and the series `draw` makes of them.
fn per_channel<'a>(
    groups: &[Group<'a>],
    draw: impl Fn(&Subject<'a>, &NeuronLoop) -> Mark<'a>,
) -> Vec<(String, Vec<Series<'a>>)> {
    let mut panels = Vec::new();
    for group in groups {
        for (k, channel) in channels(groups.iter().flat_map(|group| &group.subjects)).into_iter().enumerate() {
            let lone = groups.len() == 1 && group.subjects.len() == 1;
            let series = group.subjects.iter().filter_map(|subject| {
                let mark = draw(subject, subject.iv_loop(channel)?);
                let colour = if lone { Colour::of(channel, k) } else { subject.palette() };
                let series = Series::new(if lone { channel } else { &subject.name }, colour, mark);
                // The heading of its panel already says all.
                Some(if lone { series.unlisted() } else { series })
            });
            let heading =
                if groups.len() > 1 { format!("{}, {channel}", group.heading) } else { channel.to_owned() };
            panels.push((heading, series.collect()));
        }
    }
    panels
}

/// The panels, with logarithmic areas where the first periods would flatten the later ones.
fn spanning(mut panels: Vec<Panel<'_>>) -> Vec<Panel<'_>> {
    for panel in &mut panels {
        let areas = || panel.series.iter().flat_map(|s| s.mark.points()).map(|point| point.1);
        let (low, high) = (areas().fold(f64::INFINITY, f64::min), areas().fold(0.0, f64::max));
        if low > 0.0 && high > 50.0 * low {
            (panel.y.logarithmic, panel.y.from_zero) = (true, false);
        }
    }
    panels
}

fn with_axes<'a>(
    panels: Vec<(String, Vec<Series<'a>>)>,
    groups: &[Group<'a>],
    (x, x_dimension, y, y_dimension): (&str, Dimension, &str, Dimension),
    height: Height,
) -> Vec<Panel<'a>> {
    panels
        .into_iter()
        .filter(|(_, series)| !series.is_empty())
        .map(|(heading, series)| {
            let mut y = axis(groups, y, y_dimension);
            y.from_zero = height != Height::Square;
            Panel { heading, x: axis(groups, x, x_dimension), y, series, height }
        })
        .collect()
}
