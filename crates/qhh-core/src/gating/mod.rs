//! How the gates of a channel move: data, so that a channel is a few lines of a file.
//!
//! A channel's open fraction is `prod_k x_k^(p_k)`. A gate is given by opening and closing rates, by steady state and
//! time constant, or follows the voltage at once:
//!
//! ```text
//! dx/dt = q [alpha(V) (1 - x) - beta(V) x],    alpha = x_inf/tau,  beta = (1 - x_inf)/tau,    q = Q10^((T - T0)/10)
//! ```
//!
//! with V in mV and rates in 1/ms, as [`Formula`]s. Beyond [`RANGE`] they stay where they are at its ends.
//! The papers' channels are [`Gating::potassium`], [`Gating::sodium`] and [`Gating::leak`]; published ones are in
//! [`library`].

pub(crate) mod formula;
pub mod library;
mod pole;

use std::sync::Arc;

pub use formula::{Formula, FormulaError};

use crate::gates::{Particle, Rates};
use crate::name::Name;

/// Voltages, in mV, within which formulas must be sound; beyond, the value at the end is taken.
pub const RANGE: (f64, f64) = (-150.0, 150.0);
/// Most gates of a channel.
pub const MAX_GATES: usize = 8;
/// Highest power of a gate.
pub const MAX_POWER: u32 = 12;
/// How far above 1 a steady state may lie: published fits overshoot a little where no neuron goes.
const OVERSHOOT: f64 = 0.25;

/// How a gate moves.
#[derive(Debug, Clone, PartialEq)]
pub enum Law {
    /// As one of Hodgkin and Huxley's particles.
    HodgkinHuxley(Particle),
    /// By its rates.
    Rates {
        /// Opening rate, in 1/ms.
        opening: Formula,
        /// Closing rate, in 1/ms.
        closing: Formula,
    },
    /// Towards a steady state.
    Relaxing {
        /// The steady state.
        steady: Formula,
        /// Time constant, in ms.
        time_constant: Formula,
    },
    /// At once.
    Instant {
        /// The value.
        steady: Formula,
    },
}

impl Law {
    /// Its formulas, by what they are.
    fn formulas(&self) -> Vec<(&'static str, &Formula)> {
        match self {
            Self::HodgkinHuxley(_) => Vec::new(),
            Self::Rates { opening, closing } => vec![("opening rate", opening), ("closing rate", closing)],
            Self::Relaxing { steady, time_constant } => {
                vec![("steady state", steady), ("time constant", time_constant)]
            }
            Self::Instant { steady } => vec![("steady state", steady)],
        }
    }
}

/// How rates grow with temperature: by `factor` every 10 degrees, as written at `at` degrees Celsius.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Q10 {
    /// The factor.
    pub factor: f64,
    /// Temperature at which the rates are as written, in degrees Celsius.
    pub at: f64,
}

/// Distance of the voltages that formulas are looked at, in mV, and their number within [`RANGE`] less one.
const LOOKED_AT: f64 = 0.25;
const STEPS: u32 = 1200;

/// One gate of a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Name.
    pub name: Name,
    /// Power in the channel's open fraction.
    pub power: u32,
    /// How it moves.
    pub law: Law,
    /// How temperature speeds it up.
    pub q10: Option<Q10>,
    /// Factor on its rates.
    speed: f64,
    /// Largest steady state within [`RANGE`], 1 at least.
    highest: f64,
}

/// What is wrong with a gate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum GateError {
    #[error(
        "the {what} is {} at {millivolts} mV: it must be a number that is not negative from -150 to 150 mV",
        written(.value)
    )]
    Rate { what: &'static str, value: f64, millivolts: f64 },
    #[error("the gate does not move at {millivolts} mV, where both rates are 0")]
    Stuck { millivolts: f64 },
    #[error(
        "the time constant is {} ms at {millivolts} mV: it must be above 0 from -150 to 150 mV, or 0 throughout",
        written(.value)
    )]
    TimeConstant { value: f64, millivolts: f64 },
    #[error("the steady state is {} at {millivolts} mV: it must lie between 0 and 1", written(.value))]
    Steady { value: f64, millivolts: f64 },
    #[error("the {what} is infinite or jumps at {} mV", written(.millivolts))]
    Pole { what: &'static str, millivolts: f64 },
    #[error("the power must be a whole number from 1 to 12, got {0}")]
    Power(u32),
    #[error("`q10` must be above 0, got {0}")]
    Q10(f64),
}

