//! How a network is driven and read, symbol by symbol: names to numbers, with the place of every mistake.

use std::path::Path as FilePath;
use std::sync::{Arc, LazyLock};

use qhh_core::units::Dimension;
use qhh_lab::learn::encode::{Encoded, Encoding, Mixing};
use qhh_lab::learn::features::{Feature, OTHERS, Reading};
use qhh_lab::learn::reservoir::Plan;
use qhh_net::Network;
use qhh_net::network::{Drive, Fluctuations, Observable};
use serde_json::Value as Json;

use super::goal::{MOST, within};
use super::schema;
use crate::yaml::check;
use crate::yaml::input::{Data, Files, Source};
use crate::yaml::place::Path;
use crate::yaml::problems::Problems;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::resolve::{NeuronIndex, block};
use crate::yaml::schema::{Neurons, Quantity};
use crate::yaml::wording::{clip, counted, listed, suggestion};
use crate::yaml::{FileAccess, LoadError, read};

static SCHEMA: LazyLock<Json> = LazyLock::new(schema::reservoir);
const KIND: read::Kind =
    read::Kind { noun: "a reservoir", begin: "begin with `encode:`, `features:` and `symbol:`" };

/// What was typed of it.
pub(super) struct Typed<'a> {
    pub(super) encode: &'a [schema::Encode],
    pub(super) features: &'a [schema::Feature],
    pub(super) symbol: &'a Quantity,
    pub(super) virtual_nodes: Option<usize>,
}

/// Reads the text of a reservoir alone, for inputs of these names into a network. `name` stands for it in messages.
pub(super) fn load(
    name: &FilePath,
    text: &str,
    network: &Network,
    channels: Vec<String>,
) -> Result<Plan, LoadError> {
    let document = read::parse(text, &KIND).map_err(|problem| read::one_problem(name, text, problem))?;
    let problems = Problems::default();
    check::check(&SCHEMA, &document, &Path::root(), &problems);
    let source = Source {
        file: name.to_owned(),
        text: Arc::from(text),
        set: Vec::new(),
        reach: FileAccess::default(),
        files: Files::default(),
    };
    let typed: Option<schema::Reservoir> = block(&document, &Path::root(), &problems);
    let Some(typed) = typed.filter(|_| problems.is_empty()) else { return Err(source.error(problems)) };
    let data = Data::new(&source, "reservoir");
    let scope = Scope { path: Path::root(), problems: &problems, units: network.units, data: &data };
    let schema::Reservoir { encode, features, symbol, virtual_nodes } = &typed;
    let typed = Typed { encode, features, symbol, virtual_nodes: *virtual_nodes };
    let reservoir = resolve(&typed, network, Some(channels), &scope);
    if problems.is_empty() { Ok(reservoir) } else { Err(source.error(problems)) }
}

/// How a network is driven and read; `channels` are the names of the inputs, if they are known. Where anything is wrong,
/// `scope` has the problems, and what comes back is of no use.
pub(super) fn resolve(
    typed: &Typed<'_>,
    network: &Network,
    channels: Option<Vec<String>>,
    scope: &Scope<'_>,
) -> Plan {
    let context = Context { network, channels };
    let encodings = typed.encode.iter().enumerate();
    let encodings: Vec<Option<Encoding>> =
        encodings.map(|(k, encode)| context.encoding(encode, &scope.key("encode").index(k))).collect();
    once_each(&encodings, network, &scope.key("encode"));
    if encodings.is_empty() {
        scope.key("encode").wrong("no input enters the network", "write `encode: [{source: .., as: amplitude}]`");
    }
    let features = typed.features.iter().enumerate();
    let features: Vec<Option<Feature>> =
        features.map(|(k, feature)| context.feature(feature, &scope.key("features").index(k))).collect();
    for (place, feature) in features.iter().enumerate().filter(|(_, feature)| feature.is_some()) {
        if features[..place].contains(feature) {
            let scope = scope.key("features").index(place);
            scope.wrong("the same neurons are read for this once already", "name each feature once");
        }
    }
    if features.is_empty() {
        scope.key("features").wrong("nothing is read of the network", "write `features: [voltage]`");
    }
    let virtual_nodes = within(typed.virtual_nodes.unwrap_or(1), 1, &scope.key("virtual_nodes"));
    Plan {
        symbol_steps: symbol(typed.symbol, virtual_nodes, network, &scope.key("symbol")),
        encodings: encodings.into_iter().flatten().collect(),
        features: features.into_iter().flatten().collect(),
        virtual_nodes,
        scatter: false,
    }
}

