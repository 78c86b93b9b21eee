//! A task in words.

use qhh_core::units::{Dimension, rounded};
use qhh_format::task::Task;
use qhh_lab::learn::dataset::{Split, Targets};
use qhh_lab::learn::features::Reading;
use qhh_lab::learn::generate::Function;
use qhh_lab::learn::readout::Method;
use qhh_lab::learn::study::Task as Learned;
use qhh_results::short;

use crate::text::counted;

/// What is learned and how: topic and sentence.
pub(super) fn facts(task: &Task) -> Vec<(&'static str, String)> {
    let (network, study) = (&task.network.network, &task.study);
    let plan = &study.reservoir.plan;
    let time = |steps: usize| {
        let time = steps as f64 * network.simulation.step;
        format!("{} {}", short(rounded(time, 6)), network.units.symbol(Dimension::TIME)).trim_end().to_owned()
    };
    let goal = match &study.task {
        Learned::Narma { order, steps } => format!("NARMA-{order} over {steps} symbols"),
        Learned::MackeyGlass { tau, horizon, steps } => {
            format!("Mackey and Glass's series with delay {tau}, {horizon} ahead, over {steps} symbols")
        }
        Learned::Nonlinear { function: Function::Power(power), steps } => {
            format!("the input of the moment to the power of {power}, over {steps} symbols")
        }
        Learned::Nonlinear { function: Function::Sine(cycles), steps } => {
            format!("a sine of the input of the moment, {cycles} cycles from 0 to 1, over {steps} symbols")
        }
        Learned::Capacity { delays, steps } => {
            format!(
                "capacity for products of past inputs over {steps} symbols, longest delay by degree {delays:?}"
            )
        }
        Learned::CylinderBellFunnel { examples, .. } => {
            format!("cylinders, bells and funnels, {examples} examples")
        }
        Learned::Data(data) => match &data.targets {
            Targets::Series(target) => {
                format!("a series of {} symbols with the inputs {}", target.nrows(), data.channels.join(", "))
            }
            Targets::Classes { names, of } => {
                let sizes = data.class_sizes();
                let least = sizes.iter().min_by_key(|(_, size)| *size);
                let least = least
                    .map_or_else(String::new, |(label, size)| format!(", the smallest `{label}` with {size}"));
                format!("{} classes of {}{least}", names.len(), counted(of.len() as u64, "example"))
            }
        },
    };
    let encode = plan.encodings.iter().map(|encoding| {
        let names: Vec<&str> =
            encoding.sources.iter().map(|&source| network.sources[source].name.as_str()).collect();
        format!(
            "{} into the {} of {} from {} to {}{}",
            counted(encoding.channels.len() as u64, "input"),
            encoding.quantity.noun(),
            names.join(", "),
            short(encoding.range.0),
            short(encoding.range.1),
            if encoding.mask { ", with a sign for each virtual node" } else { "" }
        )
    });
    let features = plan.features.iter().map(|feature| {
        let name = feature.reading.name();
        if feature.reading == Reading::Modes {
            return name.to_owned();
        }
        format!("{name} of {}", counted(feature.neurons.len() as u64, "neuron"))
    });
    let readout = match &study.method {
        Method::Ridge { folds, .. } => {
            format!("ridge, its alpha chosen by {folds}-fold cross-validation on the training part")
        }
        Method::Logistic { folds, .. } => {
            format!("logistic regression, its C chosen by {folds}-fold cross-validation on the training part")
        }
    };
    let Split { train, validation, test } = study.split;
    let mut facts = vec![
        ("Task", goal),
        ("Network", format!("{}, {}", network.name, counted(network.n_neurons() as u64, "neuron"))),
        ("Inputs", encode.collect::<Vec<_>>().join("; ")),
        (
            "Symbols",
            format!("held for {}, read {}", time(plan.symbol_steps), counted(plan.virtual_nodes as u64, "time")),
        ),
        ("Features", features.collect::<Vec<_>>().join("; ")),
        ("Readout", readout),
        ("Parts", format!("{train} training, {validation} validation, {test} test")),
        ("Seeds", counted(study.seeds.len() as u64, "seed")),
    ];
    if matches!(study.task, Learned::Capacity { .. }) {
        // All symbols are measured by least squares.
        facts.retain(|fact| !["Readout", "Parts"].contains(&fact.0));
    }
    if study.shuffled {
        facts.push(("Shuffled", "targets are shuffled: whatever is better than chance leaks".to_owned()));
    }
    facts
}
