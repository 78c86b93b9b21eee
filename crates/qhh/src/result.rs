//! What a run came to: numbers in memory, written and read as a folder.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qhh_core::units::Dimension;
use qhh_format::export::milliseconds_of;
use qhh_format::sonata;
use qhh_format::yaml::{Attachment, Loaded};
use qhh_net::network::Observable;
use qhh_net::outcome::Check;
use qhh_net::{Network as Net, Outcome};
use qhh_results::tables::Columns;
use qhh_results::{
    Cost, FinishedRun, Incomplete, OutcomeSummary, StatesSummary, Summary, Verification, WriteOptions,
};
use serde::{Serialize, Serializer};

use crate::network::cannot;
use crate::text::counted;
use crate::{Error, FolderSettings};

/// A finished run, fresh from the engine or read from its folder. Every number is in the network's units
/// ([`RunResult::unit`]).
///
/// It owns its numbers. Serialized, it is a map of `summary` (as summary.json), `states` (as states.json, or null) and
/// `tables`: each table of the folder by name, each a map from columns to lists.
///
/// # Examples
/// ```
/// use qhh::{Network, RunSettings};
///
/// let network = Network::from_yaml("
/// name: leak
/// simulation: {duration: 5 ms, step: 0.5 ms}
/// neurons:
///   cell:
///     circuit: single-channel
///     membrane: {capacitance: 1 uF}
///     channels: {potassium: {conductance: 36 mS}}
/// record: {quantities: [voltage, g_K], every: 1 ms}
/// ")?;
/// let result = network.run(&RunSettings::default(), &mut ())?;
/// assert_eq!(result.time(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
/// assert_eq!(result.trace("cell[0]", "voltage").unwrap().len(), 6);
/// assert_eq!(result.unit("voltage"), Some("mV"));
/// # Ok::<(), qhh::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RunResult {
    run: FinishedRun,
    origin: Origin,
}

/// What of the network goes into the folder beside its text.
#[derive(Debug, Clone)]
enum Origin {
    /// That of the network which ran.
    Network(Arc<Loaded>),
    /// As it stands in the folder that was read: every resolved setting, data files, and where the folder is.
    Folder(Arc<(serde_json::Value, Vec<Attachment>, PathBuf)>),
}

/// One recorded quantity of one neuron.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trace<'a> {
    /// Name of the neuron: `relay[3]`.
    pub neuron: String,
    /// Number of the neuron.
    pub number: usize,
    /// Name of the quantity: `voltage`.
    pub quantity: &'static str,
    /// Its unit; empty for plain numbers.
    pub unit: &'static str,
    /// Its values at [`RunResult::time`].
    pub values: &'a [f64],
}

impl RunResult {
    pub(crate) fn new(run: FinishedRun, loaded: Arc<Loaded>) -> Self {
        Self { run, origin: Origin::Network(loaded) }
    }

    fn origin(&self) -> (&serde_json::Value, &[Attachment]) {
        match &self.origin {
            Origin::Network(loaded) => (&loaded.resolved, &loaded.attachments),
            Origin::Folder(read) => (&read.0, &read.1),
        }
    }

