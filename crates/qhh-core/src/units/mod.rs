//! Units at the edge: dimensions, unit systems, and text such as `3 kOhm` as a number of one system.
//!
//! A system is coherent and fixes three units: of voltage, of time and of conductance; capacitance, current,
//! impedance, energy and action follow from them.
//!
//! | system | voltage | time | conductance | capacitance | current | energy | action |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | `hodgkin-huxley` | mV | ms | mS | uF | uA | uF mV² (1 pJ) | uF mV² ms (1e-15 J s) |
//! | `si` | V | s | S | F | A | J | J s |
//! | `raw` | bare numbers; the rate functions read volts as mV and seconds as ms |
//!
//! Which field wants which dimension is the reader's business, not this module's.

mod digits;
mod text;

use crate::gates::RateUnits;
pub use digits::{number, rounded, rounded_down, rounded_up};
use text::{Unit, number_length, shift_decimal, shift_typed, shorten};

/// Powers of voltage, time, conductance, length, temperature and angle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dimension {
    voltage: i8,
    time: i8,
    conductance: i8,
    length: i8,
    temperature: i8,
    angle: i8,
}

const fn dimension(voltage: i8, time: i8, conductance: i8) -> Dimension {
    Dimension { voltage, time, conductance, length: 0, temperature: 0, angle: 0 }
}

impl Dimension {
    /// No unit: counts, gates.
    pub const NUMBER: Self = dimension(0, 0, 0);
    /// Angle; a bare number is in radians.
    pub const ANGLE: Self = Self { angle: 1, ..Self::NUMBER };
    /// Voltage.
    pub const VOLTAGE: Self = dimension(1, 0, 0);
    /// Voltage squared, as a variance has it.
    pub const VOLTAGE_SQUARED: Self = dimension(2, 0, 0);
    /// Time.
    pub const TIME: Self = dimension(0, 1, 0);
    /// Angular frequency, with the angle or without; a unit of hertz counts cycles and brings its own 2 pi.
    pub const FREQUENCY: Self = dimension(0, -1, 0);
    /// Conductance.
    pub const CONDUCTANCE: Self = dimension(0, 0, 1);
    /// Impedance.
    pub const IMPEDANCE: Self = dimension(0, 0, -1);
    /// Capacitance.
    pub const CAPACITANCE: Self = dimension(0, 1, 1);
    /// Current.
    pub const CURRENT: Self = dimension(1, 0, 1);
    /// Power; also the area of an I-V loop.
    pub const POWER: Self = dimension(2, 0, 1);
    /// Energy.
    pub const ENERGY: Self = dimension(2, 1, 1);
    /// Action, the dimension of hbar.
    pub const ACTION: Self = dimension(2, 2, 1);
    /// Length.
    pub const LENGTH: Self = Self { length: 1, ..Self::NUMBER };
    /// Velocity.
    pub const VELOCITY: Self = Self { length: 1, ..Self::FREQUENCY };
    /// Temperature.
    pub const TEMPERATURE: Self = Self { temperature: 1, ..Self::NUMBER };

    const NAMES: &[(Self, &'static str)] = &[
        (Self::NUMBER, "a plain number"),
        (Self::ANGLE, "an angle"),
        (Self::VOLTAGE, "a voltage"),
        (Self::VOLTAGE_SQUARED, "a voltage squared"),
        (Self::TIME, "a time"),
        (Self::FREQUENCY, "a frequency"),
        (Self::CONDUCTANCE, "a conductance"),
        (Self::IMPEDANCE, "an impedance"),
        (Self::CAPACITANCE, "a capacitance"),
        (Self::CURRENT, "a current"),
        (Self::POWER, "a power"),
        (Self::ENERGY, "an energy"),
        (Self::ACTION, "an action"),
        (Self::LENGTH, "a length"),
        (Self::VELOCITY, "a velocity"),
        (Self::TEMPERATURE, "a temperature"),
    ];

    /// Name with its article, for messages: `a time`.
    pub fn name(self) -> &'static str {
        let found = Self::NAMES.iter().find(|named| named.0 == self.as_frequency());
        match found {
            Some(named) => named.1,
            None if self.angle != 0 => "a product with an angle",
            None => "another dimension",
        }
    }

