//! From what was typed to the resolved network: units, defaults, names to numbers.
//!
//! Every block is read even when another is wrong, so that all mistakes are reported at once. Each default stands
//! where it is used, with its reason.

use std::collections::BTreeMap;
use std::path;

use qhh_core::circuit::BathRule;
use qhh_core::units::{Dimension, LaboratoryScale, UnitSystem};
use qhh_net::Network;
use qhh_net::network::{Fluctuations, Method, Population, Precision, Quantum, Simulation};
use serde::de::DeserializeOwned;
use serde_yaml::Value;

use super::place::{Aim, Path};
use super::problems::Problems;
use super::quantity::{Bound, Scope};
use super::schema::{self, Quantity};
use samples::DataFile;
use select::Roster;

mod population;
mod record;
pub(crate) mod samples;
mod select;
mod source;

pub(crate) use select::spell as spell_neurons;
pub(crate) use source::END;

/// Neurons of one network at most: more would not fit into any memory.
const MAX_NEURONS: usize = 1_000_000_000;

/// A network and what its file says beside it.
pub(crate) struct Resolved {
    pub(crate) network: Network,
    /// Data files by source.
    pub(crate) files: BTreeMap<String, DataFile>,
    pub(crate) warnings: Vec<String>,
}

/// Resolves a document of the right shape; `None`, with the reasons on the list, if it makes no network.
pub(crate) fn resolve(document: &Value, folder: &path::Path, problems: &Problems) -> Option<Resolved> {
    let top = Path::root();
    let null = Value::Null;
    let get = |key: &str| document.get(key).unwrap_or(&null);
    let units: Option<schema::Units> = block(get("units"), &top.key("units"), problems)?;
    let scope = Scope { path: top, problems, units: unit_system(units) };
    let typed: Option<schema::Simulation> = block(get("simulation"), &scope.path.key("simulation"), problems);
    let simulation = typed.map(|typed| simulation(&typed, &scope.key("simulation")));
    let typed: Option<Option<schema::Quantum>> = block(get("quantum"), &scope.path.key("quantum"), problems);
    let quantum = typed.map(|typed| typed.map(|typed| quantum(&typed, &scope.key("quantum"))));

    let (populations, roster) = populations(get("neurons"), &scope.key("neurons"));
    let mut warnings = Vec::new();
    let mut files = BTreeMap::new();
    let mut sources = Vec::new();
    for (name, value) in entries(get("sources")) {
        let scope = scope.key("sources").key(name);
        check_name(name, "source", &scope);
        let Some(typed) = block(value, &scope.path, problems) else { continue };
        let reader = source::Reader { roster: &roster, seed: simulation.map_or(1, |s| s.seed), folder };
        if let Some((source, file)) = reader.read(name, &typed, &scope) {
            files.extend(file.map(|file| (name.to_owned(), file)));
            sources.push(source);
        }
    }
    let typed: Option<Option<schema::Record>> = block(get("record"), &scope.path.key("record"), problems);
    let record = record::Context {
        roster: &roster,
        populations: &populations,
        sources: &sources,
        simulation: simulation.as_ref(),
        quantum: quantum.as_ref(),
    };
    let record = typed.map(|typed| record.read(&typed.unwrap_or_default(), &scope.key("record"), &mut warnings));
    let name = name(get("name"), &scope.key("name"));
    if !problems.is_empty() {
        return None;
    }
    let network = Network {
        name: name?,
        description: get("description").as_str().unwrap_or_default().to_owned(),
        units: scope.units,
        simulation: simulation?,
        quantum: quantum?,
        populations: populations.into_iter().collect::<Option<Vec<_>>>()?,
        sources,
        waveguides: Vec::new(),
        record: record?,
    };
    source::warn(&network, &mut warnings);
    for mistake in network.check() {
        let path = Path::parse(&mistake.path).unwrap_or_default();
        problems.at(&path, Aim::Value, mistake.message);
    }
    problems.is_empty().then_some(Resolved { network, files, warnings })
}