/// A value in a message: four decimals, or a power of ten where those would say nothing.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "as thiserror hands it over")]
fn written(value: &f64) -> String {
    match value.abs() {
        size if size.is_nan() => "not a number".to_owned(),
        size if size.is_infinite() => "infinite".to_owned(),
        size if size == 0.0 || (1e-3..1e6).contains(&size) => format!("{value:.4}"),
        _ => format!("{value:.3e}"),
    }
}

impl Gate {
    /// A gate at a temperature in degrees Celsius; without one its rates are as written.
    ///
    /// # Errors
    /// [`GateError`] if the power or a value within [`RANGE`] is not sound.
    pub fn new(
        name: Name,
        power: u32,
        law: Law,
        q10: Option<Q10>,
        temperature: Option<f64>,
    ) -> Result<Self, GateError> {
        if !(1..=MAX_POWER).contains(&power) {
            return Err(GateError::Power(power));
        }
        let mut speed = 1.0;
        if let Some(Q10 { factor, at }) = q10 {
            if !(factor.is_finite() && factor > 0.0) {
                return Err(GateError::Q10(factor));
            }
            speed = temperature.map_or(1.0, |temperature| factor.powf((temperature - at) / 10.0));
        }
        let mut gate = Self { name, power, law, q10, speed, highest: 1.0 };
        let looked_at = |step: u32| RANGE.0 + f64::from(step) * LOOKED_AT;
        for step in 0..=STEPS {
            let millivolts = looked_at(step);
            gate.check(millivolts)?;
            gate.highest = gate.highest.max(gate.steady(millivolts));
        }
        for (what, formula) in gate.law.formulas() {
            let pole = (0..STEPS).find_map(|step| pole::between(formula, looked_at(step), looked_at(step + 1)));
            if let Some(millivolts) = pole {
                return Err(GateError::Pole { what, millivolts });
            }
        }
        Ok(gate)
    }

    fn check(&self, millivolts: f64) -> Result<(), GateError> {
        let rate = |what, formula: &Formula| {
            let (value, slope) = formula.at(millivolts);
            let sound = value.is_finite() && value >= 0.0 && slope.is_finite();
            if sound { Ok(value) } else { Err(GateError::Rate { what, value, millivolts }) }
        };
        let bounded = |formula: &Formula| {
            let (value, slope) = formula.at(millivolts);
            let sound = (-1e-12..=1.0 + OVERSHOOT).contains(&value) && slope.is_finite();
            if sound { Ok(()) } else { Err(GateError::Steady { value, millivolts }) }
        };
        match &self.law {
            Law::HodgkinHuxley(_) => Ok(()),
            Law::Rates { opening, closing } => {
                let (opening, closing) = (rate("opening rate", opening)?, rate("closing rate", closing)?);
                if opening + closing > 0.0 { Ok(()) } else { Err(GateError::Stuck { millivolts }) }
            }
            Law::Relaxing { steady, time_constant } => {
                let (value, slope) = time_constant.at(millivolts);
                if !(value > 0.0 && value.is_finite() && slope.is_finite()) {
                    return Err(GateError::TimeConstant { value, millivolts });
                }
                bounded(steady)
            }
            Law::Instant { steady } => bounded(steady),
        }
    }

    /// Factor of the temperature on its rates.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// Whether it follows the voltage at once.
    pub fn is_instant(&self) -> bool {
        matches!(self.law, Law::Instant { .. })
    }

    /// Largest value it may take: 1, or its largest steady state where a published fit overshoots.
    pub fn highest(&self) -> f64 {
        self.highest
    }

    /// Rates at a voltage in mV, in 1/ms; none if it follows the voltage at once.
    pub fn rates(&self, millivolts: f64) -> Option<Rates> {
        let v = millivolts.clamp(RANGE.0, RANGE.1);
        let Rates { opening, closing } = match &self.law {
            Law::HodgkinHuxley(particle) => particle.rates(millivolts),
            Law::Rates { opening, closing } => Rates { opening: opening.at(v).0, closing: closing.at(v).0 },
            Law::Relaxing { steady, time_constant } => {
                let (steady, time) = (steady.at(v).0, time_constant.at(v).0);
                Rates { opening: steady / time, closing: (1.0 - steady) / time }
            }
            Law::Instant { .. } => return None,
        };
        Some(if self.speed == 1.0 {
            Rates { opening, closing }
        } else {
            Rates { opening: opening * self.speed, closing: closing * self.speed }
        })
    }

