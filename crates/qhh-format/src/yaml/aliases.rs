//! What other simulators call the entries of a network file, and what they are called here: the one table of it, looked into
//! wherever an unknown key or name is answered. Nothing is renamed silently.

use super::place::{Path, PathSegment};

/// Names of others for an entry of a map.
struct Alias {
    /// Path of the map, `*` for any one key or element: `neurons.*.channels.*`.
    within: &'static str,
    /// What is typed.
    typed: &'static [&'static str],
    /// The key that it is called by here; empty where there is none.
    called: &'static str,
    /// What to do, where it is more than another name.
    help: &'static str,
}

const fn key(within: &'static str, typed: &'static [&'static str], called: &'static str) -> Alias {
    Alias { within, typed, called, help: "" }
}

const fn other(
    within: &'static str,
    typed: &'static [&'static str],
    called: &'static str,
    help: &'static str,
) -> Alias {
    Alias { within, typed, called, help }
}

const GATES: &str = "refractoriness and reset follow from the gates: there is no such key";
const AMPLITUDE: &[&str] = &["alpha", "modulus"];
const PHASE: &[&str] = &["phi"];
const STEP: &[&str] = &["dt", "timestep", "time_step", "resolution"];
const DURATION: &[&str] = &["t_stop", "tstop", "runtime", "simtime", "T"];
const SEED: &[&str] = &["seeds", "random_seed", "rng_seed", "noise_seed"];