    /// `rad/ms` and `1/ms` are one: an angle over a time is a frequency.
    fn as_frequency(self) -> Self {
        if self == (Self { angle: 1, ..Self::FREQUENCY }) { Self::FREQUENCY } else { self }
    }

    fn times(self, other: Self, power: i8) -> Option<Self> {
        let add = |a: i8, b: i8| a.checked_add(b.checked_mul(power)?);
        Some(Self {
            voltage: add(self.voltage, other.voltage)?,
            time: add(self.time, other.time)?,
            conductance: add(self.conductance, other.conductance)?,
            length: add(self.length, other.length)?,
            temperature: add(self.temperature, other.temperature)?,
            angle: add(self.angle, other.angle)?,
        })
    }
}

/// One coherent system of units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnitSystem {
    /// mV, ms, mS, uF, uA, kOhm, rad/ms.
    #[default]
    HodgkinHuxley,
    /// V, s, S, F, A, Ohm, rad/s.
    Si,
    /// Bare numbers, as in the papers' figures.
    Raw,
}

/// Why a text is no quantity of the wanted dimension.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message is the doc")]
pub enum UnitError {
    #[error("expected {}, got `{text}`: write a number, then its unit, such as `{example}`", expected.name())]
    Syntax { expected: Dimension, text: String, example: String },
    #[error("unknown unit `{unit}` in `{text}`: expected {}, such as `{example}`", expected.name())]
    UnknownUnit { expected: Dimension, unit: String, text: String, example: String },
    #[error(
        "expected {}, got `{text}`, which is {}: write {}, such as `{example}`",
        expected.name(),
        found.name(),
        if *expected == Dimension::NUMBER { "it without a unit" } else { "a number with its unit" }
    )]
    WrongDimension { expected: Dimension, found: Dimension, text: String, example: String },
    #[error(
        "expected a number of events per time, got `{text}`, which has an angle: write it in Hz, such as `{example}`"
    )]
    Angle { text: String, example: String },
    #[error(
        "expected {}, got `{text}`: Hz counts cycles, so it stands only alone and for a frequency: write 1/s or rad/s",
        expected.name()
    )]
    Hertz { expected: Dimension, text: String },
    #[error("expected {}, got `{text}`: the value must be a finite number", expected.name())]
    NotFinite { expected: Dimension, text: String },
    #[error(
        "got `{text}`, but `units: raw` takes bare numbers: write {}, or choose `units: hodgkin-huxley`",
        bare.map_or_else(|| "one".to_owned(), |bare| format!("`{}`", number(rounded(bare, 7))))
    )]
    UnitInRaw { text: String, bare: Option<f64> },
}

impl UnitError {
    /// What the message gives as an example, if it has one.
    pub fn example(&mut self) -> Option<&mut String> {
        match self {
            Self::Syntax { example, .. }
            | Self::UnknownUnit { example, .. }
            | Self::WrongDimension { example, .. }
            | Self::Angle { example, .. } => Some(example),
            Self::Hertz { .. } | Self::NotFinite { .. } | Self::UnitInRaw { .. } => None,
        }
    }

    /// The same with another example.
    #[must_use]
    pub fn with_example(mut self, other: &str) -> Self {
        if let Some(example) = self.example() {
            other.clone_into(example);
        }
        self
    }
}