    /// Derivatives of the rates with respect to the voltage, in 1/(ms mV); none if it follows the voltage at once.
    pub fn rate_slopes(&self, millivolts: f64) -> Option<Rates> {
        let inside = (RANGE.0..=RANGE.1).contains(&millivolts);
        let Rates { opening, closing } = match &self.law {
            Law::HodgkinHuxley(particle) => particle.slopes(millivolts),
            Law::Instant { .. } => return None,
            _ if !inside => Rates { opening: 0.0, closing: 0.0 },
            Law::Rates { opening, closing } => {
                Rates { opening: opening.at(millivolts).1, closing: closing.at(millivolts).1 }
            }
            Law::Relaxing { steady, time_constant } => {
                let ((s, ds), (tau, dtau)) = (steady.at(millivolts), time_constant.at(millivolts));
                Rates { opening: (ds - s * dtau / tau) / tau, closing: (-ds - (1.0 - s) * dtau / tau) / tau }
            }
        };
        Some(Rates { opening: opening * self.speed, closing: closing * self.speed })
    }

    /// Value it settles at.
    pub fn steady(&self, millivolts: f64) -> f64 {
        let v = millivolts.clamp(RANGE.0, RANGE.1);
        match &self.law {
            Law::Relaxing { steady, .. } | Law::Instant { steady } => steady.at(v).0,
            _ => self.rates(millivolts).map_or(0.0, Rates::steady),
        }
    }

    /// Derivative of [`Gate::steady`], in 1/mV.
    pub fn steady_slope(&self, millivolts: f64) -> f64 {
        match &self.law {
            Law::Relaxing { steady, .. } | Law::Instant { steady } => {
                if (RANGE.0..=RANGE.1).contains(&millivolts) { steady.at(millivolts).1 } else { 0.0 }
            }
            _ => match (self.rates(millivolts), self.rate_slopes(millivolts)) {
                (Some(rates), Some(slopes)) => {
                    let sum = rates.opening + rates.closing;
                    (slopes.opening * rates.closing - rates.opening * slopes.closing) / (sum * sum)
                }
                _ => 0.0,
            },
        }
    }

    /// The gate after `dt` milliseconds at a held voltage in mV; backwards too.
    #[inline]
    pub fn relaxed(&self, x: f64, millivolts: f64, dt: f64) -> f64 {
        match &self.law {
            Law::Instant { .. } => self.steady(millivolts),
            Law::Relaxing { .. } => {
                let steady = self.steady(millivolts);
                let sum = self.rates(millivolts).map_or(0.0, |rates| rates.opening + rates.closing);
                steady + (x - steady) * (-sum * dt).exp()
            }
            _ => self.rates(millivolts).map_or(x, |rates| rates.relax(x, dt)),
        }
    }

    fn signature(&self) -> String {
        let law = match &self.law {
            Law::HodgkinHuxley(particle) => format!("{particle:?}"),
            Law::Rates { opening, closing } => format!("rates {} / {}", opening.signature(), closing.signature()),
            Law::Relaxing { steady, time_constant } => {
                format!("relaxing {} / {}", steady.signature(), time_constant.signature())
            }
            Law::Instant { steady } => format!("instant {}", steady.signature()),
        };
        format!("{law}^{} x{:x}", self.power, self.speed.to_bits())
    }
}

/// How the gates of a channel move; cheap to copy.
#[derive(Debug, Clone)]
pub struct Gating(Arc<Model>);

/// Where a gating is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The papers' potassium, `n^4`.
    Potassium,
    /// The papers' sodium, `m^3 h`.
    Sodium,
    /// No gates: a resistor.
    Leak,
    /// The library, by name.
    Library(&'static str),
    /// Written out.
    Custom,
}

#[derive(Debug)]
struct Model {
    origin: Origin,
    gates: Vec<Gate>,
    parameters: Vec<(String, f64)>,
    /// In degrees Celsius.
    temperature: Option<f64>,
    signature: String,
}

