//! `qhh channels`: the channels that a network file knows by name.

use std::fmt::Write as _;

use qhh::Error;
use qhh_core::gating::library::{LIBRARY, Motion, Published, Written};
use qhh_format::yaml::suggestion;

use crate::args::ChannelsArgs;
use crate::failure::Failure;
use crate::output;

/// The papers' channels, whose equations are not formulas.
const PAPERS: &str = "\
potassium, sodium
  Those of the squid's giant axon and of the papers: n^4 and m^3 h. With `temperature` in the
  population, rates grow by 3 every 10 degrees from 6.3 degrees Celsius on.
    n  opening 0.1*linoid((v + 55)/10), closing 0.125*exp(-(v + 65)/80)
    m  opening linoid((v + 40)/10), closing 4*exp(-(v + 65)/18)
    h  opening 0.07*exp(-(v + 65)/20), closing 1/(1 + exp(-(v + 35)/10))
  A. L. Hodgkin, A. F. Huxley, J. Physiol. 117, 500 (1952)

chloride, leak
  No gates: a resistor.
";

/// Lists them, or one, with their equations and where these are from.
pub(crate) fn channels(args: &ChannelsArgs) -> Result<(), Failure> {
    if let Some(name) = &args.name {
        return output::print(&one(name)?).map_err(Failure::Output);
    }
    let mut text = String::from(
        "Gatings by name, for `channels: {NAME: {gating: .., conductance: .., reversal: ..}}`. v is in mV, rates are in\n\
         1/ms, times in ms; linoid(x) is x/(1 - e^-x).\n\n",
    );
    text.push_str(PAPERS);
    for entry in LIBRARY {
        text.push('\n');
        text.push_str(&described(entry));
    }
    output::print(&text).map_err(Failure::Output)
}

/// The channel of a name.
fn one(name: &str) -> Result<String, Failure> {
    let is_named = |part: &&str| part.lines().next().is_some_and(|line| line.split(", ").any(|of| of == name));
    if let Some(part) = PAPERS.split("\n\n").find(is_named) {
        return Ok(format!("{}\n", part.trim_end()));
    }
    Published::named(name).map(described).ok_or_else(|| {
        let papers = ["potassium", "sodium", "chloride", "leak"];
        let known: Vec<&str> = papers.into_iter().chain(LIBRARY.iter().map(|entry| entry.name)).collect();
        let message = format!("there is no gating `{name}`: {}", suggestion(name, &known));
        Error::Usage { message, remedy: "`qhh channels` lists them" }.into()
    })
}

fn described(entry: &Published) -> String {
    let powers: Vec<String> = entry
        .gates
        .iter()
        .map(|gate| if gate.power == 1 { gate.name.to_owned() } else { format!("{}^{}", gate.name, gate.power) })
        .collect();
    let mut text = format!(
        "{}\n  {}: {}, used with a reversal of {} mV\n",
        entry.name,
        entry.summary,
        powers.join(" "),
        entry.reversal
    );
    for gate in entry.gates {
        let _ = writeln!(text, "    {}  {}", gate.name, moves(gate));
    }
    if !entry.parameters.is_empty() {
        let values: Vec<String> =
            entry.parameters.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        let _ = writeln!(text, "  parameters {}", values.join(", "));
    }
    text + &format!("  {}\n", entry.source)
}

fn moves(gate: &Written) -> String {
    match gate.motion {
        Motion::Rates(opening, closing) => format!("opening {opening}, closing {closing}"),
        Motion::Relaxing(steady, time) => format!("steady {steady}, time_constant {time}"),
        Motion::Instant(steady) => format!("steady {steady}, at once"),
    }
}
