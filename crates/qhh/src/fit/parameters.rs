//! The trained numbers of a network: where they stand in its file, within which bounds, and as coordinates without any.

use qhh_format::fit::{Amount, Fit, Parameter, Start};
use qhh_format::yaml::{self, NumberEntry, Override, converted};
use qhh_net::network::random;
use rand::RngExt;

use crate::{Error, Network};

/// Blocks of a network file whose numbers can be trained.
const BLOCKS: [&str; 4] = ["neurons", "sources", "waveguides", "states"];

/// One trained number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Trained {
    /// Its path, with its place where it is one of a list.
    pub(super) name: String,
    /// Its unit in the file.
    pub(super) unit: String,
    pub(super) bounds: Option<[f64; 2]>,
    pub(super) start: f64,
    /// Entries and elements of them that are this number.
    at: Vec<(usize, usize)>,
}

/// All of them.
///
/// A bounded number is low + (high - low)/(1 + e^-x) of a coordinate x, so no step leaves the bounds and none needs to be
/// taken back; another is start + |start| x/4. Either way x moves by about 1 where the number moves by a quarter of what it
/// can, so that one step length suits all.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    entries: Vec<NumberEntry>,
    pub(super) trained: Vec<Trained>,
}

impl Parameters {
    pub(super) fn new(fit: &Fit, network: &Network) -> Result<Self, Error> {
        let (text, overrides, _) = network.source();
        let known = yaml::numbers_of(text, overrides, &BLOCKS).unwrap_or_default();
        let mut parameters = Self { entries: Vec::new(), trained: Vec::new() };
        for (place, of) in fit.parameters.iter().enumerate() {
            parameters.add(fit, network, &known, (place, of))?;
        }
        Ok(parameters)
    }

    fn add(
        &mut self,
        fit: &Fit,
        network: &Network,
        known: &[NumberEntry],
        (place, of): (usize, &Parameter),
    ) -> Result<(), Error> {
        let place = place.to_string();
        let wrong = |keys: &[&str], message: &str, help: &str| {
            fit.mistake(&[&["parameters", place.as_str()], keys].concat(), message, help)
        };
        let find = |path: &str, keys: &[&str], keys_of_each: &[&str]| {
            let entry = found(network, known, path).map_err(|near| wrong(keys, &near.0, &near.1))?;
            if of.each {
                each(network, entry).map_err(|(what, help)| wrong(keys_of_each, &what, help))
            } else {
                Ok(entry.clone())
            }
        };
        let entry = &find(&of.path, &["path"], &["each"])?;
        let first = self.take(entry).map_err(|()| wrong(&["path"], &twice(&of.path), "name each value once"))?;
        let mut entries = vec![first];
        for (k, path) in of.tie.iter().enumerate() {
            let keys = ["tie", &k.to_string()];
            let tied = &find(path, &keys, &keys)?;
            if tied.units != entry.units || tied.values.len() != entry.values.len() {
                let message = format!("`{path}` has another unit, or other lists, than `{}`", of.path);
                return Err(wrong(&keys, &message, "write both in one unit in the network file").into());
            }
            entries.push(self.take(tied).map_err(|()| wrong(&keys, &twice(path), "name each value once"))?);
        }
        let all_move = network.can_move_all(entry);
        let from = self.trained.len();
        for element in 0..entry.values.len() {
            let unit = entry.units[element].clone();
            let number = |keys: &[&str], amount: &Amount| {
                if amount.unit.is_empty() || amount.unit == unit {
                    return Ok(amount.value);
                }
                let (message, help) = if unit.is_empty() {
                    let message =
                        format!("`{}` is in `{}`, and `{}` is a bare number", keys[0], amount.unit, of.path);
                    (message, "write a bare number, as in the network file".to_owned())
                } else {
                    let message = format!("`{}` is in `{}`, not `{unit}` as `{}`", keys[0], amount.unit, of.path);
                    let own = converted(amount.value, &amount.unit, &unit);
                    let help = own.map_or_else(
                        || "write it in the unit that the value has in the network file".to_owned(),
                        |own| format!("write `{own} {unit}`, in the unit that the value has in the network file"),
                    );
                    (message, help)
                };
                Err(wrong(keys, &message, &help))
            };
            if !all_move && !network.can_move(entry, element) {
                let message =
                    format!("`{}` cannot be trained: the network has none with a little more or less", of.path);
                return Err(wrong(&["path"], &message, "name a value that can be any number, not a count").into());
            }
            let bounds = match &of.bounds {
                None => None,
                Some([low, high]) => Some([number(&["bounds", "0"], low)?, number(&["bounds", "1"], high)?]),
            };
            if bounds.is_some_and(|[low, high]| low >= high) {
                let message = "the lower bound must be below the upper one";
                return Err(wrong(&["bounds"], message, "write the lower bound first").into());
            }
            let name = if entry.values.len() == 1 { of.path.clone() } else { format!("{}[{element}]", of.path) };
            let start = match (&of.start, bounds) {
                (Start::At(amount), _) => number(&["start"], amount)?,
                (Start::Random, Some([low, high])) => {
                    let part: f64 = random::stream(fit.seed, &format!("fit.start.{name}")).random();
                    low + (high - low) * (0.05 + 0.9 * part)
                }
                _ => entry.values[element],
            };
            if let Some([low, high]) = bounds.filter(|[low, high]| !(*low < start && start < *high)) {
                let message =
                    format!("`{name}` starts at {start}, which is not between its bounds, {low} and {high}");
                return Err(
                    wrong(&["bounds"], message.trim(), "widen the bounds, or give a `start` within them").into()
                );
            }
            let at = entries.iter().map(|entry| (*entry, element)).collect();
            self.trained.push(Trained { name, unit, bounds, start, at });
        }
        let bounds: Vec<_> = self.trained[from..].iter().map(|of| of.bounds).collect();
        if let Some((end, reason)) =
            entries.iter().find_map(|entry| beyond(network, &self.entries[*entry], &bounds))
        {
            let message = format!("`{}` cannot go as far as this bound: {reason}", of.path);
            return Err(wrong(&["bounds", end], &message, "write bounds that the network can have").into());
        }
        Ok(())
    }