impl PartialEq for Gating {
    fn eq(&self, other: &Self) -> bool {
        let key = |of: &Self| (of.0.origin, of.0.temperature);
        Arc::ptr_eq(&self.0, &other.0)
            || (key(self) == key(other)
                && self.0.gates == other.0.gates
                && self.0.parameters == other.0.parameters)
    }
}

/// How temperature speeds up the squid's gates: Hodgkin and Huxley's 3 every 10 degrees, as written at 6.3.
pub const SQUID: Q10 = Q10 { factor: 3.0, at: 6.3 };

impl Gating {
    fn of(origin: Origin, gates: Vec<Gate>, parameters: Vec<(String, f64)>, temperature: Option<f64>) -> Self {
        let signature = gates.iter().map(Gate::signature).collect::<Vec<_>>().join("; ");
        Self(Arc::new(Model { origin, gates, parameters, temperature, signature }))
    }

    /// Gates as given, made of `parameters` at a temperature in degrees Celsius.
    pub fn custom(gates: Vec<Gate>, parameters: Vec<(String, f64)>, temperature: Option<f64>) -> Self {
        Self::of(Origin::Custom, gates, parameters, temperature)
    }

    /// The papers' potassium, `n^4`, at a temperature in degrees Celsius: 6.3 if none.
    pub fn potassium(temperature: Option<f64>) -> Self {
        Self::squid(Origin::Potassium, &[(Name::N, 4, Particle::N)], temperature)
    }

    /// The papers' sodium, `m^3 h`, at a temperature in degrees Celsius: 6.3 if none.
    pub fn sodium(temperature: Option<f64>) -> Self {
        Self::squid(Origin::Sodium, &[(Name::M, 3, Particle::M), (Name::H, 1, Particle::H)], temperature)
    }

    /// No gates: a resistor.
    pub fn leak() -> Self {
        Self::of(Origin::Leak, Vec::new(), Vec::new(), None)
    }

    fn squid(origin: Origin, gates: &[(Name, u32, Particle)], temperature: Option<f64>) -> Self {
        let speed = temperature.map_or(1.0, |t| SQUID.factor.powf((t - SQUID.at) / 10.0));
        let gate = |&(name, power, particle)| Gate {
            name,
            power,
            law: Law::HodgkinHuxley(particle),
            q10: Some(SQUID),
            speed,
            highest: 1.0,
        };
        Self::of(origin, gates.iter().map(gate).collect(), Vec::new(), temperature)
    }

    /// Where it is from.
    pub fn origin(&self) -> Origin {
        self.0.origin
    }

    /// The gates.
    pub fn gates(&self) -> &[Gate] {
        &self.0.gates
    }

    /// Names and values that its formulas were written with.
    pub fn parameters(&self) -> &[(String, f64)] {
        &self.0.parameters
    }

    /// Temperature, in degrees Celsius; none if the rates are as written.
    pub fn temperature(&self) -> Option<f64> {
        self.0.temperature
    }

    /// What two gatings have in common whose gates move alike.
    pub fn signature(&self) -> &str {
        &self.0.signature
    }

    /// Whether its gates are the papers' at the speed they are written with.
    pub(crate) fn is_papers(&self) -> bool {
        let papers = matches!(self.0.origin, Origin::Potassium | Origin::Sodium | Origin::Leak);
        papers && self.0.gates.iter().all(|gate| gate.speed == 1.0)
    }

    /// Open fraction at the values `x` of its gates.
    #[inline]
    pub fn open(&self, x: &[f64]) -> f64 {
        match (self.0.origin, x) {
            (Origin::Potassium, &[n]) => (n * n) * (n * n),
            (Origin::Sodium, &[m, h]) => m * m * m * h,
            _ => self.0.gates.iter().zip(x).fold(1.0, |open, (gate, x)| open * whole_power(*x, gate.power)),
        }
    }

    /// Derivative of [`Gating::open`] with respect to the gate of place `which`.
    pub fn open_slope(&self, x: &[f64], which: usize) -> f64 {
        self.0.gates.iter().zip(x).enumerate().fold(1.0, |open, (k, (gate, x))| {
            open * if k == which {
                f64::from(gate.power) * whole_power(*x, gate.power - 1)
            } else {
                whole_power(*x, gate.power)
            }
        })
    }
}

/// `x^power`; of the same bits in every build.
fn whole_power(x: f64, power: u32) -> f64 {
    (0..power).fold(1.0, |product, _| product * x)
}