impl UnitSystem {
    /// Name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::HodgkinHuxley => "hodgkin-huxley",
            Self::Si => "si",
            Self::Raw => "raw",
        }
    }

    /// How the gates' rate functions, which want mV and ms, read this system's voltage and time.
    pub fn rate_units(self) -> RateUnits {
        match self {
            Self::HodgkinHuxley | Self::Raw => RateUnits { millivolts: 1.0, milliseconds: 1.0 },
            Self::Si => RateUnits { millivolts: 1e3, milliseconds: 1e3 },
        }
    }

    /// Decimal exponent of this system's unit of `dimension`, in SI.
    fn exponent(self, dimension: Dimension) -> i32 {
        match self {
            Self::HodgkinHuxley => {
                -3 * (i32::from(dimension.voltage) + i32::from(dimension.time) + i32::from(dimension.conductance))
            }
            Self::Si | Self::Raw => 0,
        }
    }

    /// A number of uF, mV, ms and their products in this system; `raw` numbers are read as such.
    fn of_model(self, value: f64, dimension: Dimension) -> f64 {
        match self {
            Self::HodgkinHuxley | Self::Raw => value,
            Self::Si => shift_decimal(value, Self::HodgkinHuxley.exponent(dimension)),
        }
    }

    /// Symbol of this system's unit of `dimension`, as the parser reads it; empty in `raw` and for numbers.
    pub fn symbol(self, dimension: Dimension) -> &'static str {
        let pairs: &[(Dimension, &'static str, &'static str)] = &[
            (Dimension::VOLTAGE, "mV", "V"),
            (Dimension::VOLTAGE_SQUARED, "mV²", "V²"),
            (Dimension::ANGLE, "rad", "rad"),
            (Dimension::TIME, "ms", "s"),
            (Dimension::FREQUENCY, "rad/ms", "rad/s"),
            (Dimension::CONDUCTANCE, "mS", "S"),
            (Dimension::IMPEDANCE, "kOhm", "Ohm"),
            (Dimension::CAPACITANCE, "uF", "F"),
            (Dimension::CURRENT, "uA", "A"),
            (Dimension::POWER, "uA mV", "A V"),
            (Dimension::ENERGY, "uF mV²", "J"),
            (Dimension::ACTION, "uF mV² ms", "J s"),
            (Dimension::LENGTH, "m", "m"),
            (Dimension::VELOCITY, "m/ms", "m/s"),
            (Dimension::TEMPERATURE, "K", "K"),
        ];
        let found = pairs.iter().find(|pair| pair.0 == dimension);
        match (self, found) {
            (Self::HodgkinHuxley, Some(pair)) => pair.1,
            (Self::Si, Some(pair)) => pair.2,
            _ => "",
        }
    }

    /// `value` with its unit, so that [`UnitSystem::parse`] gives the same number back.
    pub fn display(self, value: f64, dimension: Dimension) -> String {
        match self.symbol(dimension) {
            "" => number(value),
            symbol => format!("{} {symbol}", number(value)),
        }
    }

    /// Reads `text`, a number with a unit or a bare number of this system, as a number of this system.
    ///
    /// `80 Hz` counts cycles and becomes `2 pi 80` rad/s; in a product, where it could mean either, Hz is refused.
    /// Prefixes f, p, n, u or µ, m, k, M, G go before V, s, S, F, A, Ohm or Ω, Hz, J, W, C, K and m; `rad` and `deg` are
    /// angles, which stand alone or over a time; `/`, `*`, `^2` and `²` combine them.
    ///
    /// # Errors
    /// [`UnitError`] with both dimensions, the unknown unit, or what the text lacks.
    ///
    /// # Examples
    /// ```
    /// use qhh_core::units::{Dimension, UnitSystem};
    /// let hh = UnitSystem::HodgkinHuxley;
    /// assert_eq!(hh.parse("3 kΩ", Dimension::IMPEDANCE)?, 3.0);
    /// assert_eq!(hh.parse("300 nF", Dimension::CAPACITANCE)?, 0.3);
    /// assert!(hh.parse("5 mV", Dimension::TIME).is_err());
    /// # Ok::<(), qhh_core::units::UnitError>(())
    /// ```
    pub fn parse(self, text: &str, expected: Dimension) -> Result<f64, UnitError> {
        let Factors { number, factor } = self.factors(text, expected)?;
        let value = number * factor;
        let too_large = || UnitError::NotFinite { expected, text: shorten(text.trim()) };
        if value.is_finite() { Ok(value) } else { Err(too_large()) }
    }

    fn factors(self, text: &str, expected: Dimension) -> Result<Factors, UnitError> {
        let text = text.trim();
        let example = || match self.symbol(expected) {
            "" => "1.5".to_owned(),
            symbol => format!("1.5 {symbol}"),
        };
        let syntax = || UnitError::Syntax { expected, text: shorten(text), example: example() };
        let split = number_length(text);
        let value: f64 = text[..split].parse().map_err(|_| syntax())?;
        if !value.is_finite() {
            return Err(UnitError::NotFinite { expected, text: shorten(text) });
        }
        let unit_text = text[split..].trim();
        if unit_text.is_empty() {
            return Ok(Factors { number: value, factor: 1.0 });
        }
        // A plain number has no unit in any system.
        if self == Self::Raw && expected != Dimension::NUMBER {
            // The gates read bare numbers as those of mV and ms.
            let bare = Self::HodgkinHuxley.parse(text, expected).ok();
            return Err(UnitError::UnitInRaw { text: shorten(text), bare });
        }
        let unit = Unit::parse(unit_text).map_err(|unit| UnitError::UnknownUnit {
            expected,
            unit: shorten(&unit),
            text: shorten(text),
            example: example(),
        })?;
        if unit.hertz_in_product {
            return Err(UnitError::Hertz { expected, text: shorten(text) });
        }
        if unit.dimension.as_frequency() != expected {
            let (found, example) = (unit.dimension, self.display(value, expected));
            return Err(UnitError::WrongDimension { expected, found, text: shorten(text), example });
        }
        let number = shift_typed(&text[..split], unit.exponent - self.exponent(expected));
        Ok(Factors { number, factor: unit.factor })
    }

    /// Reads a share: a number, or per cent.
    ///
    /// # Errors
    /// As [`UnitSystem::parse`].
    ///
    /// # Examples
    /// ```
    /// use qhh_core::units::UnitSystem;
    /// let hh = UnitSystem::HodgkinHuxley;
    /// assert_eq!(hh.parse_share("12.3 %"), hh.parse_share("0.123"));
    /// ```
    pub fn parse_share(self, text: &str) -> Result<f64, UnitError> {
        let text = text.trim();
        match text.strip_suffix('%') {
            None => self.parse(text, Dimension::NUMBER),
            Some(per_cent) => {
                let per_cent = self.parse(per_cent, Dimension::NUMBER)?;
                Ok(shift_typed(&per_cent.to_string(), -2))
            }
        }
    }

    /// A number of events per time in this system, as an example.
    pub fn per_time(self) -> &'static str {
        match self {
            Self::HodgkinHuxley | Self::Si => "50 Hz",
            Self::Raw => "0.05",
        }
    }

    /// `rate`, a number of events per time, with its unit, so that [`UnitSystem::parse_rate`] gives it back.
    pub fn display_rate(self, rate: f64) -> String {
        format!("{rate} {}", self.rate_symbol()).trim_end().to_owned()
    }

    /// Symbol of this system's unit of events per time, as [`UnitSystem::parse_rate`] reads it; empty in `raw`.
    pub fn rate_symbol(self) -> &'static str {
        match self {
            Self::HodgkinHuxley => "1/ms",
            Self::Si => "1/s",
            Self::Raw => "",
        }
    }

    /// Reads a number of events per time, such as `0.05 1/ms` or `50 Hz`: here a hertz is one event a second, without
    /// the 2 pi of an angular frequency. Angles are refused.
    ///
    /// # Errors
    /// As [`UnitSystem::parse`].
    ///
    /// # Examples
    /// ```
    /// use qhh_core::units::UnitSystem;
    /// let hh = UnitSystem::HodgkinHuxley;
    /// assert_eq!(hh.parse_rate("0.05 1/ms")?, 0.05);
    /// assert!((hh.parse_rate("50 Hz")? - 0.05).abs() < 1e-15);
    /// assert!(hh.parse_rate("50 rad/s").is_err());
    /// # Ok::<(), qhh_core::units::UnitError>(())
    /// ```
    pub fn parse_rate(self, text: &str) -> Result<f64, UnitError> {
        let example = self.per_time();
        if self != Self::Raw && ["rad", "deg", "°"].iter().any(|angle| text.contains(angle)) {
            return Err(UnitError::Angle { text: shorten(text.trim()), example: example.to_owned() });
        }
        // The 2 pi of a hertz is its factor.
        let Factors { number, factor } =
            self.factors(text, Dimension::FREQUENCY).map_err(|error| match error {
                UnitError::UnitInRaw { text: shown, .. } => {
                    UnitError::UnitInRaw { text: shown, bare: Self::HodgkinHuxley.parse_rate(text).ok() }
                }
                other => other.with_example(example),
            })?;
        let rate = if text.contains("Hz") { number } else { number * factor };
        let too_large = || UnitError::NotFinite { expected: Dimension::FREQUENCY, text: shorten(text.trim()) };
        if rate.is_finite() { Ok(rate) } else { Err(too_large()) }
    }
}

