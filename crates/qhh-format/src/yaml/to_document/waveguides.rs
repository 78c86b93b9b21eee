//! Waveguides as they are written.

use qhh_core::units::Dimension;
use qhh_net::network::{Delay, Direction, ParameterValues, Pattern, Waveguides};
use serde_yaml::Value;

use super::{Map, Speller, refer};

impl Speller<'_> {
    pub(super) fn waveguides(&self, waveguides: &Waveguides) -> Map {
        let entry = format!("waveguides.{}", waveguides.name);
        let filled = self.files.get(&entry).map_or(&[][..], |file| &file.fills);
        let mut map = Map::of("from", self.neurons(&waveguides.from));
        map.put("to", self.neurons(&waveguides.to));
        if let Some(port) = &waveguides.port {
            map.put("port", port.as_str());
        }
        map.put("pattern", self.pattern(&waveguides.pattern, &entry));
        let mut put = |key: &str, spread: &ParameterValues, dimension| {
            if !filled.contains(&key) {
                map.put(key, self.spread(spread, dimension, &format!("{entry}.{key}")));
            }
        };
        match &waveguides.delay {
            Delay::Time(delay) => put("delay", delay, Dimension::TIME),
            Delay::Length { length, velocity } => {
                put("length", length, Dimension::LENGTH);
                put("velocity", &ParameterValues::Same(*velocity), Dimension::VELOCITY);
            }
        }
        put("transmission", &waveguides.transmission, Dimension::NUMBER);
        put("weight", &waveguides.weight, Dimension::NUMBER);
        put("gain", &waveguides.gain, Dimension::NUMBER);
        let direction = match waveguides.direction {
            Direction::Isolated => "isolated",
            Direction::TwoWay => "two-way",
        };
        map.put("direction", direction);
        map.put("allow_self", waveguides.allow_self);
        map
    }

    fn pattern(&self, pattern: &Pattern, entry: &str) -> Value {
        let name = pattern.name();
        if let Some(file) = self.files.get(entry) {
            let mut map = Map::new();
            refer(&mut map, file);
            return Map::of("file", map).into();
        }
        let numbers = |list: &[usize]| list.iter().map(|&n| Value::from(n as u64)).collect::<Vec<_>>();
        let rule: Value = match pattern {
            Pattern::Chain | Pattern::Ring | Pattern::OneToOne | Pattern::AllToAll => return name.into(),
            Pattern::Feedforward { layers, fan_out } => {
                let mut map = Map::of("layers", numbers(layers));
                if let Some(fan_out) = fan_out {
                    map.put("fan_out", *fan_out as u64);
                }
                map.into()
            }
            Pattern::FixedFanIn { k } => Map::of("k", *k as u64).into(),
            Pattern::Random { probability } => Map::of("probability", *probability).into(),
            Pattern::SmallWorld { neighbours, rewire } => {
                let mut map = Map::of("neighbours", *neighbours as u64);
                map.put("rewire", *rewire);
                map.into()
            }
            Pattern::Grid { width, neighbours, wrap } => {
                let mut map = Map::of("width", *width as u64);
                map.put("neighbours", *neighbours as u64);
                map.put("wrap", *wrap);
                map.into()
            }
            Pattern::Pairs(pairs) => pairs
                .iter()
                .map(|&(i, j)| Value::from(vec![Value::from(i), Value::from(j)]))
                .collect::<Vec<_>>()
                .into(),
        };
        Map::of(name, rule).into()
    }
}
