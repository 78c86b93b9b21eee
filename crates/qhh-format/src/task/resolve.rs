//! From what was typed to the task: defaults, names to numbers. Each default stands where it is used, with its reason.

use std::path::Path as FilePath;
use std::sync::{Arc, LazyLock};

use qhh_core::units::{Dimension, UnitSystem};
use qhh_net::Network;
use qhh_net::network::{Drive, Fluctuations, Observable};
use serde_json::Value as Json;

use super::goal::{MOST, within};
use super::schema::{self, Encoded, Mixing, Over, READINGS};
use super::{Encoding, Feature, Goal, Reading, Readout, Task, goal};
use crate::yaml::check::{self, clip, listed, suggestion};
use crate::yaml::input::{Data, Files, Source};
use crate::yaml::place::{Aim, Path};
use crate::yaml::problems::Problems;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::resolve::{Roster, block, name};
use crate::yaml::schema::Neurons;
use crate::yaml::{self, LoadError, read, set};

static SCHEMA: LazyLock<Json> = LazyLock::new(schema::schema);
const KIND: read::Kind = read::Kind { noun: "a task file", begin: "begin with `name:`, `network:` and `task:`" };

/// Ridge strengths by default: from none to speak of to one that lets nothing through, features being of size 1.
const ALPHAS: [f64; 11] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4];
const C: [f64; 4] = [0.01, 0.1, 1.0, 10.0];
const FOLDS: usize = 5;

