//! From what was typed to the fit: defaults, data, units. Each default stands where it is used, with its reason.

use std::path::{Path as FilePath, PathBuf};
use std::sync::LazyLock;

use qhh_core::units::Dimension;
use serde_json::Value as Json;

use super::schema::{self, Read};
use super::{Aim, Amount, Examples, Fit, Goal, Optimizer, Parameter, Start, Term};
use crate::task::{DataError, Table};
use crate::yaml::beside::{self, Beside};
use crate::yaml::input::Data;
use crate::yaml::kind::FileKind;
use crate::yaml::leaves;
use crate::yaml::place::Path;
use crate::yaml::problems::Problems;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::resolve::name;
use crate::yaml::schema::Quantity;
use crate::yaml::wording::clip;
use crate::yaml::{self, LoadError, read};

static SCHEMA: LazyLock<Json> = LazyLock::new(schema::schema);
const KIND: beside::Kind = beside::Kind {
    file: FileKind::Fit,
    noun: "fit file",
    words: read::Kind {
        noun: "a fit file",
        begin: "begin with `name:`, `network:`, `parameters:` and `objective:`",
    },
};

pub(super) fn load(path: &FilePath, text: &str, reading: &yaml::Reading) -> Result<Fit, LoadError> {
    let Beside { typed, document, source, network } =
        KIND.read((path, text), &SCHEMA, reading, |typed: &schema::File| &typed.network)?;
    let (problems, data) = (Problems::default(), Data::new(&source, KIND.noun));
    let draft = yaml::draft(&network, &yaml::Reading { overrides: Vec::new(), reach: reading.reach })?;
    let scope = Scope { path: Path::root(), problems: &problems, units: draft.network().units, data: &data };
    name(document.get("name").unwrap_or(&serde_yaml::Value::Null), &scope.key("name"));
    let (examples, table) = examples(typed.examples.as_ref(), &scope.key("examples"));
    let n_examples = examples.as_ref().map_or(1, |examples| examples.values.len());
    let parameters = typed.parameters.iter().enumerate();
    let parameters = parameters.map(|(k, typed)| parameter(typed, &scope.key("parameters").index(k))).collect();
    let terms = typed.objective.iter().enumerate();
    let terms =
        terms.filter_map(|(k, typed)| term(typed, table.as_ref(), n_examples, &scope.key("objective").index(k)));
    let terms: Vec<Term> = terms.collect();
    for (key, empty) in [("parameters", typed.parameters.is_empty()), ("objective", typed.objective.is_empty())] {
        if empty {
            scope.key(key).wrong(format!("`{key}` is empty"), "name at least one");
        }
    }
    let optimizer = optimizer(typed.optimizer.as_ref(), &scope.key("optimizer"));
    let share = (Dimension::NUMBER, Bound::Fraction);
    let validation = scope.read_or("validation", typed.validation.as_ref(), share, 0.0);
    if validation == 1.0 {
        let message = "`validation` holds out all examples, so that none are left to train with";
        scope.key("validation").wrong(message, "write a share such as `0.2` or `20 %`");
    } else if validation > 0.0 && examples.is_none() && typed.examples.is_none() {
        scope
            .key("validation")
            .wrong("there are no examples to hold out", "leave `validation` out, or name `examples`");
    }
    // As many as a line search takes to find its way around a fold.
    let patience = at_least_one(typed.patience.unwrap_or(20), &scope.key("patience"));
    if !problems.is_empty() {
        return Err(source.error(problems));
    }
    Ok(Fit {
        name: typed.name,
        description: typed.description.unwrap_or_default(),
        network,
        parameters,
        objective: terms,
        examples,
        optimizer,
        validation,
        patience,
        seed: typed.seed.unwrap_or(1),
        source,
    })
}

fn at_least_one(count: usize, scope: &Scope<'_>) -> usize {
    if count == 0 {
        scope.wrong(format!("`{}` must be at least 1", scope.path), "write another number");
    }
    count.max(1)
}

fn amount(quantity: &Quantity, scope: &Scope<'_>) -> Amount {
    match quantity {
        Quantity::Number(value) => Amount { value: *value, unit: String::new() },
        Quantity::Text(text) => {
            if let Some((value, unit)) = leaves::split(text) {
                return Amount { value, unit };
            }
            scope.wrong(
                format!("`{}` is no number", clip(text)),
                "write a number with the unit of the network file",
            );
            Amount { value: f64::NAN, unit: String::new() }
        }
    }
}

fn parameter(typed: &schema::Parameter, scope: &Scope<'_>) -> Parameter {
    let bounds = typed.bounds.as_ref().map(|bounds| {
        let scope = scope.key("bounds");
        [0, 1].map(|k| amount(&bounds[k], &scope.index(k)))
    });
    let start = match &typed.start {
        None => Start::File,
        Some(Quantity::Text(text)) if text.trim() == "random" => {
            if bounds.is_none() {
                scope
                    .key("start")
                    .wrong("a random start lies within bounds, and there are none", "write `bounds`");
            }
            Start::Random
        }
        Some(start) => Start::At(amount(start, &scope.key("start"))),
    };
    Parameter { path: typed.path.clone(), each: typed.each, tie: typed.tie.clone(), bounds, start }
}

