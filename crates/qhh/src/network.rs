//! A network that can run, and where it comes from.

use std::fmt;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use qhh_format::export::{self, CannotExport, Export};
use qhh_format::yaml::{self, Addition, FileAccess, Loaded, Override, Reading, Template};
use qhh_net::Warning;
use serde::Serialize;

use crate::error::{Error, Mistake};
use crate::resources::{self, ResourceEstimate};
use crate::text;

/// Files of a circuit, by which a folder is known to be one.
const CIRCUIT: &[&str] = &["circuit_config.json", "nodes.h5", "edges.h5"];

/// Name of a network that comes from no file, in messages.
const UNNAMED: &str = "network";

/// A network that passed every check and can run.
///
/// It owns all it needs, knows the text and the values that it was made from, and is cheap to clone.
///
/// # Examples
/// ```
/// use qhh::Network;
///
/// let network = Network::from_yaml("
/// name: leak
/// simulation: {duration: 5 ms}
/// neurons:
///   cell:
///     circuit: single-channel
///     membrane: {capacitance: 1 uF}
///     channels: {potassium: {conductance: 36 mS}}
/// ")?;
/// assert_eq!(network.net().n_neurons(), 1);
/// let pair = network.set("neurons.cell.count", 2)?;
/// assert_eq!(pair.net().n_neurons(), 2);
/// let mistakes = network.set("simulation.step", "1 mV").unwrap_err().mistakes();
/// assert_eq!(mistakes[0].path, "simulation.step");
/// # Ok::<(), qhh::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Network {
    source: Source,
    reading: Reading,
    loaded: Arc<Loaded>,
}

/// What a network is read from.
#[derive(Debug, Clone)]
struct Source {
    /// The file, or the name that stands for it in messages; data files are looked up in its folder.
    file: PathBuf,
    text: Arc<str>,
}

/// How a network is read.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Values put in place of the file's own, in that order.
    pub set: Vec<Override>,
    /// Whether it may name data files outside its folder: absolute paths, `..` and links that lead out.
    pub allow_outside: bool,
    /// What it is read for.
    pub purpose: Purpose,
}

/// What a network is read for: one for which there would be no memory is refused before anything of its size is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Purpose {
    /// To run.
    #[default]
    Run,
    /// To look at as a graph, which takes less.
    Graph,
    /// To build the part of one of so many ranks.
    OneRank(NonZeroUsize),
}

impl LoadOptions {
    pub(crate) fn reading(&self) -> Reading {
        Reading { overrides: self.set.clone(), reach: FileAccess::of(self.allow_outside) }
    }
}

