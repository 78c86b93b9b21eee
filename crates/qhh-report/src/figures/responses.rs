//! How voltages answer the modes of sources.

use std::borrow::Cow;

use qhh_core::units::Dimension;
use qhh_net::outcome::ModeResponse;

use super::traces::figure;
use super::{Group, Subject, axis, time_axis, whose};
use crate::chart::{Figure, Height, Panel, Series};

/// Panels drawn at most.
const MOST_SOURCES: usize = 6;

/// Size of each drawn neuron's response to the mode of each source, over time.
pub(crate) fn over_time<'a>(groups: &[Group<'a>], recorded: usize) -> Figure<'a> {
    let names = sources(groups);
    let mut panels = Vec::new();
    for &name in names.iter().take(MOST_SOURCES) {
        let mut series = Vec::new();
        for subject in groups.iter().flat_map(|group| &group.subjects) {
            if let Some(values) = magnitude(subject, name) {
                series.push(Series::line(&subject.name, subject.palette(), subject.times(), Cow::Owned(values)));
            }
        }
        if let [only] = series.as_mut_slice() {
            only.in_legend = recorded > 1;
        }
        panels.push(Panel {
            heading: if names.len() > 1 { name.to_owned() } else { String::new() },
            x: time_axis(groups),
            y: axis(groups, "Response |u|", Dimension::VOLTAGE).with_zero(),
            series,
            height: if names.len() > 1 { Height::Small } else { Height::Normal },
        });
    }
    let which = if names.len() > MOST_SOURCES {
        format!("{MOST_SOURCES} of {} sources", names.len())
    } else if let [name] = names.as_slice() {
        (*name).to_owned()
    } else {
        format!("{} sources", names.len())
    };
    let caption = format!(
        "How strongly the voltage of {} answers the mode of {which}: a state with n = <a*a> − |<a>|² and m = <a²> − \
         <a>² adds 2n|u|² + 2 Re(m u²) to the variance.",
        whose(groups, recorded)
    );
    figure("responses", "Responses to sources", caption, panels)
}

/// Size of a neuron's response to a source over time, in the units shown; none where there is no response.
pub(crate) fn magnitude(subject: &Subject<'_>, source: &str) -> Option<Vec<f64>> {
    let factor = subject.factor(Dimension::VOLTAGE);
    let of = |r: &&ModeResponse| r.source == source && r.neuron == subject.neuron;
    // A source into several neurons has a mode in each.
    let mut squares: Vec<f64> = Vec::new();
    for response in subject.run.outcome.responses.iter().filter(of) {
        squares.resize(response.values.len(), 0.0);
        squares.iter_mut().zip(&response.values).for_each(|(sum, u)| *sum += u.norm_sqr());
    }
    let any = squares.iter().any(|square| *square > 0.0);
    any.then(|| squares.into_iter().map(|square| factor * square.sqrt()).collect())
}

/// Sources that the neurons drawn respond to, each once.
pub(crate) fn sources<'a>(groups: &[Group<'a>]) -> Vec<&'a str> {
    let mut names: Vec<&'a str> = Vec::new();
    for subject in groups.iter().flat_map(|group| &group.subjects) {
        for response in subject.run.outcome.responses.iter().filter(|r| r.neuron == subject.neuron) {
            if !names.contains(&response.source.as_str()) {
                names.push(&response.source);
            }
        }
    }
    names
}

/// The same responses in several runs: a panel for each source and neuron that more than one run has.
pub(crate) fn compared<'a>(groups: &[Group<'a>]) -> Figure<'a> {
    let mut panels = Vec::new();
    for source in sources(groups) {
        for group in groups {
            let line = |subject: &Subject<'a>| {
                let values = magnitude(subject, source)?;
                Some(Series::line(&subject.name, subject.palette(), subject.times(), Cow::Owned(values)))
            };
            let series: Vec<Series<'a>> = group.subjects.iter().filter_map(line).collect();
            let heading =
                if groups.len() > 1 { format!("{source}, {}", group.heading) } else { source.to_owned() };
            if series.len() > 1 && panels.len() < MOST_SOURCES {
                panels.push(Panel {
                    heading,
                    x: time_axis(groups),
                    y: axis(groups, "Response |u|", Dimension::VOLTAGE).with_zero(),
                    series,
                    height: Height::Small,
                });
            }
        }
    }
    let caption = "How strongly each voltage answers the mode of a source, in each run.".to_owned();
    figure("responses", "Responses to sources", caption, panels)
}
