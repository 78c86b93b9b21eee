//! What must hold whatever the numbers are.

use std::ops::ControlFlow;

use nalgebra::DMatrix;
use qhh_core::quantum::State;
use qhh_core::source::ModeSource;
use qhh_lab::learn::capacity::{capacities, products};
use qhh_lab::learn::dataset::{Dataset, Targets, labelled};
use qhh_lab::learn::encode::{Encoded, Encoding, InputRange, Mixing};
use qhh_lab::learn::features::{Feature, Reading, Table};
use qhh_lab::learn::generate::{self, Function};
use qhh_lab::learn::model::Prediction;
use qhh_lab::learn::reservoir::Plan;
use qhh_lab::learn::study::{Baseline, Findings, Study, Task};
use qhh_lab::learn::{LearnError, Reservoir, Watch};
use qhh_net::network::{Drive, Observable, Source};

use crate::models::{packets, study};

fn go(_: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn run(study: &Study, threads: usize) -> Findings {
    study.run(&mut Watch::new(threads, &mut go)).unwrap()
}

fn test_score(findings: &Findings, learner: &str) -> f64 {
    findings.summary.learners.iter().find(|one| one.name == learner).unwrap().test.unwrap().mean
}

const NARMA: Task = Task::Narma { order: 10, steps: 600 };

#[test]
fn findings_are_the_same_for_any_number_of_threads() {
    let series = study(NARMA, 20);
    assert_eq!(run(&series, 1), run(&series, 2));
    let classes = Study { task: Task::CylinderBellFunnel { examples: 40, every: 16 }, ..study(NARMA, 6) };
    assert_eq!(run(&classes, 1), run(&classes, 3));
}

/// A series whose order is lost is predicted as well as by its mean, classes as well as by chance; by training rows
/// that leak into the test part, both would be better.
#[test]
fn shuffled_targets_leave_nothing_to_learn() {
    let series = Study { shuffled: true, seeds: vec![1, 2, 3], ..study(NARMA, 10) };
    for learner in run(&series, 1).summary.learners {
        let nrmse = learner.test.unwrap().mean;
        assert!(nrmse > 0.97, "{} scores {nrmse} on shuffled targets", learner.name);
    }
    let task = Task::CylinderBellFunnel { examples: 240, every: 16 };
    let classes = Study { shuffled: true, seeds: vec![1, 2, 3], ..study(task, 4) };
    for learner in run(&classes, 1).summary.learners {
        let accuracy = learner.test.unwrap().mean;
        // 144 test rows in all: a standard deviation of 0.039.
        assert!((accuracy - 1.0 / 3.0).abs() < 4.0 * 0.039, "{} scores {accuracy}", learner.name);
    }
    let honest = run(&Study { shuffled: false, ..classes }, 1);
    assert!(test_score(&honest, "network") > 0.8, "{:?}", honest.summary.learners);
}

#[test]
fn a_model_predicts_what_its_study_did_and_survives_its_file() {
    let study = study(NARMA, 8);
    let findings = run(&study, 1);
    let model = findings.model.unwrap();
    let text = serde_json::to_string(&model).unwrap();
    let model: qhh_lab::learn::model::Model = serde_json::from_str(&text).unwrap();
    let data = study.data(1).unwrap();
    let network = &study.reservoir.network;
    let said = model.predict(network, &data.sequences, &mut Watch::new(1, &mut go)).unwrap();
    let Prediction::Series { from, values } = said else { panic!("NARMA has numbers") };
    assert_eq!(from, study.washout);
    for row in &findings.predictions {
        assert!((values[(row.row - from, 0)] - row.prediction).abs() < 1e-9, "row {}", row.row);
    }
    let wide = vec![DMatrix::zeros(100, 2)];
    let refused = model.predict(network, &wide, &mut Watch::new(1, &mut go));
    assert_eq!(refused, Err(LearnError::Channels { got: 2, expected: 1 }));
}

/// Without hbar variances are nothing, and what is left are the voltages.
#[test]
fn without_hbar_the_quantum_features_say_nothing() {
    let findings = run(&study(NARMA, 8), 1);
    let of = |name: &str| findings.summary.learners.iter().find(|one| one.name == name).unwrap().varying;
    assert_eq!((of("network"), of("hbar = 0")), (32, 16));
    let voltage = findings.summary.importances.iter().find(|group| group.group == "voltage").unwrap();
    let zero = findings.summary.learners.iter().find(|one| one.name == "hbar = 0").unwrap();
    let gap = (voltage.alone.unwrap().mean - zero.validation.unwrap().mean).abs();
    assert!(gap < 1e-6, "voltages alone and hbar = 0 differ by {gap}");
}

#[test]
fn more_shots_come_closer_to_exact_features() {
    let study = Study { shots: vec![10, 1000, 100_000_000_000], ..study(NARMA, 8) };
    let findings = run(&study, 1);
    let scores: Vec<f64> = findings.summary.shots.iter().map(|row| row.test.mean).collect();
    let exact = test_score(&findings, "network");
    assert!(scores[0] > scores[1] && scores[1] > scores[2], "{scores:?}");
    assert!((scores[2] - exact).abs() < 0.05, "{} with many shots, {exact} exactly", scores[2]);
}

#[test]
fn gates_are_not_measured_and_so_have_no_shots() {
    let mut study = Study { shots: vec![100], ..study(NARMA, 4) };
    study.reservoir.plan.features[1].reading = Reading::Trace(Observable::N);
    let refused = study.run(&mut Watch::new(1, &mut go));
    assert!(matches!(refused, Err(LearnError::NoShots { .. })), "{refused:?}");
}

/// The last eight inputs as features: a memory of eight, exactly.
#[test]
fn a_delay_line_has_the_capacity_of_its_length() {
    let inputs = generate::uniform(3000, (-1.0, 1.0), 5);
    let features = DMatrix::from_fn(inputs.len() - 30, 8, |row, k| inputs[row + 30 - k]);
    let memory = capacities(&features, &inputs, 30, &products(&[20]));
    assert!((memory.total() - 8.0).abs() < 1e-9, "capacity {}", memory.total());
    assert_eq!(memory.rank, 8);
    let of_products = capacities(&features, &inputs, 30, &products(&[20, 6, 4]));
    assert!((of_products.total() - 8.0).abs() < 1e-9, "capacity {}", of_products.total());
}

/// A product of two past inputs and a square: capacities of degree 2 and nothing else.
#[test]
fn nonlinear_features_have_capacity_at_their_own_degree() {
    let inputs = generate::uniform(4000, (-1.0, 1.0), 6);
    let features = DMatrix::from_fn(inputs.len() - 10, 2, |row, k| {
        let t = row + 10;
        if k == 0 { inputs[t] * inputs[t - 2] } else { inputs[t - 1] * inputs[t - 1] }
    });
    let products = products(&[10, 5]);
    let found = capacities(&features, &inputs, 10, &products);
    for (product, value) in products.iter().zip(&found.values) {
        let expected = match product.factors.as_slice() {
            [(0, 1), (2, 1)] | [(1, 2)] => 1.0,
            _ => 0.0,
        };
        assert!((value - expected).abs() < 0.02, "{product:?}: {value}");
    }
}

#[test]
fn capacity_is_never_above_the_number_of_features() {
    for seed in 1..4 {
        let task = Task::Capacity { steps: 1500, delays: vec![20, 8, 4] };
        let study = Study { seeds: vec![seed], ..study(task, 6) };
        for learner in run(&study, 1).summary.learners {
            let total = learner.test.unwrap().mean;
            assert!(total <= learner.varying as f64 + 1e-6, "{}: {total} of {}", learner.name, learner.varying);
            assert!(total > 1.0, "{}: {total}", learner.name);
        }
    }
}

/// What a state does to outgoing modes and to variances is put in afterwards, by linearity; a run in that state has it
/// from the engine.
#[test]
fn states_put_in_afterwards_agree_with_runs_in_those_states() {
    let network = packets();
    let plan = packet_plan(vec![
        encoding(0, Encoded::Squeezing, (0.1, 0.9)),
        encoding(0, Encoded::SqueezingAngle, (0.0, 2.0)),
        encoding(1, Encoded::ThermalPhotons, (0.2, 3.0)),
    ]);
    let reservoir = Reservoir { network: network.clone(), plan };
    assert!(reservoir.is_memoryless().unwrap());
    let inputs = DMatrix::from_column_slice(3, 1, &[0.0, 0.5, 1.0]);
    let range = InputRange { low: vec![0.0], high: vec![1.0] };
    let linear =
        &reservoir.respond(std::slice::from_ref(&inputs), &range, 1, &mut Watch::new(1, &mut go)).unwrap()[0];
    for (row, u) in [0.0_f64, 0.5, 1.0].into_iter().enumerate() {
        let mut told = network.clone();
        let squeezed = State::Squeezed { r: 0.1 + 0.8 * u, phase: 2.0 * u, displacement: 0.0.into() };
        let states = [squeezed, State::Thermal { photons: 0.2 + 2.8 * u }];
        for (source, state) in told.sources.iter_mut().zip(states) {
            let Drive::Packet(packet) = &mut source.drive else { panic!("packets") };
            packet.state = state;
        }
        let reservoir = Reservoir { network: told, plan: packet_plan(Vec::new()) };
        let direct = &reservoir.respond(&[inputs.rows(0, 1).into_owned()], &range, 1, &mut Watch::new(1, &mut go));
        let direct = &direct.as_ref().unwrap()[0];
        assert_eq!(direct.columns, linear.columns);
        for (k, column) in linear.columns.iter().enumerate() {
            let (ours, theirs) = (linear.values[(row, k)], direct.values[(0, k)]);
            assert!((ours - theirs).abs() < 1e-7 * (1.0 + theirs.abs()), "{}: {ours}, {theirs}", column.name);
        }
    }
}

fn encoding(source: usize, quantity: Encoded, range: (f64, f64)) -> Encoding {
    Encoding { sources: vec![source], channels: vec![0], quantity, range, mixing: Mixing::Same, mask: false }
}

fn packet_plan(encodings: Vec<Encoding>) -> Plan {
    Plan {
        encodings,
        features: vec![
            Feature { reading: Reading::Modes, neurons: Vec::new() },
            Feature { reading: Reading::Trace(Observable::Variance), neurons: vec![0, 1] },
        ],
        symbol_steps: 450,
        virtual_nodes: 3,
        scatter: false,
    }
}

#[test]
fn parts_that_would_be_empty_and_classes_without_rows_are_refused() {
    let short = study(Task::Narma { order: 2, steps: 52 }, 2);
    let refused = short.run(&mut Watch::new(1, &mut go));
    assert!(matches!(refused, Err(LearnError::EmptyPart { .. })), "{refused:?}");
    let sequences = (0..9).map(|k| DMatrix::from_element(1, 1, f64::from(k))).collect();
    let labels: Vec<String> = (0..9).map(|k| format!("class {k}")).collect();
    let data = labelled(vec!["input".to_owned()], sequences, &labels);
    let lonely = study(Task::Data(data), 2);
    let refused = lonely.run(&mut Watch::new(1, &mut go));
    assert!(matches!(refused, Err(LearnError::ClassNotTrained { .. })), "{refused:?}");
    let flat = Dataset::series(&generate::uniform(300, (0.0, 1.0), 1), &[0.5; 300]);
    let refused = study(Task::Data(flat), 2).run(&mut Watch::new(1, &mut go));
    assert_eq!(refused, Err(LearnError::ConstantTarget));
    // Sums that differ by rounding alone.
    let rounding: Vec<f64> = (0..300).map(|k| if k % 2 == 0 { 0.1 + 0.2 } else { 0.3 }).collect();
    let flat = Dataset::series(&generate::uniform(300, (0.0, 1.0), 1), &rounding);
    let refused = study(Task::Data(flat), 2).run(&mut Watch::new(1, &mut go));
    assert_eq!(refused, Err(LearnError::ConstantTarget));
    // Its mean squared error over a spread of none is no score.
    let input = generate::uniform(300, (0.0, 1.0), 1);
    let target: Vec<f64> = input.iter().enumerate().map(|(k, u)| if k < 200 { *u } else { 0.5 }).collect();
    let refused = study(Task::Data(Dataset::series(&input, &target)), 2).run(&mut Watch::new(1, &mut go));
    assert!(matches!(refused, Err(LearnError::ConstantPart { .. })), "{refused:?}");
}

/// Few rows lack a class in some seeds and not in others.
#[test]
fn a_learning_curve_goes_from_few_rows_to_all() {
    let task = Task::CylinderBellFunnel { examples: 36, every: 16 };
    let findings = run(&Study { seeds: (1..9).collect(), ..study(task, 2) }, 1);
    let rows: Vec<usize> = findings.summary.curve.iter().map(|point| point.rows).collect();
    assert!(rows.len() > 2 && rows.is_sorted(), "{rows:?}");
}

#[test]
fn a_study_stops_when_it_is_told_to() {
    let mut calls = 0;
    let mut stop = |_| {
        calls += 1;
        if calls > 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let study = Study { task: Task::CylinderBellFunnel { examples: 90, every: 8 }, ..study(NARMA, 4) };
    assert_eq!(study.run(&mut Watch::new(1, &mut stop)), Err(LearnError::Stopped));
}

/// Every row of the training part alone fixes scaling and weights: other rows may be anything.
#[test]
fn test_rows_do_not_touch_what_is_trained() {
    let base = study(Task::Nonlinear { function: Function::Power(2), steps: 400 }, 4);
    let mut data = base.data(1).unwrap();
    let first = run(&Study { task: Task::Data(data.clone()), ..base.clone() }, 1).model.unwrap();
    let Targets::Series(values) = &mut data.targets else { panic!("a series") };
    for row in 300..400 {
        values[(row, 0)] = 1e6 + row as f64;
        data.sequences[0][(row, 0)] = -1e3;
    }
    let second = run(&Study { task: Task::Data(data), ..base }, 1).model.unwrap();
    let (first, second) = (first.readout, second.readout);
    // The grid of the variance reaches as far as the run's conductances do: rounding alone.
    let gap = (&first.linear.weights - &second.linear.weights).amax() / first.linear.weights.amax();
    assert!(gap < 1e-9, "weights differ by {gap}");
    assert_eq!(first.strength, second.strength);
}

/// The paper's quantum source, given as it stands: what it does to means and variances is what a run in that state has.
#[test]
fn a_quantum_source_that_is_told_its_own_state_acts_as_it_does_in_a_run() {
    let mut network = crate::models::pool(2);
    let state =
        State::Squeezed { r: 0.7, phase: 0.4, displacement: qhh_core::num_complex::Complex64::new(1.5, 2.0) };
    let mode = ModeSource { zero_point: 0.8, omega: 2.0, start: 0.0, stop: f64::INFINITY, envelope: None, state };
    network.sources = vec![Source::new("light", 0..1, Drive::Mode(mode))];
    let plan = |encodings| Plan {
        encodings,
        features: [Observable::Voltage, Observable::Variance, Observable::VarianceState]
            .map(|quantity| Feature { reading: Reading::Trace(quantity), neurons: vec![0, 1] })
            .to_vec(),
        symbol_steps: 40,
        virtual_nodes: 2,
        scatter: true,
    };
    let inputs = DMatrix::from_element(6, 1, 0.5);
    let range = InputRange { low: vec![0.0], high: vec![1.0] };
    let rows = |encodings| {
        let reservoir = Reservoir { network: network.clone(), plan: plan(encodings) };
        reservoir.respond(std::slice::from_ref(&inputs), &range, 1, &mut Watch::new(1, &mut go)).unwrap().remove(0)
    };
    let (as_it_is, told) = (
        rows(Vec::new()),
        rows(vec![
            encoding(0, Encoded::Amplitude, (0.0, 2.0)),
            encoding(0, Encoded::Phase, (-1.0, 1.0)),
            encoding(0, Encoded::Squeezing, (0.4, 1.0)),
            encoding(0, Encoded::SqueezingAngle, (0.0, 0.8)),
        ]),
    );
    assert_eq!(as_it_is.columns, told.columns);
    for (k, column) in told.columns.iter().enumerate() {
        let gap = (told.values.column(k) - as_it_is.values.column(k)).amax();
        let size = as_it_is.values.column(k).amax();
        // The mean current is joined by straight lines from step to step.
        assert!(gap <= 2e-3 * size, "{}: {gap} of {size}", column.name);
        let scatter = (told.scatter.column(k) - as_it_is.scatter.column(k)).amax();
        assert!(scatter <= 5e-3 * as_it_is.scatter.column(k).amax(), "{}", column.name);
    }
    let state = |table: &Table| table.values.column(8).amax();
    assert!(state(&told) > 0.01 && (state(&told) / state(&as_it_is) - 1.0).abs() < 1e-3, "{}", state(&told));
}

/// Orders up to ten and above it, each by its formula; before the start everything is 0.
#[test]
fn narma_follows_its_formula() {
    for (order, [own, sum, constant]) in [(2, [0.3, 0.05, 0.1]), (10, [0.3, 0.05, 0.1]), (11, [0.2, 0.04, 0.001])]
    {
        let data = generate::narma(order, 400, 7).unwrap();
        let Targets::Series(y) = &data.targets else { panic!("numbers") };
        let u = &data.sequences[0];
        let before = |k: usize| if k == 0 { 0.0 } else { y[k - 1] };
        for t in 0..400 {
            let past: f64 = (0..order.min(t + 1)).map(|i| before(t - i)).sum();
            let delayed = if t + 1 >= order { u[t + 1 - order] } else { 0.0 };
            let expected = own * before(t) + sum * before(t) * past + 1.5 * delayed * u[t] + constant;
            assert!((y[t] - expected).abs() < 1e-15, "order {order}, symbol {t}: {} for {expected}", y[t]);
        }
    }
    assert!((1..=100).all(|seed| generate::narma(30, 2000, seed).is_ok()));
    assert!(matches!(generate::narma(60, 2000, 1), Err(LearnError::RunsAway { order: 60, .. })));
}

/// Numbers by value before words by letter; equal only if written alike. Any order of the rows gives the same classes.
#[test]
fn labels_have_one_order_whatever_they_are() {
    let sorted = ["-1", "2", "2.0", "10", "1e3", "", "-", "1a", "NaN", "inf", "ten"].map(str::to_owned);
    let sequences = || vec![DMatrix::from_element(1, 1, 0.0); 3 * sorted.len()];
    for stride in [1, 2, 3, 5, 7] {
        let labels: Vec<String> =
            (0..3 * sorted.len()).map(|k| sorted[(k * stride) % sorted.len()].clone()).collect();
        let data = labelled(vec!["x".to_owned()], sequences(), &labels);
        let Targets::Classes { names, of } = &data.targets else { panic!("classes") };
        assert_eq!(names[..], sorted);
        assert!(of.iter().zip(&labels).all(|(&class, label)| names[class] == *label));
    }
}

/// All that a NARMA of order 2 depends on are products of the last inputs: nothing is left but what lies further back.
#[test]
fn products_of_past_inputs_learn_what_is_made_of_them() {
    let input = generate::uniform(900, (-1.0, 2.0), 3);
    let at = |k: usize, ago: usize| input[k.saturating_sub(ago)];
    let target: Vec<f64> = (0..900).map(|k| at(k, 1) * at(k, 7) - 0.5 * at(k, 3).powi(2) + at(k, 0)).collect();
    let study = Study {
        baselines: vec![Baseline::Linear, Baseline::Quadratic],
        delays: 8,
        ..study(Task::Data(Dataset::series(&input, &target)), 2)
    };
    let findings = run(&study, 1);
    let features: Vec<usize> = findings.summary.learners.iter().skip(1).map(|learner| learner.features).collect();
    assert_eq!(features, [8, 8 + 36]);
    assert!(test_score(&findings, "linear") > 0.3);
    assert!(test_score(&findings, "quadratic") < 1e-3, "{}", test_score(&findings, "quadratic"));
}

#[test]
fn baselines_of_the_input_have_as_many_delays_as_the_target_asks_for() {
    let delays = |task: Task| task.delays();
    assert_eq!(delays(Task::Narma { order: 10, steps: 500 }), 20);
    assert_eq!(delays(Task::Narma { order: 28, steps: 500 }), 28);
    assert_eq!(delays(Task::MackeyGlass { tau: 29.5, horizon: 1, steps: 500 }), 31);
    assert_eq!(delays(Task::Capacity { steps: 900, delays: vec![40, 12] }), 41);
    // Given that many, they have every input that is asked for.
    let task = Task::Capacity { steps: 1500, delays: vec![33] };
    let study = Study { baselines: vec![Baseline::Linear], ..study(task.clone(), 4) };
    let findings = run(&Study { delays: task.delays(), ..study }, 1);
    assert!((test_score(&findings, "linear") - 34.0).abs() < 1e-9, "{}", test_score(&findings, "linear"));
}

/// A gate in place of each variance: as many features that differ between rows, where hbar = 0 has half of them.
#[test]
fn the_mean_field_control_has_as_many_live_features_as_the_network() {
    let findings = run(&study(NARMA, 8), 1);
    let of = |name: &str| findings.summary.learners.iter().find(|one| one.name == name).unwrap();
    let live = ["network", "mean field", "hbar = 0"].map(|name| of(name).varying);
    assert_eq!(live, [32, 32, 16]);
    let alone = Study { baselines: vec![Baseline::MeanField], ..study(NARMA, 8) };
    let network = crate::models::study(NARMA, 8);
    let mut by_hand = Study { baselines: Vec::new(), ..network };
    by_hand.reservoir.plan.features[1].reading = Reading::Trace(Observable::N);
    by_hand.reservoir.plan.scatter = false;
    let (control, by_hand) = (run(&alone, 1), run(&by_hand, 1));
    assert_eq!(test_score(&control, "mean field"), test_score(&by_hand, "network"));
    // A network that reads n already is given the next gate.
    let mut reads_n = study(NARMA, 8);
    reads_n.reservoir.plan.features[0].reading = Reading::Trace(Observable::N);
    reads_n.baselines = vec![Baseline::MeanField];
    assert_eq!(run(&reads_n, 1).summary.learners[1].varying, 32);
}

/// The mean of the differences is the difference of the means; its error is that of the differences.
#[test]
fn learners_are_compared_seed_by_seed() {
    let many = Study { seeds: vec![1, 2, 3], baselines: vec![Baseline::Linear], ..study(NARMA, 6) };
    let findings = run(&many, 1);
    let gaps: Vec<f64> = [1, 2, 3]
        .into_iter()
        .map(|seed| {
            let one = run(&Study { seeds: vec![seed], ..many.clone() }, 1);
            test_score(&one, "network") - test_score(&one, "linear")
        })
        .collect();
    let mean = gaps.iter().sum::<f64>() / 3.0;
    let error = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / 2.0 / 3.0).sqrt();
    let difference = findings.summary.learners[1].difference.unwrap();
    assert!((difference.mean - mean).abs() < 1e-12 && (difference.error.unwrap() - error).abs() < 1e-12);
    assert_eq!(findings.summary.learners[0].difference, None);
}

/// Whoever trains on what is exported, with the strength that was chosen, gets the model and its predictions.
#[test]
fn what_is_exported_gives_the_model_again() {
    let exported = Study { export: true, seeds: vec![4, 2], baselines: Vec::new(), ..study(NARMA, 6) };
    let findings = run(&exported, 1);
    assert_eq!(findings.exports.iter().map(|export| export.seed).collect::<Vec<_>>(), [4, 2]);
    let export = &findings.exports[0];
    let rows = |part| -> Vec<usize> { (0..600).filter(|&row| export.parts[row] == Some(part)).collect() };
    let (train, model) = (rows("train"), findings.model.unwrap().readout);
    assert_eq!(train.len(), 330);
    for fold in 0..5 {
        assert_eq!(train.iter().filter(|&&row| export.folds[row] == Some(fold)).count(), 66);
    }
    let again = exported.method.with(model.strength).fit(&export.features, &export.targets, &train).unwrap();
    assert_eq!(again, model);
    let Targets::Series(values) = &export.targets else { panic!("numbers") };
    let predicted = again.predict(&export.features);
    for row in &findings.predictions {
        assert_eq!((row.truth, row.prediction), (values[(row.row, 0)], predicted[(row.row, 0)]));
    }
    assert!(run(&Study { export: false, ..exported }, 1).exports.is_empty());
}
