//! What of a task can be learned but is hardly meant.

use qhh_core::source::{Shape, Train};
use qhh_core::units::{number, rounded};
use qhh_format::task::{Encoded, Goal, Readout, Task};
use qhh_lab::learn::study::{Baseline, Study};
use qhh_net::Warning;
use qhh_net::network::{Drive, Network};

use super::study;

/// All of it, in the order of the file.
pub(super) fn of(task: &Task) -> Vec<Warning> {
    let mut warnings = rare_classes(task);
    warnings.extend(constant_inputs(&task.goal));
    warnings.extend(too_strong(task));
    warnings.extend(more_than_there_is(task));
    warnings.extend(few_rows(task));
    warnings.extend(left_out(task, &study::of(task, false)));
    warnings
}

fn warning(path: &str, finding: String, remedy: &str) -> Warning {
    Warning { path: path.to_owned(), finding, remedy: remedy.to_owned() }
}

/// Classes with fewer examples than put one into each part.
fn rare_classes(task: &Task) -> Vec<Warning> {
    let Goal::Classes(examples) = &task.goal else { return Vec::new() };
    let least = task.split.into_iter().fold(1.0, f64::min);
    let rare = examples.sizes().into_iter().filter(|(_, count)| *count as f64 * least < 1.0);
    rare.map(|(class, count)| {
        let finding = format!(
            "class `{class}` has {count} of {} examples, too few for each part to have one",
            examples.labels.len()
        );
        warning("task", finding, "give more of it: a score says nothing of a class that the part does not have")
    })
    .collect()
}

/// Inputs that are the same in every row, where these are many: pictures have some at their edges.
fn constant_inputs(goal: &Goal) -> Vec<Warning> {
    const MANY: usize = 4;
    let (channels, symbols): (_, Vec<&Vec<f64>>) = match goal {
        Goal::Series(series) => (&series.channels, series.inputs.iter().collect()),
        Goal::Classes(examples) => (&examples.channels, examples.inputs.iter().flatten().collect()),
        _ => return Vec::new(),
    };
    let Some(first) = symbols.first() else { return Vec::new() };
    let constant = |place: &usize| symbols.iter().all(|symbol| symbol.get(*place) == first.get(*place));
    let places: Vec<usize> = (0..channels.len().min(first.len())).filter(constant).collect();
    if MANY * places.len() < channels.len() {
        return Vec::new();
    }
    let each = places.into_iter().map(|place| {
        let finding = format!("the input `{}` is {} in every row", channels[place], number(first[place]));
        warning("task", finding, "leave its column out: nothing can be learned from it")
    });
    each.collect()
}

/// Amplitudes at the end of a range with which a source is too strong.
fn too_strong(task: &Task) -> Vec<Warning> {
    let own = &task.network.warnings;
    let mut warnings = Vec::new();
    for (place, encoding) in task.reservoir.encodings.iter().enumerate() {
        let most = encoding.range.0.abs().max(encoding.range.1.abs());
        if encoding.quantity != Encoded::Amplitude || most <= 1.0 {
            continue;
        }
        let own_network: &Network = &task.network.network;
        let mut network = own_network.clone();
        for &source in &encoding.sources {
            let source = &mut network.sources[source];
            // What differs from neuron to neuron counts by half of the largest.
            let drawn = source.scale.take().map_or(1.0, |scale| {
                let (low, high) = scale.range();
                0.5 * low.abs().max(high.abs())
            });
            scale(&mut source.drive, if drawn.is_finite() { most * drawn } else { most });
        }
        let of_these = |warning: &&Warning| {
            let names = encoding.sources.iter().map(|&source| &network.sources[source].name);
            names.into_iter().any(|name| warning.path.starts_with(&format!("sources.{name}.")))
        };
        let known = |warning: &Warning| own.iter().any(|of| of.path == warning.path);
        let found = network.warnings();
        warnings.extend(found.iter().filter(of_these).filter(|warning| !known(warning)).take(1).map(|found| {
            let finding = format!("at {} times its amplitude, {}", number(rounded(most, 4)), found.finding);
            warning(&format!("encode[{place}].range"), finding, "write a smaller `range`")
        }));
    }
    warnings
}

/// Multiplies the amplitude of a current that has one.
fn scale(drive: &mut Drive, factor: f64) {
    let Drive::Current(current) = drive else { return };
    if let Shape::Constant { amplitude } | Shape::Sine { amplitude, .. } | Shape::Train(Train { amplitude, .. }) =
        &mut current.shape
    {
        *amplitude *= factor;
    }
}

/// More symbols of history, or more folds, than there are rows.
fn more_than_there_is(task: &Task) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let symbols = rows(task).unwrap_or(usize::MAX);
    if task.history > symbols && !matches!(task.goal, Goal::Classes(_)) {
        let finding = format!("a row has the features of {} symbols, and there are {symbols}", task.history);
        warnings.push(warning("history", finding, "write a smaller `history`"));
    }
    let (Readout::Ridge { folds, .. } | Readout::Logistic { folds, .. }) = task.readout;
    let rows = symbols as f64 * task.split[0];
    if folds as f64 > rows {
        let finding = format!("{folds} folds of a training part of {} rows", number(rows.floor()));
        warnings.push(warning("readout", finding, "write fewer `folds`, or give more data"));
    }
    warnings
}

/// Rows of all parts together, where the task says how many.
fn rows(task: &Task) -> Option<usize> {
    match &task.goal {
        Goal::Classes(examples) => Some(examples.inputs.len()),
        goal => goal.symbols().map(|symbols| symbols.saturating_sub(task.washout)),
    }
}

/// Rows below which a score says little: one of them is 5 % of it.
const FEW_ROWS: f64 = 20.0;

/// Parts that scores are made of and that have few rows.
fn few_rows(task: &Task) -> Vec<Warning> {
    let Some(rows) = rows(task) else { return Vec::new() };
    let parts = [("validation", task.split[1]), ("test", task.split[2])];
    let few = parts.map(|(name, share)| (name, (share * rows as f64).round())).into_iter();
    few.filter(|(_, rows)| *rows < FEW_ROWS)
        .map(|(name, rows)| {
            let finding = format!("the {name} part has {rows} rows: a score on so few says little");
            warning("split", finding, "give more data, or that part a larger share")
        })
        .collect()
}

/// Baselines that were named and that make no sense for the task; of those by default none is missed.
fn left_out(task: &Task, study: &Study) -> Vec<Warning> {
    if task.baselines.len() >= Baseline::ALL.len() {
        return Vec::new();
    }
    let each = study.left_out().into_iter();
    let told = |(baseline, reason): (Baseline, _)| {
        let finding = format!("`{}` is left out: {reason}", baseline.name());
        warning("baselines", finding, "name others, such as `linear`")
    };
    each.map(told).collect()
}