/// Reports entries of which only the last would act: two that set one quantity of a source, and two of one current of which
/// one feeds all its neurons alike and the other each of them.
fn once_each(encodings: &[Option<Encoding>], network: &Network, scope: &Scope<'_>) {
    for (place, later) in encodings.iter().enumerate() {
        let Some(later) = later else { continue };
        for (before, earlier) in encodings[..place].iter().enumerate() {
            let Some(earlier) = earlier else { continue };
            let Some(&source) = later.sources.iter().find(|source| earlier.sources.contains(source)) else {
                continue;
            };
            let name = &network.sources[source].name;
            let of_current = matches!(network.sources[source].drive, Drive::Current(_));
            let scope = scope.index(place);
            if earlier.quantity == later.quantity {
                let quantity = later.quantity.noun();
                let help = "several inputs of one source go into one entry: `inputs: [a, b]`, with `mixing: random`, or \
                            `one-to-one` where each has a neuron";
                scope
                    .key("source")
                    .wrong(format!("the {quantity} of `{name}` is set by entry {before} already"), help);
            } else if of_current && (earlier.mixing == Mixing::Same) != (later.mixing == Mixing::Same) {
                let message =
                    format!("`{name}` is set for all its neurons alike by one entry, for each of them by another");
                scope.key("mixing").wrong(message, format!("write the same `mixing` here and in entry {before}"));
            }
        }
    }
}

/// What names in the file may stand for.
struct Context<'a> {
    network: &'a Network,
    /// Names of the inputs, if the data could be read.
    channels: Option<Vec<String>>,
}