fn examples(typed: Option<&schema::Examples>, scope: &Scope<'_>) -> (Option<Examples>, Option<(Table, usize)>) {
    let Some(typed) = typed else { return (None, None) };
    let Some(table) = table(&typed.file, scope) else { return (None, None) };
    let most = typed.most.unwrap_or(usize::MAX).min(table.n_rows());
    if most == 0 {
        scope.key("file").wrong("there are no examples", "give at least one row");
    }
    let column = |path: &String, column: &String| {
        let scope = scope.key("set").key(path);
        let mut values = column_of(&table, column, &scope)?;
        values.truncate(most);
        Some(values)
    };
    let columns: Option<Vec<Vec<f64>>> = typed.set.iter().map(|(path, of)| column(path, of)).collect();
    let Some(columns) = columns else { return (None, Some((table, most))) };
    let values = (0..most).map(|row| columns.iter().map(|column| column[row]).collect()).collect();
    (Some(Examples { paths: typed.set.keys().cloned().collect(), values }), Some((table, most)))
}

/// The table of the entry `file`.
fn table(file: &str, scope: &Scope<'_>) -> Option<Table> {
    let scope = scope.key("file");
    let found: PathBuf = scope.locate(file)?;
    let wrong = |error: DataError| {
        let help = match &error {
            DataError::Unreadable { .. } => "the path starts at the folder of the fit file",
            error => error.remedy(),
        };
        scope.wrong(error.to_string(), help);
    };
    Table::read(found.strip_prefix(".").unwrap_or(&found)).map_err(wrong).ok()
}

fn column_of(table: &Table, column: &str, scope: &Scope<'_>) -> Option<Vec<f64>> {
    let numbers = table.column(column).and_then(|place| table.numbers(place));
    numbers.map_err(|error| scope.wrong(error.to_string(), error.remedy())).ok()
}

fn term(
    typed: &schema::Objective,
    examples: Option<&(Table, usize)>,
    n_examples: usize,
    scope: &Scope<'_>,
) -> Option<Term> {
    let of_examples = |column: &str, scope: &Scope<'_>| {
        let Some((table, most)) = examples else {
            scope.wrong(
                format!("there are no examples with a column `{}`", clip(column)),
                "name them by `examples`",
            );
            return None;
        };
        let mut values = column_of(table, column, scope)?;
        values.truncate(*most);
        Some(values)
    };
    let voltage = |width: Option<&Quantity>, scope: &Scope<'_>| {
        width.map(|width| scope.key("width").read(width, Dimension::VOLTAGE, Bound::AboveZero))
    };
    let (of, weight) = match typed {
        schema::Objective::Trace(typed) => {
            let scope = scope.key("trace");
            (Goal::Trace { neuron: typed.neuron.clone(), target: target(typed, &scope)? }, typed.weight)
        }
        schema::Objective::SpikeTimes(typed) => {
            let scope = scope.key("spike-times");
            let time = |(k, time): (usize, &Quantity)| {
                scope.key("times").index(k).read(time, Dimension::TIME, Bound::NotNegative)
            };
            let mut times: Vec<f64> = typed.times.iter().enumerate().map(time).collect();
            times.sort_by(f64::total_cmp);
            let columns = typed.columns.iter().enumerate();
            let columns = columns.map(|(k, column)| of_examples(column, &scope.key("columns").index(k)));
            let columns = columns.collect::<Option<Vec<_>>>()?;
            let missing = scope.key("missing").read(&typed.missing, Dimension::TIME, Bound::AboveZero);
            (Goal::SpikeTimes { neuron: typed.neuron.clone(), times, columns, missing }, typed.weight)
        }
        schema::Objective::SmoothSpikes(typed) => {
            let of = scope.key("smooth-spikes");
            let width = voltage(typed.width.as_ref(), &of);
            if !(typed.target.is_finite() && typed.target >= 0.0) {
                of.key("target").wrong(
                    format!("`target` is a number of spikes, 0 or above, got {}", typed.target),
                    "write a number such as 3",
                );
            }
            let (neurons, target) = (typed.neurons.clone(), typed.target);
            (Goal::SmoothSpikes { neurons, target, width }, typed.weight)
        }
        schema::Objective::Measure(typed) => {
            let aim = match &typed.aim {
                Quantity::Text(text) if text == "least" => Aim::Least,
                Quantity::Text(text) if text == "most" => Aim::Most,
                Quantity::Number(value) => Aim::Near(finite(*value, &scope.key("measure").key("aim"))),
                Quantity::Text(text) => {
                    scope.key("measure").key("aim").wrong(
                        format!("`aim` cannot be `{}`", clip(text)),
                        "write `least`, `most`, or a number in the network's units",
                    );
                    return None;
                }
            };
            (Goal::Measure { of: typed.of.clone(), aim }, typed.weight)
        }
        schema::Objective::CrossEntropy(typed) => {
            let scope = scope.key("cross-entropy");
            let labels = of_examples(&typed.label, &scope.key("label"))?;
            let classes = typed.classes.len();
            let fits = |label: &&f64| label.fract() == 0.0 && (0.0..classes as f64).contains(*label);
            if let Some(wrong) = labels.iter().find(|label| !fits(label)) {
                scope.key("label").wrong(
                    format!("{wrong} is no class: there are {classes}, numbered from 0"),
                    "write a whole number for each example, and neurons for each class",
                );
                return None;
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a class, checked above")]
            let labels = labels.into_iter().map(|label| label as usize).collect();
            let width = voltage(typed.width.as_ref(), &scope);
            let (read, gain) = (typed.read.unwrap_or(Read::Spikes), typed.gain.unwrap_or(1.0));
            (Goal::CrossEntropy { classes: typed.classes.clone(), labels, read, gain, width }, typed.weight)
        }
    };
    debug_assert!(n_examples > 0 || examples.is_some());
    let (scope, weight) = (scope.key(of.key()).key("weight"), weight.unwrap_or(1.0));
    if !(weight.is_finite() && weight > 0.0) {
        scope.wrong(
            format!("`weight` must be above zero, got {weight}"),
            "write a number such as 1: what is to be large has `aim: most`",
        );
    }
    Some(Term { of, weight })
}

