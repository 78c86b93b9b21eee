//! What field modes tell: whose noise a variance is made of, and how voltages answer the modes of sources.

use std::borrow::Cow;

use qhh_core::units::Dimension;
use qhh_net::record::NoiseShare;

use super::stack::Stack;
use super::traces::figure;
use super::{Group, Subject, axis, label, origin, time_axis, whose};
use crate::report::chart::{Figure, Height, N_COLOURS, Panel, Series};
use crate::results::FinishedRun;

/// Noise budgets drawn at most.
const MOST_BUDGETS: usize = 4;
/// Sources whose responses are drawn at most.
const MOST_SOURCES: usize = 6;

/// The variance of each drawn neuron as a stack of the largest origins of its noise, one figure each.
pub(crate) fn budgets<'a>(groups: &[Group<'a>]) -> Vec<Figure<'a>> {
    let subjects: Vec<&Subject<'a>> = groups.iter().flat_map(|group| &group.subjects).collect();
    // Where nothing comes from others, the variance by line is the budget.
    let with_budget = |subject: &&Subject<'a>| {
        let from_others = |shares: &[NoiseShare]| shares.iter().any(|share| share.neuron != subject.neuron);
        subject.run.outcome.budget.iter().any(|b| b.0 == subject.neuron && from_others(&b.1))
    };
    let subjects: Vec<&Subject<'a>> = subjects.into_iter().filter(with_budget).collect();
    super::spread(&subjects, MOST_BUDGETS).into_iter().filter_map(|subject| budget(subject, groups)).collect()
}

fn budget<'a>(subject: &Subject<'a>, groups: &[Group<'a>]) -> Option<Figure<'a>> {
    let (_, shares) = subject.run.outcome.budget.iter().find(|budget| budget.0 == subject.neuron)?;
    let factor = subject.factor(Dimension::VOLTAGE_SQUARED);
    let n = subject.run.outcome.traces.times.len();
    let mut ranked: Vec<&NoiseShare> = shares.iter().collect();
    let size = |share: &NoiseShare| share.values.iter().map(|value| value.abs()).sum::<f64>();
    ranked.sort_by(|a, b| size(b).total_cmp(&size(a)));
    // One colour is left for the others, unless there is only one other.
    let apart = if ranked.len() > N_COLOURS { N_COLOURS - 1 } else { ranked.len() };
    let (mut stack, times, mut series) = (Stack::new(n), subject.times(), Vec::new());
    let at = |share: &NoiseShare, k: usize| factor * share.values.get(k).copied().unwrap_or(0.0);
    for (colour, share) in ranked[..apart].iter().enumerate() {
        let name = origin(&subject.run.network, share);
        series.extend(stack.layer(&name, colour, &times, &|k| at(share, k)));
    }
    let others = &ranked[apart..];
    let mut more = String::new();
    if !others.is_empty() {
        let name = format!("{} others", others.len());
        let sum = |k: usize| others.iter().map(|share| at(share, k)).sum();
        series.extend(stack.layer(&name, apart, &times, &sum));
        more = format!(", the {apart} largest apart and {} smaller ones together", others.len());
    }
    let negative = ranked[..apart].iter().any(|share| share.values.iter().any(|value| *value < 0.0));
    let caption = format!(
        "Variance of the voltage of {}, by the lines that its noise comes from{more}.{}",
        label(&subject.run.network, subject.neuron),
        if negative {
            " What hangs below zero is what the outputs of a splitter share: noise that one of them has more, another \
             has less."
        } else {
            ""
        }
    );
    let panel = Panel {
        heading: String::new(),
        x: time_axis(groups),
        y: axis(groups, "Variance", Dimension::VOLTAGE_SQUARED).with_zero(),
        series,
        height: Height::Tall,
    };
    let title = format!("Noise budget of {}", label(&subject.run.network, subject.neuron));
    Some(figure(&format!("budget-{}", subject.neuron), &title, caption, vec![panel]))
}

/// Size of each drawn neuron's response to the mode of each source, over time.
pub(crate) fn responses<'a>(run: &'a FinishedRun, groups: &[Group<'a>], recorded: usize) -> Figure<'a> {
    let mut names: Vec<&str> = run.outcome.responses.iter().map(|response| response.source.as_str()).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let mut panels = Vec::new();
    for &name in names.iter().take(MOST_SOURCES) {
        let mut series = Vec::new();
        for subject in groups.iter().flat_map(|group| &group.subjects) {
            let factor = subject.factor(Dimension::VOLTAGE);
            let own = run.outcome.responses.iter().filter(|r| r.source == name && r.neuron == subject.neuron);
            // A source into several neurons has a mode in each.
            let mut values: Vec<f64> = Vec::new();
            for response in own {
                values.resize(response.values.len(), 0.0);
                values.iter_mut().zip(&response.values).for_each(|(sum, u)| *sum += u.norm_sqr());
            }
            if values.iter().any(|value| *value > 0.0) {
                let values: Vec<f64> = values.into_iter().map(|square| factor * square.sqrt()).collect();
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
