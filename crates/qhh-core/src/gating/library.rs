//! Published gatings, by name. To add one, add an entry to [`LIBRARY`].
//!
//! V in mV, rates in 1/ms, today's sign of V throughout. `linoid(x)` is `x/(1 - e^-x)`.

use super::{Formula, Gate, Gating, Law, Origin, Q10};
use crate::name::Name;

/// A published gating.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    /// Name in files.
    pub name: &'static str,
    /// What it is.
    pub summary: &'static str,
    /// Where its equations are from.
    pub source: &'static str,
    /// Reversal potential it is used with there, in mV.
    pub reversal: f64,
    /// Parameters of its formulas, which a file may change.
    pub parameters: &'static [(&'static str, f64)],
    /// Its gates.
    pub gates: &'static [Written],
}

/// A gate as its equations are written.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// Name.
    pub name: &'static str,
    /// Power in the open fraction.
    pub power: u32,
    /// How it moves.
    pub motion: Motion,
    /// How temperature speeds it up, where that is published.
    pub q10: Option<Q10>,
}

/// How a gate moves, as formulas.
#[derive(Debug, Clone, Copy)]
pub enum Motion {
    /// Opening and closing rate.
    Rates(&'static str, &'static str),
    /// Steady state and time constant.
    Relaxing(&'static str, &'static str),
    /// The steady state, taken at once.
    Instant(&'static str),
}

use Motion::{Instant, Rates, Relaxing};

const fn gate(name: &'static str, power: u32, motion: Motion) -> Written {
    Written { name, power, motion, q10: None }
}

const CONNOR_STEVENS: &str = "J. A. Connor, C. F. Stevens, J. Physiol. 213, 31 (1971), as in P. Dayan, L. F. Abbott, \
                              Theoretical Neuroscience (2001), eqs. 6.2 to 6.5";
const MORRIS_LECAR: &str = "C. Morris, H. Lecar, Biophys. J. 35, 193 (1981)";
const WANG_BUZSAKI: &str = "X.-J. Wang, G. Buzsaki, J. Neurosci. 16, 6402 (1996)";
const TRAUB_MILES: &str = "R. D. Traub, R. Miles, Neuronal Networks of the Hippocampus (1991), as in R. Brette et al., \
                           J. Comput. Neurosci. 23, 349 (2007)";

/// Every published gating, beside `potassium`, `sodium` and `chloride` of the papers.
pub const LIBRARY: &[Published] = &[
    Published {
        name: "connor-stevens-sodium",
        summary: "sodium of a crustacean axon",
        source: CONNOR_STEVENS,
        reversal: 55.0,
        parameters: &[],
        gates: &[
            gate("m", 3, Rates("3.8*linoid((v + 29.7)/10)", "15.2*exp(-0.0556*(v + 54.7))")),
            gate("h", 1, Rates("0.266*exp(-0.05*(v + 48))", "3.8/(1 + exp(-0.1*(v + 18)))")),
        ],
    },
    Published {
        name: "connor-stevens-potassium",
        summary: "delayed rectifier of a crustacean axon",
        source: CONNOR_STEVENS,
        reversal: -72.0,
        parameters: &[],
        gates: &[gate("n", 4, Rates("0.2*linoid((v + 45.7)/10)", "0.25*exp(-0.0125*(v + 55.7))"))],
    },
    Published {
        name: "connor-stevens-a",
        summary: "A-type potassium: opens fast, then inactivates, and delays the first spike",
        source: CONNOR_STEVENS,
        reversal: -75.0,
        parameters: &[],
        gates: &[
            gate(
                "a",
                3,
                Relaxing(
                    "(0.0761*exp(0.0314*(v + 94.22))/(1 + exp(0.0346*(v + 1.17))))^(1/3)",
                    "0.3632 + 1.158/(1 + exp(0.0497*(v + 55.96)))",
                ),
            ),
            gate(
                "b",
                1,
                Relaxing("(1/(1 + exp(0.0688*(v + 53.3))))^4", "1.24 + 2.678/(1 + exp(0.0624*(v + 50)))"),
            ),
        ],
    },
    Published {
        name: "morris-lecar-calcium",
        summary: "calcium of a barnacle's muscle, which follows the voltage at once",
        source: MORRIS_LECAR,
        reversal: 120.0,
        parameters: &[("v1", -1.2), ("v2", 18.0)],
        gates: &[gate("m", 1, Instant("0.5*(1 + tanh((v - v1)/v2))"))],
    },
    Published {
        name: "morris-lecar-potassium",
        summary: "slow potassium of a barnacle's muscle",
        source: MORRIS_LECAR,
        reversal: -84.0,
        parameters: &[("v3", 2.0), ("v4", 30.0), ("phi", 0.04)],
        gates: &[gate("w", 1, Relaxing("0.5*(1 + tanh((v - v3)/v4))", "1/(phi*cosh((v - v3)/(2*v4)))"))],
    },
    Published {
        name: "wang-buzsaki-sodium",
        summary: "sodium of a fast-spiking interneuron, its activation at once",
        source: WANG_BUZSAKI,
        reversal: 55.0,
        parameters: &[("phi", 5.0)],
        gates: &[
            gate("m", 3, Instant("linoid((v + 35)/10)/(linoid((v + 35)/10) + 4*exp(-(v + 60)/18))")),
            gate("h", 1, Rates("phi*0.07*exp(-(v + 58)/20)", "phi/(1 + exp(-(v + 28)/10))")),
        ],
    },
    Published {
        name: "wang-buzsaki-potassium",
        summary: "delayed rectifier of a fast-spiking interneuron",
        source: WANG_BUZSAKI,
        reversal: -90.0,
        parameters: &[("phi", 5.0)],
        gates: &[gate("n", 4, Rates("phi*0.1*linoid((v + 34)/10)", "phi*0.125*exp(-(v + 44)/80)"))],
    },
    Published {
        name: "traub-miles-sodium",
        summary: "sodium of a hippocampal pyramidal cell; `vt` moves the threshold",
        source: TRAUB_MILES,
        reversal: 50.0,
        parameters: &[("vt", -63.0)],
        gates: &[
            gate("m", 3, Rates("1.28*linoid((v - vt - 13)/4)", "1.4*linoid(-(v - vt - 40)/5)")),
            gate("h", 1, Rates("0.128*exp((17 - v + vt)/18)", "4/(1 + exp((40 - v + vt)/5))")),
        ],
    },
    Published {
        name: "traub-miles-potassium",
        summary: "delayed rectifier of a hippocampal pyramidal cell; `vt` moves the threshold",
        source: TRAUB_MILES,
        reversal: -90.0,
        parameters: &[("vt", -63.0)],
        gates: &[gate("n", 4, Rates("0.16*linoid((v - vt - 15)/5)", "0.5*exp((10 - v + vt)/40)"))],
    },
    Published {
        name: "m-current",
        summary: "muscarinic potassium: slow, does not inactivate, and adapts the firing rate",
        source: "W. M. Yamada, C. Koch, P. R. Adams, in Methods in Neuronal Modeling (1989), as in M. Pospischil et al., \
                 Biol. Cybern. 99, 427 (2008)",
        reversal: -90.0,
        parameters: &[("tau_max", 608.0)],
        gates: &[gate(
            "p",
            1,
            Relaxing("1/(1 + exp(-(v + 35)/10))", "tau_max/(3.3*exp((v + 35)/20) + exp(-(v + 35)/20))"),
        )],
    },
    Published {
        name: "h-current",
        summary: "cation current that opens below rest: sag and rebound of a thalamic relay cell",
        source: "J. R. Huguenard, D. A. McCormick, J. Neurophysiol. 68, 1373 (1992)",
        reversal: -43.0,
        parameters: &[],
        gates: &[gate(
            "q",
            1,
            Relaxing("1/(1 + exp((v + 75)/5.5))", "1/(exp(-14.59 - 0.086*v) + exp(-1.87 + 0.0701*v))"),
        )],
    },
    Published {
        name: "calcium-l",
        summary: "high-threshold calcium: bursts and plateaus",
        source: "I. Reuveni et al., J. Neurosci. 13, 4609 (1993), as in M. Pospischil et al., Biol. Cybern. 99, 427 \
                 (2008)",
        reversal: 120.0,
        parameters: &[],
        gates: &[
            gate("q", 2, Rates("0.209*linoid((v + 27)/3.8)", "0.94*exp(-(v + 75)/17)")),
            gate("r", 1, Rates("0.000457*exp(-(v + 13)/50)", "0.0065/(1 + exp(-(v + 15)/28))")),
        ],
    },
];

/// Why a gating of the library could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("gate `{gate}`: {source}")]
pub struct PublishedError {
    gate: &'static str,
    source: super::GateError,
}

impl Published {
    /// The entry of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        LIBRARY.iter().find(|entry| entry.name == name)
    }