impl Network {
    /// Reads a network file.
    ///
    /// # Errors
    /// [`Error::Network`] with every mistake and its place; [`Error::Resources`] if there is no memory for a run.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::load_with(path, &LoadOptions::default())
    }

    /// [`Network::load`] with options.
    ///
    /// # Errors
    /// As [`Network::load`].
    pub fn load_with(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Self, Error> {
        let file = path.as_ref().to_owned();
        let draft = yaml::draft(&file, &options.reading())?;
        let source = Source { file, text: draft.text() };
        Self::checked(source, options, draft)
    }

    /// Reads a network from the text of a network file; data files are looked up in the current folder.
    ///
    /// # Errors
    /// As [`Network::load`].
    pub fn from_yaml(text: &str) -> Result<Self, Error> {
        Self::from_text(UNNAMED, text, &LoadOptions::default())
    }

    /// [`Network::from_yaml`] with options; `name` stands for the file in messages, and data files are looked up in its
    /// folder.
    ///
    /// # Errors
    /// As [`Network::load`].
    pub fn from_text(name: impl AsRef<Path>, text: &str, options: &LoadOptions) -> Result<Self, Error> {
        let file = name.as_ref().to_owned();
        let draft = yaml::draft_text(&file, text, &options.reading())?;
        let source = Source { file, text: draft.text() };
        Self::checked(source, options, draft)
    }

    /// A network from a document with the entries of a network file: maps of maps of anything that serializes. Neurons are
    /// numbered in the order of its maps, so those must keep theirs; `serde_json::Value` sorts its maps by name.
    ///
    /// # Errors
    /// As [`Network::load`].
    pub fn from_value(document: &impl Serialize) -> Result<Self, Error> {
        Self::from_yaml(&yaml::text_of(Path::new(UNNAMED), document)?)
    }

    /// A network from the engine's plain data, for programs that compute it.
    ///
    /// # Errors
    /// [`Error::Network`] if it fails its checks; [`Error::Usage`] if a network file cannot say all of it: sampled
    /// currents, and pairs and values listed one by one, must come from data files.
    pub fn from_net(network: &qhh_net::Network) -> Result<Self, Error> {
        let read = Self::from_yaml(&yaml::network_text(network))?;
        if *read.net() == *network {
            return Ok(read);
        }
        Err(Error::Usage {
            message: format!("{}: a network file cannot say all of this network", network.name),
            remedy: "give sampled currents, and pairs and values listed one by one, as data files beside a network file",
        })
    }

    /// A network built entry by entry.
    pub fn builder(name: &str) -> NetworkBuilder {
        NetworkBuilder { entries: Vec::new() }.set("name", Value::text(name))
    }

    /// The same network, read from a file that was typed so.
    pub(crate) fn typed(mut self, input: String) -> Self {
        Arc::make_mut(&mut self.loaded).input = input.into();
        self
    }

    fn checked(source: Source, options: &LoadOptions, draft: yaml::UncheckedNetwork) -> Result<Self, Error> {
        match options.purpose {
            Purpose::Run => resources::for_run(draft.network())?,
            Purpose::Graph => resources::for_graph(draft.network())?,
            Purpose::OneRank(ranks) => resources::for_one_rank(draft.network(), ranks.get())?,
        }
        Ok(Self { source, reading: options.reading(), loaded: Arc::new(draft.check()?) })
    }

    /// A copy with a value in place of its own, as `--set PATH=VALUE` does, checked. A text is read as YAML: `10 uA`,
    /// `[voltage, n]`, `{coherent: {amplitude: 3}}`; `null` takes an optional entry away.
    ///
    /// # Errors
    /// As [`Network::load`].
    pub fn set(&self, path: &str, value: impl Into<Value>) -> Result<Self, Error> {
        self.set_all(&[Override { path: path.to_owned(), value: value.into().0 }])
    }

    /// [`Network::set`] of several values, in that order, checked once.
    ///
    /// # Errors
    /// As [`Network::load`].
    pub fn set_all(&self, values: &[Override]) -> Result<Self, Error> {
        let options = LoadOptions {
            set: [self.reading.overrides.as_slice(), values].concat(),
            allow_outside: self.reading.reach == FileAccess::Anywhere,
            purpose: Purpose::Run,
        };
        let Source { file, text } = &self.source;
        Self::from_text(file, text, &options)
    }

    /// Mistakes of the text of a network file, each with its place; empty if it can run.
    pub fn validate(text: &str) -> Vec<Mistake> {
        Self::from_yaml(text).map_or_else(|error| error.mistakes(), |_| Vec::new())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.loaded.network.name
    }

    /// The network as plain data: populations, sources, waveguides, what is recorded, names of neurons, in its units.
    pub fn net(&self) -> &qhh_net::Network {
        &self.loaded.network
    }

    /// The network as a network file with every default spelled out.
    pub fn yaml(&self) -> &str {
        &self.loaded.yaml
    }

    /// The same as a document: maps of maps.
    pub fn resolved(&self) -> &serde_json::Value {
        &self.loaded.resolved
    }

    /// What it was made from: the text, the values put in place of its own, and whether data files may lie outside the
    /// folder of [`Network::file`].
    pub fn source(&self) -> (&str, &[Override], bool) {
        (&self.source.text, &self.reading.overrides, self.reading.reach == FileAccess::Anywhere)
    }

    /// The file it was read from, or the name that stands for it.
    pub fn file(&self) -> &Path {
        &self.source.file
    }

    /// The data files that it depends on, where they were read.
    pub fn data_files(&self) -> impl Iterator<Item = &Path> {
        self.loaded.attachments.iter().map(|attachment| attachment.source.as_path())
    }

    /// The values put in place of the file's own, each `PATH = VALUE`.
    pub fn values_set(&self) -> Vec<String> {
        let overrides = self.reading.overrides.iter();
        overrides.map(|Override { path, value }| format!("{path} = {value}")).collect()
    }

    /// The network in a format of other programs: its mean field as a SPICE netlist, its graph as GraphML.
    ///
    /// # Errors
    /// [`Error::Usage`] with what the format cannot say, and of one that is no text.
    pub fn export(&self, to: Export) -> Result<String, Error> {
        to.text(self.net()).map_err(|error| match to {
            Export::Sonata => cannot(self.name(), &error, "name a folder to write with `out`"),
            _ => cannot(self.name(), &error, "change the network, or choose another format"),
        })
    }

    /// Writes the network in a format of other programs: a file, or for SONATA a folder; with `force` it may replace one of the
    /// same kind. Returns the entries of the network file that this network has and the format leaves out.
    ///
    /// # Errors
    /// As [`Network::export`]; [`Error::Folder`] if something stands there, or if it cannot be written.
    pub fn export_into(&self, to: Export, out: impl AsRef<Path>, force: bool) -> Result<Vec<&'static str>, Error> {
        if to != Export::Sonata {
            let text = self.export(to)?;
            qhh_results::write_text(&text, out.as_ref(), force).map_err(Error::Folder)?;
            return Ok(Vec::new());
        }
        export::milliseconds_of(self.net())
            .map_err(|error| cannot(self.name(), &error, "choose other `units`, or another format"))?;
        let replaces = force.then_some(CIRCUIT);
        let written =
            qhh_results::write_folder(out.as_ref(), replaces, |folder| export::write_circuit(self.net(), folder));
        written.map_err(Error::Folder)?;
        Ok(export::left_out(self.net()))
    }

    /// What it says that can run but is hardly meant, and what its data files have that is not taken, each with its remedy.
    pub fn warnings(&self) -> Vec<Warning> {
        self.loaded.warnings.clone()
    }

    /// What a run takes: memory, disk, the time of fluctuations. Nothing is run, but the whole network is gone through.
    pub fn resources(&self) -> ResourceEstimate {
        ResourceEstimate::new(&self.loaded.network, &self.loaded.resolved)
    }

    /// Refuses a run on so many threads, 0 for as many as the machine has, for which there would be no memory, as the run
    /// itself would. `resources` are those of [`Network::resources`].
    ///
    /// # Errors
    /// [`Error::Resources`].
    pub fn require_memory(&self, resources: &ResourceEstimate, threads: usize) -> Result<(), Error> {
        resources.require_memory(text::threads(threads))?;
        resources::for_origins(self.net()).map(drop)
    }

    /// Its name as that of a folder: without what some system's paths give a meaning to.
    pub fn folder_name(&self) -> String {
        folder_name(self.name())
    }

    /// Whether its file says what a sweep of it varies and measures.
    ///
    /// # Errors
    /// As [`Network::load`], of the experiment.
    pub fn has_experiment(&self) -> Result<bool, Error> {
        Ok(self.template(&[])?.experiment().is_some())
    }

    /// The network as a template of many.
    pub(crate) fn template(&self, additions: &[Addition]) -> Result<Template, Error> {
        let Source { file, text } = &self.source;
        Ok(Template::load_text(file, text, &self.reading, additions)?)
    }

    /// The network with another value in its text; it is read, not checked.
    pub(crate) fn draft_with(&self, set: &Override) -> Result<qhh_net::Network, Error> {
        let mut reading = self.reading.clone();
        reading.overrides.push(set.clone());
        Ok(yaml::draft_text(&self.source.file, &self.source.text, &reading)?.network().clone())
    }

    /// The network as it was loaded.
    pub(crate) fn loaded(&self) -> &Arc<Loaded> {
        &self.loaded
    }
}

