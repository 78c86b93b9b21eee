//! Whose noise a variance is made of.

use qhh_core::units::Dimension;
use qhh_net::network::{Network, Observable};
use qhh_net::outcome::{NoiseBudget, NoiseShare};

use super::stack::Stack;
use super::traces::figure;
use super::variance::line_colour;
use super::{Group, Subject, axis, label, origin, time_axis};
use crate::chart::{Colour, Figure, Height, N_COLOURS, Panel};

/// Noise budgets of voltages drawn at most, and of each wave.
const MOST_BUDGETS: usize = 4;
const MOST_WAVES: usize = 2;

/// The variance of each drawn neuron's voltage and recorded waves as a stack of the largest origins of its noise: a figure
/// for each group and quantity, a panel for each run in it.
pub(crate) fn budgets<'a>(groups: &[Group<'a>]) -> Vec<Figure<'a>> {
    observables(groups).into_iter().flat_map(|observable| of_quantity(groups, observable)).collect()
}

/// Quantities that any subject has a budget of, the voltage first.
pub(crate) fn observables(groups: &[Group<'_>]) -> Vec<Observable> {
    let subjects = || groups.iter().flat_map(|group| &group.subjects);
    let known = |observable: &Observable| subjects().any(|subject| of(subject, *observable).is_some());
    Observable::ALL.iter().copied().filter(known).collect()
}

fn of<'a>(subject: &Subject<'a>, observable: Observable) -> Option<&'a NoiseBudget> {
    let wanted = (subject.neuron, observable);
    subject.run.outcome.budget.iter().find(|budget| (budget.neuron, budget.observable) == wanted)
}

fn of_quantity<'a>(groups: &[Group<'a>], observable: Observable) -> Vec<Figure<'a>> {
    let is_voltage = observable == Observable::Voltage;
    // Where nothing comes from others, the voltage's variance by line is the budget.
    let with_budget = |subject: &&Subject<'a>| {
        of(subject, observable)
            .is_some_and(|budget| !is_voltage || budget.shares.iter().any(|share| share.neuron != subject.neuron))
    };
    let each: Vec<Vec<&Subject<'a>>> =
        groups.iter().map(|group| group.subjects.iter().filter(with_budget).collect()).collect();
    let each: Vec<Vec<&Subject<'a>>> = each.into_iter().filter(|subjects| !subjects.is_empty()).collect();
    let most = if is_voltage { MOST_BUDGETS } else { MOST_WAVES };
    super::spread(&each, most).iter().map(|subjects| budget(subjects, groups, observable)).collect()
}

/// A part of a budget under its name, in the units shown.
pub(crate) struct Share {
    /// Whose noise it is.
    pub(crate) name: String,
    /// The line without its neuron, and whether that is the one the budget is of.
    line: String,
    own: bool,
    /// At the times of the samples.
    pub(crate) values: Vec<f64>,
}

/// The line of a share without its neuron: `sodium`, `input loss`.
fn line_of(network: &Network, share: &NoiseShare) -> String {
    let whose = network.neuron_name(share.neuron);
    share.origin.strip_prefix(&whose).unwrap_or(&share.origin).trim_start().to_owned()
}

/// The noise budget of a subject's quantity in the units shown; none where it has none.
pub(crate) fn shares(subject: &Subject<'_>, observable: Observable) -> Vec<Share> {
    let budget = of(subject, observable);
    let factor = subject.factor(Dimension::VOLTAGE_SQUARED);
    let network = &subject.run.network;
    let share = |share: &NoiseShare| Share {
        name: origin(network, share),
        line: line_of(network, share),
        own: share.neuron == subject.neuron,
        values: share.values.iter().map(|value| factor * value).collect(),
    };
    budget.map_or_else(Vec::new, |budget| budget.shares.iter().map(share).collect())
}

