//! The search for the least: L-BFGS of argmin on all examples at once, or Adam on a few at a time.
//!
//! Adam (Kingma and Ba, arXiv:1412.6980) is written out here: argmin has no stochastic method, and the libraries that have
//! one bring a whole framework of tensors along.

use std::cell::RefCell;

use argmin::core::{self as argmin_core, CostFunction, Gradient, IterState, Problem, Solver, State};
use argmin::solver::linesearch::MoreThuenteLineSearch;
use argmin::solver::quasinewton::LBFGS;
use qhh_format::fit::{Fit, Goal, Optimizer};
use qhh_net::network::random;
use rand::seq::SliceRandom;

use super::evaluate::Evaluation;
use super::parameters::Parameters;
use crate::Error;

/// Evaluations of one line search; one that takes more gets nowhere.
const MOST_EVALUATIONS: usize = 40;
/// Length of the first step of L-BFGS, in coordinates.
const FIRST_STEP: f64 = 0.3;
/// Relative length of a gradient at which nothing is left to be done, and relative change of the objective.
const FLAT: f64 = 1e-10;

/// Where the search was after an iteration.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Step {
    pub(super) iteration: usize,
    pub(super) evaluations: usize,
    pub(super) train: Evaluation,
    pub(super) validation: Option<Evaluation>,
    pub(super) values: Vec<f64>,
}

/// A search that came to its end.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Course {
    pub(super) steps: Vec<Step>,
    /// The best of them.
    pub(super) best: usize,
    /// Why it ended.
    pub(super) ended: String,
}

/// Examples by what they are for.
pub(super) struct Examples {
    pub(super) train: Vec<usize>,
    pub(super) held_out: Vec<usize>,
}

impl Examples {
    /// Holds a share of some examples out.
    pub(super) fn new(n: usize, share: f64, seed: u64) -> Self {
        let mut order: Vec<usize> = (0..n).collect();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a count")]
        let held = (share * n as f64).round() as usize;
        let held = if share > 0.0 { held.clamp(1, n.saturating_sub(1)) } else { 0 };
        if held > 0 {
            order.shuffle(&mut random::stream(seed, "fit.held_out"));
        }
        let held_out = order.split_off(n - held);
        Self { train: order, held_out }
    }
}

/// Evaluates the objective at values over some examples, with slopes or without.
pub(super) type Evaluate<'a> = dyn FnMut(&[f64], &[usize], bool) -> Result<Evaluation, Error> + 'a;
/// Takes note of each step; an error ends the search.
pub(super) type Note<'a> = dyn FnMut(&Step, usize) -> Result<(), Error> + 'a;

/// A search under way.
struct Search<'a> {
    fit: &'a Fit,
    parameters: &'a Parameters,
    examples: &'a Examples,
    evaluate: &'a mut Evaluate<'a>,
    note: &'a mut Note<'a>,
    total: usize,
    evaluations: usize,
    steps: Vec<Step>,
    best: usize,
}

/// Searches from the start of the parameters.
pub(super) fn search<'a>(
    fit: &'a Fit,
    parameters: &'a Parameters,
    examples: &'a Examples,
    evaluate: &'a mut Evaluate<'a>,
    note: &'a mut Note<'a>,
) -> Result<Course, Error> {
    let total = match fit.optimizer {
        Optimizer::Lbfgs { iterations, .. } => iterations,
        Optimizer::Adam { epochs, .. } => epochs,
    };
    let mut search =
        Search { fit, parameters, examples, evaluate, note, total, evaluations: 0, steps: Vec::new(), best: 0 };
    let ended = match fit.optimizer {
        Optimizer::Lbfgs { iterations, memory } => search.lbfgs(iterations, memory)?,
        Optimizer::Adam { epochs, rate, batch, clip } => search.adam(epochs, (rate, batch, clip))?,
    };
    let bounded = search.steps.get(search.best).map_or(Vec::new(), |best| parameters.at_bounds(&best.values));
    let ended = match bounded.as_slice() {
        [] => ended,
        [one] => format!("{ended}; {one} is at its bound"),
        several => format!("{ended}; {} are at their bounds", several.join(", ")),
    };
    Ok(Course { steps: search.steps, best: search.best, ended })
}

