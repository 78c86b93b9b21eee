//! From a task as its file has it to a study as the laboratory runs it.

use nalgebra::DMatrix;
use qhh_format::task::{self, Goal, Task};
use qhh_lab::learn::dataset::{Dataset, Split, Targets, labelled};
use qhh_lab::learn::encode::{Encoded, Encoding, Mixing};
use qhh_lab::learn::features::{Feature, Reading};
use qhh_lab::learn::generate::Function;
use qhh_lab::learn::readout::Method;
use qhh_lab::learn::reservoir::{Plan, Reservoir};
use qhh_lab::learn::study::{Baseline, Pool, Study, Task as Learned};
use qhh_net::Network;

/// The study of a task; with `export` it also hands over what it learned from.
pub(super) fn of(task: &Task, export: bool) -> Study {
    let [train, validation, test] = task.split;
    let learned = goal(&task.goal);
    let network: &Network = &task.network.network;
    Study {
        name: task.name.clone(),
        reservoir: Reservoir { network: network.clone(), plan: plan(&task.reservoir, !task.shots.is_empty()) },
        method: match &task.readout {
            task::Readout::Ridge { alphas, folds } => Method::Ridge { alphas: alphas.clone(), folds: *folds },
            task::Readout::Logistic { c, folds } => Method::Logistic { c: c.clone(), folds: *folds },
        },
        split: Split { train, validation, test },
        washout: task.washout,
        history: task.history,
        pool: match task.over {
            task::Over::All => Pool::All,
            task::Over::Mean => Pool::Mean,
            task::Over::Last => Pool::Last,
        },
        seeds: task.seeds.clone(),
        shots: task.shots.clone(),
        baselines: task.baselines.iter().copied().map(baseline).collect(),
        delays: task.linear_delays.unwrap_or_else(|| learned.delays()),
        task: learned,
        shuffled: task.shuffled,
        export,
    }
}

fn baseline(baseline: task::Baseline) -> Baseline {
    match baseline {
        task::Baseline::HbarZero => Baseline::HbarZero,
        task::Baseline::MeanField => Baseline::MeanField,
        task::Baseline::EchoState => Baseline::EchoState,
        task::Baseline::Linear => Baseline::Linear,
        task::Baseline::Quadratic => Baseline::Quadratic,
    }
}

/// How the laboratory drives and reads a network; `scatter` where it matters how measurements scatter.
pub(super) fn plan(reservoir: &task::Reservoir, scatter: bool) -> Plan {
    let encoding = |encoding: &task::Encoding| Encoding {
        sources: encoding.sources.clone(),
        channels: encoding.channels.clone(),
        quantity: match encoding.quantity {
            task::Encoded::Amplitude => Encoded::Amplitude,
            task::Encoded::Phase => Encoded::Phase,
            task::Encoded::Squeezing => Encoded::Squeezing,
            task::Encoded::SqueezingAngle => Encoded::SqueezingAngle,
            task::Encoded::ThermalPhotons => Encoded::ThermalPhotons,
        },
        range: encoding.range,
        mixing: match encoding.mixing {
            task::Mixing::Same => Mixing::Same,
            task::Mixing::OneToOne => Mixing::OneToOne,
            task::Mixing::Random => Mixing::Random,
        },
        mask: encoding.mask,
    };
    let feature = |feature: &task::Feature| Feature {
        reading: match feature.reading {
            task::Reading::Trace(observable) => Reading::Trace(observable),
            task::Reading::Spikes => Reading::Spikes,
            task::Reading::FirstSpike => Reading::FirstSpike,
            task::Reading::Covariance => Reading::Covariance,
            task::Reading::Modes => Reading::Modes,
        },
        neurons: feature.neurons.clone(),
    };
    Plan {
        encodings: reservoir.encodings.iter().map(encoding).collect(),
        features: reservoir.features.iter().map(feature).collect(),
        symbol_steps: reservoir.symbol_steps,
        virtual_nodes: reservoir.virtual_nodes,
        scatter,
    }
}

fn goal(goal: &Goal) -> Learned {
    match goal {
        Goal::Narma { order, steps } => Learned::Narma { order: *order, steps: *steps },
        Goal::MackeyGlass { tau, horizon, steps } => {
            Learned::MackeyGlass { tau: *tau, horizon: *horizon, steps: *steps }
        }
        Goal::Power { power, steps } => Learned::Nonlinear { function: Function::Power(*power), steps: *steps },
        Goal::Sine { cycles, steps } => Learned::Nonlinear { function: Function::Sine(*cycles), steps: *steps },
        Goal::Capacity { delays, steps } => Learned::Capacity { steps: *steps, delays: delays.clone() },
        Goal::CylinderBellFunnel { examples, every } => {
            Learned::CylinderBellFunnel { examples: *examples, every: *every }
        }
        Goal::Series(series) => Learned::Data(Dataset {
            channels: series.channels.clone(),
            sequences: vec![rows(&series.inputs)],
            targets: Targets::Series(DMatrix::from_column_slice(series.target.len(), 1, &series.target)),
            horizon: series.horizon,
        }),
        Goal::Classes(examples) => {
            let sequences = examples.inputs.iter().map(|symbols| rows(symbols)).collect();
            Learned::Data(labelled(examples.channels.clone(), sequences, &examples.labels))
        }
    }
}

/// A matrix of rows.
pub(super) fn rows(rows: &[Vec<f64>]) -> DMatrix<f64> {
    DMatrix::from_row_iterator(rows.len(), rows.first().map_or(0, Vec::len), rows.iter().flatten().copied())
}