/// The colours of named shares: each line has that of its part of a neuron, and what is not the neuron's own, or a
/// further line of one part, a paler shade of it.
fn colours(names: &[(String, f64)], each: &[(&Subject<'_>, Vec<Share>)]) -> Vec<(Colour, usize)> {
    let found: Vec<(usize, &Subject<'_>, &Share)> = names
        .iter()
        .enumerate()
        .filter_map(|(k, (name, _))| {
            each.iter().find_map(|(subject, shares)| {
                shares.iter().find(|share| share.name == *name).map(|share| (k, *subject, share))
            })
        })
        .collect();
    let mut colours: Vec<Option<(Colour, usize)>> = vec![None; names.len()];
    for own in [true, false] {
        for (k, subject, share) in found.iter().filter(|(.., share)| share.own == own) {
            let lines = subject.variance().map_or(&[][..], |variance| &variance.lines);
            let position = lines.iter().position(|line| line.line == share.line);
            let colour = line_colour(&share.line, position.unwrap_or(N_COLOURS - 1));
            let used = colours.iter().flatten().filter(|used| used.0 == colour).map(|used| used.1 + 1).max();
            colours[*k] = Some((colour, used.unwrap_or(usize::from(!own))));
        }
    }
    colours.into_iter().map(|colour| colour.unwrap_or((OTHERS, 0))).collect()
}

/// What stands for all smaller shares together.
const OTHERS: Colour = Colour::Palette(N_COLOURS - 1);

fn budget<'a>(subjects: &[&Subject<'a>], groups: &[Group<'a>], observable: Observable) -> Figure<'a> {
    let each: Vec<(&Subject<'a>, Vec<Share>)> =
        subjects.iter().map(|subject| (*subject, shares(subject, observable))).collect();
    let mut ranked: Vec<(String, f64)> = Vec::new();
    for (_, shares) in &each {
        for share in shares {
            let size: f64 = share.values.iter().map(|value| value.abs()).sum::<f64>() / share.values.len() as f64;
            match ranked.iter_mut().find(|(name, _)| *name == share.name) {
                Some((_, sum)) => *sum += size,
                None => ranked.push((share.name.clone(), size)),
            }
        }
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    // One colour is left for the others, unless there is only one other.
    let apart = if ranked.len() > N_COLOURS { N_COLOURS - 1 } else { ranked.len() };
    let (names, others) = ranked.split_at(apart);
    let colours = colours(names, &each);
    let mut negative = false;
    let mut panels = Vec::new();
    for (subject, shares) in &each {
        let n = subject.run.outcome.traces.times.len();
        let (mut stack, times, mut series) = (Stack::new(n), subject.times(), Vec::new());
        let at = |share: &Share, k: usize| share.values.get(k).copied().unwrap_or(0.0);
        for ((name, _), (colour, shade)) in names.iter().zip(&colours) {
            let Some(share) = shares.iter().find(|share| share.name == *name) else { continue };
            negative |= share.values.iter().any(|value| *value < 0.0);
            let layer = stack.layer(name, *colour, &times, &|k| at(share, k));
            series.extend(layer.into_iter().map(|series| series.shaded(*shade)));
        }
        let rest: Vec<&Share> = shares.iter().filter(|share| others.iter().any(|o| o.0 == share.name)).collect();
        if !rest.is_empty() {
            let name = format!("{} others", others.len());
            let sum = |k: usize| rest.iter().map(|share| at(share, k)).sum();
            series.extend(stack.layer(&name, OTHERS, &times, &sum));
        }
        panels.push(Panel {
            heading: if each.len() > 1 { subject.name.clone() } else { String::new() },
            x: time_axis(groups),
            y: axis(groups, "Variance", Dimension::VOLTAGE_SQUARED).with_zero(),
            series,
            height: if each.len() > 1 { Height::Normal } else { Height::Tall },
        });
    }
    let more = if others.is_empty() {
        String::new()
    } else {
        format!(", the {apart} largest apart and {} smaller ones together", others.len())
    };
    let whose = subjects.first().map_or_else(String::new, |subject| label(&subject.run.network, subject.neuron));
    let (what, name, id) = if observable == Observable::Voltage {
        ("voltage", whose.clone(), String::new())
    } else {
        (observable.name(), format!("{} of {whose}", observable.name()), format!("{}-", observable.name()))
    };
    let caption = format!(
        "Variance of the {what} of {whose}, by the lines that its noise comes from{more}.{}",
        if negative {
            " What hangs below zero is what the outputs of a splitter share: noise that one of them has more, another \
             has less."
        } else {
            ""
        }
    );
    let number = subjects.first().map_or(0, |subject| subject.neuron);
    figure(&format!("budget-{id}{number}"), &format!("Noise budget of {name}"), caption, panels)
}
