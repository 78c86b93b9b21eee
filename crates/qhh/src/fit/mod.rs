//! Training values of a network itself, by gradients from runs backwards.

mod evaluate;
mod facts;
mod optimize;
mod parameters;
mod terms;

use std::path::Path;

use qhh_core::stop;
use qhh_core::units::Dimension;
use qhh_format::fit::{self, Fit as File};
use qhh_format::hash::sha256;
use qhh_net::engine::{Progress, Stage};
use qhh_results::WriteOptions;
use qhh_results::fitting::{FitFiles, FitStep, FitTrace, Fitted, FittedParameter};
use qhh_results::unfinished::{Intent, LearnIntent, Spent, Unfinished, fingerprint};

use self::evaluate::{Evaluation, Evaluator};
use self::optimize::{Course, Examples, Step, search};
use crate::cost::Stopwatch;
use crate::network::folder_name;
use crate::response_cache::ResponseCache;
use crate::tasks::{self, Origin};
use crate::text::{counted, threads};
use crate::{CheckpointInterval, Error, FolderSettings, LoadOptions, Network, RunObserver, RunSettings};

/// Neurons whose voltages before and after are kept.
const MOST_TRACES: usize = 6;

/// What of a network is trained, and for what: a fit file, checked.
#[derive(Debug, Clone)]
pub struct Fit {
    file: File,
    origin: Origin,
    network: Network,
}

/// What a fit came to.
#[derive(Debug, Clone)]
pub struct FitResult {
    tables: Fitted,
    network: Network,
}

impl FitResult {
    /// The network with the best values that were found.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Everything else, as plain data: the objective before and after, the trained values, the history.
    pub fn tables(&self) -> &Fitted {
        &self.tables
    }

    /// The report: an HTML page, complete in itself.
    pub fn report(&self) -> String {
        qhh_report::fit_page(&self.tables)
    }
}

impl Fit {
    /// Reads a fit file; its network and data are files beside it.
    ///
    /// # Errors
    /// [`Error::Network`] with every mistake and its place; [`Error::Usage`] of a network that cannot be gone through
    /// backwards; [`Error::Resources`] if there is no memory for it.
    pub fn load(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        Self::checked(fit::load(path, &options.reading())?, Origin::file(path, options))
    }

    /// A fit from the text of its file. `name` stands for the file in messages; network and data are files beside it.
    ///
    /// # Errors
    /// As [`Fit::load`].
    pub fn from_text(name: impl AsRef<Path>, text: &str, options: &LoadOptions) -> Result<Self, Error> {
        let name = name.as_ref();
        Self::checked(fit::load_text(name, text, &options.reading())?, Origin::text(name, options))
    }

