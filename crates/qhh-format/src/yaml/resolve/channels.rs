//! The channels of a population: the papers' by name, published ones from the library, and any others by their formulas.

use qhh_core::channel::{Channel, Channels as Resolved, MAX_CHANNELS};
use qhh_core::gating::library::{LIBRARY, Published};
use qhh_core::gating::{Formula, Gate, GateError, Gating, Law, MAX_GATES, Q10};
use qhh_core::name::Name;
use qhh_core::units::Dimension;
use qhh_net::Warning;
use qhh_net::network::Parameter;

use super::check_name;
use crate::yaml::place::Highlight;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::population::{self as schema, CircuitKind};
use crate::yaml::schema::spread::Spread;
use crate::yaml::schema::{Named, Quantity};
use crate::yaml::wording::{listed, nearest, suggestion};
use crate::yaml::{aliases, misread};

/// Gatings that every neuron knows without the library.
const OWN: [&str; 4] = ["potassium", "sodium", "chloride", "leak"];

/// Highest temperature of a neuron, in degrees Celsius: that at which water boils.
const HOTTEST: f64 = 100.0;

/// Channels whose gates are known and whose values are not read yet.
pub(super) struct Channels<'a, 's>(Vec<(Channel, &'a schema::Channel, Scope<'s>)>);

