//! What of a task can be learned but is hardly meant.

use qhh_core::source::{Shape, Train};
use qhh_core::units::{number, rounded};
use qhh_format::task::Task;
use qhh_lab::learn::dataset::Dataset;
use qhh_lab::learn::encode::Encoded;
use qhh_lab::learn::readout::Method;
use qhh_lab::learn::study::{Baseline, Study, Task as Learned};
use qhh_net::Warning;
use qhh_net::network::{Drive, Network};

/// All of it, in the order of the file.
pub(super) fn of(task: &Task) -> Vec<Warning> {
    let study = &task.study;
    let mut warnings = rare_classes(study);
    warnings.extend(constant_inputs(&study.task));
    warnings.extend(too_strong(task));
    warnings.extend(more_than_there_is(study));
    warnings.extend(few_rows(study));
    warnings.extend(left_out(study));
    warnings
}

fn warning(path: &str, finding: String, remedy: &str) -> Warning {
    Warning { path: path.to_owned(), finding, remedy: remedy.to_owned() }
}

/// Classes with fewer examples than put one into each part.
fn rare_classes(study: &Study) -> Vec<Warning> {
    let Learned::Data(data) = &study.task else { return Vec::new() };
    let least = study.split.least();
    let rare = data.class_sizes().into_iter().filter(|(_, count)| *count as f64 * least < 1.0);
    rare.map(|(class, count)| {
        let finding = format!(
            "class `{class}` has {count} of {} examples, too few for each part to have one",
            data.n_rows()
        );
        warning("task", finding, "give more of it: a score says nothing of a class that the part does not have")
    })
    .collect()
}

/// Inputs that are the same in every row, where these are many: pictures have some at their edges.
fn constant_inputs(task: &Learned) -> Vec<Warning> {
    const MANY: usize = 4;
    let Learned::Data(Dataset { channels, sequences, .. }) = task else { return Vec::new() };
    let Some(first) = sequences.first().filter(|first| first.nrows() > 0) else { return Vec::new() };
    let constant = |place: &usize| {
        sequences.iter().all(|symbols| symbols.column(*place).iter().all(|input| *input == first[(0, *place)]))
    };
    let places: Vec<usize> = (0..channels.len()).filter(constant).collect();
    if MANY * places.len() < channels.len() {
        return Vec::new();
    }
    let each = places.into_iter().map(|place| {
        let finding = format!("the input `{}` is {} in every row", channels[place], number(first[(0, place)]));
        warning("task", finding, "leave its column out: nothing can be learned from it")
    });
    each.collect()
}

/// Amplitudes at the end of a range with which a source is too strong.
fn too_strong(task: &Task) -> Vec<Warning> {
    let own = &task.network.warnings;
    let mut warnings = Vec::new();
    for (place, encoding) in task.study.reservoir.plan.encodings.iter().enumerate() {
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
fn more_than_there_is(study: &Study) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let symbols = rows(study).unwrap_or(usize::MAX);
    if study.history > symbols && !study.task.is_classes() {
        let finding = format!("a row has the features of {} symbols, and there are {symbols}", study.history);
        warnings.push(warning("history", finding, "write a smaller `history`"));
    }
    let (Method::Ridge { folds, .. } | Method::Logistic { folds, .. }) = study.method;
    let rows = symbols as f64 * study.split.train;
    if folds as f64 > rows {
        let finding = format!("{folds} folds of a training part of {} rows", number(rows.floor()));
        warnings.push(warning("readout", finding, "write fewer `folds`, or give more data"));
    }
    warnings
}

/// Rows of all parts together, where the task says how many.
fn rows(study: &Study) -> Option<usize> {
    match &study.task {
        Learned::Data(data) if study.task.is_classes() => Some(data.n_rows()),
        task => task.n_symbols().map(|symbols| symbols.saturating_sub(study.washout)),
    }
}

/// Rows below which a score says little: one of them is 5 % of it.
const FEW_ROWS: f64 = 20.0;

/// Parts that scores are made of and that have few rows.
fn few_rows(study: &Study) -> Vec<Warning> {
    let Some(rows) = rows(study) else { return Vec::new() };
    let parts = [("validation", study.split.validation), ("test", study.split.test)];
    let few = parts.map(|(name, share)| (name, (share * rows as f64).round())).into_iter();
    few.filter(|(_, rows)| *rows < FEW_ROWS)
        .map(|(name, rows)| {
            let finding = format!("the {name} part has {rows} rows: a score on so few says little");
            warning("split", finding, "give more data, or that part a larger share")
        })
        .collect()
}

/// Baselines that were named and that make no sense for the task; of those by default none is missed.
fn left_out(study: &Study) -> Vec<Warning> {
    if study.baselines.len() >= Baseline::ALL.len() {
        return Vec::new();
    }
    let each = study.left_out().into_iter();
    let told = |(baseline, reason): (Baseline, _)| {
        let finding = format!("`{}` is left out: {reason}", baseline.name());
        warning("baselines", finding, "name others, such as `linear`")
    };
    each.map(told).collect()
}
