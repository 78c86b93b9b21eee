//! The objective and its derivative by the trained numbers, over some examples.

use std::ops::ControlFlow;
use std::sync::OnceLock;

use qhh_format::fit::Fit;
use qhh_format::yaml::{self, NumberEntry, Override};
use qhh_lab::objective::{Objective, Scored};
use qhh_net::engine::adjoint::Tape;
use qhh_net::{RunError, RunOptions, Simulation, tasks};
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use super::terms::{self, Term};
use crate::{Error, Network, resources};

/// Remedy of an objective that a run does not have.
const NO_NUMBER: &str =
    "start where the run has it, or name an objective that every run has, such as `spike-times`";

/// Everything that is evaluated.
pub(super) struct Evaluator {
    fit: Fit,
    network: Network,
    pub(super) parameters: Parameters,
    parts: Vec<Term>,
    /// Whether each element of an entry belongs to one neuron, connection or target.
    elementwise: OnceLock<Vec<bool>>,
    /// Neurons whose voltages the objective is made of.
    pub(super) watched: Vec<usize>,
    /// What sets each example.
    examples: Vec<Vec<Override>>,
    pool: Option<rayon::ThreadPool>,
    threads: usize,
}

/// The objective over some examples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Evaluation {
    /// Its mean.
    pub(super) value: f64,
    /// Its slopes by the trained numbers; empty if they were not wanted.
    pub(super) slopes: Vec<f64>,
    /// Part of the examples that are classified rightly; none without classes.
    pub(super) accuracy: Option<f64>,
}

/// The objective in one example.
struct One {
    value: f64,
    slopes: Vec<f64>,
    correct: Option<bool>,
}

impl Evaluator {
    pub(super) fn new(fit: &Fit, network: &Network, threads: usize) -> Result<Self, Error> {
        let parameters = Parameters::new(fit, network)?;
        let parts = terms::parts(fit, network.net())?;
        let examples = examples(fit, network)?;
        let mut watched: Vec<usize> = Vec::new();
        for objective in parts.iter().filter_map(|part| part.objective(0)) {
            watched.extend(objective.watched(network.net()).unwrap_or_default());
        }
        watched.sort_unstable();
        watched.dedup();
        if !watched.is_empty() {
            Tape::check(network.net())
                .map_err(|error| fit.mistake(&["network"], &error.to_string(), "change it in the network file"))?;
        }
        let several = examples.len() > 1 && threads != 1;
        let pool = several.then(|| tasks::pool(threads)).transpose().map_err(|cause| Error::Usage {
            message: format!("{}: no threads can be started: {cause}", fit.name),
            remedy: "give fewer `threads`",
        })?;
        Ok(Self {
            fit: fit.clone(),
            network: network.clone(),
            parameters,
            parts,
            elementwise: OnceLock::new(),
            watched,
            examples,
            pool,
            threads,
        })
    }

    /// Number of examples.
    pub(super) fn n_examples(&self) -> usize {
        self.examples.len()
    }

