//! Against scikit-learn: tests/data/learn/readout.py says how the numbers were made.

use std::ops::ControlFlow;
use std::path::Path;

use nalgebra::DMatrix;
use qhh_lab::learn::Watch;
use qhh_lab::learn::logistic;
use qhh_lab::learn::readout::Method;
use qhh_lab::learn::ridge::Ridge;
use qhh_lab::learn::scale::Scaler;
use qhh_lab::learn::study::{Baseline, Task};
use serde_json::Value;

fn reference() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/learn/readout.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn matrix(value: &Value) -> DMatrix<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    DMatrix::from_row_iterator(rows.len(), rows[0].len(), rows.iter().flatten().copied())
}

/// StandardScaler, then Ridge with the solver `svd`: two nearly equal columns among eight, one far from zero.
#[test]
fn ridge_and_scaling_agree_with_scikit_learn_to_1e_8() {
    let reference = reference();
    let (x, y) = (matrix(&reference["x"]), matrix(&reference["y"]));
    let ridge = Ridge::new(&Scaler::fit(&x).transform(&x), &y);
    let cases = reference["ridge"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let fitted = ridge.fit(case["alpha"].as_f64().unwrap());
        let expected = matrix(&case["coef"]).transpose();
        let gap = (&fitted.weights - &expected).amax() / expected.amax();
        assert!(gap < 1e-8, "alpha {}: weights differ by {gap}", case["alpha"]);
        for (ours, theirs) in fitted.intercept.iter().zip(case["intercept"].as_array().unwrap()) {
            assert!((ours - theirs.as_f64().unwrap()).abs() < 1e-9);
        }
    }
}

/// LogisticRegression on the irises, converged to 1e-12.
#[test]
fn logistic_regression_agrees_with_scikit_learn_to_1e_5() {
    let reference = &reference()["iris"];
    let x = matrix(&reference["x"]);
    let classes: Vec<usize> = serde_json::from_value(reference["classes"].clone()).unwrap();
    for case in reference["logistic"].as_array().unwrap() {
        let fitted = logistic::fit(&x, &classes, 3, case["C"].as_f64().unwrap());
        let ours = logistic::probabilities(&fitted, &x);
        let theirs = matrix(&case["probabilities"]);
        for (k, row) in theirs.row_iter().enumerate() {
            let gap = (ours.row(10 * k) - row).amax();
            assert!(gap < 1e-5, "C {}: probabilities differ by {gap}", case["C"]);
        }
        // The intercepts may all be shifted; the weights, penalised, may not.
        let gap = (&fitted.weights - matrix(&case["coef"]).transpose()).amax();
        assert!(gap < 1e-5, "C {}: weights differ by {gap}", case["C"]);
    }
}

/// Two kinds of iris, at strengths from strong to weak: scikit-learn has one set of weights, of the second class over
/// the first.
#[test]
fn logistic_regression_of_two_classes_agrees_with_scikit_learn_to_1e_6() {
    let reference = &reference()["two"];
    let x = matrix(&reference["x"]);
    let classes: Vec<usize> = serde_json::from_value(reference["classes"].clone()).unwrap();
    for case in reference["logistic"].as_array().unwrap() {
        let fitted = logistic::fit(&x, &classes, 2, case["C"].as_f64().unwrap());
        let theirs = matrix(&case["coef"]);
        let ours = fitted.weights.column(1) - fitted.weights.column(0);
        let gap = (ours - theirs.transpose()).amax() / theirs.amax();
        assert!(gap < 1e-6, "C {}: weights differ by {gap}", case["C"]);
        let intercept = fitted.intercept[1] - fitted.intercept[0] - case["intercept"][0].as_f64().unwrap();
        assert!(intercept.abs() < 1e-6, "C {}: intercepts differ by {intercept}", case["C"]);
        let ours = logistic::probabilities(&fitted, &x);
        for (k, row) in matrix(&case["probabilities"]).row_iter().enumerate() {
            assert!((ours.row(10 * k) - row).amax() < 1e-6, "C {}", case["C"]);
        }
    }
}

/// tests/data/learn/echo_state.py: 0.239 with a deviation of 0.036 from seed to seed.
#[test]
fn the_echo_state_baseline_learns_narma_as_well_as_one_in_numpy() {
    let mut study = crate::models::study(Task::Narma { order: 10, steps: 2000 }, 25);
    study.method = Method::default();
    study.washout = 100;
    study.seeds = vec![1, 2, 3, 4];
    study.baselines = vec![Baseline::EchoState];
    let findings = study.run(&mut Watch::new(0, &mut |_| ControlFlow::Continue(()))).unwrap();
    let echo = &findings.summary.learners[1];
    assert_eq!((echo.name.as_ref(), echo.features), ("echo state", 100));
    let nrmse = echo.test.unwrap().mean;
    assert!((nrmse - 0.239).abs() < 3.0 * 0.036 / 2.0, "NRMSE {nrmse}");
}

/// One in numpy has 31.9 at its best settings, and 25.9 at radius 0.95, inputs 0.1, leak 1.
#[test]
fn the_echo_state_baseline_remembers_as_much_as_one_in_numpy() {
    let mut study = crate::models::study(Task::Capacity { steps: 4000, delays: vec![40] }, 25);
    study.washout = 100;
    study.baselines = vec![Baseline::EchoState, Baseline::Linear];
    let findings = study.run(&mut Watch::new(0, &mut |_| ControlFlow::Continue(()))).unwrap();
    let [_, echo, linear] = &findings.summary.learners[..] else { panic!("{:?}", findings.summary.learners) };
    assert_eq!((echo.name.as_ref(), echo.features, linear.features), ("echo state", 100, 41));
    let memory = echo.test.unwrap().mean;
    assert!((memory - 31.9).abs() < 3.0 * 0.8, "{memory}");
    assert!((linear.test.unwrap().mean - 41.0).abs() < 1e-9);
}
