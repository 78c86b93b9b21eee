//! What a fit will do, in words.

use std::collections::BTreeMap;

use qhh_format::fit::{Fit, Optimizer};

use super::evaluate::Evaluator;
use super::optimize::Examples;
use crate::Error;
use crate::text::counted;

/// Trained entries of the file that are named.
const MOST: usize = 6;

/// Topic and sentence.
pub(super) fn facts(fit: &Fit, evaluator: &Evaluator) -> Result<Vec<(&'static str, String)>, Error> {
    let trained = &evaluator.parameters.trained;
    let mut paths: Vec<&str> = Vec::new();
    for parameter in trained {
        // Elements of a list stand side by side.
        let path = parameter.name.split('[').next().unwrap_or_default();
        if paths.last() != Some(&path) {
            paths.push(path);
        }
    }
    let more = if paths.len() > MOST { ", ..." } else { "" };
    paths.truncate(MOST);
    let mut terms: BTreeMap<&str, u64> = BTreeMap::new();
    for term in &fit.objective {
        *terms.entry(term.of.key()).or_default() += 1;
    }
    let terms: Vec<String> = terms
        .into_iter()
        .map(|(key, n)| if n == 1 { format!("`{key}`") } else { format!("{n} of `{key}`") })
        .collect();
    let mut facts = vec![
        ("name", fit.name.clone()),
        ("network", fit.network.display().to_string()),
        ("trained", format!("{}: {}{more}", counted(trained.len() as u64, "value"), paths.join(", "))),
        ("objective", terms.join(", ")),
    ];
    if fit.examples.is_some() {
        let held_out = Examples::new(evaluator.n_examples(), fit.validation, fit.seed).held_out.len();
        facts.push(("examples", format!("{}, {held_out} of them held out", evaluator.n_examples())));
    }
    facts.push((
        "optimizer",
        match fit.optimizer {
            Optimizer::Lbfgs { iterations, .. } => {
                format!("L-BFGS, at most {}", counted(iterations as u64, "iteration"))
            }
            Optimizer::Adam { epochs, .. } => format!("Adam, at most {epochs} epochs"),
        },
    ));
    if !evaluator.watched.is_empty() {
        facts.push(("memory", evaluator.memory()?));
    }
    Ok(facts)
}