impl Search<'_> {
    /// The objective at coordinates, with slopes by them.
    fn at(&mut self, x: &[f64], examples: &[usize]) -> Result<Evaluation, Error> {
        self.evaluations += 1;
        let mut of = (self.evaluate)(&self.parameters.values(x), examples, true)?;
        for (slope, by) in of.slopes.iter_mut().zip(self.parameters.slopes(x)) {
            *slope *= by;
        }
        Ok(of)
    }

    /// Notes a step; returns why the search should end, if it should.
    fn step(&mut self, x: &[f64], train: Evaluation) -> Result<Option<String>, Error> {
        let values = self.parameters.values(x);
        let validation = if self.examples.held_out.is_empty() {
            None
        } else {
            self.evaluations += 1;
            Some((self.evaluate)(&values, &self.examples.held_out, false)?)
        };
        let iteration = self.steps.len();
        let step = Step { iteration, evaluations: self.evaluations, train, validation, values };
        (self.note)(&step, self.total)?;
        let judged = |step: &Step| step.validation.as_ref().unwrap_or(&step.train).value;
        if self.steps.get(self.best).is_none_or(|best| judged(&step) < judged(best)) {
            self.best = iteration;
        }
        self.steps.push(step);
        let since = iteration - self.best;
        Ok((since >= self.fit.patience).then(|| format!("{since} iterations without a better value")))
    }

    fn lbfgs(&mut self, iterations: usize, memory: usize) -> Result<String, Error> {
        let origin = self.parameters.origin();
        let first = self.at(&origin, &self.examples.train)?;
        let steepness = length(&first.slopes);
        if let Some(ended) = self.step(&origin, first.clone())? {
            return Ok(ended);
        }
        if steepness == 0.0 {
            let jumps =
                self.fit.objective.iter().any(|term| matches!(&term.of, Goal::Measure { of, .. } if is_count(of)));
            let hint = if jumps { "; a number of spikes jumps, `smooth_spikes` has a slope" } else { "" };
            return Ok(format!("the objective does not depend on the parameters at the start{hint}"));
        }
        // Of a first step that knows no curvature, the length is that of the gradient.
        let scale = FIRST_STEP / steepness;
        let state = RefCell::new(LineSearch {
            search: self,
            scale,
            last: Some((origin.clone(), first)),
            left: 0,
            error: None,
        });
        let asked = Asked(&state);
        let line: MoreThuenteLineSearch<Vec<f64>, Vec<f64>, f64> = MoreThuenteLineSearch::new();
        let mut solver: LBFGS<_, Vec<f64>, Vec<f64>, f64> = LBFGS::new(line, memory);
        let mut problem = Problem::new(asked);
        let mut iterate: IterState<Vec<f64>, Vec<f64>, (), (), (), f64> = IterState::new().param(origin);
        state.borrow_mut().left = MOST_EVALUATIONS;
        iterate = match solver.init(&mut problem, iterate) {
            Ok((iterate, _)) => iterate,
            Err(error) => return Err(state.into_inner().error.unwrap_or_else(|| unexpected(&error))),
        };
        for _ in 0..iterations {
            state.borrow_mut().left = MOST_EVALUATIONS;
            let before = iterate.get_cost();
            let next = solver.next_iter(&mut problem, iterate).ok().map(|(iterate, _)| iterate);
            let next = next.and_then(|iterate| Some((iterate.get_param().cloned()?, iterate)));
            let Some((x, after)) = next else {
                // Far from the start a run may lack what it had there; what was found so far is good all the same.
                return match state.borrow_mut().error.take() {
                    Some(Error::Network(error)) => {
                        let what = error.problems.first().map_or("", |problem| &problem.message);
                        Ok(format!("a step leads to where {what}"))
                    }
                    Some(error) => Err(error),
                    None => Ok("no step along the slope makes it less".to_owned()),
                };
            };
            iterate = after;
            iterate.increment_iter();
            let mut line = state.borrow_mut();
            let of = line.at(&x).map_err(|error| line.error.take().unwrap_or_else(|| unexpected(&error)))?;
            let flat = length(&of.slopes) <= FLAT * steepness;
            if let Some(ended) = line.search.step(&x, of)? {
                return Ok(ended);
            }
            if flat {
                return Ok("the slope vanishes".to_owned());
            }
            if (before - iterate.get_cost()).abs() <= FLAT * FLAT * before.abs() {
                return Ok("nothing changes any more".to_owned());
            }
        }
        Ok(format!("the limit of {iterations} iterations"))
    }

    fn adam(&mut self, epochs: usize, (rate, batch, clip): (f64, usize, Option<f64>)) -> Result<String, Error> {
        const MEMORY: [f64; 2] = [0.9, 0.999];
        let mut x = self.parameters.origin();
        let (mut mean, mut square) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        self.evaluations += 1;
        let train = self.examples.train.clone();
        let start = (self.evaluate)(&self.parameters.values(&x), &train, false)?;
        if let Some(ended) = self.step(&x, start)? {
            return Ok(ended);
        }
        let mut made = 0;
        for epoch in 0..epochs {
            let mut order = train.clone();
            order.shuffle(&mut random::stream(self.fit.seed, &format!("fit.order.{epoch}")));
            for batch in order.chunks(batch) {
                let mut slopes = self.at(&x, batch)?.slopes;
                let long = clip.map_or(1.0, |most| (most / length(&slopes)).min(1.0));
                for slope in &mut slopes {
                    *slope *= long;
                }
                made += 1;
                let grown = MEMORY.map(|memory| 1.0 - memory.powi(made));
                for (k, slope) in slopes.iter().enumerate() {
                    mean[k] = MEMORY[0] * mean[k] + (1.0 - MEMORY[0]) * slope;
                    square[k] = MEMORY[1] * square[k] + (1.0 - MEMORY[1]) * slope * slope;
                    x[k] -= rate * (mean[k] / grown[0]) / ((square[k] / grown[1]).sqrt() + 1e-12);
                }
            }
            self.evaluations += 1;
            let of = (self.evaluate)(&self.parameters.values(&x), &train, false)?;
            if let Some(ended) = self.step(&x, of)? {
                return Ok(ended);
            }
        }
        Ok(format!("the limit of {epochs} epochs"))
    }
}