    fn checked(file: File, origin: Origin) -> Result<Self, Error> {
        let of_network = LoadOptions { set: Vec::new(), ..origin.options.clone() };
        let network = Network::load_with(&file.network, &of_network)?;
        // Mistakes that take the network to be seen.
        Evaluator::new(&file, &network, 1)?;
        Ok(Self { file, origin, network })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// Folder of the results unless another is given.
    pub fn folder_name(&self) -> String {
        folder_name(&self.file.name)
    }

    /// The network that is fitted, before the fit.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// What is trained, for what and how: topic and sentence.
    ///
    /// # Errors
    /// [`Error::Resources`] if there is no memory for a run backwards.
    pub fn facts(&self) -> Result<Vec<(&'static str, String)>, Error> {
        facts::facts(&self.file, &Evaluator::new(&self.file, &self.network, 1)?)
    }

    /// Fits, and keeps what comes out in memory.
    ///
    /// # Errors
    /// [`Error::Usage`] where a run lacks the objective at the start; else as [`Network::run`].
    pub fn run(&self, settings: &RunSettings, observer: &mut dyn RunObserver) -> Result<FitResult, Error> {
        settings.within(|| {
            let evaluator = self.begin(settings, observer)?;
            self.fit(&evaluator, None, observer)
        })
    }

    /// Fits, and writes what comes out into the folder `out`, as the command line does; evaluations are kept on the way in
    /// `out.unfinished`.
    ///
    /// # Errors
    /// As [`Fit::run`]; [`Error::Folder`], [`Error::Writing`], [`Error::KeptWriting`], and [`Error::RunCancelled`] if it
    /// can be resumed.
    pub fn run_into(
        &self,
        out: &Path,
        settings: &RunSettings,
        folder: &FolderSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<FitResult, Error> {
        settings.within(|| {
            let _claim = folder.claim_for_fit(out)?;
            let job = Job {
                fit: self,
                out,
                intent: self.origin.intent(self.file.text(), folder, false),
                interval: &folder.checkpoint_interval,
            };
            job.go_on(None, settings, observer)
        })
    }

    /// Makes ready and says what it takes.
    fn begin(&self, settings: &RunSettings, observer: &mut dyn RunObserver) -> Result<Evaluator, Error> {
        let evaluator = Evaluator::new(&self.file, &self.network, threads(settings.threads))?;
        if !evaluator.watched.is_empty() {
            observer.note(&format!("{}: {}", self.name(), evaluator.memory()?));
            if self.network.net().simulation.sleep > 0.0 {
                let note =
                    "a fit runs with `sleep: off`; a run of fitted.yaml may differ by the tolerance of `sleep`";
                observer.note(&format!("{}: {note}", self.name()));
            }
        }
        Ok(evaluator)
    }

    fn fit(
        &self,
        evaluator: &Evaluator,
        cache: Option<&mut ResponseCache<'_>>,
        observer: &mut dyn RunObserver,
    ) -> Result<FitResult, Error> {
        let stopwatch = Stopwatch::start(Spent::default());
        observer.begin(self.name());
        let result = stop::unless_stopped(|| {
            let course = self.search(evaluator, cache, observer)?;
            // A line search takes a stop for a step that leads nowhere.
            stop::check();
            self.result(evaluator, &course, stopwatch.seconds())
        });
        observer.end();
        result.unwrap_or(Err(Error::Cancelled))
    }

    fn search(
        &self,
        evaluator: &Evaluator,
        mut cache: Option<&mut ResponseCache<'_>>,
        observer: &mut dyn RunObserver,
    ) -> Result<Course, Error> {
        let examples = Examples::new(evaluator.n_examples(), self.file.validation, self.file.seed);
        let mut evaluate = |values: &[f64], examples: &[usize], with_slopes: bool| -> Result<Evaluation, Error> {
            stop::check();
            if let Some(known) = cache.as_mut().and_then(|cache| cache.recall()) {
                return Ok(known);
            }
            let of = evaluator.of(values, examples, with_slopes)?;
            if let Some(cache) = &mut cache {
                cache.keep(&of);
            }
            Ok(of)
        };
        let mut note = |step: &Step, total: usize| {
            let (done, total) = (step.iteration as u64, total as u64);
            let progress = Progress { stage: Stage::MeanField, done, total, time: 0.0 };
            if observer.progress(progress).is_break() { Err(Error::Cancelled) } else { Ok(()) }
        };
        search(&self.file, &evaluator.parameters, &examples, &mut evaluate, &mut note)
    }

    fn result(&self, evaluator: &Evaluator, course: &Course, seconds: f64) -> Result<FitResult, Error> {
        let (first, best) = (&course.steps[0], &course.steps[course.best]);
        // Its runs go into a folder of their own name, unless that is too long for a name.
        let network = evaluator.network_at(&best.values, None)?;
        let network = network.set("name", format!("{}-fitted", network.name())).unwrap_or(network);
        let both = |of: &dyn Fn(&Step) -> Option<f64>| Some([of(first)?, of(best)?]);
        let trained = evaluator.parameters.trained.iter().zip(first.values.iter().zip(&best.values));
        let parameters = trained.map(|(of, (before, after))| FittedParameter {
            path: of.name.clone(),
            unit: of.unit.clone(),
            bounds: of.bounds,
            before: *before,
            after: *after,
        });
        let history = course.steps.iter().map(|step| FitStep {
            iteration: step.iteration as u64,
            evaluations: step.evaluations as u64,
            train: step.train.value,
            validation: step.validation.as_ref().map(|of| of.value),
            accuracy: step.train.accuracy,
            validation_accuracy: step.validation.as_ref().and_then(|of| of.accuracy),
            values: step.values.clone(),
        });
        let held_out = Examples::new(evaluator.n_examples(), self.file.validation, self.file.seed).held_out.len();
        let last = course.steps.last().unwrap_or(first);
        let units = self.network.net().units;
        let tables = Fitted {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: self.file.name.clone(),
            description: self.file.description.clone(),
            seed: self.file.seed,
            examples: [evaluator.n_examples() - held_out, held_out],
            parameters: parameters.collect(),
            objective: [first.train.value, best.train.value],
            validation: both(&|step| step.validation.as_ref().map(|of| of.value)),
            accuracy: both(&|step| step.train.accuracy),
            validation_accuracy: both(&|step| step.validation.as_ref().and_then(|of| of.accuracy)),
            best_iteration: best.iteration,
            iterations: last.iteration,
            evaluations: last.evaluations,
            ended: course.ended.clone(),
            history: history.collect(),
            traces: self.traces(evaluator, &first.values, &best.values)?,
            units: [Dimension::TIME, Dimension::VOLTAGE].map(|of| units.symbol(of).to_owned()),
            seconds,
        };
        Ok(FitResult { tables, network })
    }

    fn traces(&self, evaluator: &Evaluator, before: &[f64], after: &[f64]) -> Result<Vec<FitTrace>, Error> {
        let neurons: Vec<usize> = evaluator.watched.iter().copied().take(MOST_TRACES).collect();
        if neurons.is_empty() {
            return Ok(Vec::new());
        }
        let sides = [evaluator.voltages(before, &neurons)?, evaluator.voltages(after, &neurons)?];
        let [before, after] = sides;
        let step = self.network.net().simulation.step;
        let each = neurons.iter().zip(before.into_iter().zip(after));
        Ok(each
            .map(|(neuron, (before, after))| {
                let (target, spikes) = evaluator.target(*neuron);
                FitTrace {
                    neuron: self.network.net().neuron_name(*neuron),
                    times: (0..before.len()).map(|k| step * k as f64).collect(),
                    before,
                    after,
                    target,
                    spikes,
                }
            })
            .collect())
    }
}

/// Goes on with a fit that was stopped; the caller has claimed `out`.
pub(crate) fn resume(
    unfinished: Unfinished,
    intent: LearnIntent,
    out: &Path,
    (settings, interval): (&RunSettings, Option<&CheckpointInterval>),
    observer: &mut dyn RunObserver,
) -> Result<FitResult, Error> {
    let options = tasks::options(&intent);
    let fit = match &intent.text {
        Some(text) => Fit::from_text(&intent.task, text, &options)?,
        None => Fit::load(&intent.task, &options)?,
    };
    let interval = &CheckpointInterval::again(interval, &intent.every, unfinished.path())?;
    Job { fit: &fit, out, intent, interval }.go_on(Some(unfinished), settings, observer)
}

/// What is fitted, and what becomes of it.
struct Job<'a> {
    fit: &'a Fit,
    out: &'a Path,
    intent: LearnIntent,
    interval: &'a CheckpointInterval,
}

impl Job<'_> {
    fn go_on(
        self,
        unfinished: Option<Unfinished>,
        settings: &RunSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<FitResult, Error> {
        let Self { fit, out, intent, interval } = self;
        let evaluator = fit.begin(settings, observer)?;
        // The search is the same again, evaluation by evaluation: those that are known need not be made.
        let network = fit.network.loaded().fingerprint().map_err(|cause| Error::Usage {
            message: format!("{}: a file of the network cannot be read: {cause}", fit.name()),
            remedy: "leave the network's data files where they are",
        })?;
        let fingerprint = fingerprint(&(&fit.file, sha256(&network)));
        let kept = Intent::Fit(intent.clone());
        let mut cache = ResponseCache::new(out, (fit.name(), &fingerprint), kept, interval, unfinished)?;
        if cache.known() > 0 {
            let known = counted(cache.known() as u64, "evaluation");
            observer.note(&format!("{}: goes on after {known}", fit.name()));
        }
        let result = match fit.fit(&evaluator, Some(&mut cache), observer) {
            Err(Error::Cancelled) => return Err(cache.stopped(observer)),
            Err(error) => {
                cache.done(observer);
                return Err(error);
            }
            Ok(result) => result,
        };
        let page = intent.report.then_some(qhh_report::fit_page as fn(&Fitted) -> String);
        let options = WriteOptions { format: intent.format, page, force: intent.force };
        let after = result.network.loaded();
        let files = FitFiles {
            network: &fit.network.loaded().yaml,
            input: &fit.network.loaded().input,
            fitted: &after.yaml,
            task: fit.file.text(),
            attachments: &after.attachments,
        };
        let written = stop::unless_stopped(|| result.tables.write(files, &options, out));
        let Ok(written) = written else { return Err(cache.stopped(observer)) };
        if let Err(cause) = written {
            return Err(cache.instead_of_results(cause, observer));
        }
        cache.done(observer);
        Ok(result)
    }
}
