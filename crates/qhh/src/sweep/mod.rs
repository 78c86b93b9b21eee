//! One network, many runs, one table.

mod experiment;
mod job;
mod prepare;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use qhh_core::stop::Stopped;
use qhh_format::yaml::experiment::{shown, shown_unit};
use qhh_format::yaml::{Reading, Template};
use qhh_lab::sweep::{Point, Values, Workers, each};
use qhh_net::engine::{Progress, Stage};
use qhh_results::Format;
use qhh_results::sweep::{
    AxisColumn, Finished, Manifest, Shard, Status, SweepFolder, SweepIntent, SweepRow, SweepTable,
};

use crate::network::folder_name;
use crate::text::{counted, threads};
use crate::{CancelToken, Error, LoadOptions, Network, ResourceEstimate, RunObserver, RunSettings};
pub use experiment::Experiment;
use job::{Job, Kept};
use prepare::Prepared;

/// Many runs of one network: what is varied, and what each run is summed up by.
///
/// # Examples
/// ```
/// use qhh::{Experiment, Network, RunSettings, Sweep};
///
/// let network = Network::from_yaml("
/// name: leak
/// simulation: {duration: 1 ms}
/// neurons:
///   cell:
///     circuit: single-channel
///     membrane: {capacitance: 1 uF}
///     channels: {potassium: {conductance: 36 mS}}
///     initial: {voltage: 10 mV}
/// ")?;
/// let experiment = Experiment::new().vary("neurons.cell.membrane.capacitance=1 uF,2 uF")?.measure("cell.voltage.last");
/// let result = Sweep::of(&network, &experiment)?.run(&RunSettings::default(), &mut ())?;
/// let last: Vec<f64> = result.table().rows.iter().map(|row| row.value(0).expect("it ran")).collect();
/// assert!(last[0] < last[1]);
/// # Ok::<(), qhh::Error>(())
/// ```
pub struct Sweep {
    template: Template,
    prepared: Prepared,
}

/// How a sweep's folder is written.
#[derive(Debug, Clone, Copy)]
pub struct SweepSettings {
    /// Format of the table, and of the runs' tables.
    pub format: Format,
    /// Whether report.html is written, of the runs too.
    pub report: bool,
    /// Whether to begin anew in place of an earlier sweep.
    pub force: bool,
    /// Whether the folder of each run is kept.
    pub keep_runs: bool,
    /// The part of the sweep that is run; all of it if none. A part leaves no table: [`Sweep::merge`] puts parts together.
    pub shard: Option<Shard>,
}

impl Default for SweepSettings {
    /// CSV and report.html; continues a sweep of the same experiment; keeps no runs; all of it.
    fn default() -> Self {
        Self { format: Format::CSV, report: true, force: false, keep_runs: false, shard: None }
    }
}

impl Sweep {
    /// The sweep of a network file, by its `experiment` block and what is given besides.
    ///
    /// # Errors
    /// [`Error::Network`] if the file, or every network that it makes, has mistakes; [`Error::Usage`] if nothing is varied;
    /// [`Error::Resources`].
    pub fn load(file: impl AsRef<Path>, options: &LoadOptions, experiment: &Experiment) -> Result<Self, Error> {
        Self::new(Template::load(file.as_ref(), &options.reading(), &experiment.additions())?)
    }

    /// [`Sweep::load`] from a text, which `name` stands for in messages; its data files lie in the folder that the process runs in.
    ///
    /// # Errors
    /// As [`Sweep::load`].
    pub fn from_text(
        name: &str,
        text: &str,
        options: &LoadOptions,
        experiment: &Experiment,
    ) -> Result<Self, Error> {
        Self::new(Template::load_text(name.as_ref(), text, &options.reading(), &experiment.additions())?)
    }

    /// The sweep of a network, by the `experiment` block of its file and what is given besides.
    ///
    /// # Errors
    /// As [`Sweep::load`].
    pub fn of(network: &Network, experiment: &Experiment) -> Result<Self, Error> {
        Self::new(network.template(&experiment.additions())?)
    }

    fn new(template: Template) -> Result<Self, Error> {
        let prepared = Prepared::new(&template)?;
        Ok(Self { template, prepared })
    }

    /// Number of rows: runs, or searches of several runs each.
    pub fn n_rows(&self) -> usize {
        self.prepared.points.len()
    }

