//! What must hold whatever the numbers are.

use std::ops::ControlFlow;

use qhh_lab::learn::Watch;
use qhh_lab::learn::study::{Findings, Study, Task};

use crate::models::study;

fn run(study: &Study) -> Findings {
    study.run(&mut Watch::new(1, &mut |_| ControlFlow::Continue(()))).unwrap()
}

#[test]
fn a_network_learns_narma_better_than_its_mean() {
    let findings = run(&study(Task::Narma { order: 10, steps: 800 }, 10));
    for learner in &findings.learners {
        println!("{learner:?}");
    }
    for row in &findings.importances {
        println!("{row:?}");
    }
    assert!(findings.learners[0].test.unwrap().mean < 0.9);
}