/// Whether a measure is a whole number, by its name.
fn is_count(measure: &str) -> bool {
    let quantity = measure.trim().rsplit('.').next().unwrap_or_default();
    ["spikes", "fired", "rate", "last_neuron"].contains(&quantity)
}

fn length(of: &[f64]) -> f64 {
    of.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn unexpected(error: &argmin_core::Error) -> Error {
    Error::Usage { message: format!("the optimizer fails: {error}"), remedy: "start elsewhere, or choose `adam`" }
}

/// What a line search asks of a search.
struct LineSearch<'a, 's> {
    search: &'a mut Search<'s>,
    /// Factor on the objective.
    scale: f64,
    /// Coordinates that were asked of last; value and slopes are asked of one after the other.
    last: Option<(Vec<f64>, Evaluation)>,
    /// Evaluations that are left.
    left: usize,
    error: Option<Error>,
}

impl LineSearch<'_, '_> {
    fn at(&mut self, x: &[f64]) -> Result<Evaluation, argmin_core::Error> {
        if let Some((_, of)) = self.last.as_ref().filter(|(of, _)| of == x) {
            return Ok(of.clone());
        }
        if self.left == 0 {
            return Err(argmin_core::Error::msg("too many evaluations"));
        }
        self.left -= 1;
        let train = self.search.examples.train.clone();
        let of = self.search.at(x, &train).map_err(|error| {
            let message = error.to_string();
            self.error = Some(error);
            argmin_core::Error::msg(message)
        })?;
        self.last = Some((x.to_vec(), of.clone()));
        Ok(of)
    }
}

/// The objective as argmin has it.
struct Asked<'r, 'a, 's>(&'r RefCell<LineSearch<'a, 's>>);

impl CostFunction for Asked<'_, '_, '_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, x: &Vec<f64>) -> Result<f64, argmin_core::Error> {
        let mut line = self.0.borrow_mut();
        let scale = line.scale;
        Ok(scale * line.at(x)?.value)
    }
}

impl Gradient for Asked<'_, '_, '_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, x: &Vec<f64>) -> Result<Vec<f64>, argmin_core::Error> {
        let mut line = self.0.borrow_mut();
        let scale = line.scale;
        Ok(line.at(x)?.slopes.iter().map(|slope| scale * slope).collect())
    }
}