pub(super) fn load(path: &FilePath, reading: &yaml::Reading) -> Result<Task, LoadError> {
    let reach = reading.reach;
    let text = read::text_of(path)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut document = read::parse(text, &KIND).map_err(|problem| read::one_problem(path, text, problem))?;
    let problems = Problems::default();
    let set = set::apply(&mut document, &reading.overrides, &problems);
    check::check(&SCHEMA, &document, &Path::root(), &problems);
    let source = Source { file: path.to_owned(), text: Arc::from(text), set, reach, files: Files::default() };
    let typed: Option<schema::File> = block(&document, &Path::root(), &problems);
    let Some(typed) = typed.filter(|_| problems.is_empty()) else { return Err(source.error(problems)) };
    let folder = path.parent().unwrap_or(FilePath::new(""));
    let network_file = folder.join(&typed.network);
    if !network_file.is_file() {
        let message = format!("there is no network file `{}`", clip(&typed.network));
        problems.value(&Path::root().key("network"), message, "the path starts at the folder of the task file");
        return Err(source.error(problems));
    }
    let data = Data::new(&source, "task file");
    let of_file = Scope { path: Path::root(), problems: &problems, units: UnitSystem::default(), data: &data };
    if of_file.key("network").locate(&typed.network).is_none() {
        return Err(source.error(problems));
    }
    // What learning leaves is the network of its first seed.
    let overrides = first_seed(typed.seeds.as_ref()).map(yaml::Override::seed).into_iter().collect();
    let network = yaml::draft(&network_file, &yaml::Reading { overrides, reach })?.check()?;
    let scope = Scope { path: Path::root(), problems: &problems, units: network.network.units, data: &data };
    name(document.get("name").unwrap_or(&serde_yaml::Value::Null), &scope.key("name"));
    let goal = goal::read(&typed.task, &scope.key("task"));
    let context = Context { network: &network.network, channels: goal.as_ref().map(goal::channels) };
    let encodings = typed.encode.iter().enumerate();
    let encodings: Vec<Option<Encoding>> =
        encodings.map(|(k, encode)| context.encoding(encode, &scope.key("encode").index(k))).collect();
    if encodings.is_empty() {
        scope
            .key("encode")
            .wrong("nothing is told to the network", "write `encode: [{source: .., as: amplitude}]`");
    }
    let features = typed.features.iter().enumerate();
    let features: Vec<Option<Feature>> =
        features.map(|(k, feature)| context.feature(feature, &scope.key("features").index(k))).collect();
    if features.is_empty() {
        scope.key("features").wrong("nothing is read of the network", "write `features: [voltage]`");
    }
    let virtual_nodes = within(typed.virtual_nodes.unwrap_or(1), 1, &scope.key("virtual_nodes"));
    let symbol_steps = symbol(&typed, virtual_nodes, &network.network, &scope.key("symbol"));
    let washout = typed.washout.unwrap_or(100);
    let history = within(typed.history.unwrap_or(1), 1, &scope.key("history"));
    let readout = readout(typed.readout.as_ref(), goal.as_ref(), &scope.key("readout"));
    let split = split(typed.split.as_ref(), &scope.key("split"));
    let seeds = seeds(typed.seeds.as_ref(), &scope.key("seeds"));
    let shots = shots(typed.shots.as_deref().unwrap_or_default(), &network.network, &scope.key("shots"));
    let baselines = typed.baselines.clone().unwrap_or_else(|| schema::Baseline::ALL.to_vec());
    let linear_delays = typed.linear_delays.map(|delays| within(delays, 1, &scope.key("linear_delays")));
    let over = typed.over.unwrap_or_else(|| goal.as_ref().map_or(Over::All, goal::pooled));
    let (Some(goal), true) = (goal, problems.is_empty()) else { return Err(source.error(problems)) };
    Ok(Task {
        name: typed.name,
        description: typed.description.unwrap_or_default(),
        network,
        network_file,
        goal,
        encodings: encodings.into_iter().flatten().collect(),
        features: features.into_iter().flatten().collect(),
        symbol_steps,
        virtual_nodes,
        washout,
        history,
        over,
        readout,
        split,
        seeds,
        shots,
        baselines,
        linear_delays,
        shuffled: typed.shuffled.unwrap_or(false),
    })
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
        let channels = Observable::of_channels(&self.network.populations).into_iter().flatten().flatten();
        let known: Vec<Observable> = Observable::ALL.iter().copied().chain(channels).collect();
        let trace = Observable::named(&word.0).filter(|of| known.contains(of));
        if trace.is_none() && !READINGS.contains(&word.0.as_str()) {
            let names: Vec<&str> = known.iter().map(|of| of.name()).chain(READINGS).collect();
            scope.wrong(format!("`{}` cannot be `{}`", scope.path, clip(&word.0)), suggestion(&word.0, &names));
            return None;
        }
        let reading = match (trace, READINGS.iter().position(|name| *name == word.0)) {
            (Some(observable), _) => Reading::Trace(observable),
            (None, Some(0)) => Reading::Spikes,
            (None, Some(1)) => Reading::FirstSpike,
            (None, Some(2)) => Reading::Covariance,
            (None, _) => Reading::Modes,
        };
        let fluctuations = self.network.quantum.map_or(Fluctuations::None, |quantum| quantum.fluctuations);
        let quantum = match reading {
            Reading::Trace(observable) => observable.is_variance(),
            Reading::Covariance | Reading::Modes => true,
            Reading::Spikes | Reading::FirstSpike => false,
        };
        if quantum && fluctuations == Fluctuations::None {
            let message = format!("`{}` cannot be read: the network has no fluctuations", word.0);
            scope.wrong(message, "add `quantum: {hbar: 0.1}` to the network file");
        }
        if reading == Reading::Modes && self.network.modes.is_empty() {
            scope.wrong("`modes` cannot be read: the network has none", "add `modes:` to the network file");
        }
        let neurons = match of {
            None => self.network.record.neurons.clone(),
            Some(of) => {
                let mut roster = Roster::default();
                for population in &self.network.populations {
                    roster.push(&population.name, Some(population.count));
                }
                roster.select_all(of, &scope.key("of")).ok()?.iter().collect()
            }
        };
        Some(Feature { reading, neurons })
    }
}

fn symbol(typed: &schema::File, virtual_nodes: usize, network: &Network, scope: &Scope<'_>) -> usize {
    let symbol = scope.read(&typed.symbol, Dimension::TIME, Bound::AboveZero);
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
                check::counted(virtual_nodes, "virtual node")
            ),
            format!("write `symbol: {}`, or change `virtual_nodes` or the network's step", show(better)),
        );
    }
    whole.max(1)
}