    /// The gating with some `parameters` changed, at a temperature in degrees Celsius.
    ///
    /// # Errors
    /// Where values of the parameters leave a gate unsound.
    pub fn gating(
        &self,
        parameters: &[(String, f64)],
        temperature: Option<f64>,
    ) -> Result<Gating, PublishedError> {
        let changed = |name: &str| parameters.iter().find(|(of, _)| of == name).map(|(_, value)| *value);
        let values: Vec<(&str, f64)> =
            self.parameters.iter().map(|(name, value)| (*name, changed(name).unwrap_or(*value))).collect();
        let formula = |text: &str| {
            Formula::new(text, &values).unwrap_or_else(|error| unreachable!("the library's own formula: {error}"))
        };
        let gate = |written: &Written| {
            let law = match written.motion {
                Rates(opening, closing) => Law::Rates { opening: formula(opening), closing: formula(closing) },
                Relaxing(steady, time) => Law::Relaxing { steady: formula(steady), time_constant: formula(time) },
                Instant(steady) => Law::Instant { steady: formula(steady) },
            };
            Gate::new(Name::new(written.name), written.power, law, written.q10, temperature)
                .map_err(|source| PublishedError { gate: written.name, source })
        };
        let gates = self.gates.iter().map(gate).collect::<Result<Vec<_>, _>>()?;
        Ok(Gating::of(Origin::Library(self.name), gates, parameters.to_vec(), temperature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_sound_and_named_once() {
        for (place, entry) in LIBRARY.iter().enumerate() {
            let gating = entry.gating(&[], Some(20.0)).unwrap_or_else(|error| panic!("{}: {error}", entry.name));
            assert_eq!(gating.gates().len(), entry.gates.len());
            assert!(LIBRARY[..place].iter().all(|other| other.name != entry.name), "{} twice", entry.name);
        }
    }
}