/// A number as typed, shifted by the powers of ten of its unit, and what else its unit multiplies it by.
struct Factors {
    number: f64,
    factor: f64,
}

/// Reduced Planck constant in J s (exact in the SI since 2019).
pub const HBAR: f64 = 1.054_571_817e-34;
/// Boltzmann constant in J/K (exact in the SI since 2019).
pub const BOLTZMANN: f64 = 1.380_649e-23;

/// The laboratory circuit that realises the model: its uF, mV and ms are these, in SI, whatever system the network is
/// written in (`raw` numbers being those of uF, mV and ms). Ours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LaboratoryScale {
    /// Farad.
    pub capacitance: f64,
    /// Volt.
    pub voltage: f64,
    /// Second.
    pub time: f64,
}

impl LaboratoryScale {
    /// `hbar/(c0 v0^2 t0)` uF mV² ms, in the unit of action of `units`.
    ///
    /// # Examples
    /// ```
    /// # use qhh_core::units::{LaboratoryScale, UnitSystem};
    /// let scale = LaboratoryScale { capacitance: 1e-12, voltage: 1e-6, time: 1e-9 };
    /// let units = UnitSystem::HodgkinHuxley;
    /// assert!((scale.hbar(units) - 0.105).abs() < 1e-3);
    /// assert!((scale.thermal_energy(0.010, units) - 0.138).abs() < 1e-3);
    /// ```
    pub fn hbar(&self, units: UnitSystem) -> f64 {
        let model = HBAR / (self.capacitance * self.voltage * self.voltage * self.time);
        units.of_model(model, Dimension::ACTION)
    }