impl PartialEq for Network {
    /// Whether they run to the same numbers.
    fn eq(&self, other: &Self) -> bool {
        let of = |network: &Self| (network.loaded.yaml.clone(), network.loaded.attachments.clone());
        self.loaded.network == other.loaded.network && of(self) == of(other)
    }
}

/// What a format cannot express of the network of a name.
pub(crate) fn cannot(name: &str, error: &CannotExport, remedy: &'static str) -> Error {
    Error::Usage { message: format!("{name}: {error}"), remedy }
}

/// A name as that of a folder.
pub(crate) fn folder_name(name: &str) -> String {
    let plain = |c: char| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c };
    let name: String = name.trim().trim_start_matches('.').chars().map(plain).collect();
    if name.is_empty() { "results".to_owned() } else { name }
}

/// Builds a network entry by entry, by the paths and values of a network file.
///
/// # Examples
/// ```
/// use qhh::Network;
///
/// let network = Network::builder("cells")
///     .set("simulation.duration", "5 ms")
///     .set("neurons.cell.count", 3)
///     .set("neurons.cell.circuit", "single-channel")
///     .set("neurons.cell.membrane.capacitance", "1 uF")
///     .set("neurons.cell.channels.potassium.conductance", "36 mS")
///     .build()?;
/// assert_eq!(network.net().n_neurons(), 3);
/// # Ok::<(), qhh::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NetworkBuilder {
    entries: Vec<Override>,
}