/// Keys.
const KEYS: &[Alias] = &[
    key("", &["synapses", "connections", "projections", "edges"], "waveguides"),
    key("", &["monitors", "recorders", "probes", "outputs"], "record"),
    key("", &["populations", "groups", "cells", "nodes"], "neurons"),
    key("", &["inputs", "stimuli", "generators"], "sources"),
    other("", STEP, "", "the time step of a run is `simulation.step`"),
    other("", DURATION, "", "the length of a run is `simulation.duration`"),
    other(
        "",
        SEED,
        "",
        "random numbers follow from `simulation.seed`, those of the structure from `simulation.structure_seed`",
    ),
    other("", &["threads"], "", "threads are an option of the command: `--threads`"),
    key("simulation", STEP, "step"),
    key("simulation", DURATION, "duration"),
    key("simulation", SEED, "seed"),
    key("simulation", &["integrator"], "method"),
    other("simulation", &["threshold"], "spike_threshold", ""),
    key("neurons.*", &["N", "n", "size", "number"], "count"),
    other("neurons.*", &["C", "Cm", "C_m", "capacitance"], "membrane", "write `membrane: {capacitance: ..}`"),
    other(
        "neurons.*",
        &["threshold", "v_thresh"],
        "",
        "the threshold of all neurons is `simulation.spike_threshold`",
    ),
    other("neurons.*", &["refractory", "t_ref", "tau_refrac", "reset", "v_reset"], "", GATES),
    other(
        "neurons.*",
        &["model", "equations", "eqs"],
        "channels",
        "write `channels`: `qhh new squid-axon` writes a file that has them",
    ),
    other("neurons.*", &["v", "V", "v_init"], "initial", "write `initial: {voltage: ..}`"),
    key("neurons.*", &["celsius"], "temperature"),
    other("neurons.*", &["gnabar", "g_Na"], "channels", "write `channels: {sodium: {conductance: .., ..}, ..}`"),
    other("neurons.*", &["gkbar", "g_K"], "channels", "write `channels: {potassium: {conductance: .., ..}, ..}`"),
    other("neurons.*", &["gl", "g_L"], "channels", "write `channels: {leak: {conductance: .., ..}, ..}`"),
    other("neurons.*", &["ena", "E_Na"], "channels", "write `channels: {sodium: {reversal: .., ..}, ..}`"),
    other("neurons.*", &["ek", "E_K"], "channels", "write `channels: {potassium: {reversal: .., ..}, ..}`"),
    other("neurons.*", &["el", "E_L"], "channels", "write `channels: {leak: {reversal: .., ..}, ..}`"),
    key("neurons.*.membrane", &["C", "Cm", "C_m"], "capacitance"),
    key("neurons.*.channels.*", &["g", "gbar", "g_max", "gmax", "G", "gnabar", "gkbar", "gl"], "conductance"),
    key("neurons.*.channels.*", &["E", "e", "erev", "E_rev", "e_rev", "ena", "ek", "el"], "reversal"),
    key("neurons.*.channels.*.gates.*", &["alpha"], "opening"),
    key("neurons.*.channels.*.gates.*", &["beta"], "closing"),
    key("neurons.*.channels.*.gates.*", &["inf", "x_inf", "infinity"], "steady"),
    key("neurons.*.channels.*.gates.*", &["tau"], "time_constant"),
    key("neurons.*.channels.*.gates.*", &["exponent"], "power"),
    key("neurons.*.initial", &["v", "V", "Vm", "V_m"], "voltage"),
    key("record", &["variables", "observables", "record_from"], "quantities"),
    key("record", &["dt", "interval"], "every"),
    key("record", &["neurons", "cells"], "of"),
    key("waveguides.*", &["rule", "connectivity", "conn_spec"], "pattern"),
    key("waveguides.*.pattern.random", &["p"], "probability"),
    key("waveguides.*", &["w", "weights"], "weight"),
    key("waveguides.*", &["source", "pre"], "from"),
    key("waveguides.*", &["target", "post"], "to"),
    key("waveguides.*", &["efficiency", "transmissivity", "eta"], "transmission"),
    key("waveguides.*", &["attenuation", "damping", "absorption"], "loss"),
    other("sources.*.current", &["stop"], "duration", "a pulse has a `duration` in place of `stop`"),
    key("sources.*.current", &["tau"], "decay"),
    key("sources.*.current", &["freq"], "frequency"),
    key("sources.*.current", &["amp"], "amplitude"),
    other("sources.*.current", &["sigma"], "amplitude", "the standard deviation of a noise is its `amplitude`"),
    key("sources.*.state.coherent", AMPLITUDE, "amplitude"),
    key("sources.*.state.cat", AMPLITUDE, "amplitude"),
    key("sources.*.state.squeezed.displacement", AMPLITUDE, "amplitude"),
    key("sources.*.state.coherent", PHASE, "phase"),
    key("sources.*.state.cat", PHASE, "phase"),
    key("sources.*.state.squeezed", PHASE, "phase"),
    key("sources.*.state.squeezed.displacement", PHASE, "phase"),
    key("states.*.two_mode_squeezed", PHASE, "phase"),
    key("sources.*.state.thermal", &["nbar", "n_bar"], "photons"),
    other("quantum", &["cutoff_dim"], "", "no Fock space is cut off here, so it is not needed: leave it out"),
    key("optimizer.adam", &["learning_rate", "lr"], "rate"),
    other("sources.*.state.squeezed", &["db", "dB", "decibels"], "r", DECIBELS),
    other("states.*.two_mode_squeezed", &["db", "dB", "decibels"], "r", DECIBELS),
];

/// What to write in place of squeezing in decibels.
pub(crate) const DECIBELS: &str = "`r` is the decibels times 0.1151: 10 dB is `r: 1.151`";

/// Words for all quantities.
pub(crate) const EVERYTHING: [&str; 3] = ["all", "everything", "*"];
/// What to do in place of asking for all quantities.
pub(crate) const DEFAULTS: &str =
    "leave `quantities` out to record what these neurons have, or name them, as in `[voltage, g_K]`";