impl<'a, 's> Channels<'a, 's> {
    /// Names and gates; mistakes go to the list.
    pub(super) fn read(typed: &'a schema::Population, inputs: &[String], scope: &Scope<'s>) -> Self {
        let Named(named) = &typed.channels;
        check_names(named, inputs, scope);
        let is_papers = |(name, channel): &(String, schema::Channel)| {
            OWN[..3].contains(&name.as_str()) && channel.gating.is_none() && channel.gates.is_none()
        };
        // Without values for the neuron's kind it is one of the papers', unless a channel says otherwise.
        let papers = named.iter().all(is_papers);
        if papers {
            check_papers(typed, scope);
        } else if typed.circuit.is_some() {
            let message = format!("`{}` has other channels than the papers' neurons", scope.path);
            let help = "leave `circuit` out: the channels say it all";
            scope.problems.at(&scope.path, Highlight::Key, message).help(help);
        }
        if named.len() > MAX_CHANNELS {
            let message =
                format!("`{}` has {} channels, above the {MAX_CHANNELS} there may be", scope.path, named.len());
            scope.wrong(
                message,
                "let channels of one gating and reversal potential be one, of their conductances together",
            );
        }
        let single = papers && typed.circuit == Some(CircuitKind::SingleChannel);
        let mut list: Vec<_> = named.iter().filter(|(name, _)| !single || name == "potassium").collect();
        if papers {
            // In the papers' order, whatever the file's.
            list.sort_by_key(|(name, _)| OWN.iter().position(|own| own == name));
        }
        let read = |(name, channel): &'a (String, schema::Channel)| {
            let scope = scope.key(name);
            check_name(name, "channel", &scope);
            let gating = gating(name, channel, typed.temperature, &scope);
            (Channel { name: Name::new(name), gating, conductance: 0.0, reversal: None }, channel, scope)
        };
        let channels = Self(list.into_iter().map(read).collect());
        if let Some(temperature) = typed.temperature {
            channels.check_temperature(temperature, scope);
        }
        channels
    }

    /// The channels without values.
    pub(super) fn known(&self) -> Resolved {
        self.0.iter().map(|(channel, ..)| channel.clone()).collect()
    }

    /// The channels with their values.
    pub(super) fn with_values(self, values: &dyn Fn(Parameter, &Spread, &Scope<'_>) -> f64) -> Resolved {
        let read = |(place, (channel, typed, scope)): (usize, (Channel, &schema::Channel, Scope<'_>))| {
            let of = |parameter, key: &str, typed| values(parameter, typed, &scope.key(key));
            Channel {
                conductance: of(Parameter::Conductance(place), "conductance", &typed.conductance),
                reversal: typed.reversal.as_ref().map(|typed| of(Parameter::Reversal(place), "reversal", typed)),
                ..channel
            }
        };
        self.0.into_iter().enumerate().map(read).collect()
    }

    fn check_temperature(&self, temperature: f64, scope: &Scope<'_>) {
        // Beside `channels`.
        let path = || qhh_path(scope);
        if !(-273.15..=HOTTEST).contains(&temperature) {
            let message = format!("a temperature of {temperature} degrees Celsius is none that a neuron has");
            let help = match temperature {
                200.0..=400.0 => misread::in_celsius(temperature),
                _ => "write degrees Celsius, such as `18.5`".to_owned(),
            };
            scope.problems.value(&path(), message, help);
        }
        let feels = |(channel, ..): &(Channel, _, _)| channel.gating.gates().iter().any(|gate| gate.q10.is_some());
        if !self.0.iter().any(feels) {
            let message = "no gate of these neurons has a `q10`, so nothing depends on their temperature";
            scope.problems.value(
                &path(),
                message,
                "give gates a `q10: {factor: 3, at: 6.3}`, or leave `temperature` out",
            );
        }
    }
}

/// Names of lines in the tables of results that are none of channels.
const LINES: [&str; 5] = ["output", "input", "sense", "idler", "channels"];

/// Short names of the papers' channels, which quantities such as `g_K` have.
const SHORT: [(&str, &str); 3] = [("K", OWN[0]), ("Na", OWN[1]), ("Cl", OWN[2])];

/// That results tell channels from other lines, and one channel from another.
fn check_names(named: &[(String, schema::Channel)], inputs: &[String], scope: &Scope<'_>) {
    for (name, channel) in named {
        let short = SHORT.into_iter().find(|(short, _)| name == short);
        let (message, help) = if LINES.contains(&name.as_str()) || inputs.contains(name) {
            let message =
                format!("a channel cannot be called `{name}`: results call another line of the neuron so");
            (message, "give it another name".to_owned())
        } else if let (Some((short, long)), true) = (short, channel.gating.is_some() || channel.gates.is_some()) {
            let message =
                format!("a channel cannot be called `{short}`: `g_{short}` and `i_{short}` are those of `{long}`");
            (message, format!("call it `{long}`, or give it a name such as `{short}_slow`"))
        } else {
            continue;
        };
        let at = scope.key(name);
        scope.problems.at(&at.path, Highlight::Key, message).help(help);
    }
}

/// The temperature's place, from that of the channels.
fn qhh_path(scope: &Scope<'_>) -> crate::yaml::place::Path {
    let mut path = scope.path.clone();
    path.0.pop();
    path.key("temperature")
}

/// That the papers' channels make one of the papers' neurons.
fn check_papers(typed: &schema::Population, scope: &Scope<'_>) {
    let has = |name: &str| typed.channels.0.iter().any(|(of, _)| of == name);
    if typed.circuit == Some(CircuitKind::SingleChannel) {
        for key in ["sodium", "chloride"].into_iter().filter(|key| has(key)) {
            scope
                .problems
                .at(&scope.key(key).path, Highlight::Key, format!("a single-channel circuit has no {key} channel"))
                .help(format!("leave `{key}` out, or write `circuit: three-channel`"));
        }
        if !has("potassium") {
            let help = "a single-channel circuit has potassium, with its `conductance`";
            scope.problems.lacks(&scope.path, "potassium").help(help);
        }
        return;
    }
    let lacking: Vec<String> = OWN[..3].iter().filter(|name| !has(name)).map(|name| format!("`{name}`")).collect();
    if !lacking.is_empty() {
        let message = format!("`{}` lacks {}", scope.path, lacking.join(" and "));
        let help = "a three-channel circuit has potassium, sodium and chloride, each with its `conductance`; \
                    for potassium alone write `circuit: single-channel`";
        scope.problems.at(&scope.path, Highlight::Key, message).help(help);
    }
}

/// How the gates of a channel move; a resistor's if that is wrong, which is then on the list.
fn gating(name: &str, typed: &schema::Channel, temperature: Option<f64>, scope: &Scope<'_>) -> Gating {
    let parameters: Vec<(String, f64)> =
        typed.parameters.iter().flat_map(|Named(list)| list).map(|(name, value)| (name.clone(), *value)).collect();
    if let Some((name, value)) = parameters.iter().find(|(_, value)| !value.is_finite()) {
        scope
            .key("parameters")
            .key(name)
            .wrong(format!("`{name}` must be a number, got {value}"), "write a number");
        return Gating::leak();
    }
    let taken = parameters.iter().find(|(name, _)| Formula::gives_meaning_to(name));
    if let (Some((name, _)), Some(_)) = (taken, &typed.gates) {
        let at = scope.key("parameters").key(name);
        let message = format!("a parameter cannot be called `{name}`, which has a meaning in formulas");
        scope.problems.at(&at.path, Highlight::Key, message).help("give it another name, such as `v_half`");
        return Gating::leak();
    }
    match (&typed.gating, &typed.gates) {
        (Some(_), Some(_)) => {
            let message = format!("`{}` has both `gating` and `gates`", scope.path);
            scope.problems.at(&scope.key("gates").path, Highlight::Key, message).help("drop one of them");
            Gating::leak()
        }
        (None, Some(gates)) => custom(gates, parameters, temperature, scope),
        (word, None) => named(name, word.as_deref(), &parameters, temperature, scope),
    }
}

fn named(
    channel: &str,
    word: Option<&str>,
    parameters: &[(String, f64)],
    temperature: Option<f64>,
    scope: &Scope<'_>,
) -> Gating {
    let own = match word.unwrap_or(channel) {
        "potassium" => Some(Gating::potassium(temperature)),
        "sodium" => Some(Gating::sodium(temperature)),
        "chloride" | "leak" => Some(Gating::leak()),
        _ => None,
    };
    let no_such = |key: &str, known: &[&str]| {
        let scope = scope.key("parameters").key(key);
        let help = if known.is_empty() { "leave `parameters` out".to_owned() } else { suggestion(key, known) };
        scope.problems.at(&scope.path, Highlight::Key, format!("there is no parameter `{key}`")).help(help);
    };
    if let Some(own) = own {
        if let Some((key, _)) = parameters.first() {
            no_such(key, &[]);
        }
        return own;
    }
    let known: Vec<&str> = OWN.into_iter().chain(LIBRARY.iter().map(|entry| entry.name)).collect();
    let Some(word) = word else {
        let message = format!("`{}` does not say how its gates move", scope.path);
        let help = match aliases::of_channel(channel).or_else(|| nearest(channel, &OWN)) {
            Some(near) if SHORT.iter().any(|(short, _)| *short == channel) => format!("did you mean `{near}`?"),
            Some(near) if aliases::of_channel(channel).is_some() => {
                format!("did you mean `{near}`? Or add `gating: {near}` to keep the name")
            }
            Some(near) => format!("did you mean `{near}`? Other channels have `gating` or `gates`"),
            None => "add `gating:` with a name that `qhh channels` lists (`leak` for a resistor), or `gates:`"
                .to_owned(),
        };
        scope.problems.at(&scope.path, Highlight::Key, message).help(help);
        return Gating::leak();
    };
    let at = scope.key("gating");
    let Some(entry) = Published::named(word) else {
        at.wrong(format!("there is no gating `{}`", crate::yaml::wording::clip(word)), suggestion(word, &known));
        return Gating::leak();
    };
    let names: Vec<&str> = entry.parameters.iter().map(|(name, _)| *name).collect();
    if let Some((key, _)) = parameters.iter().find(|(key, _)| !names.contains(&key.as_str())) {
        no_such(key, &names);
        return Gating::leak();
    }
    entry.gating(parameters, temperature).unwrap_or_else(|error| {
        scope.key("parameters").wrong(error.to_string(), "change the parameters");
        Gating::leak()
    })
}

fn custom(
    Named(gates): &Named<schema::Gate>,
    parameters: Vec<(String, f64)>,
    temperature: Option<f64>,
    scope: &Scope<'_>,
) -> Gating {
    let gates_scope = scope.key("gates");
    if gates.len() > MAX_GATES || gates.is_empty() {
        let message = format!("`{}` must have 1 to {MAX_GATES} gates, not {}", gates_scope.path, gates.len());
        gates_scope.wrong(message, "write `gating: leak` for a channel without gates");
        return Gating::leak();
    }
    let of = |(name, typed): &(String, schema::Gate)| {
        let scope = gates_scope.key(name);
        check_name(name, "gate", &scope);
        gate(name, typed, &parameters, temperature, &scope)
    };
    let read: Vec<Option<Gate>> = gates.iter().map(of).collect();
    for (name, _) in parameters.iter().filter(|(name, _)| !gates.iter().any(|(_, gate)| uses(gate, name))) {
        scope.data.warn(Warning {
            path: scope.key("parameters").key(name).path.to_string(),
            finding: format!("no formula of the channel uses `{name}`, so it does nothing"),
            remedy: "leave it out, or check the formulas".to_owned(),
        });
    }
    match read.into_iter().collect::<Option<Vec<_>>>() {
        Some(gates) => Gating::custom(gates, parameters, temperature),
        None => Gating::leak(),
    }
}

/// Whether a formula of a gate has this name in it.
fn uses(gate: &schema::Gate, name: &str) -> bool {
    let formulas = [&gate.opening, &gate.closing, &gate.steady, &gate.time_constant];
    formulas.into_iter().flatten().any(|formula| match formula {
        Quantity::Number(_) => false,
        Quantity::Text(text) => text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == name),
    })
}