impl Context<'_> {
    fn encoding(&self, typed: &schema::Encode, scope: &Scope<'_>) -> Option<Encoding> {
        let known: Vec<&str> = self.network.sources.iter().map(|source| source.name.as_str()).collect();
        let names = match &typed.source {
            Neurons::One(name) => vec![name.clone()],
            Neurons::Many(names) => names.clone(),
        };
        let find = |name: &String| {
            let found = known.iter().position(|known| known == name);
            if found.is_none() {
                let message = format!("the network has no source `{}`", clip(name));
                scope.key("source").wrong(message, suggestion(name, &known));
            }
            found
        };
        let sources: Vec<Option<usize>> = names.iter().map(find).collect();
        let sources = sources.into_iter().collect::<Option<Vec<_>>>()?;
        if sources.is_empty() {
            scope.key("source").wrong("no source is named", format!("name one of {}", listed(&known)));
            return None;
        }
        let channels = self.channels_of(typed, scope)?;
        let bound = match typed.quantity {
            Encoded::Squeezing | Encoded::ThermalPhotons => Bound::NotNegative,
            _ => Bound::Any,
        };
        let dimension = match typed.quantity {
            Encoded::Phase | Encoded::SqueezingAngle => Dimension::ANGLE,
            _ => Dimension::NUMBER,
        };
        let range = match (&typed.range, typed.quantity) {
            (Some([low, high]), _) => {
                let at = |k: usize, quantity| scope.key("range").index(k).read(quantity, dimension, bound);
                (at(0, low), at(1, high))
            }
            (None, Encoded::Phase | Encoded::SqueezingAngle) => (0.0, std::f64::consts::TAU),
            (None, _) => (0.0, 1.0),
        };
        let inlets: usize = sources
            .iter()
            .map(|&source| match &self.network.sources[source].drive {
                Drive::Current(_) => self.network.sources[source].targets.len(),
                Drive::Mode(_) | Drive::Packet(_) => 1,
            })
            .sum();
        let mixing = typed.mixing.unwrap_or(match channels.len() {
            1 => Mixing::Same,
            n if n == inlets => Mixing::OneToOne,
            _ => Mixing::Random,
        });
        let wrong = match mixing {
            Mixing::Same => channels.len() != 1,
            Mixing::OneToOne => channels.len() != inlets,
            Mixing::Random => false,
        };
        if wrong {
            let (n, what) =
                (channels.len(), if mixing == Mixing::Same { "1 takes them" } else { "must be as many" });
            let message =
                format!("{n} inputs do not fit: `{}` feeds {inlets} places, and {what}", names.join("`, `"));
            scope.key("mixing").wrong(message, "name fewer `inputs`, or write `mixing: random`");
        }
        let mask = typed.mask.unwrap_or(false);
        Some(Encoding { sources, channels, quantity: typed.quantity, range, mixing, mask })
    }

    fn channels_of(&self, typed: &schema::Encode, scope: &Scope<'_>) -> Option<Vec<usize>> {
        let channels = self.channels.as_ref()?;
        let Some(names) = &typed.inputs else { return Some((0..channels.len()).collect()) };
        let known: Vec<&str> = channels.iter().map(String::as_str).collect();
        let find = |(k, name): (usize, &String)| {
            let found = known.iter().position(|known| known == name);
            if found.is_none() {
                let message = format!("there is no input `{}`", clip(name));
                scope.key("inputs").index(k).wrong(message, suggestion(name, &known));
            }
            found
        };
        let found: Vec<Option<usize>> = names.iter().enumerate().map(find).collect();
        let found = found.into_iter().collect::<Option<Vec<_>>>()?;
        if found.is_empty() {
            scope.key("inputs").wrong("no input is named", format!("name one of {}", listed(&known)));
            return None;
        }
        Some(found)
    }

    fn feature(&self, typed: &schema::Feature, scope: &Scope<'_>) -> Option<Feature> {
        let (word, of) = match typed {
            schema::Feature::Word(word) => (word, None),
            schema::Feature::Of(feature) => (&feature.quantity, feature.of.as_ref()),
        };
        let channels = Observable::of_channels(self.network.populations.iter().map(|of| &of.circuit))
            .into_iter()
            .flatten()
            .flatten();
        let known: Vec<Observable> =
            Observable::ALL.iter().copied().chain(channels.filter(|of| !Observable::ALL.contains(of))).collect();
        let is_known = |reading: &Reading| !matches!(reading, Reading::Trace(of) if !known.contains(of));
        let Some(reading) = Reading::named(&word.0).filter(is_known) else {
            let names: Vec<&str> = known.iter().map(|of| of.name()).chain(OTHERS.map(Reading::name)).collect();
            scope.wrong(format!("`{}` cannot be `{}`", scope.path, clip(&word.0)), suggestion(&word.0, &names));
            return None;
        };
        let fluctuations = self.network.quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations);
        if reading.is_quantum() && fluctuations == Fluctuations::None {
            let message = format!("`{}` cannot be read: the network has no fluctuations", word.0);
            scope.wrong(message, "add `quantum: {hbar: 0.1}` to the network file");
        }
        if reading == Reading::Modes && self.network.modes.is_empty() {
            scope.wrong(
                "`modes` cannot be read: the network has no output modes",
                "add `modes:` to the network file",
            );
        }
        let neurons = match of {
            None => self.network.record.neurons.clone(),
            Some(of) => {
                let mut roster = NeuronIndex::default();
                for population in &self.network.populations {
                    roster.push(&population.name, Some(population.count));
                }
                roster.select_all(of, &scope.key("of")).ok()?.iter().collect()
            }
        };
        Some(Feature { reading, neurons })
    }
}

fn symbol(typed: &Quantity, virtual_nodes: usize, network: &Network, scope: &Scope<'_>) -> usize {
    let symbol = scope.read(typed, Dimension::TIME, Bound::AboveZero);
    let step = network.simulation.step;
    let steps = symbol / step;
    if !steps.is_finite() || steps > MOST as f64 {
        return 1;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a bounded count of steps")]
    let whole = steps.round() as usize;
    let show = |steps: usize| scope.units.display(steps as f64 * step, Dimension::TIME);
    if (steps - whole as f64).abs() > 1e-6 * steps.max(1.0) || whole == 0 || !whole.is_multiple_of(virtual_nodes) {
        let better = whole.div_ceil(virtual_nodes).max(1) * virtual_nodes;
        scope.wrong(
            format!(
                "`symbol` is no whole number of steps of {} for each of {}",
                show(1),
                counted(virtual_nodes, "virtual node")
            ),
            format!("write `symbol: {}`, or change `virtual_nodes` or the network's step", show(better)),
        );
    }
    whole.max(1)
}
