//! How the run is made: the blocks `simulation` and `quantum`.

use qhh_core::circuit::BathRule;
use qhh_core::units::{Dimension, LaboratoryScale, UnitSystem, number, rounded};
use qhh_net::network::{Feedback, Fluctuations, Method, Precision, Quantum, TimeStepping};
use qhh_net::{MOST_STEPS, Warning};

use crate::yaml::number_kind::{Meaning, kelvin};
use crate::yaml::place::Highlight;
use crate::yaml::quantity::{Bound, Scope};
use crate::yaml::schema::{self, Quantity};
use crate::yaml::wording::clip;
use crate::yaml::{leaves, misread};

/// Word for neurons that never sleep.
pub(crate) const OFF: &str = "off";

pub(super) fn simulation(typed: &schema::Simulation, scope: &Scope<'_>) -> TimeStepping {
    let time = (Dimension::TIME, Bound::AboveZero);
    // A hundredth of the membrane's fastest time constant in each system; the papers' raw figures, with a drive of
    // w = 10, want a tenth of that.
    let step = match scope.units {
        UnitSystem::HodgkinHuxley => 0.01,
        UnitSystem::Si => 1e-5,
        UnitSystem::Raw => 0.001,
    };
    let simulation = TimeStepping {
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
        structure_seed: typed.structure_seed,
        spike_threshold: typed
            .spike_threshold
            .as_ref()
            .map(|threshold| scope.key("spike_threshold").read(threshold, Dimension::VOLTAGE, Bound::Any)),
        precision: match typed.precision {
            None | Some(schema::Precision::F64) => Precision::F64,
            Some(schema::Precision::F32) => Precision::F32,
        },
        sleep: sleep(typed.sleep.as_ref(), &scope.key("sleep")),
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
    megaseconds(&typed.duration, simulation.step, &scope.key("duration"));
    simulation
}

/// Reports a duration that is too long because milliseconds were written with a capital.
fn megaseconds(typed: &Quantity, step: f64, scope: &Scope<'_>) {
    let Quantity::Text(text) = typed else { return };
    let Some((count, unit)) = leaves::split(text).filter(|(_, unit)| unit == "Ms") else { return };
    if scope.units.parse(text, Dimension::TIME).is_ok_and(|duration| duration / step > MOST_STEPS) {
        let count = number(count);
        let message = format!("`{count} {unit}` are {count} million seconds, more than {MOST_STEPS:e} steps");
        scope.wrong(message, format!("write `{count} ms` for milliseconds"));
    }
}

/// A nanovolt by default: a spike is a hundred million times as high, and rounding a hundred million times as low.
fn sleep(typed: Option<&Quantity>, scope: &Scope<'_>) -> f64 {
    match typed {
        Some(Quantity::Text(word)) if word.trim() == OFF => 0.0,
        Some(Quantity::Text(word)) if word.trim().starts_with(char::is_alphabetic) => {
            let example = misread::example(&scope.path, scope.units).unwrap_or_default();
            scope.wrong(
                format!("`{}` must be `{OFF}` or a voltage, got `{}`", scope.path, clip(word)),
                format!("write `{OFF}`, or a voltage such as `{example}`"),
            );
            f64::NAN
        }
        Some(typed) => scope.read(typed, Dimension::VOLTAGE, Bound::NotNegative),
        None => match scope.units {
            UnitSystem::HodgkinHuxley | UnitSystem::Raw => 1e-6,
            UnitSystem::Si => 1e-9,
        },
    }
}

/// Samples unless given: variances to 4.5 %.
const SAMPLES: usize = 1000;

/// The block, and the laboratory scale if it gives one.
pub(super) fn quantum(typed: &schema::Quantum, scope: &Scope<'_>) -> (Quantum, Option<LaboratoryScale>) {
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
            scope.problems.at(&scope.path, Highlight::Key, message).help(help);
            f64::NAN
        }
    };
    let of_instant = matches!(typed.fluctuations, None | Some(schema::Fluctuations::Adiabatic));
    if of_instant && matches!(typed.feedback, Some(schema::Feedback::Full | schema::Feedback::Sample)) {
        scope.key("feedback").wrong(
            "`fluctuations: adiabatic` has no gates that respond: its variance is that of the conductances of the instant",
            "write `fluctuations: heisenberg` or `wigner`, or drop `feedback`",
        );
    }
    // 200 rad/ms is the cutoff the reference data were made with: far above every rate of the membrane, so that the
    // spike's own dynamics is inside. The variance grows with its logarithm. Raw units read a number of ms.
    let cutoff = match scope.units {
        UnitSystem::HodgkinHuxley | UnitSystem::Raw => 200.0,
        UnitSystem::Si => 2e5,
    };
    ignored(typed, scope);
    let quantum = Quantum {
        hbar,
        thermal_energy: typed
            .temperature
            .as_ref()
            .map_or(0.0, |typed| thermal_energy(typed, scale.as_ref(), &scope.key("temperature"))),
        cutoff: scope.read_or("cutoff", typed.cutoff.as_ref(), (Dimension::FREQUENCY, Bound::AboveZero), cutoff),
        fluctuations: match typed.fluctuations {
            None | Some(schema::Fluctuations::Adiabatic) => Fluctuations::Adiabatic,
            Some(schema::Fluctuations::None) => Fluctuations::None,
            Some(schema::Fluctuations::Heisenberg) => Fluctuations::Heisenberg,
            Some(schema::Fluctuations::Wigner) => Fluctuations::Wigner,
        },
        samples: typed.samples.map_or(SAMPLES, |samples| samples as usize),
        feedback: match typed.feedback {
            // The adiabatic variance knows gates of the mean alone, but not so noise budgets of single numbers.
            None | Some(schema::Feedback::Full | schema::Feedback::Sample) => Feedback::Full,
            Some(schema::Feedback::Mean) => Feedback::Mean,
        },
        modes: match typed.modes {
            None | Some(schema::Modes::Auto(_)) => None,
            Some(schema::Modes::Given(modes)) => Some(modes as usize),
        },
    };
    (quantum, scale)
}