/// A number that must be one; what is none is on the list.
fn finite(value: f64, scope: &Scope<'_>) -> f64 {
    if !value.is_finite() {
        let key = scope.path.last_key();
        scope.wrong(format!("`{key}` must be a finite number, got {value}"), "write a number such as 1");
    }
    value
}

/// Times and voltages of a target trace.
fn target(typed: &schema::Trace, scope: &Scope<'_>) -> Option<Vec<(f64, f64)>> {
    let (times, values) = match (&typed.file, &typed.times, &typed.values) {
        (Some(file), None, None) => {
            let table = table(file, scope)?;
            let time = typed.time.clone().unwrap_or_else(|| "t".to_owned());
            let value = typed.value.clone().unwrap_or_else(|| format!("{}.voltage", typed.neuron));
            let at = |key: &str, given: bool| if given { scope.key(key) } else { scope.key("file") };
            let times = column_of(&table, &time, &at("time", typed.time.is_some()));
            let values = column_of(&table, &value, &at("value", typed.value.is_some()));
            (times?, values?)
        }
        (None, Some(times), Some(values)) => {
            let read = |key: &str, of: &[Quantity], dimension: Dimension| -> Vec<f64> {
                let scope = scope.key(key);
                of.iter().enumerate().map(|(k, value)| scope.index(k).read(value, dimension, Bound::Any)).collect()
            };
            (read("times", times, Dimension::TIME), read("values", values, Dimension::VOLTAGE))
        }
        _ => {
            scope.wrong("a target trace is a `file`, or `times` with `values`", "write one of the two");
            return None;
        }
    };
    let at = scope.key(if typed.file.is_some() { "file" } else { "times" });
    if times.len() != values.len() || times.is_empty() {
        at.wrong(
            format!("{} times and {} voltages make no trace", times.len(), values.len()),
            "give one voltage for each time, at least one",
        );
        return None;
    }
    if let Some(k) = (1..times.len()).find(|&k| times[k] <= times[k - 1]) {
        let message = format!("the times of the target do not ascend: {} after {}", times[k], times[k - 1]);
        at.wrong(message, "sort the rows by time, each once");
        return None;
    }
    Some(times.into_iter().zip(values).collect())
}

fn optimizer(typed: Option<&schema::Optimizer>, scope: &Scope<'_>) -> Optimizer {
    let count = |key: &str, count: Option<usize>, default: usize, scope: &Scope<'_>| {
        at_least_one(count.unwrap_or(default), &scope.key(key))
    };
    match typed {
        None => Optimizer::Lbfgs { iterations: 100, memory: 10 },
        Some(schema::Optimizer::Lbfgs(typed)) => {
            let scope = scope.key("lbfgs");
            let iterations = count("iterations", typed.iterations, 100, &scope);
            Optimizer::Lbfgs { iterations, memory: count("memory", typed.memory, 10, &scope) }
        }
        Some(schema::Optimizer::Adam(typed)) => {
            let (scope, share) = (scope.key("adam"), (Dimension::NUMBER, Bound::Share));
            let above_zero = |key: &str, value: f64| {
                if !(value.is_finite() && value > 0.0) {
                    scope.key(key).wrong(format!("`{key}` must be above zero"), "write a number such as 0.05");
                }
                value
            };
            Optimizer::Adam {
                epochs: count("epochs", typed.epochs, 50, &scope),
                rate: above_zero("rate", scope.read_or("rate", typed.rate.as_ref(), share, 0.05)),
                batch: count("batch", typed.batch, 8, &scope),
                clip: typed.clip.map(|clip| above_zero("clip", clip)),
            }
        }
    }
}