/// Reads one block, unless something in it is on the list already.
fn block<T: DeserializeOwned>(value: &Value, path: &Path, problems: &Problems) -> Option<T> {
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
            problems.at(path, Aim::Value, format!("`{path}.{}`: {error}", track.path()));
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

fn name(value: &Value, scope: &Scope<'_>) -> Option<String> {
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

/// Checks the name of a population or source, which paths and outputs refer to.
fn check_name(name: &str, what: &str, scope: &Scope<'_>) {
    let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if !(starts && plain && name.len() <= 100) {
        let message = format!("`{}` cannot be the name of a {what}", super::check::clip(name));
        scope
            .problems
            .at(&scope.path, Aim::Key, message)
            .help("use letters, digits, `_` and `-`, and begin with a letter");
    }
}

fn simulation(typed: &schema::Simulation, scope: &Scope<'_>) -> Simulation {
    let time = (Dimension::TIME, Bound::AboveZero);
    // A hundredth of the membrane's fastest time constant in each system; the papers' raw figures, with a drive of
    // w = 10, want a tenth of that.
    let step = match scope.units {
        UnitSystem::HodgkinHuxley => 0.01,
        UnitSystem::Si => 1e-5,
        UnitSystem::Raw => 0.001,
    };
    let simulation = Simulation {
        duration: scope.key("duration").read(&typed.duration, time.0, time.1),
        step: scope.read_or("step", typed.step.as_ref(), time, step),
        method: match typed.method {
            None | Some(schema::Method::Langevin) => Method::Langevin,
            Some(schema::Method::Adiabatic) => Method::Adiabatic,
        },
        baths: match typed.baths {
            None | Some(schema::Baths::Independent) => BathRule::Independent,
            Some(schema::Baths::SharedMode) => BathRule::SharedMode,
        },
        seed: typed.seed.unwrap_or(1),
        spike_threshold: scope.read_or(
            "spike_threshold",
            typed.spike_threshold.as_ref(),
            (Dimension::VOLTAGE, Bound::Any),
            0.0,
        ),
        precision: Precision::F64,
        sleep: 0.0,
    };
    if simulation.duration < simulation.step {
        let show = |time| scope.units.display(time, Dimension::TIME);
        scope.key("duration").wrong(
            format!(
                "the duration, {}, is shorter than one step, {}",
                show(simulation.duration),
                show(simulation.step)
            ),
            "lengthen `simulation.duration` or shorten `simulation.step`",
        );
    }
    simulation
}

fn quantum(typed: &schema::Quantum, scope: &Scope<'_>) -> Quantum {
    let scale = typed.scale.as_ref().map(|scale| {
        // The laboratory is in SI, whatever the model's unit system.
        let scope = Scope { units: UnitSystem::Si, ..scope.key("scale") };
        let read = |key: &str, quantity, dimension| scope.key(key).read(quantity, dimension, Bound::AboveZero);
        LaboratoryScale {
            capacitance: read("capacitance", &scale.capacitance, Dimension::CAPACITANCE),
            voltage: read("voltage", &scale.voltage, Dimension::VOLTAGE),
            time: read("time", &scale.time, Dimension::TIME),
        }
    });
    let hbar = match (&typed.hbar, &scale) {
        (Some(hbar), None) => scope.key("hbar").read(hbar, Dimension::ACTION, Bound::NotNegative),
        (None, Some(scale)) => {
            let hbar = scale.hbar(scope.units);
            if hbar == 0.0 || hbar.is_infinite() {
                scope.key("scale").wrong(
                    format!("with this scale hbar would be {hbar} in the model"),
                    "check the units: 1 pF, 1 uV and 1 ns give 0.105",
                );
            }
            hbar
        }
        (Some(_), Some(_)) => {
            scope.key("hbar").wrong(
                "`quantum` gives both `hbar` and `scale`: it needs exactly one of them",
                "drop one: `scale` already fixes hbar",
            );
            f64::NAN
        }
        (None, None) => {
            let message = "`quantum` gives neither `hbar` nor `scale`: it needs exactly one of them";
            let help = "add `hbar: 0.5` or `scale: {capacitance: 1 pF, voltage: 1 uV, time: 1 ns}`";
            scope.problems.at(&scope.path, Aim::Key, message).help(help);
            f64::NAN
        }
    };
    // 200 rad/ms is the cutoff the reference data were made with: far above every rate of the membrane, so that the
    // spike's own dynamics is inside. The variance grows with its logarithm. Raw units read a number of ms.
    let cutoff = match scope.units {
        UnitSystem::HodgkinHuxley | UnitSystem::Raw => 200.0,
        UnitSystem::Si => 2e5,
    };
    Quantum {
        hbar,
        thermal_energy: typed
            .temperature
            .as_ref()
            .map_or(0.0, |typed| thermal_energy(typed, scale.as_ref(), &scope.key("temperature"))),
        cutoff: scope.read_or("cutoff", typed.cutoff.as_ref(), (Dimension::FREQUENCY, Bound::AboveZero), cutoff),
        fluctuations: match typed.fluctuations {
            None | Some(schema::Fluctuations::Adiabatic) => Fluctuations::Adiabatic,
            Some(schema::Fluctuations::None) => Fluctuations::None,
        },
    }
}

/// `k_B T` from an energy, or from a temperature and the laboratory scale.
fn thermal_energy(typed: &Quantity, scale: Option<&LaboratoryScale>, scope: &Scope<'_>) -> f64 {
    let kelvin = match typed {
        Quantity::Text(text) if text.trim().parse::<f64>().is_err() => {
            UnitSystem::Si.parse(text, Dimension::TEMPERATURE).ok()
        }
        _ => None,
    };
    match (kelvin, scale) {
        (None, _) => scope.read(typed, Dimension::ENERGY, Bound::NotNegative),
        (Some(kelvin), _) if kelvin < 0.0 => {
            scope.wrong("a temperature must not be below absolute zero", "write a value such as `10 mK`");
            f64::NAN
        }
        (Some(kelvin), Some(scale)) => scale.thermal_energy(kelvin, scope.units),
        (Some(_), None) => {
            let example = scope.units.display(0.14, Dimension::ENERGY);
            scope.wrong(
                "a temperature in kelvin has a meaning only with `scale`, which says what the model's units are in the laboratory",
                format!("replace `hbar` by `scale: {{capacitance: 1 pF, voltage: 1 uV, time: 1 ns}}`, or give the energy k_B T, such as `{example}`"),
            );
            f64::NAN
        }
    }
}

/// The populations, `None` for each that is wrong, and what their names stand for.
fn populations<'a>(value: &'a Value, scope: &Scope<'_>) -> (Vec<Option<Population>>, Roster<'a>) {
    let mut populations = Vec::new();
    let mut roster = Roster::default();
    for (name, value) in entries(value) {
        let scope = scope.key(name);
        check_name(name, "population", &scope);
        let population =
            block(value, &scope.path, scope.problems).map(|typed| population::read(name, &typed, &scope));
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
