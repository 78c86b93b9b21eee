//! Sampled quantities over time.

use std::borrow::Cow;

use qhh_core::name::Name;
use qhh_core::units::Dimension;
use qhh_net::network::Observable;
use qhh_net::network::fed::Fed;

use super::{Group, Subject, axis, time_axis, whose};
use crate::chart::{Arrangement, Colour, Figure, Height, Mark, Panel, Series};
use qhh_results::FinishedRun;
use qhh_results::number::quantity;

/// Most spikes marked on a voltage plot; beyond, the raster shows them.
const MOST_SPIKE_MARKS: usize = 300;
/// Points at which a source's current is evaluated for drawing.
const CURRENT_POINTS: u32 = 2000;

/// The voltage with spikes and threshold; the injected current below where one group is drawn.
pub(crate) fn voltage<'a>(groups: &[Group<'a>], recorded: usize) -> Figure<'a> {
    let mut panels = Vec::new();
    for group in groups {
        let mut panel = panel_of(group, groups, &[Observable::Voltage], "Voltage");
        if panel.series.is_empty() {
            continue;
        }
        panel.height = match groups {
            // Several neurons of one run have a lane each.
            [Group { subjects, .. }] if subjects.len() > 2 && of_one_run(subjects) => Height::Lanes,
            [_] => Height::Tall,
            _ => Height::Normal,
        };
        for (k, subject) in group.subjects.iter().enumerate() {
            let network = &subject.run.network;
            let Some(threshold) = network.spike_threshold(subject.neuron) else { continue };
            let level = threshold * subject.factor(Dimension::VOLTAGE);
            let same = |other: &Subject<'_>| other.run.network.spike_threshold(other.neuron) == Some(threshold);
            if !group.subjects[..k].iter().any(same) {
                let name = format!("threshold {}", quantity(subject.units, level, Dimension::VOLTAGE, 4));
                panel.series.push(Series::new(&name, Colour::Ink, Mark::Rule(level)));
            }
            let spikes: Vec<_> = subject.spikes().take(MOST_SPIKE_MARKS + 1).map(|t| (t, level)).collect();
            if spikes.len() <= MOST_SPIKE_MARKS {
                panel.series.push(Series::new("spike", subject.palette(), Mark::Dots(spikes)).unlisted());
            }
        }
        panel.keep_near_rules();
        panels.push(panel);
    }
    let mut caption = format!("Mean voltage of the node of {}", whose(groups, recorded));
    let spiking = groups.iter().flat_map(|g| &g.subjects).any(|s| s.spikes().next().is_some());
    if spiking {
        caption.push_str("; dots mark spikes, the upward crossings of the threshold");
    }
    if let ([group], false) = (groups, panels.is_empty()) {
        let current = current(group, groups);
        if !current.series.is_empty() {
            caption.push_str("; below, the mean current the sources inject");
            panels.push(current);
        }
    }
    figure("voltage", "Voltage", caption + ".", panels)
}

