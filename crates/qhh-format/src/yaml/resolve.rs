//! From what was typed to the resolved network: units, defaults, names to numbers.
//!
//! Every block is read even when another is wrong, so that all mistakes are reported at once. Each default stands
//! where it is used, with its reason.

use qhh_core::units::{LaboratoryScale, UnitSystem};
use qhh_net::Network;
use qhh_net::network::{JointState, OutputMode, Population, Source, Waveguides};
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::experiment::Experiment;
use super::input::{self, Data, Found};
use super::place::{Highlight, Path};
use super::problems::Problems;
use super::quantity::Scope;
use super::schema;
use super::schema::population::MAX_NEURONS;

mod arms;
mod channels;
mod experiment;
mod figures;
mod filled;
mod loss;
mod matrix;
mod pairs;
mod population;
mod pulses;
mod record;
mod samples;
mod select;
mod settings;
mod sonata;
mod source;
mod spread;
mod states;
mod table;
mod waveguides;

pub(crate) use population::ONLY_INPUT;
pub(crate) use select::NeuronIndex;
pub use select::spell as spell_neurons;
pub(crate) use settings::OFF;
pub(crate) use source::END;
pub(crate) use states::OUTPUT;

/// A network and what its file says beside it.
pub(crate) struct Resolved {
    pub(crate) network: Network,
    /// What was found out beside it.
    pub(crate) found: Found,
    /// Many runs of the network, where the file has such a block.
    pub(crate) experiment: Option<Experiment>,
}

/// Resolves a document of the right shape; `None`, with the reasons on the list, if it makes no network. Whether that
/// network can run is not looked at.
///
/// No neuron is taken by itself, so that it takes the same time whatever the counts.
pub(crate) fn resolve(document: &Value, source: &input::Source, problems: &Problems) -> Option<Resolved> {
    let data = Data::new(source, "network file");
    let typed = block(document.get("units").unwrap_or(&Value::Null), &Path::root().key("units"), problems);
    let units = typed.map_or_else(UnitSystem::default, unit_system);
    let network = network(document, units, &data, problems);
    let experiment = experiment(document, units, &data, problems);
    let network = network?;
    problems.is_empty().then(|| Resolved { network, found: data.into_found(), experiment })
}

fn experiment(document: &Value, units: UnitSystem, data: &Data<'_>, problems: &Problems) -> Option<Experiment> {
    let path = Path::root().key("experiment");
    let typed: schema::experiment::Experiment = block(document.get("experiment")?, &path, problems)?;
    Some(experiment::read(&typed, document, &Scope { path, problems, units, data }))
}

fn network(document: &Value, units: UnitSystem, data: &Data<'_>, problems: &Problems) -> Option<Network> {
    let top = Path::root();
    let null = Value::Null;
    let get = |key: &str| document.get(key).unwrap_or(&null);
    let scope = Scope { path: top, problems, units, data };
    let typed: Option<schema::Simulation> = block(get("simulation"), &scope.path.key("simulation"), problems);
    let simulation = typed.map(|typed| settings::simulation(&typed, &scope.key("simulation")));
    let typed: Option<Option<schema::Quantum>> = block(get("quantum"), &scope.path.key("quantum"), problems);
    let typed = typed.map(|typed| typed.map(|typed| settings::quantum(&typed, &scope.key("quantum"))));
    let scale = typed.as_ref().and_then(|typed| typed.as_ref()?.1);
    let quantum = typed.map(|typed| typed.map(|(quantum, _)| quantum));
    let [seed, structure_seed] =
        simulation.map_or([1; 2], |simulation| [simulation.seed, simulation.seed_of_structure()]);

    let (populations, roster) = populations(get("neurons"), scale.as_ref(), &scope.key("neurons"));
    let sources = sources(get("sources"), &roster, &populations, seed, &scope.key("sources"));
    let waveguides = waveguides(get("waveguides"), &roster, structure_seed, &scope.key("waveguides"));
    let states = joint_states(get("states"), &sources, &scope.key("states"));
    let modes = modes(get("modes"), &roster, &populations, &sources, &scope.key("modes"));
    let typed: Option<Option<schema::Record>> = block(get("record"), &scope.path.key("record"), problems);
    let record = record::Context {
        roster: &roster,
        populations: &populations,
        sources: &sources,
        waveguides: &waveguides,
        simulation: simulation.as_ref(),
        quantum: quantum.as_ref(),
    };
    let record = typed.map(|typed| record.read(&typed.unwrap_or_default(), &scope.key("record")));
    let name = name(get("name"), &scope.key("name"));
    if !problems.is_empty() {
        return None;
    }
    Some(Network {
        name: name?,
        description: get("description").as_str().unwrap_or_default().to_owned(),
        caption: get("caption").as_str().unwrap_or_default().to_owned(),
        units: scope.units,
        simulation: simulation?,
        quantum: quantum?,
        populations: populations.into_iter().collect::<Option<Vec<_>>>()?,
        sources,
        waveguides,
        states,
        modes,
        record: record?,
    })
}