    /// Makes an entry one of those that are trained.
    fn take(&mut self, entry: &NumberEntry) -> Result<usize, ()> {
        if self.entries.iter().any(|taken| taken.path == entry.path) {
            return Err(());
        }
        self.entries.push(entry.clone());
        Ok(self.entries.len() - 1)
    }

    /// Coordinates of the start.
    pub(super) fn origin(&self) -> Vec<f64> {
        let of = |of: &Trained| of.bounds.map_or(0.0, |[low, high]| ((of.start - low) / (high - of.start)).ln());
        self.trained.iter().map(of).collect()
    }

    /// Values at coordinates.
    pub(super) fn values(&self, x: &[f64]) -> Vec<f64> {
        let of = |(of, x): (&Trained, &f64)| match of.bounds {
            Some([low, high]) => low + (high - low) / (1.0 + (-x).exp()),
            None => of.start + scale(of) * x,
        };
        self.trained.iter().zip(x).map(of).collect()
    }

    /// Slopes of the values by their coordinates.
    pub(super) fn slopes(&self, x: &[f64]) -> Vec<f64> {
        let of = |(of, x): (&Trained, &f64)| match of.bounds {
            Some([low, high]) => {
                let part = 1.0 / (1.0 + (-x).exp());
                (high - low) * part * (1.0 - part)
            }
            None => scale(of),
        };
        self.trained.iter().zip(x).map(of).collect()
    }

    /// The entries with these values.
    pub(super) fn entries(&self, values: &[f64]) -> Vec<NumberEntry> {
        let mut entries = self.entries.clone();
        for (of, value) in self.trained.iter().zip(values) {
            for (entry, element) in &of.at {
                entries[*entry].values[*element] = *value;
            }
        }
        entries
    }

    /// What sets the network to these values.
    pub(super) fn overrides(&self, values: &[f64]) -> Vec<Override> {
        self.entries(values).iter().map(|entry| entry.set(entry.values.clone())).collect()
    }

    /// The slopes by the trained numbers, from those by every element of every entry.
    pub(super) fn gathered(&self, slopes: &[Vec<f64>]) -> impl Iterator<Item = f64> {
        self.trained.iter().map(|of| of.at.iter().map(|(entry, element)| slopes[*entry][*element]).sum())
    }

    /// Names of those that are as good as at a bound.
    pub(super) fn at_bounds(&self, values: &[f64]) -> Vec<&str> {
        const NEAR: f64 = 1e-4;
        let each = self.trained.iter().zip(values).filter(|(of, value)| {
            of.bounds.is_some_and(|[low, high]| (*value - low).min(high - *value) < NEAR * (high - low))
        });
        each.map(|(of, _)| of.name.as_str()).collect()
    }

    /// A little less and a little more of a number, within its bounds.
    pub(super) fn around(&self, trained: usize, value: f64) -> [f64; 2] {
        const PART: f64 = 1e-3;
        let of = &self.trained[trained];
        let by = PART * if value == 0.0 { 1.0 } else { value.abs() };
        let by = of.bounds.map_or(by, |[low, high]| by.min(0.5 * (value - low)).min(0.5 * (high - value)));
        [value - by, value + by]
    }
}