    /// What a row is: `run`, or `search`.
    pub fn noun(&self) -> &'static str {
        self.prepared.noun()
    }

    /// Number of measures of each row.
    pub fn n_measures(&self) -> usize {
        self.prepared.experiment.measures.len()
    }

    /// What is hardly meant: points whose values make no network that can run, and what the networks themselves say.
    pub fn warnings(&self) -> Vec<String> {
        let of_data = self.prepared.data_warnings.iter().map(ToString::to_string);
        let of_network = self.prepared.network.warnings();
        let of_network = of_network.iter().map(ToString::to_string);
        self.prepared.warnings.iter().cloned().chain(of_data).chain(of_network).collect()
    }

    /// What is hardly meant of the experiment alone.
    pub fn experiment_warnings(&self) -> &[String] {
        &self.prepared.warnings
    }

    /// Folder of the results unless another is given: the name of the network and `-sweep`.
    pub fn folder_name(&self) -> String {
        format!("{}-sweep", folder_name(&self.prepared.network.name))
    }

    /// Runs every point; the table stays in memory.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or what ends a sweep as a whole. A point that fails has its reason in its row.
    pub fn run(&self, settings: &RunSettings, observer: &mut dyn RunObserver) -> Result<SweepResult, Error> {
        settings.within(|| {
            let mut rows = vec![None; self.n_rows()];
            match self.run_points((threads(settings.threads), None), None, &mut rows, observer, |_| Ok(())) {
                Some(error) => Err(error),
                None => Ok(self.result(rows, false, None)),
            }
        })
    }

    /// Runs what is not finished yet, then writes the table of all into the folder `out`, as the command line does.
    ///
    /// # Errors
    /// As [`Sweep::run`], with [`Error::SweepCancelled`]; [`Error::Folder`] if `out` is another sweep's.
    pub fn run_into(
        &self,
        out: &Path,
        settings: &RunSettings,
        folder: &SweepSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<SweepResult, Error> {
        settings.within(|| self.go_on(out, threads(settings.threads), folder, observer))
    }

    /// Puts the parts of the sweep together that stand in the folders `shards`, into the folder `out`: the same table as of the
    /// whole sweep. Nothing is run.
    ///
    /// # Errors
    /// [`Error::Folder`] if a folder is of another sweep; [`Error::Usage`] if runs are in none of them, which leaves what is
    /// there in `out`, to be completed by merging again.
    pub fn merge(&self, shards: &[PathBuf], out: &Path, settings: &SweepSettings) -> Result<SweepResult, Error> {
        let opened = self.open(out, &SweepSettings { shard: None, ..*settings })?;
        let Opened { mut folder, mut rows, manifest } = opened;
        for shard in shards {
            let finished = folder.take_in(shard, &manifest, |run| rows[run].is_some()).map_err(Error::Folder)?;
            for one in finished {
                let number = one.number;
                rows[number] = Some(one);
            }
        }
        folder.sync().map_err(Error::Writing)?;
        if let Some(first) = rows.iter().position(Option::is_none) {
            let missing = rows.iter().filter(|row| row.is_none()).count();
            let all = counted(rows.len(), self.noun());
            let lost = format!("{missing} of {all} are in none of the folders");
            return Err(Error::Usage {
                message: match missing_parts(shards, &rows) {
                    Some(parts) => format!("{parts}: {lost}"),
                    None => format!("{lost}, the first is number {first}"),
                },
                remedy: "finish the parts that are missing, then merge again: what was found is kept",
            });
        }
        self.complete(&folder, rows, out, settings)
    }

    fn go_on(
        &self,
        out: &Path,
        threads: usize,
        settings: &SweepSettings,
        observer: &mut dyn RunObserver,
    ) -> Result<SweepResult, Error> {
        let Opened { mut folder, mut rows, manifest } = self.open(out, settings)?;
        let (name, runs) = (&self.prepared.network.name, self.n_rows());
        let known = rows.iter().flatten().count();
        if known > 0 {
            observer.note(&format!("{name}: {known} of {} are finished already", counted(runs, self.noun())));
        }
        let kept = settings.keep_runs.then(|| Kept { out: out.to_owned(), runs, intent: manifest.intent });
        let append = |finished: &Finished| folder.append(finished).map_err(Error::Writing);
        let ended = self.run_points((threads, settings.shard), kept, &mut rows, observer, append);
        folder.sync().map_err(Error::Writing)?;
        match ended {
            Some(Error::Cancelled) => {
                let done = rows.iter().flatten().count();
                return Err(Error::SweepCancelled { done, runs, out: out.to_owned() });
            }
            Some(error) => return Err(error),
            None => {}
        }
        if settings.shard.is_some() {
            return Ok(self.result(rows, settings.keep_runs, Some(out.to_owned())));
        }
        self.complete(&folder, rows, out, settings)
    }

    /// The folder at `out`, begun or found, and the rows that are in it.
    fn open(&self, out: &Path, settings: &SweepSettings) -> Result<Opened, Error> {
        settings.format.require().map_err(Error::Folder)?;
        let Self { template, prepared } = self;
        let (name, runs) = (&prepared.network.name, self.n_rows());
        let intent = SweepIntent { format: settings.format, report: settings.report, shard: settings.shard };
        let manifest = Manifest::new(template, &prepared.data, name, runs, settings.keep_runs, intent)
            .map_err(Error::Folder)?;
        let opened = SweepFolder::open(out, &manifest, template, &prepared.data, settings.force);
        let (folder, finished) = opened.map_err(Error::Folder)?;
        let mut rows: Vec<Option<Finished>> = vec![None; runs];
        for one in finished {
            if let Some(row) = rows.get_mut(one.number) {
                *row = Some(one);
            }
        }
        Ok(Opened { folder, rows, manifest })
    }

    /// Writes the table and the page of a sweep all of whose runs are finished.
    fn complete(
        &self,
        folder: &SweepFolder,
        rows: Vec<Option<Finished>>,
        out: &Path,
        settings: &SweepSettings,
    ) -> Result<SweepResult, Error> {
        let result = self.result(rows, settings.keep_runs, Some(out.to_owned()));
        let page = settings.report.then(|| result.report());
        folder.complete(&result.table, settings.format, page).map_err(Error::Writing)?;
        Ok(result)
    }

    /// Runs the points that have no row yet, and hands each finished one to `keep`. What ended the sweep early, if
    /// anything did.
    fn run_points(
        &self,
        (threads, shard): (usize, Option<Shard>),
        kept: Option<Kept>,
        rows: &mut [Option<Finished>],
        observer: &mut dyn RunObserver,
        mut keep: impl FnMut(&Finished) -> Result<(), Error>,
    ) -> Option<Error> {
        let Self { template, prepared } = self;
        let left: Vec<&Point> = prepared.points.iter().filter(|point| rows[point.number].is_none()).collect();
        let left: Vec<&Point> =
            left.into_iter().filter(|point| shard.is_none_or(|shard| shard.has(point.number))).collect();
        let resources = ResourceEstimate::new(&prepared.network, &serde_json::Value::Null);
        let workers = Workers::new(threads, left.len()).at_most(resources.at_once(threads), threads);
        let job = Job { prepared, template, kept };
        let (mut done, total) = (0, left.len() as u64);
        let mut ended = None;
        // Ends the runs under way once the observer ends the sweep.
        let cancel = CancelToken::new();
        observer.begin(&prepared.network.name);
        let ran = cancel.run(|| {
            each(
                &left,
                workers,
                |point, threads| job.run(point, threads),
                |_, answer| {
                    let kept = answer.and_then(|finished| keep(&finished).map(|()| finished));
                    match kept {
                        Ok(finished) => {
                            let place = finished.number;
                            rows[place] = Some(finished);
                            done += 1;
                            let progress = Progress { stage: Stage::MeanField, done, total, time: 0.0 };
                            let flow = observer.progress(progress);
                            if flow.is_break() {
                                ended.get_or_insert(Error::Cancelled);
                                cancel.cancel();
                            }
                            flow
                        }
                        Err(error) => {
                            ended.get_or_insert(error);
                            ControlFlow::Break(())
                        }
                    }
                },
            );
        });
        observer.end();
        // A point that was being made ready unwinds.
        if ran == Err(Stopped) {
            ended.get_or_insert(Error::Cancelled);
        }
        ended.filter(|_| left.iter().any(|point| rows[point.number].is_none()))
    }

    fn result(&self, rows: Vec<Option<Finished>>, kept: bool, out: Option<PathBuf>) -> SweepResult {
        let table = table(&self.prepared, rows.into_iter().flatten().collect(), kept);
        let point = |row: &SweepRow| self.prepared.describe(&self.prepared.points[row.finished.number]);
        let unsound: Vec<&SweepRow> = table.rows.iter().filter(|row| row.finished.failed_checks > 0).collect();
        let warning = unsound.first().map(|first| {
            let runs = counted(unsound.len(), self.noun());
            format!("a check of the physics does not hold in {runs}, the first {}", point(first))
        });
        let failed: Vec<&SweepRow> = table.rows.iter().filter(|row| row.finished.status != Status::Done).collect();
        let failure = failed.first().map(|first| {
            let error = &first.finished.error;
            // A point that makes no network is named by its own message.
            let why = if first.finished.status == Status::Invalid || table.rows.len() == 1 {
                error.clone()
            } else {
                format!("{}: {error}", point(first))
            };
            match table.rows.len() {
                1 => why,
                n => format!("{} of {} failed, the first {why}", failed.len(), counted(n, self.noun())),
            }
        });
        SweepResult { page: self.page(&table), table, out, warning, failure, noun: self.noun() }
    }

    fn page(&self, table: &SweepTable) -> String {
        let Prepared { network, experiment, .. } = &self.prepared;
        qhh_report::sweep_page(network, experiment, table)
    }
}