fn readout(typed: Option<&schema::Readout>, goal: Option<&Goal>, scope: &Scope<'_>) -> Readout {
    let positive = |values: &[f64], scope: &Scope<'_>| {
        if values.is_empty() || values.iter().any(|value| !(value.is_finite() && *value > 0.0)) {
            scope.wrong("strengths are numbers above zero, at least one", "write a list such as `[0.01, 1, 100]`");
        }
    };
    let folds = |folds: Option<usize>, scope: &Scope<'_>| within(folds.unwrap_or(FOLDS), 2, &scope.key("folds"));
    match typed {
        None => Readout::Ridge { alphas: ALPHAS.to_vec(), folds: FOLDS },
        Some(schema::Readout::Ridge(ridge)) => {
            let scope = scope.key("ridge");
            let alphas = ridge.alphas.clone().unwrap_or_else(|| ALPHAS.to_vec());
            positive(&alphas, &scope.key("alphas"));
            Readout::Ridge { alphas, folds: folds(ridge.folds, &scope) }
        }
        Some(schema::Readout::Logistic(logistic)) => {
            let scope = scope.key("logistic");
            if goal.is_some_and(|goal| !goal.is_classes()) {
                let message = "`logistic` is for classes, but this task predicts numbers";
                scope.problems.at(&scope.path, Aim::Key, message).help("write `readout: {ridge: {}}`");
            }
            let c = logistic.c.clone().unwrap_or_else(|| C.to_vec());
            positive(&c, &scope.key("C"));
            Readout::Logistic { c, folds: folds(logistic.folds, &scope) }
        }
    }
}

fn split(typed: Option<&schema::Split>, scope: &Scope<'_>) -> [f64; 3] {
    let Some(schema::Split { train, validation, test }) = typed else { return [0.6, 0.2, 0.2] };
    let shares = [*train, *validation, *test];
    for (key, share) in ["train", "validation", "test"].into_iter().zip(shares) {
        if !(share > 0.0 && share < 1.0) {
            scope
                .key(key)
                .wrong(format!("`{key}` must be above 0 and below 1, got {share}"), "write a share such as 0.2");
        }
    }
    if shares.iter().sum::<f64>() > 1.0 + 1e-9 {
        let message = format!("the parts make {} of the data together", shares.iter().sum::<f64>());
        scope.problems.at(&scope.path, Aim::Key, message).help("their sum must be at most 1");
    }
    shares
}

fn first_seed(typed: Option<&schema::Seeds>) -> Option<u64> {
    match typed {
        None | Some(schema::Seeds::Count(_)) => Some(1),
        Some(schema::Seeds::List(seeds)) => seeds.first().copied(),
    }
}

fn seeds(typed: Option<&schema::Seeds>, scope: &Scope<'_>) -> Vec<u64> {
    let seeds = match typed {
        None => vec![1, 2, 3],
        Some(schema::Seeds::Count(count)) if *count <= 10_000 => (1..=*count).collect(),
        Some(schema::Seeds::Count(_)) => Vec::new(),
        Some(schema::Seeds::List(seeds)) => seeds.clone(),
    };
    if seeds.is_empty() {
        scope.wrong(
            "there must be at least one seed and at most 10000",
            "write a number, or a list such as `[1, 2, 3]`",
        );
    }
    seeds
}

fn shots(shots: &[u64], network: &Network, scope: &Scope<'_>) -> Vec<u64> {
    for (k, &count) in shots.iter().enumerate() {
        if count < 2 {
            scope.index(k).wrong("a variance takes at least 2 shots", "write a number such as 1000");
        }
    }
    if !shots.is_empty() && network.quantum.is_none_or(|quantum| quantum.fluctuations == Fluctuations::None) {
        scope.wrong(
            "without fluctuations nothing scatters from shot to shot",
            "add `quantum:` to the network file",
        );
    }
    shots.to_vec()
}