fn of_one_run(subjects: &[Subject<'_>]) -> bool {
    subjects.windows(2).all(|pair| std::ptr::eq(pair[0].run, pair[1].run))
}

/// Mean injected current of each set of sources that feeds someone drawn.
fn current<'a>(group: &Group<'a>, groups: &[Group<'a>]) -> Panel<'a> {
    let mut seen: Vec<(*const FinishedRun, Vec<Fed<'_>>)> = Vec::new();
    let mut series = Vec::new();
    for subject in &group.subjects {
        let network = &subject.run.network;
        // Which sources, how much of each and which noise: neurons that share all of it share a line.
        let fed: Vec<Fed<'_>> = network.sources_into(subject.neuron).collect();
        let key = (std::ptr::from_ref(subject.run), fed);
        if key.1.is_empty() || seen.contains(&key) {
            continue;
        }
        let names: Vec<&str> = key.1.iter().map(|fed| fed.source.name.as_str()).collect();
        let several = group.subjects.iter().any(|other| !std::ptr::eq(other.run, subject.run));
        let name = if several { subject.name.clone() } else { names.join(" + ") };
        let times: Vec<f64> = (0..=CURRENT_POINTS)
            .map(|k| network.simulation.duration * f64::from(k) / f64::from(CURRENT_POINTS))
            .collect();
        let grid = network.grid();
        let on: Vec<_> = key.1.iter().map(|fed| (fed.factor, fed.drive.on(grid))).collect();
        let at = |t: &f64| on.iter().fold(0.0, |sum, (factor, drive)| sum + factor * drive.at(grid.place(*t)));
        let (time, ampere) = (subject.factor(Dimension::TIME), subject.factor(Dimension::CURRENT));
        let values: Vec<f64> = times.iter().map(|t| at(t) * ampere).collect();
        // A state without a mean feeds noise alone.
        if values.iter().all(|value| *value == 0.0) {
            continue;
        }
        let times: Vec<f64> = times.iter().map(|t| t * time).collect();
        series.push(Series::line(&name, subject.palette(), Cow::Owned(times), Cow::Owned(values)));
        seen.push(key);
    }
    let mut heading = String::new();
    if let [only] = series.as_mut_slice() {
        heading.clone_from(&only.name);
        only.in_legend = false;
    } else if series.len() == group.subjects.len() {
        // Every neuron has its own: its colour tells whose current it is.
        for one in &mut series {
            one.in_legend = false;
        }
    }
    Panel {
        heading,
        x: time_axis(groups),
        y: axis(groups, "Injected current", Dimension::CURRENT).with_zero(),
        series,
        height: Height::Small,
    }
}

/// Gates, conductances and currents of the channels of all subjects' networks.
pub(crate) fn of_channels(groups: &[Group<'_>]) -> (Vec<Observable>, Vec<Observable>, Vec<Observable>) {
    let subjects = groups.iter().flat_map(|group| &group.subjects);
    let channels = Observable::of_channels(
        subjects.flat_map(|subject| &subject.run.network.populations).map(|of| &of.circuit),
    );
    let all = |which: usize| channels.iter().flat_map(|of| of[which].iter().copied()).collect();
    (all(0), all(1), all(2))
}

/// Quantities over time: together in one panel for a lone neuron, otherwise a panel for each quantity.
pub(crate) fn overlay<'a>(
    id: &str,
    title: &str,
    label: &str,
    observables: &[Observable],
    groups: &[Group<'a>],
    recorded: usize,
) -> Figure<'a> {
    let lone = matches!(groups, [group] if group.subjects.len() == 1);
    let mut panels = Vec::new();
    for group in groups {
        if lone {
            panels.push(panel_of(group, groups, observables, label));
            continue;
        }
        for &observable in observables {
            let mut panel = panel_of(group, groups, &[observable], label);
            panel.heading = group.heading_of(groups, in_words(observable));
            panel.height = Height::Small;
            panels.push(panel);
        }
    }
    panels.retain(|panel| !panel.series.is_empty());
    if let [panel] = panels.as_mut_slice() {
        panel.height = Height::Normal;
    }
    let drawn = |o: &&Observable| groups.iter().flat_map(|g| &g.subjects).any(|s| s.trace(**o).is_some());
    let names: Vec<&str> = observables.iter().filter(drawn).map(|o| in_words(*o)).collect();
    let caption = format!("Over time, of {}: {}.", whose(groups, recorded), listed(&names));
    figure(id, title, caption, panels)
}

/// The subjects' samples of `observables`; one observable: coloured by subject, several: by observable.
fn panel_of<'a>(group: &Group<'a>, groups: &[Group<'a>], observables: &[Observable], label: &str) -> Panel<'a> {
    let mut series = Vec::new();
    for subject in &group.subjects {
        for (k, &observable) in observables.iter().enumerate() {
            let Some(values) = subject.trace(observable) else { continue };
            let lone = observables.len() > 1;
            let (name, colour) = if lone {
                let used: Vec<Colour> = series.iter().map(|one: &Series<'_>| one.colour).collect();
                (in_words(observable), Colour::apart(in_words(observable), k, &used))
            } else {
                (subject.name.as_str(), subject.palette())
            };
            series.push(Series::line(name, colour, subject.times(), values));
        }
    }
    let dimension = observables.first().map_or(Dimension::NUMBER, |o| o.dimension());
    let mut y = axis(groups, label, dimension);
    y.from_zero = dimension == Dimension::CONDUCTANCE || dimension == Dimension::NUMBER;
    Panel { heading: group.heading.clone(), x: time_axis(groups), y, series, height: Height::Normal }
}

/// A figure of stacked panels; their headings go where there is only one.
pub(crate) fn figure<'a>(id: &str, title: &str, caption: String, panels: Vec<Panel<'a>>) -> Figure<'a> {
    let (id, title) = (id.to_owned(), title.to_owned());
    Figure { id, title, caption, panels, arrangement: Arrangement::Stacked }
}

/// Name of a quantity on the page.
pub(crate) fn in_words(observable: Observable) -> &'static str {
    let made = |text: String| Name::new(&text).text();
    match observable {
        Observable::Voltage => "voltage",
        Observable::N => "n (potassium activation)",
        Observable::M => "m (sodium activation)",
        Observable::H => "h (sodium inactivation)",
        Observable::Gate(channel, gate) => made(format!("{gate} of {channel}")),
        Observable::Conductance(channel) => made(format!("{channel} conductance")),
        Observable::Current => "injected current",
        Observable::Through(channel) => made(format!("{channel} current")),
        Observable::WaveOut => "outgoing wave",
        Observable::WaveIn => "incoming wave",
        Observable::WaveBack => "wave back through the input",
        Observable::WaveEcho => "wave back to the output",
        Observable::Measured => "record of the voltage",
        Observable::Variance => "variance",
        Observable::VarianceVacuum => "vacuum part of the variance",
        Observable::VarianceThermal => "thermal part of the variance",
        Observable::VarianceState => "sources' part of the variance",
    }
}

/// `a, b and c`.
pub(crate) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [rest @ .., last] => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}