fn gate(
    name: &str,
    typed: &schema::Gate,
    parameters: &[(String, f64)],
    temperature: Option<f64>,
    scope: &Scope<'_>,
) -> Option<Gate> {
    let values: Vec<(&str, f64)> = parameters.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let formula = |key: &str, typed: &Quantity| {
        let text = match typed {
            Quantity::Number(value) => return Some(Formula::constant(*value)),
            Quantity::Text(text) => text,
        };
        let read = Formula::new(text, &values);
        read.map_err(|error| scope.key(key).wrong(error.to_string(), formula_help(&error.to_string()))).ok()
    };
    let law = match (&typed.opening, &typed.closing, &typed.steady, &typed.time_constant) {
        (Some(opening), Some(closing), None, None) => {
            let (opening, closing) = (formula("opening", opening), formula("closing", closing));
            Law::Rates { opening: opening?, closing: closing? }
        }
        (None, None, Some(steady), Some(time)) => {
            let steady = formula("steady", steady);
            let time = match time {
                Quantity::Text(text) if scope.units.parse(text.trim(), Dimension::TIME).is_ok() => {
                    let time = scope.key("time_constant").read(time, Dimension::TIME, Bound::NotNegative);
                    Some(Formula::constant(time * scope.units.rate_units().milliseconds))
                }
                other => formula("time_constant", other),
            };
            let (steady, time_constant) = (steady?, time?);
            if time_constant.is_constant() && time_constant.at(0.0).0 == 0.0 {
                Law::Instant { steady }
            } else {
                Law::Relaxing { steady, time_constant }
            }
        }
        (opening, closing, steady, time) => {
            let given = [
                ("opening", opening.is_some()),
                ("closing", closing.is_some()),
                ("steady", steady.is_some()),
                ("time_constant", time.is_some()),
            ];
            let given: Vec<&str> = given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect();
            let what = if given.is_empty() { "neither".to_owned() } else { listed(&given) };
            let message =
                format!("a gate has `opening` and `closing`, or `steady` and `time_constant`; this has {what}");
            let help =
                "rates are formulas in 1/ms; a `time_constant: 0 ms` makes a gate follow the voltage at once";
            scope.problems.at(&scope.path, Highlight::Key, message).help(help);
            return None;
        }
    };
    let q10 = typed.q10.as_ref().map(|q10| Q10 { factor: q10.factor, at: q10.at });
    Gate::new(Name::new(name), typed.power.unwrap_or(1), law, q10, temperature)
        .map_err(|error| {
            let (key, help) = remedy(&error);
            let scope = key.map_or_else(|| scope.clone(), |key| scope.key(key));
            scope.wrong(error.to_string(), help);
        })
        .ok()
}

