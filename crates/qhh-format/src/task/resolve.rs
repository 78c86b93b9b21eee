//! From what was typed to the task: defaults, names to numbers. Each default stands where it is used, with its reason.

use std::collections::HashSet;
use std::path::Path as FilePath;
use std::sync::{Arc, LazyLock};

use qhh_core::units::Dimension;
use qhh_lab::learn::dataset::Split;
use qhh_lab::learn::readout::{ALPHAS, FOLDS, Method};
use qhh_lab::learn::reservoir::{Plan, Reservoir};
use qhh_lab::learn::study::{Baseline, Pool, Study, Task as Learned};
use qhh_net::Network;
use qhh_net::network::Fluctuations;
use serde_json::Value as Json;

use super::goal::within;
use super::{Task, goal, reservoir, schema};
use crate::yaml::beside::{self, Beside};
use crate::yaml::input::Data;
use crate::yaml::kind::FileKind;
use crate::yaml::place::{Highlight, Path};
use crate::yaml::problems::Problems;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::resolve::name;
use crate::yaml::{self, LoadError, misread, read};

static SCHEMA: LazyLock<Json> = LazyLock::new(schema::schema);
const KIND: beside::Kind = beside::Kind {
    file: FileKind::Task,
    noun: "task file",
    words: read::Kind { noun: "a task file", begin: "begin with `name:`, `network:` and `task:`" },
};

const C: [f64; 4] = [0.01, 0.1, 1.0, 10.0];

pub(super) fn load(path: &FilePath, text: &str, reading: &yaml::Reading) -> Result<Task, LoadError> {
    let Beside { typed, document, source, network: network_file } =
        KIND.read((path, text), &SCHEMA, reading, |typed: &schema::File| &typed.network)?;
    let (problems, data) = (Problems::default(), Data::new(&source, KIND.noun));
    // What learning leaves is the network of its first seed.
    let overrides = first_seed(typed.seeds.as_ref()).map(yaml::Override::seed).into_iter().collect();
    let network = yaml::draft(&network_file, &yaml::Reading { overrides, reach: reading.reach })?.check()?;
    let scope = Scope { path: Path::root(), problems: &problems, units: network.network.units, data: &data };
    name(document.get("name").unwrap_or(&serde_yaml::Value::Null), &scope.key("name"));
    let goal = goal::read(&typed.task, &scope.key("task"));
    let entries = reservoir::Typed {
        encode: &typed.encode,
        features: &typed.features,
        symbol: &typed.symbol,
        virtual_nodes: typed.virtual_nodes,
    };
    let task = goal.as_ref().map(|(task, _)| task);
    let plan = reservoir::resolve(&entries, &network.network, task.map(goal::channels), &scope);
    let washout = typed.washout.unwrap_or(Study::WASHOUT);
    let history = within(typed.history.unwrap_or(1), 1, &scope.key("history"));
    let method = method(typed.readout.as_ref(), task, &scope.key("readout"));
    let split = split(typed.split.as_ref(), &scope.key("split"));
    if let Some(task) = task {
        let at = scope.key(if typed.washout.is_some() { "washout" } else { "task" });
        enough_behind(washout, task.n_symbols(), split, &at);
    }
    let seeds = seeds(typed.seeds.as_ref(), &scope.key("seeds"));
    let shots = shots(typed.shots.as_deref().unwrap_or_default(), &network.network, &scope.key("shots"));
    let delays = typed.linear_delays.map(|delays| within(delays, 1, &scope.key("linear_delays")));
    let pool = typed.over.unwrap_or_else(|| task.map_or(Pool::All, goal::pooled));
    let (Some((task, layout)), true) = (goal, problems.is_empty()) else { return Err(source.error(problems)) };
    // How measurements scatter matters only where they are counted.
    let plan = Plan { scatter: !shots.is_empty(), ..plan };
    let study = Study {
        name: typed.name,
        reservoir: Reservoir { network: Network::clone(&network.network), plan },
        method,
        split,
        washout,
        history,
        pool,
        seeds,
        shots,
        baselines: typed.baselines.clone().unwrap_or_else(|| Baseline::ALL.to_vec()),
        delays: delays.unwrap_or_else(|| task.delays()),
        task,
        shuffled: typed.shuffled.unwrap_or(false),
        export: false,
    };
    Ok(Task {
        text: Arc::clone(&source.text),
        description: typed.description.unwrap_or_default(),
        network,
        network_file,
        layout,
        study,
        source,
    })
}

