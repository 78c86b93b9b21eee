//! What a number of a network file stands for: how its text is read, and in which unit the network's files show it.

use qhh_core::units::{Dimension, LaboratoryScale, UnitError, UnitSystem, rounded};

/// What the number of an entry stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberKind {
    pub(crate) units: UnitSystem,
    pub(crate) meaning: Meaning,
}

/// What a number stands for, in any unit system.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Meaning {
    /// A quantity of a dimension.
    Quantity(Dimension),
    /// A share, which may be typed in per cent.
    Share,
    /// A number of events per time.
    Rate,
    /// The share of a power that is lost, which may be typed in per cent or in decibels.
    Loss,
    /// `k_B T`, which may be typed as a temperature where the laboratory is known.
    ThermalEnergy(Option<LaboratoryScale>),
}

impl Meaning {
    /// Its dimension.
    pub(crate) fn dimension(self) -> Dimension {
        match self {
            Self::Quantity(dimension) => dimension,
            Self::Share | Self::Loss => Dimension::NUMBER,
            Self::Rate => Dimension::FREQUENCY,
            Self::ThermalEnergy(_) => Dimension::ENERGY,
        }
    }
}

impl NumberKind {
    /// `text`, a number with a unit or without, as a number in [`NumberKind::unit`].
    ///
    /// # Errors
    /// [`UnitError`] if it is no such number.
    pub fn parse(self, text: &str) -> Result<f64, UnitError> {
        let Self { units, meaning } = self;
        match meaning {
            Meaning::Quantity(dimension) => units.parse(text, dimension),
            Meaning::Rate => units.parse_rate(text),
            Meaning::Share => units.parse_share(text),
            Meaning::Loss => match decibels(text) {
                Some(number) => units.parse(number, Dimension::NUMBER).map(|number| 1.0 - transmission(number)),
                None => units.parse_share(text),
            },
            Meaning::ThermalEnergy(scale) => match (kelvin(text), scale) {
                (Some(kelvin), Some(scale)) => Ok(scale.thermal_energy(kelvin, units)),
                _ => units.parse(text, Dimension::ENERGY),
            },
        }
    }

    /// The network's own unit of such numbers; empty where they have none.
    pub fn unit(self) -> &'static str {
        match self.meaning {
            Meaning::Rate => self.units.rate_symbol(),
            other => self.units.symbol(other.dimension()),
        }
    }
}

/// Dimensions of quantities that are typed with units.
const DIMENSIONS: [Dimension; 12] = [
    Dimension::TIME,
    Dimension::VOLTAGE,
    Dimension::CURRENT,
    Dimension::CONDUCTANCE,
    Dimension::CAPACITANCE,
    Dimension::IMPEDANCE,
    Dimension::FREQUENCY,
    Dimension::LENGTH,
    Dimension::VELOCITY,
    Dimension::ANGLE,
    Dimension::ENERGY,
    Dimension::TEMPERATURE,
];

/// A number of `unit` in the unit `into`; none if the two are no units of one dimension.
pub fn converted(number: f64, unit: &str, into: &str) -> Option<f64> {
    if unit == into {
        return Some(number);
    }
    if unit.is_empty() || into.is_empty() {
        return None;
    }
    DIMENSIONS.into_iter().find_map(|dimension| {
        let read = |text: String| UnitSystem::HodgkinHuxley.parse(&text, dimension).ok();
        Some(rounded(read(format!("{number} {unit}"))? / read(format!("1 {into}"))?, 12))
    })
}

/// The number of a loss in decibels; none of another text.
pub(crate) fn decibels(text: &str) -> Option<&str> {
    // `db` is no other unit.
    ["dB", "db", "DB"].iter().find_map(|unit| text.trim().strip_suffix(unit)).map(str::trim)
}

/// The power transmission of a loss in decibels.
pub(crate) fn transmission(decibels: f64) -> f64 {
    10_f64.powf(-decibels / 10.0)
}

/// A temperature with its unit, in kelvin; none of another text.
pub(crate) fn kelvin(text: &str) -> Option<f64> {
    let is_bare = text.trim().parse::<f64>().is_ok();
    UnitSystem::Si.parse(text, Dimension::TEMPERATURE).ok().filter(|_| !is_bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_however_it_is_typed() {
        let kind = |meaning| NumberKind { units: UnitSystem::HodgkinHuxley, meaning };
        let scale = LaboratoryScale { capacitance: 1e-12, voltage: 1e-6, time: 1e-9 };
        let cases = [
            (Meaning::Quantity(Dimension::TIME), ["0.5", "0.5 ms", "500us"], "ms"),
            (Meaning::Share, ["0.2", "20 %", "20%"], ""),
            (Meaning::Rate, ["0.05", "50 Hz", "50 1/s"], "1/ms"),
            (Meaning::Loss, ["0.9", "90 %", "10 dB"], ""),
            (Meaning::ThermalEnergy(Some(scale)), ["0", "0 pJ", "0 mK"], "uF mV²"),
        ];
        for (meaning, typed, unit) in cases {
            let read = typed.map(|text| kind(meaning).parse(text));
            assert!(read.iter().all(|one| *one == read[0] && one.is_ok()), "{meaning:?}: {read:?}");
            assert_eq!(kind(meaning).unit(), unit, "{meaning:?}");
        }
        let energy = kind(Meaning::ThermalEnergy(Some(scale))).parse("10 mK").unwrap();
        assert_eq!(energy, scale.thermal_energy(0.01, UnitSystem::HodgkinHuxley));
        assert!(kind(Meaning::ThermalEnergy(None)).parse("10 mK").is_err());
        assert!(kind(Meaning::Quantity(Dimension::NUMBER)).parse("20 %").is_err());
    }
}