/// Words for the value of an entry.
const WORDS: &[Alias] = &[
    other(
        "sources.*.current.shape",
        &["step"],
        "",
        "write `constant` with a `start` for a step, or `pulse` with a `start` and a `duration`",
    ),
    key("sources.*.current.shape", &["dc"], "constant"),
    other(
        "sources.*.current.shape",
        &["alpha"],
        "",
        "write `poisson` with `peak_after`, the time from the start of a pulse to its peak",
    ),
    key("sources.*.state", &["Sgate"], "squeezed"),
    key("sources.*.state.*", &["Sgate"], "squeezed"),
    key("sources.*.state", &["Dgate"], "coherent"),
    key("sources.*.state.*", &["Dgate"], "coherent"),
    key("sources.*.current.shape", &["spike-train", "spike-generator"], "poisson"),
    key("simulation.precision", &["float32", "single", "f4"], "f32"),
    key("simulation.precision", &["float64", "double", "f8"], "f64"),
    key("waveguides.*.pattern", &["all", "full", "dense"], "all-to-all"),
    key("record.quantities.*", &["v", "V", "Vm", "V_m", "vm", "v_m"], "voltage"),
    other("record.quantities.*", &EVERYTHING, "", DEFAULTS),
    other("record.quantities.*", &["spikes", "spike"], "", "spikes are kept always, in spikes.csv"),
    other(
        "record.quantities.*",
        &["jitter"],
        "",
        "jitter.csv comes with `fluctuations: heisenberg`, firing.csv with `wigner`",
    ),
    other(
        "record.quantities.*",
        &["negativity", "entanglement"],
        "",
        "it comes with two output modes (`modes`), in states.json: `qhh new entangled-pair`",
    ),
    key("encode.*.as", &["current"], "amplitude"),
];

/// Channels of other names.
const CHANNELS: &[(&[&str], &str)] = &[
    (&["Na", "na", "NaT", "g_Na", "I_Na"], "sodium"),
    (&["K", "k", "Kdr", "KDR", "g_K", "I_K"], "potassium"),
    (&["L", "l", "pas", "g_L", "I_L"], "leak"),
];

/// What to do about a key that is unknown in the map at `path`, and the key that it is called by here.
pub(crate) fn of_key(path: &Path, typed: &str) -> Option<(String, &'static str)> {
    find(KEYS, path, typed)
}

/// What to do about a word that is unknown as the value at `path`.
pub(crate) fn of_word(path: &Path, typed: &str) -> Option<String> {
    find(WORDS, path, typed).map(|(help, _)| help)
}

/// The gating of a channel that others know by this name.
pub(crate) fn of_channel(typed: &str) -> Option<&'static str> {
    CHANNELS.iter().find(|(names, _)| names.contains(&typed)).map(|(_, gating)| *gating)
}

fn find(list: &'static [Alias], path: &Path, typed: &str) -> Option<(String, &'static str)> {
    let alias = list.iter().find(|alias| alias.typed.contains(&typed) && is_at(path, alias.within))?;
    let help = match alias.help {
        "" => format!("`{typed}` is called `{}` here", alias.called),
        help => help.to_owned(),
    };
    Some((help, alias.called))
}

/// Whether a path is that of a pattern.
pub(crate) fn is_at(path: &Path, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('.').filter(|part| !part.is_empty()).collect();
    let fits = |(hop, part): (&PathSegment, &&str)| match hop {
        PathSegment::Key(key) => *part == "*" || key == part,
        PathSegment::Index(_) => *part == "*",
    };
    parts.len() == path.0.len() && path.0.iter().zip(&parts).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::elsewhere::at;
    use crate::yaml::schema;
    use serde_json::Value as Json;

    /// A name of others is none of ours, and what it is called here there is.
    #[test]
    fn every_alias_leads_to_a_key_that_there_is() {
        let schemas = [schema::schema(), crate::fit::schema::schema()];
        for alias in KEYS {
            let parts: Vec<&str> = alias.within.split('.').filter(|part| !part.is_empty()).collect();
            let maps: Vec<&Json> = schemas.iter().flat_map(|schema| at(schema, parts.iter().copied())).collect();
            let has = |key: &str| maps.iter().any(|map| map["properties"].get(key).is_some());
            assert!(!maps.is_empty(), "{}", alias.within);
            assert!(alias.called.is_empty() || has(alias.called), "{}.{}", alias.within, alias.called);
            for typed in alias.typed.iter().filter(|typed| **typed != "stop") {
                assert!(!has(typed), "{}.{typed}", alias.within);
            }
        }
    }
}