fn method(typed: Option<&schema::Readout>, task: Option<&Learned>, scope: &Scope<'_>) -> Method {
    let positive = |values: &[f64], scope: &Scope<'_>| {
        if values.is_empty() || values.iter().any(|value| !(value.is_finite() && *value > 0.0)) {
            scope.wrong("strengths are numbers above zero, at least one", "write a list such as `[0.01, 1, 100]`");
        }
    };
    let folds = |folds: Option<usize>, scope: &Scope<'_>| within(folds.unwrap_or(FOLDS), 2, &scope.key("folds"));
    match typed {
        None => Method::default(),
        Some(schema::Readout::Ridge(ridge)) => {
            let scope = scope.key("ridge");
            let alphas = ridge.alphas.clone().unwrap_or_else(|| ALPHAS.to_vec());
            positive(&alphas, &scope.key("alphas"));
            Method::Ridge { alphas, folds: folds(ridge.folds, &scope) }
        }
        Some(schema::Readout::Logistic(logistic)) => {
            let scope = scope.key("logistic");
            if task.is_some_and(|task| !task.is_classes()) {
                let message = "`logistic` is for classes, but this task predicts numbers";
                scope.problems.at(&scope.path, Highlight::Key, message).help("write `readout: {ridge: {}}`");
            }
            let c = logistic.c.clone().unwrap_or_else(|| C.to_vec());
            positive(&c, &scope.key("C"));
            Method::Logistic { c, folds: folds(logistic.folds, &scope) }
        }
    }
}

fn split(typed: Option<&schema::Split>, scope: &Scope<'_>) -> Split {
    let Some(schema::Split { train, validation, test }) = typed else { return Split::default() };
    let shares = [("train", train), ("validation", validation), ("test", test)].map(|(key, typed)| {
        let scope = scope.key(key);
        let share = scope.read(typed, Dimension::NUMBER, Bound::Fraction);
        if share == 0.0 || share == 1.0 {
            let message = format!("`{}` must be above 0 and below 1, got {share}", scope.path);
            scope.wrong(message, "write a share such as `0.2` or `20 %`");
        }
        share
    });
    if shares.iter().sum::<f64>() > 1.0 + 1e-9 {
        let message = format!("the parts make {} of the data together", shares.iter().sum::<f64>());
        scope.problems.at(&scope.path, Highlight::Key, message).help(misread::SPLIT);
    }
    let [train, validation, test] = shares;
    Split { train, validation, test }
}

/// A series must have symbols behind the washout for each of its parts.
fn enough_behind(washout: usize, symbols: Option<usize>, split: Split, scope: &Scope<'_>) {
    let Some(symbols) = symbols else { return };
    let left = symbols.saturating_sub(washout);
    let least = split.least();
    // The ends of a part are rounded: one of less than a row has never two.
    if least * left as f64 >= 1.0 || !scope.problems.is_empty() {
        return;
    }
    let message = format!(
        "`washout`, {washout} symbols (100 by default), leaves {left} of {symbols} to train, validate and test with"
    );
    let help = "write a shorter `washout`, such as `washout: 10`, or give the series more symbols";
    scope.wrong(message, help);
}

fn first_seed(typed: Option<&schema::Seeds>) -> Option<u64> {
    match typed {
        None | Some(schema::Seeds::Count(_)) => Some(1),
        Some(schema::Seeds::List(seeds)) => seeds.first().copied(),
    }
}

fn seeds(typed: Option<&schema::Seeds>, scope: &Scope<'_>) -> Vec<u64> {
    let seeds = match typed {
        None => Study::SEEDS.to_vec(),
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
    let mut seen = HashSet::new();
    if let Some(place) = seeds.iter().position(|seed| !seen.insert(*seed)) {
        let message = format!("seed {} is listed twice, and would count as two", seeds[place]);
        scope.index(place).wrong(message, "list each seed once");
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