    /// `k_B T/(c0 v0^2)` uF mV² at `kelvin`, in the unit of energy of `units`.
    pub fn thermal_energy(&self, kelvin: f64, units: UnitSystem) -> f64 {
        let model = BOLTZMANN * kelvin / (self.capacitance * self.voltage * self.voltage);
        units.of_model(model, Dimension::ENERGY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HH: UnitSystem = UnitSystem::HodgkinHuxley;

    #[test]
    fn a_unit_of_the_system_changes_no_digit() {
        for text in ["0.1", "0.3", "54.387", "-77", "1e-3"] {
            let value: f64 = text.parse().unwrap();
            for dimension in Dimension::NAMES.iter().map(|named| named.0) {
                for system in [HH, UnitSystem::Si, UnitSystem::Raw] {
                    let shown = system.display(value, dimension);
                    assert_eq!(system.parse(&shown, dimension), Ok(value), "{shown}");
                }
            }
        }
    }

    #[test]
    fn prefixes_and_products_scale() {
        let cases = [
            ("80 Hz", Dimension::FREQUENCY, std::f64::consts::TAU * 0.08),
            ("5 rad/ms", Dimension::FREQUENCY, 5.0),
            ("2 1/ms", Dimension::FREQUENCY, 2.0),
            ("0.3µF", Dimension::CAPACITANCE, 0.3),
            ("0.3 μF", Dimension::CAPACITANCE, 0.3),
            ("3kΩ", Dimension::IMPEDANCE, 3.0),
            ("2 MOhm", Dimension::IMPEDANCE, 2000.0),
            ("40 nA", Dimension::CURRENT, 0.04),
            ("1e8 m/s", Dimension::VELOCITY, 1e5),
            ("2 uF mV^2", Dimension::ENERGY, 2.0),
            ("1 pJ", Dimension::ENERGY, 1.0),
            ("90 deg", Dimension::ANGLE, std::f64::consts::FRAC_PI_2),
            ("0.5 rad", Dimension::ANGLE, 0.5),
            ("180 deg/ms", Dimension::FREQUENCY, std::f64::consts::PI),
            ("3 kHz", Dimension::FREQUENCY, std::f64::consts::TAU * 3.0),
            ("5 uC/s", Dimension::CURRENT, 5e-3 * 1e3),
            ("1e3 us", Dimension::TIME, 1.0),
        ];
        for (text, dimension, expected) in cases {
            let value = HH.parse(text, dimension).unwrap();
            assert!((value - expected).abs() <= 1e-15 * expected.abs(), "{text}: {value}, not {expected}");
        }
    }

    /// The number typed in another unit is the one typed in the system's own, to the last bit.
    #[test]
    fn a_shift_of_the_decimal_point_changes_no_digit() {
        for thousandths in (1..5000).map(|k| f64::from(k) / 1000.0) {
            let own = HH.parse(&format!("{thousandths} ms"), Dimension::TIME);
            for text in
                [format!("{thousandths}e3 us"), format!("{thousandths}e-3 s"), format!("{thousandths}E+6 ns")]
            {
                assert_eq!(HH.parse(&text, Dimension::TIME), own, "{text}");
            }
        }
        for (one, other) in [("0.7 us", "0.0007 ms"), ("500.1 us", "0.5001 ms"), ("0.0011 s", "1.1 ms")] {
            assert_eq!(HH.parse(one, Dimension::TIME), HH.parse(other, Dimension::TIME), "{one}");
        }
        assert_eq!(HH.parse("80.3 Hz", Dimension::FREQUENCY), HH.parse("0.0803 kHz", Dimension::FREQUENCY));
        assert_eq!(HH.parse_rate("80.3 Hz"), HH.parse_rate("0.0803 1/ms"));
        assert_eq!(HH.parse("1e-99999999999 us", Dimension::TIME), Ok(0.0));
    }

    #[test]
    fn what_is_no_quantity_says_why() {
        let message = |text: &str, dimension| HH.parse(text, dimension).unwrap_err().to_string();
        assert_eq!(
            message("5 mV", Dimension::TIME),
            "expected a time, got `5 mV`, which is a voltage: write a number with its unit, such as `5 ms`"
        );
        assert!(message("5 parsec", Dimension::TIME).contains("unknown unit `parsec`"));
        assert_eq!(
            message("5 uC Hz", Dimension::CURRENT),
            "expected a current, got `5 uC Hz`: Hz counts cycles, so it stands only alone and for a frequency: write 1/s or \
             rad/s"
        );
        assert_eq!(
            message("5 uA deg", Dimension::CURRENT),
            "expected a current, got `5 uA deg`, which is a product with an angle: write a number with its unit, such as `5 uA`"
        );
        assert!(message("30 deg", Dimension::NUMBER).contains("which is an angle"));
        assert!(message("2 rad/ms", Dimension::ANGLE).contains("which is a frequency"));
        for text in ["", "ms", "1..2 ms", "1 /", "nan", "inf", "1e999", "1 krad", "1 ^2", "1 mV^99", "½ ms"] {
            assert!(HH.parse(text, Dimension::TIME).is_err(), "{text}");
        }
        let raw = |text: &str, dimension| UnitSystem::Raw.parse(text, dimension).unwrap_err().to_string();
        for (text, dimension, bare) in [
            ("5 ms", Dimension::TIME, "`5`"),
            ("5 s", Dimension::TIME, "`5000`"),
            ("90 deg", Dimension::ANGLE, "`1.570796`"),
            ("5 mV", Dimension::TIME, "one"),
        ] {
            let message = raw(text, dimension);
            assert!(message.contains(&format!("takes bare numbers: write {bare}, or choose")), "{message}");
        }
        // A hertz is one event a second here, without 2 pi.
        assert!(UnitSystem::Raw.parse_rate("50 Hz").unwrap_err().to_string().contains("write `0.05`"));
        // What has no unit in any system.
        assert!(raw("10 dB", Dimension::NUMBER).contains("unknown unit `dB`"));
        // An angle or a count of cycles where it means nothing.
        for (text, dimension) in [
            ("5 uA rad", Dimension::CURRENT),
            ("5 uA/deg", Dimension::CURRENT),
            ("1 rad^2", Dimension::ANGLE),
            ("1 1/rad", Dimension::ANGLE),
            ("1 rad^2/ms", Dimension::FREQUENCY),
            ("1 rad Hz", Dimension::FREQUENCY),
            ("1 Hz^2 ms", Dimension::FREQUENCY),
            ("1 Hz s", Dimension::NUMBER),
            ("1 1/Hz", Dimension::TIME),
            ("1 J/Hz", Dimension::ACTION),
            ("1 m kHz", Dimension::VELOCITY),
            ("0.3 rad", Dimension::NUMBER),
        ] {
            assert!(HH.parse(text, dimension).is_err(), "{text} as {}", dimension.name());
        }
    }
}