impl NetworkBuilder {
    /// Sets the value at a path, making the maps on the way to it. Populations, sources and waveguides are in the order
    /// in which they are set first. A text is read as YAML, as by [`Network::set`].
    #[must_use]
    pub fn set(mut self, path: &str, value: impl Into<Value>) -> Self {
        self.entries.push(Override { path: path.to_owned(), value: value.into().0 });
        self
    }

    /// The network.
    ///
    /// # Errors
    /// As [`Network::load`].
    pub fn build(&self) -> Result<Network, Error> {
        Network::from_yaml(&yaml::text_with(Path::new(UNNAMED), &self.entries)?)
    }
}

/// A value of a network file, as YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value(String);

impl Value {
    /// A text, whatever it looks like: `no` stays a word.
    pub fn text(text: &str) -> Self {
        Self::json(&serde_json::Value::from(text))
    }

    fn json(value: &serde_json::Value) -> Self {
        Self(yaml::inline(value).unwrap_or_else(|_| value.to_string()))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Value {
    /// As YAML.
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Value {
    /// As YAML.
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&String> for Value {
    /// As YAML.
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

macro_rules! values {
    ($($of:ty),*) => {
        $(impl From<$of> for Value {
            fn from(value: $of) -> Self {
                Self::json(&serde_json::Value::from(value))
            }
        })*
    };
}

values!(i32, i64, u32, u64, usize, bool, Vec<u64>, Vec<String>);

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        // JSON has no word for what is no number, and nothing would take the entry away.
        if value.is_finite() { Self::json(&serde_json::Value::from(value)) } else { Self(value.to_string()) }
    }
}

impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        Self::json(&value)
    }
}

/// JSON schema of the network file, with a description of every key.
pub fn network_schema() -> serde_json::Value {
    yaml::schema()
}

/// JSON schema of the task file of learning.
pub fn task_schema() -> serde_json::Value {
    qhh_format::task::schema()
}

/// JSON schema of the fit file.
pub fn fit_schema() -> serde_json::Value {
    qhh_format::fit::schema()
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn a_name_never_leaves_the_current_folder() {
        let names = ["chain", "a/b", "../up", "..", "/root", " spaced name "].map(folder_name);
        assert_eq!(names, ["chain", "a-b", "-up", "results", "-root", "spaced name"]);
    }
}
