//! Warnings: what can run but is hardly meant, such as a current in A where uA was meant.
//!
//! A warning names the entry, the value and the remedy. `KINDS` lists the kinds; each looks at a network that has
//! passed [`Network::check`] and takes time by population, source and waveguide entry, never by neuron, unless its
//! own doc says so. What cannot run at all is a [`crate::validate::Mistake`].

mod circuit;
mod noise;
mod rest;
mod sources;
mod step;
mod values;
mod waveguides;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::network::Network;

/// Something that can run but is hardly meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Where, as a path into the network file: `neurons.relay.channels.sodium.reversal`.
    pub path: String,
    /// What is unusual, with its value in the network's units: `a reversal potential of 50000 mV is ..`.
    pub finding: String,
    /// What to do about it: `if 50 mV is meant, write its unit`.
    pub remedy: String,
}

/// A kind of warning: every one of that kind that a network deserves, in the order of the file.
type Kind = fn(&Network) -> Vec<Warning>;

/// Every kind of warning, in the order they are shown.
const KINDS: &[Kind] = &[
    step::against_gates,
    step::against_ports,
    step::against_periods,
    circuit::potentials,
    circuit::volts,
    circuit::signs,
    circuit::without_reversal,
    circuit::conductances,
    circuit::capacitances,
    rest::unstable,
    rest::threshold_at_rest,
    rest::deep_sleep,
    sources::too_strong,
    sources::too_late,
    sources::too_early,
    sources::silent,
    sources::into_nobody,
    sources::no_pulses,
    sources::crowded,
    sources::samples_elsewhere,
    sources::cut_at_the_start,
    sources::overlapping,
    sources::states_that_do_nothing,
    sources::states_of_several,
    waveguides::delays_beyond_the_end,
    waveguides::no_arms,
    waveguides::left_out,
    values::linear_for_one,
    step::against_samples,
    noise::too_hot,
    noise::too_small,
    noise::too_large,
    noise::cut_off,
    noise::few_samples,
];

/// Most warnings of one kind that are listed; the last of them counts the rest.
const MOST_OF_A_KIND: usize = 3;

impl Network {
    /// What the network says that can run but is hardly meant. The network must have passed [`Network::check`].
    pub fn warnings(&self) -> Vec<Warning> {
        KINDS.iter().flat_map(|kind| shortened(kind(self))).collect()
    }
}

fn shortened(mut all: Vec<Warning>) -> Vec<Warning> {
    let rest = all.len().saturating_sub(MOST_OF_A_KIND);
    all.truncate(MOST_OF_A_KIND);
    if let (Some(last), true) = (all.last_mut(), rest > 0) {
        last.remedy = format!("{} (and {rest} more like this)", last.remedy);
    }
    all
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.path, self.finding, self.remedy)
    }
}