/// What to write in a formula with this mistake: another name of the voltage, or a unit.
fn formula_help(mistake: &str) -> &'static str {
    match mistake.strip_prefix('`').and_then(|rest| rest.split_once("` stands for nothing")) {
        Some(("mV" | "ms" | "mvolt" | "mS", _)) => "`v` is in mV already, and rates are in 1/ms: leave units out",
        Some(("V" | "Vm" | "vm" | "V_m" | "u", _)) => "write `v`, the voltage in mV",
        _ => "formulas are of `v`, the voltage in mV",
    }
}

/// Which key of a gate is wrong, and what to do about it.
fn remedy(error: &GateError) -> (Option<&'static str>, &'static str) {
    const RATE: &str = "formulas hold from -150 to 150 mV; `linoid(x)` is x/(1 - e^-x) without its hole at 0";
    match error {
        GateError::Rate { what, .. } => (what.split_whitespace().next(), RATE),
        GateError::TimeConstant { .. } => (Some("time_constant"), "formulas hold from -150 to 150 mV"),
        GateError::Steady { .. } => {
            (Some("steady"), "formulas hold from -150 to 150 mV; `sigmoid(x)` is 1/(1 + e^-x), between 0 and 1")
        }
        GateError::Pole { what, .. } => {
            let key = match *what {
                "steady state" => "steady",
                "time constant" => "time_constant",
                rate => rate.split_whitespace().next().unwrap_or(rate),
            };
            (Some(key), "formulas are finite and without jumps from -150 to 150 mV")
        }
        GateError::Power(_) => (Some("power"), "powers are from 1 to 12"),
        GateError::Q10(_) => {
            (Some("q10"), "write `q10: {factor: 3, at: 6.3}`, the temperature in degrees Celsius")
        }
        _ => (None, "formulas hold from -150 to 150 mV"),
    }
}