/// Warns of what goes with another kind of fluctuations alone. A resolved file names every number of samples, also the one
/// that there is by default.
fn ignored(typed: &schema::Quantum, scope: &Scope<'_>) {
    let warn = |key: &str, with: &str| {
        scope.data.warn(Warning {
            path: scope.key(key).path.to_string(),
            finding: format!("it goes with `fluctuations: {with}`, and is ignored here"),
            remedy: format!("leave it out, or write `fluctuations: {with}`"),
        });
    };
    let sampled = matches!(typed.fluctuations, Some(schema::Fluctuations::Wigner));
    if !sampled && typed.samples.is_some_and(|samples| samples as usize != SAMPLES) {
        warn("samples", "wigner");
    }
    let by_modes = matches!(typed.fluctuations, Some(schema::Fluctuations::Heisenberg));
    if !by_modes && matches!(typed.modes, Some(schema::Modes::Given(_))) {
        warn("modes", "heisenberg");
    }
}

/// `k_B T` from an energy, or from a temperature and the laboratory scale.
pub(super) fn thermal_energy(typed: &Quantity, scale: Option<&LaboratoryScale>, scope: &Scope<'_>) -> f64 {
    scope.note(Meaning::ThermalEnergy(scale.copied()));
    let in_kelvin = match typed {
        Quantity::Text(text) => kelvin(text),
        Quantity::Number(_) => None,
    };
    match (in_kelvin, scale) {
        (None, scale) => {
            let energy = scope.read(typed, Dimension::ENERGY, Bound::NotNegative);
            let bare = match typed {
                Quantity::Number(_) => true,
                Quantity::Text(text) => text.trim().parse::<f64>().is_ok(),
            };
            if let (Some(scale), true) = (scale, bare && energy > 0.0) {
                let kelvin = energy / scale.thermal_energy(1.0, scope.units);
                scope.data.warn(Warning {
                    path: scope.path.to_string(),
                    finding: format!(
                        "a bare number is an energy, {}, which is that of {} K",
                        scope.units.display(energy, Dimension::ENERGY),
                        rounded(kelvin, 3)
                    ),
                    remedy: format!("write `{energy} K` for a temperature, or the energy with its unit"),
                });
            }
            energy
        }
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