/// A sweep's folder, and the rows that are finished.
struct Opened {
    folder: SweepFolder,
    rows: Vec<Option<Finished>>,
    manifest: Manifest,
}

/// What a sweep came to.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct SweepResult {
    table: SweepTable,
    out: Option<PathBuf>,
    warning: Option<String>,
    failure: Option<String>,
    noun: &'static str,
    #[serde(skip)]
    page: String,
}

impl SweepResult {
    /// A row for each run, in the order of the design.
    pub fn table(&self) -> &SweepTable {
        &self.table
    }

    /// The folder of the results; none of a sweep in memory.
    pub fn folder(&self) -> Option<&Path> {
        self.out.as_deref()
    }

    /// The report: an HTML page, complete in itself.
    pub fn report(&self) -> &str {
        &self.page
    }

    /// What a row is: `run`, or `search`.
    pub fn noun(&self) -> &'static str {
        self.noun
    }

    /// Runs in which a check of the physics does not hold, in a sentence.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// That every run has its measures.
    ///
    /// # Errors
    /// [`Error::Points`].
    pub fn require_all(&self) -> Result<(), Error> {
        self.failure.clone().map_or(Ok(()), |message| Err(Error::Points { message }))
    }
}

/// The parts of a sweep that some of its rows are missing of, in a sentence; none where folders do not say of which they are.
fn missing_parts(folders: &[PathBuf], rows: &[Option<Finished>]) -> Option<String> {
    let given: Vec<Shard> =
        folders.iter().filter_map(|folder| SweepFolder::manifest(folder).ok()?.intent.shard).collect();
    let lacks = |part: &Shard| rows.iter().enumerate().any(|(run, row)| row.is_none() && part.has(run));
    let lacking: Vec<Shard> = given.first()?.parts().filter(lacks).collect();
    let sentence = |parts: &[&Shard], what: &str| {
        let [first, rest @ ..] = parts else { return None };
        let noun = if rest.is_empty() { "part" } else { "parts" };
        let all = rest.iter().fold(first.to_string(), |all, part| format!("{all}, {part}"));
        Some(format!("{noun} {all} {} {what}", if rest.is_empty() { "is" } else { "are" }))
    };
    let (begun, missing): (Vec<&Shard>, Vec<&Shard>) = lacking.iter().partition(|part| given.contains(part));
    let told: Vec<String> =
        [sentence(&missing, "missing"), sentence(&begun, "not finished")].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join(", and "))
}