    /// The folder it was read from; none of a run fresh from the engine.
    pub fn folder(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Network(_) => None,
            Origin::Folder(read) => Some(&read.2),
        }
    }

    /// Reads the folder of a run.
    ///
    /// # Errors
    /// [`Error::Folder`] if the folder is missing, incomplete, or none that this program wrote.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = folder.as_ref();
        let opened = qhh_results::open(folder).map_err(Error::Folder)?;
        let origin = Origin::Folder(Arc::new((opened.summary.network, opened.attachments, folder.to_owned())));
        Ok(Self { run: opened.run, origin })
    }

    /// Writes the folder of the run: the command line's, byte for byte but for what it cost. Its checkpoint interval says
    /// nothing here.
    ///
    /// # Errors
    /// [`Error::Folder`]; `out` is then as it was before.
    pub fn save(&self, out: impl AsRef<Path>, settings: &FolderSettings) -> Result<(), Error> {
        let (resolved, attachments) = self.origin();
        let page = settings.report.then_some(qhh_report::run_page as fn(&FinishedRun) -> String);
        let options = WriteOptions { format: settings.format, page, force: settings.force };
        qhh_results::write(&self.run, resolved, attachments, &options, out.as_ref()).map_err(Error::Folder)
    }

    /// Writes the spikes as a SONATA file, by time, in ms: the node population has the network's name, and numbers of neurons
    /// are node ids, as in the circuit of [`crate::Network::export_into`]. With `force` it may replace a file of that name.
    ///
    /// # Errors
    /// [`Error::Usage`] of a run in raw units; [`Error::Folder`] if a file stands there, or if it cannot be written.
    pub fn write_sonata_spikes(&self, out: impl AsRef<Path>, force: bool) -> Result<(), Error> {
        let milliseconds = milliseconds_of(self.net())
            .map_err(|error| cannot(self.name(), &error, "choose other `units`, or take `spikes.csv`"))?;
        let spikes = &self.outcome().spikes;
        let neurons: Vec<u64> = spikes.iter().map(|spike| spike.neuron as u64).collect();
        let times: Vec<f64> = spikes.iter().map(|spike| spike.time * milliseconds).collect();
        let write = |file: &mut File| sonata::write_spikes(BufWriter::new(file), self.name(), &neurons, &times);
        qhh_results::write_whole(out.as_ref(), force, write).map_err(Error::Folder)
    }

    /// The report: an HTML page, complete in itself.
    pub fn report(&self) -> String {
        qhh_report::run_page(&self.run)
    }

    /// Name of the network.
    pub fn name(&self) -> &str {
        &self.run.network.name
    }

    /// The network that ran, as plain data.
    pub fn net(&self) -> &Net {
        &self.run.network
    }

    /// The network that ran, as a network file with every default spelled out.
    pub fn network_yaml(&self) -> &str {
        &self.run.network_yaml
    }

    /// Everything that came out: traces, spikes, variances, budgets, covariances, states, checks. Neurons are numbers
    /// there; [`RunResult::neuron_name`] names them.
    pub fn outcome(&self) -> &Outcome {
        &self.run.outcome
    }

    /// The run with its network, as pages and comparisons take it.
    pub fn finished(&self) -> &FinishedRun {
        &self.run
    }

    /// Times of the samples.
    pub fn time(&self) -> &[f64] {
        &self.run.outcome.traces.times
    }

    /// Every recorded quantity, neuron by neuron.
    pub fn traces(&self) -> impl Iterator<Item = Trace<'_>> {
        self.run.outcome.traces.columns.iter().map(|trace| Trace {
            neuron: self.neuron_name(trace.neuron),
            number: trace.neuron,
            quantity: trace.observable.name(),
            unit: self.run.network.units.symbol(trace.observable.dimension()),
            values: &trace.values,
        })
    }

    /// Samples of a quantity of a neuron by their names, at [`RunResult::time`]; none if it was not recorded.
    pub fn trace(&self, neuron: &str, quantity: &str) -> Option<&[f64]> {
        let number = self.neuron(neuron)?;
        let observable = Observable::ALL.iter().find(|observable| observable.name() == quantity)?;
        self.run.outcome.traces.get(number, *observable)
    }

    /// Name of a neuron: `relay[3]`.
    pub fn neuron_name(&self, number: usize) -> String {
        self.run.network.neuron_name(number)
    }

    /// Number of a neuron by its name: `relay[3]`, or `relay` of a population of one.
    pub fn neuron(&self, name: &str) -> Option<usize> {
        let (population, index) = match name.strip_suffix(']').and_then(|name| name.rsplit_once('[')) {
            Some((population, index)) => (population, index.parse().ok()?),
            None => (name, 0),
        };
        let first = self.run.network.first_of(population)?;
        let population = self.run.network.populations.iter().find(|one| one.name == population)?;
        let whole = name.ends_with(']') || population.count == 1;
        (whole && index < population.count).then_some(first + index)
    }

    /// Unit of a recorded quantity, `time`, or `spikes`, empty for plain numbers; none if there is no such quantity.
    pub fn unit(&self, quantity: &str) -> Option<&'static str> {
        let dimension = match quantity {
            "time" | "spikes" => Dimension::TIME,
            name => Observable::ALL.iter().find(|observable| observable.name() == name)?.dimension(),
        };
        Some(self.run.network.units.symbol(dimension))
    }

    /// What the run is summed up by, as `outcome` in summary.json.
    pub fn outcome_summary(&self) -> OutcomeSummary {
        OutcomeSummary::new(&self.run.network, &self.run.outcome)
    }

    /// All of summary.json.
    pub fn summary(&self) -> Summary {
        Summary::new(&self.run, self.origin().0.clone())
    }

    /// All of states.json: the modes of outgoing waves, their moments and states; none unless the network looks at some.
    pub fn states(&self) -> Option<StatesSummary> {
        let states = self.run.outcome.states.as_ref()?;
        Some(StatesSummary::new(&self.run.network, states))
    }

    /// Every table of the folder by name, without the extension of its file.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the work of this thread is cancelled.
    pub fn tables(&self) -> Result<Vec<(String, Columns)>, Error> {
        qhh_results::run_tables(&self.run.network, &self.run.outcome).map_err(|_| Error::Cancelled)
    }

    /// What must hold of the run and does not.
    pub fn failed_checks(&self) -> impl Iterator<Item = &Check> {
        self.run.outcome.checks.iter().filter(|check| !check.holds())
    }

    /// What it cost.
    pub fn cost(&self) -> Cost {
        self.run.cost
    }

    /// Errors of its figures, where they were estimated.
    pub fn verification(&self) -> Option<&Verification> {
        self.run.verification.as_ref()
    }

    /// Where and why it ended before its time; none of a whole run.
    pub fn incomplete(&self) -> Option<&Incomplete> {
        self.run.incomplete.as_ref()
    }

    /// That the tolerance was reached and the number of threads does not matter, where errors were estimated.
    ///
    /// # Errors
    /// [`Error::CheckFailed`].
    pub fn require_tolerance(&self) -> Result<(), Error> {
        let Some(verification) = self.verification() else { return Ok(()) };
        let name = self.name();
        if verification.threads.is_none() {
            let message = format!("{name}: another number of threads gives other numbers, which must not be");
            return Err(Error::CheckFailed {
                message,
                remedy: "keep the network file: this is a mistake of the program",
            });
        }
        let beyond = verification.beyond().count();
        let Some(tolerance) = verification.tolerance.filter(|_| beyond > 0) else { return Ok(()) };
        let message = format!("{name}: {} beyond the tolerance of {tolerance}", counted(beyond, "result"));
        let remedy = "choose a smaller `simulation.step`, or more `quantum.modes` or `quantum.samples`";
        Err(Error::CheckFailed { message, remedy })
    }
}

impl Serialize for RunResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Tables(Vec<(String, Columns)>);
        impl Serialize for Tables {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map(self.0.iter().map(|(name, columns)| (name, columns)))
            }
        }
        #[derive(Serialize)]
        struct Whole {
            summary: Summary,
            states: Option<StatesSummary>,
            tables: Tables,
        }
        let tables = Tables(self.tables().map_err(serde::ser::Error::custom)?);
        Whole { summary: self.summary(), states: self.states(), tables }.serialize(serializer)
    }
}