    /// Examples at once.
    fn at_once(&self) -> usize {
        self.pool.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// What it takes, in a sentence.
    pub(super) fn memory(&self) -> Result<String, Error> {
        let note = resources::for_backwards(self.network.net(), self.watched.len())?;
        Ok(match self.at_once() {
            1 => note,
            n => format!("{note}, up to {n} times at once"),
        })
    }

    /// The network with these values, with the inputs of an example if one is given.
    pub(super) fn network_at(&self, values: &[f64], example: Option<usize>) -> Result<Network, Error> {
        let mut set = self.parameters.overrides(values);
        set.extend(example.into_iter().flat_map(|example| self.examples[example].iter().cloned()));
        self.network.set_all(&set)
    }

    /// The mean over some examples at these values.
    pub(super) fn of(&self, values: &[f64], examples: &[usize], with_slopes: bool) -> Result<Evaluation, Error> {
        let n = examples.len().max(1) as f64;
        let n_slopes = if with_slopes { values.len() } else { 0 };
        let mut sum = Evaluation { value: 0.0, slopes: vec![0.0; n_slopes], accuracy: None };
        let mut right = 0.0;
        let one = |example: &usize| self.one(values, *example, with_slopes);
        tasks::in_order(self.pool.as_ref(), examples, 2 * self.at_once(), one, |_, one| {
            let one = one?;
            sum.value += one.value / n;
            for (sum, slope) in sum.slopes.iter_mut().zip(&one.slopes) {
                *sum += slope / n;
            }
            if let Some(correct) = one.correct {
                right += if correct { 1.0 / n } else { 0.0 };
                sum.accuracy = Some(right);
            }
            Ok::<(), Error>(())
        })?;
        Ok(sum)
    }

    fn one(&self, values: &[f64], example: usize, with_slopes: bool) -> Result<One, Error> {
        let network = self.network_at(values, Some(example))?;
        let mut one =
            One { value: 0.0, slopes: vec![0.0; if with_slopes { values.len() } else { 0 }], correct: None };
        self.sloped(&network, values, example, &mut one)?;
        for part in self.parts.iter().filter(|part| part.level().is_some()) {
            let value = self.level(&network, part)?;
            let (worth, slope) = part.worth(value);
            one.value += worth;
            for k in 0..one.slopes.len() {
                let sides = self.parameters.around(k, values[k]);
                let at = |side: f64| {
                    let mut moved = values.to_vec();
                    moved[k] = side;
                    self.level(&self.network_at(&moved, Some(example))?, part)
                };
                let change = at(sides[1])? - at(sides[0])?;
                one.slopes[k] += slope * change / (sides[1] - sides[0]);
            }
        }
        Ok(one)
    }

    /// Adds the parts that have slopes: one run forwards, and one backwards.
    fn sloped(&self, network: &Network, values: &[f64], example: usize, one: &mut One) -> Result<(), Error> {
        let objectives: Vec<(&Term, Objective)> =
            self.parts.iter().filter_map(|part| Some((part, part.objective(example)?))).collect();
        if objectives.is_empty() {
            return Ok(());
        }
        let mut tape = self.tape(network, &self.watched)?;
        let mut slopes: Vec<Vec<f64>> =
            self.watched.iter().map(|neuron| vec![0.0; tape.voltages(*neuron).len()]).collect();
        for (part, objective) in &objectives {
            let scored = objective
                .scored(network.net(), &tape)
                .map_err(|error| self.no_number(part, &error.to_string()))?;
            let Scored { value, slopes: by, correct } = scored;
            let (worth, factor) = part.worth(value);
            one.value += worth;
            one.correct = correct.or(one.correct);
            for (sum, by) in slopes.iter_mut().flatten().zip(by.iter().flatten()) {
                *sum += factor * by;
            }
        }
        if one.slopes.is_empty() {
            return Ok(());
        }
        let gradient = tape.backwards(&slopes, true, &mut |_| ControlFlow::Continue(()));
        let gradient = gradient.map_err(|cause| failed(network, cause))?;
        let entries: Vec<NumberEntry> = self.parameters.entries(values);
        // The same of any values, so found once.
        let elementwise = self
            .elementwise
            .get_or_init(|| entries.iter().map(|entry| network.is_elementwise(&gradient, entry)).collect());
        let of_entry = |(entry, elementwise)| network.slopes_by(&gradient, entry, elementwise);
        let by =
            entries.iter().zip(elementwise.iter().copied()).map(of_entry).collect::<Result<Vec<_>, Error>>()?;
        for (slope, by) in one.slopes.iter_mut().zip(self.parameters.gathered(&by)) {
            *slope += by;
        }
        Ok(())
    }

    /// A number without a slope.
    fn level(&self, network: &Network, part: &Term) -> Result<f64, Error> {
        let Some(measure) = part.level() else { return Ok(0.0) };
        let mut asked = network.net().clone();
        let no_number = |message: &str| self.no_number(part, message);
        measure.require_recording(&mut asked).map_err(|error| no_number(&error.to_string()))?;
        let checked = asked
            .checked()
            .map_err(|mistakes| no_number(mistakes.first().map_or("it cannot run", |first| &first.message)))?;
        let options = RunOptions { threads: self.of_a_run(), ..RunOptions::default() };
        let outcome = Simulation::from_checked(&checked, options).run(&mut |_| ControlFlow::Continue(()));
        let value = measure.of(&checked, &outcome.map_err(|cause| failed(network, cause))?);
        if value.is_finite() {
            Ok(value)
        } else {
            Err(no_number(&format!("`{}`: the run has no such number", measure.name())))
        }
    }

    /// The error of a part that a run does not have.
    fn no_number(&self, part: &Term, message: &str) -> Error {
        self.fit.mistake(&["objective", &part.place.to_string(), "measure", "of"], message, NO_NUMBER).into()
    }

    /// Threads of one run: examples share them out among themselves.
    fn of_a_run(&self) -> usize {
        if self.pool.is_some() { 1 } else { self.threads }
    }

    fn tape(&self, network: &Network, watched: &[usize]) -> Result<Tape, Error> {
        let options = RunOptions { threads: self.of_a_run(), ..RunOptions::default() };
        let tape = Tape::record(&network.loaded().network, watched, options, &mut |_| ControlFlow::Continue(()));
        tape.map_err(|cause| failed(network, cause))
    }

    /// Voltages of some neurons in the first example at these values.
    pub(super) fn voltages(&self, values: &[f64], neurons: &[usize]) -> Result<Vec<Vec<f64>>, Error> {
        let tape = self.tape(&self.network_at(values, Some(0))?, neurons)?;
        Ok(neurons.iter().map(|neuron| tape.voltages(*neuron).to_vec()).collect())
    }

    /// Target trace and target spike times of a neuron in the first example.
    pub(super) fn target(&self, neuron: usize) -> (Vec<(f64, f64)>, Vec<f64>) {
        let mut all = (Vec::new(), Vec::new());
        for part in &self.parts {
            let (trace, times) = part.target(neuron);
            all.0.extend(trace);
            all.1.extend(times);
        }
        all
    }
}

fn failed(network: &Network, cause: RunError) -> Error {
    match cause {
        RunError::Stopped { .. } => Error::Cancelled,
        cause => Error::Run { name: network.name().to_owned(), cause },
    }
}

/// What sets each example; one that sets nothing where there are none.
fn examples(fit: &Fit, network: &Network) -> Result<Vec<Vec<Override>>, Error> {
    let Some(examples) = &fit.examples else { return Ok(vec![Vec::new()]) };
    let (text, overrides, _) = network.source();
    let known =
        yaml::numbers_of(text, overrides, &["neurons", "sources", "waveguides", "states"]).unwrap_or_default();
    let mut entries = Vec::new();
    for path in &examples.paths {
        let entry = known.iter().find(|entry| entry.path == *path && entry.values.len() == 1);
        entries.push(entry.ok_or_else(|| {
            let paths: Vec<&str> = known.iter().map(|entry| entry.path.as_str()).collect();
            let message = format!("the network file has no single number at `{path}`");
            fit.mistake(&["examples", "set", path], &message, &yaml::suggestion(path, &paths))
        })?);
        if let Some(trained) = fit.parameters.iter().find(|of| of.path == *path || of.tie.contains(path)) {
            let message = format!("`{}` is trained, so no example can set it", trained.path);
            return Err(fit.mistake(&["examples", "set", path], &message, "do one of the two").into());
        }
    }
    let set = |values: &Vec<f64>| entries.iter().zip(values).map(|(entry, value)| entry.set([*value])).collect();
    Ok(examples.values.iter().map(set).collect())
}
