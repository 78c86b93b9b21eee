//! A task in words.

use qhh_core::units::{Dimension, rounded};
use qhh_format::task::{Encoded, Goal, Reading, Readout, Task};
use qhh_results::short;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::text::counted;

/// The same numbers and words as the files have them; both sides name them alike.
pub(super) fn converted<T: DeserializeOwned>(value: &impl Serialize) -> T {
    let json = serde_json::to_value(value).expect("numbers, words and lists of them are JSON");
    serde_json::from_value(json).expect("laboratory and files name the parts of a finding alike")
}

/// What is learned and how: topic and sentence.
pub(super) fn facts(task: &Task) -> Vec<(&'static str, String)> {
    let network = &task.network.network;
    let time = |steps: usize| {
        let time = steps as f64 * network.simulation.step;
        format!("{} {}", short(rounded(time, 6)), network.units.symbol(Dimension::TIME)).trim_end().to_owned()
    };
    let goal = match &task.goal {
        Goal::Narma { order, steps } => format!("NARMA-{order} over {steps} symbols"),
        Goal::MackeyGlass { tau, horizon, steps } => {
            format!("Mackey and Glass's series with delay {tau}, {horizon} ahead, over {steps} symbols")
        }
        Goal::Power { power, steps } => {
            format!("the input of the moment to the power of {power}, over {steps} symbols")
        }
        Goal::Sine { cycles, steps } => {
            format!("a sine of the input of the moment, {cycles} cycles from 0 to 1, over {steps} symbols")
        }
        Goal::Capacity { delays, steps } => {
            format!(
                "capacity for products of past inputs over {steps} symbols, longest delay by degree {delays:?}"
            )
        }
        Goal::CylinderBellFunnel { examples, .. } => format!("cylinders, bells and funnels, {examples} examples"),
        Goal::Series(series) => {
            format!("a series of {} symbols, told as {}", series.target.len(), series.channels.join(", "))
        }
        Goal::Classes(examples) => {
            let sizes = examples.sizes();
            let least = sizes.iter().min_by_key(|(_, size)| **size);
            let least =
                least.map_or_else(String::new, |(label, size)| format!(", the smallest `{label}` with {size}"));
            format!("{} classes of {}{least}", sizes.len(), counted(examples.labels.len() as u64, "example"))
        }
    };
    let encode = task.reservoir.encodings.iter().map(|encoding| {
        let names: Vec<&str> =
            encoding.sources.iter().map(|&source| network.sources[source].name.as_str()).collect();
        format!(
            "{} into {} of {} from {} to {}{}",
            counted(encoding.channels.len() as u64, "input"),
            encoded(encoding.quantity),
            names.join(", "),
            short(encoding.range.0),
            short(encoding.range.1),
            if encoding.mask { ", with a sign for each virtual node" } else { "" }
        )
    });
    let features = task.reservoir.features.iter().map(|feature| {
        let name = match feature.reading {
            Reading::Trace(observable) => observable.name(),
            Reading::Spikes => "spikes",
            Reading::FirstSpike => "first_spike",
            Reading::Covariance => "covariance",
            Reading::Modes => return "modes".to_owned(),
        };
        format!("{name} of {}", counted(feature.neurons.len() as u64, "neuron"))
    });
    let readout = match &task.readout {
        Readout::Ridge { folds, .. } => {
            format!("ridge, its alpha chosen by {folds}-fold cross-validation on the training part")
        }
        Readout::Logistic { folds, .. } => {
            format!("logistic regression, its C chosen by {folds}-fold cross-validation on the training part")
        }
    };
    let [train, validation, test] = task.split;
    let mut facts = vec![
        ("Task", goal),
        ("Network", format!("{}, {}", network.name, counted(network.n_neurons() as u64, "neuron"))),
        ("Inputs", encode.collect::<Vec<_>>().join("; ")),
        (
            "Symbols",
            format!(
                "held for {}, read {}",
                time(task.reservoir.symbol_steps),
                counted(task.reservoir.virtual_nodes as u64, "time")
            ),
        ),
        ("Features", features.collect::<Vec<_>>().join("; ")),
        ("Readout", readout),
        ("Parts", format!("{train} training, {validation} validation, {test} test")),
        ("Seeds", counted(task.seeds.len() as u64, "seed")),
    ];
    if matches!(task.goal, Goal::Capacity { .. }) {
        // All symbols are measured by least squares.
        facts.retain(|fact| !["Readout", "Parts"].contains(&fact.0));
    }
    if task.shuffled {
        facts.push(("Shuffled", "targets are shuffled: whatever is better than chance leaks".to_owned()));
    }
    facts
}

/// What an input becomes, in words.
fn encoded(quantity: Encoded) -> &'static str {
    match quantity {
        Encoded::Amplitude => "the amplitude",
        Encoded::Phase => "the phase",
        Encoded::Squeezing => "the squeezing",
        Encoded::SqueezingAngle => "the squeezing angle",
        Encoded::ThermalPhotons => "the thermal photons",
    }
}