/// The sweep whose folder this is, and how it was to be written.
pub(crate) fn reopen(folder: &Path) -> Result<(Sweep, SweepSettings), Error> {
    let manifest = SweepFolder::manifest(folder).map_err(Error::Folder)?;
    let template = Template::load(&SweepFolder::experiment(folder), &Reading::default(), &[])?;
    let template = template.typed(&SweepFolder::input(folder).map_err(Error::Folder)?);
    let SweepIntent { format, report, shard } = manifest.intent;
    let settings = SweepSettings { format, report, force: false, keep_runs: manifest.keep_runs, shard };
    Ok((Sweep::new(template)?, settings))
}

/// The table of finished runs, in the order of the design.
fn table(prepared: &Prepared, finished: Vec<Finished>, kept: bool) -> SweepTable {
    let axes = &prepared.experiment.axes;
    let columns = axes.iter().map(|axis| {
        let words = match &axis.values {
            Values::List(levels) if levels.iter().any(|level| level.number.is_none()) => {
                Some(levels.iter().map(qhh_format::yaml::experiment::Level::text).collect())
            }
            _ => None,
        };
        let logarithmic = matches!(axis.values, Values::Range { logarithmic: true, .. });
        AxisColumn { path: axis.path.clone(), unit: shown_unit(&axis.unit).to_owned(), words, logarithmic }
    });
    let coordinates = |point: &Point| {
        let pairs = axes.iter().zip(&point.coordinates);
        pairs.map(|(axis, coordinate)| shown(coordinate.value, &axis.unit)).collect()
    };
    let runs = prepared.points.len();
    let rows = prepared.points.iter().zip(finished).map(|(point, finished)| SweepRow {
        place: point.place,
        repeat: point.repeat,
        seed: point.seed,
        coordinates: coordinates(point),
        folder: (kept && finished.status == Status::Done).then(|| SweepFolder::run(point.number, runs)),
        finished,
    });
    SweepTable { axes: columns.collect(), measures: prepared.columns(), rows: rows.collect() }
}