fn sources(
    value: &Value,
    roster: &NeuronIndex<'_>,
    populations: &[Option<Population>],
    seed: u64,
    scope: &Scope<'_>,
) -> Vec<Source> {
    let read = |(name, value)| {
        let scope = scope.key(name);
        check_name(name, "source", &scope);
        let typed = block(value, &scope.path, scope.problems)?;
        source::Reader { roster, populations, seed }.read(name, &typed, &scope)
    };
    entries(value).filter_map(read).collect()
}

fn waveguides(value: &Value, roster: &NeuronIndex<'_>, seed: u64, scope: &Scope<'_>) -> Vec<Waveguides> {
    let read = |(name, value)| {
        let scope = scope.key(name);
        check_name(name, "waveguide", &scope);
        let typed = block(value, &scope.path, scope.problems)?;
        waveguides::Reader { roster, seed }.read(name, &typed, &scope)
    };
    entries(value).filter_map(read).collect()
}

fn joint_states(value: &Value, sources: &[Source], scope: &Scope<'_>) -> Vec<JointState> {
    let read = |(name, value)| {
        let scope = scope.key(name);
        check_name(name, "joint state", &scope);
        let typed = block(value, &scope.path, scope.problems)?;
        states::joint(name, &typed, sources, &scope)
    };
    entries(value).filter_map(read).collect()
}

fn modes(
    value: &Value,
    roster: &NeuronIndex<'_>,
    populations: &[Option<Population>],
    sources: &[Source],
    scope: &Scope<'_>,
) -> Vec<OutputMode> {
    let read = |(name, value)| {
        let scope = scope.key(name);
        check_name(name, "mode", &scope);
        let typed = block(value, &scope.path, scope.problems)?;
        states::mode(name, &typed, roster, populations, sources, &scope)
    };
    entries(value).filter_map(read).collect()
}

/// Reads one block, unless something in it is on the list already.
pub(crate) fn block<T: DeserializeOwned>(value: &Value, path: &Path, problems: &Problems) -> Option<T> {
    if !problems.none_within(path) {
        return None;
    }
    let mut track = serde_path_to_error::Track::new();
    let deserializer = serde_path_to_error::Deserializer::new(value, &mut track);
    match serde_yaml::with::singleton_map_recursive::deserialize(deserializer) {
        Ok(typed) => Some(typed),
        // A required block that is missing is on the list as such.
        Err(_) if value.is_null() => None,
        Err(error) => {
            problems.at(path, Highlight::Value, format!("`{path}.{}`: {error}", track.path()));
            None
        }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let map = value.as_mapping().into_iter().flatten();
    map.filter_map(|(key, value)| Some((key.as_str()?, value)))
}

fn unit_system(units: Option<schema::Units>) -> UnitSystem {
    match units {
        None | Some(schema::Units::HodgkinHuxley) => UnitSystem::HodgkinHuxley,
        Some(schema::Units::Si) => UnitSystem::Si,
        Some(schema::Units::Raw) => UnitSystem::Raw,
    }
}

pub(crate) fn name(value: &Value, scope: &Scope<'_>) -> Option<String> {
    let name = value.as_str()?;
    let no_folder = name.trim().is_empty()
        || name.trim() != name
        || matches!(name, "." | "..")
        || name.len() > 200
        || name.contains(|c: char| matches!(c, '/' | '\\') || c.is_control());
    if no_folder {
        scope.wrong(
            format!("`name` must also be fit for a folder's name, got {name:?}"),
            "use letters, digits, `-` and `_`: no slashes, at most 200 bytes",
        );
    }
    Some(name.to_owned())
}

/// Checks the name of a population, source or the like, which paths and outputs refer to.
fn check_name(name: &str, what: &str, scope: &Scope<'_>) {
    let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if !(starts && plain && name.len() <= 100) {
        let message = format!("`{}` cannot be the name of a {what}", super::wording::clip(name));
        scope
            .problems
            .at(&scope.path, Highlight::Key, message)
            .help("use letters, digits, `_` and `-`, and begin with a letter");
    }
}

/// The populations, `None` for each that is wrong, and what their names stand for.
fn populations<'a>(
    value: &'a Value,
    scale: Option<&LaboratoryScale>,
    scope: &Scope<'_>,
) -> (Vec<Option<Population>>, NeuronIndex<'a>) {
    let mut populations = Vec::new();
    let mut roster = NeuronIndex::default();
    for (name, value) in entries(value) {
        let scope = scope.key(name);
        check_name(name, "population", &scope);
        let typed = block(value, &scope.path, scope.problems);
        let population = typed.and_then(|typed| population::read(name, &typed, scale, &scope));
        roster.push(name, population.as_ref().map(|population| population.count));
        populations.push(population);
    }
    if populations.is_empty() && value.is_mapping() {
        scope.wrong("a network needs at least one population of neurons", "add one below `neurons`");
    }
    if roster.total() > MAX_NEURONS {
        scope.wrong(
            format!("{} neurons are more than the {MAX_NEURONS} a network may have", roster.total()),
            "lower the `count` of some population",
        );
    }
    (populations, roster)
}