/// The bound, by its place in the pair, near which the network cannot be, and why not. A value comes near its bounds but
/// never stands on them.
fn beyond(network: &Network, entry: &NumberEntry, bounds: &[Option<[f64; 2]>]) -> Option<(&'static str, String)> {
    const NEAR: f64 = 1e-6;
    for (end, part) in [("0", NEAR), ("1", 1.0 - NEAR)] {
        let values = entry.values.iter().zip(bounds).map(|(value, bounds)| match bounds {
            Some([low, high]) => low + part * (high - low),
            None => *value,
        });
        let values: Vec<f64> = values.collect();
        if bounds.iter().all(Option::is_none) || values == entry.values {
            continue;
        }
        if let Err(Error::Network(error)) = network.draft_with(&entry.set(values)) {
            let said = error.problems.first().map_or("", |problem| &problem.message);
            // Without the values that were set for it.
            let reason =
                said.strip_prefix("setting ").and_then(|rest| rest.split_once(": ")).map_or(said, |of| of.1);
            let reason = reason.to_owned();
            return Some((end, reason));
        }
    }
    None
}

/// A number that stands for all as a list with one for each neuron, connection or target.
fn each(network: &Network, entry: &NumberEntry) -> Result<NumberEntry, (String, &'static str)> {
    const WHERE: &str =
        "name a value that may differ from neuron to neuron, from waveguide to waveguide or from target to target";
    let (path, net) = (&entry.path, network.net());
    let ([value], [unit]) = (entry.values.as_slice(), entry.units.as_slice()) else { return Ok(entry.clone()) };
    let mut keys = path.split('.');
    let (block, name) = (keys.next().unwrap_or_default(), keys.next().unwrap_or_default());
    let count = match block {
        "neurons" => net.populations.iter().find(|of| of.name == name).map(|of| of.count),
        "waveguides" => net.waveguides.iter().find(|of| of.name == name).map(|of| net.n_arms(of)),
        "sources" => net.sources.iter().find(|of| of.name == name).map(|of| of.targets.len()),
        _ => None,
    };
    let Some(count) = count else { return Err((format!("`{path}` is one number"), WHERE)) };
    let entry = NumberEntry { path: path.clone(), values: vec![*value; count], units: vec![unit.clone(); count] };
    match network.draft_with(&entry.set(entry.values.iter().copied())) {
        Ok(_) => Ok(entry),
        Err(_) => Err((format!("`{path}` is the same for all {count}"), WHERE)),
    }
}

fn scale(of: &Trained) -> f64 {
    0.25 * if of.start == 0.0 { 1.0 } else { of.start.abs() }
}

fn twice(path: &str) -> String {
    format!("`{path}` is trained twice")
}

fn found<'a>(
    network: &Network,
    known: &'a [NumberEntry],
    path: &str,
) -> Result<&'a NumberEntry, (String, String)> {
    known
        .iter()
        .find(|entry| entry.path == path)
        .ok_or_else(|| (format!("the network file has no number at `{path}`"), instead(network, known, path)))
}

/// What to do about a path at which the network file has no number.
fn instead(network: &Network, known: &[NumberEntry], path: &str) -> String {
    // With every default written out.
    let resolved = yaml::numbers_of(&network.loaded().yaml, &[], &BLOCKS).unwrap_or_default();
    if let Some(NumberEntry { values, units, .. }) = resolved.iter().find(|entry| entry.path == path)
        && let ([value], [unit]) = (values.as_slice(), units.as_slice())
    {
        let key = path.rsplit('.').next().unwrap_or(path);
        let typed = format!("{value} {unit}");
        return format!(
            "it is left at its default: write `{key}: {}` in the network file first",
            typed.trim_end()
        );
    }
    // A count is no number that can be trained.
    let paths: Vec<&str> = known
        .iter()
        .map(|entry| entry.path.as_str())
        .filter(|of| of.rsplit('.').next() != Some("count"))
        .collect();
    let within = |of: &&str| of.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    let inside: Vec<&str> = paths.iter().copied().filter(within).collect();
    if !inside.is_empty() {
        let listed: Vec<String> = inside.iter().take(3).map(|path| format!("`{path}`")).collect();
        return format!("name a number in it, such as {}", listed.join(", "));
    }
    let one = Override { path: path.to_owned(), value: "1".to_owned() };
    if network.draft_with(&one).is_ok() {
        return format!("the network can have one: write a value for `{path}` in its file first");
    }
    yaml::suggestion(path, &paths)
}
