//! Sources as they are written.

use num_complex::Complex64;
use qhh_core::quantum::{Parity, State};
use qhh_core::source::{Current, Draws, Envelope, ModeSource, Pulse, PulseTimes, Shape, Train};
use qhh_core::units::Dimension;
use qhh_net::network::{Drive, Source};
use serde_yaml::Value;

use super::{Map, Speller, refer};

impl Speller<'_> {
    pub(super) fn source(&self, source: &Source) -> Map {
        let mut map = Map::of("into", self.neurons(&source.targets));
        match &source.drive {
            Drive::Current(current) => map.put("current", self.current(current, source)),
            Drive::Mode(mode) => {
                map.put("current", self.mode(mode));
                map.put("state", state(&mode.state));
            }
            Drive::Packet(packet) => {
                let mut wavepacket = Map::new();
                self.packet(&packet.packet, &mut wavepacket);
                map.put("wavepacket", wavepacket);
                if let Some(port) = self.several_inputs(source).and_then(|inputs| inputs.get(packet.input)) {
                    map.put("port", port.as_str());
                }
                map.put("state", state(&packet.state));
            }
        }
        map
    }

    /// Names of the input ports of the neurons a source feeds, if they have several.
    fn several_inputs(&self, source: &Source) -> Option<&[String]> {
        let (population, _) = self.network.locate(source.targets.iter().next()?)?;
        (population.inputs.len() > 1).then_some(&population.inputs)
    }

    fn current(&self, current: &Current, source: &Source) -> Map {
        let ampere = |value| self.quantity(value, Dimension::CURRENT);
        let entry = format!("sources.{}", source.name);
        // Amplitudes of their own are factors on a current of 1.
        let amplitude = |value| match &source.scale {
            Some(scale) => self.spread(scale, Dimension::CURRENT, &format!("{entry}.amplitude")),
            None => ampere(value),
        };
        let mut map = Map::new();
        match &current.shape {
            Shape::Constant { amplitude: value } => {
                map.put("shape", "constant");
                map.put("amplitude", amplitude(*value));
            }
            Shape::Sine { amplitude: value, omega, phase } => {
                map.put("shape", "sine");
                map.put("amplitude", amplitude(*value));
                map.put("frequency", self.quantity(*omega, Dimension::FREQUENCY));
                map.put("phase", *phase);
            }
            Shape::Ramp { from, to } => {
                map.put("shape", "ramp");
                map.put("from", ampere(*from));
                map.put("to", ampere(*to));
            }
            Shape::Noise { mean, deviation, interval, draws } => {
                map.put("shape", "noise");
                map.put("amplitude", ampere(*deviation));
                map.put("mean", ampere(*mean));
                map.put("interval", self.time(*interval));
                map.put("shared", matches!(draws, Draws::Shared { .. }));
            }
            Shape::Train(train) => {
                self.train(train, &mut map);
                map.put("amplitude", amplitude(train.amplitude));
            }
            Shape::Samples { .. } => {
                map.put("shape", "file");
                if let Some(file) = self.files.get(&entry) {
                    refer(&mut map, file);
                }
            }
        }
        let times = if let Shape::Train(train) = &current.shape { Some(&train.times) } else { None };
        // Listed pulses begin with the first of them, and neither they nor regular ones are switched off.
        if !matches!(times, Some(PulseTimes::Listed { .. })) {
            map.put("start", self.time(current.start));
        }
        if !matches!(times, Some(PulseTimes::Listed { .. } | PulseTimes::Regular { .. })) {
            map.put("stop", self.time(current.stop));
        }
        map
    }

    fn train(&self, train: &Train, map: &mut Map) {
        match &train.times {
            &PulseTimes::Regular { period, count, jitter } => {
                map.put("shape", "pulse");
                map.put("period", self.time(period));
                if let Some(count) = count {
                    map.put("count", count);
                }
                map.put("jitter", self.time(jitter));
            }
            PulseTimes::Listed { times, jitter } => {
                map.put("shape", "pulse");
                map.put("times", times.iter().map(|time| self.time(*time)).collect::<Vec<_>>());
                map.put("jitter", self.time(*jitter));
            }
            &PulseTimes::Poisson { rate, dead_time } => {
                map.put("shape", "poisson");
                map.put("rate", self.rate(rate));
                map.put("dead_time", self.time(dead_time));
            }
        }
        match train.pulse {
            Pulse::Rectangle { duration } => map.put("duration", self.time(duration)),
            Pulse::Exponential { decay } => map.put("decay", self.time(decay)),
            Pulse::Alpha { peak } => map.put("peak_after", self.time(peak)),
        }
        map.put("shared", matches!(train.draws, Draws::Shared { .. }));
    }

    fn mode(&self, mode: &ModeSource) -> Map {
        let mut map = Map::of("shape", "mode");
        map.put("zero_point", self.quantity(mode.zero_point, Dimension::CURRENT));
        map.put("frequency", self.quantity(mode.omega, Dimension::FREQUENCY));
        map.put("start", self.time(mode.start));
        map.put("stop", self.time(mode.stop));
        if let Some(Envelope::Gaussian { centre, width }) = mode.envelope {
            let mut gaussian = Map::of("centre", self.time(centre));
            gaussian.put("width", self.time(width));
            map.put("envelope", Map::of("gaussian", gaussian));
        }
        map
    }
}

fn state(state: &State) -> Value {
    match state {
        State::Vacuum => "vacuum".into(),
        State::Coherent(alpha) => Map::of("coherent", complex(Map::new(), *alpha)).into(),
        State::Squeezed { r, phase, displacement } => {
            let mut map = Map::of("r", *r);
            map.put("phase", *phase);
            map.put("displacement", complex(Map::new(), *displacement));
            Map::of("squeezed", map).into()
        }
        State::Thermal { photons } => Map::of("thermal", Map::of("photons", *photons)).into(),
        State::Fock { n } => Map::of("fock", Map::of("n", *n)).into(),
        State::Cat { amplitude, parity } => {
            let mut map = complex(Map::new(), *amplitude);
            let parity = match parity {
                Parity::Even => "even",
                Parity::Odd => "odd",
            };
            map.put("parity", parity);
            Map::of("cat", map).into()
        }
        State::Superposition(terms) => {
            let term = |(n, c): &(u32, Complex64)| Value::from(complex(Map::of("n", *n), *c));
            Map::of("superposition", terms.iter().map(term).collect::<Vec<_>>()).into()
        }
    }
}

/// Adds a complex number: modulus and argument where they give the very same number back, else its two parts.
fn complex(mut map: Map, z: Complex64) -> Map {
    let (modulus, argument) = z.to_polar();
    if Complex64::from_polar(modulus, argument) == z {
        map.put("amplitude", modulus);
        map.put("phase", argument);
    } else {
        map.put("real", z.re);
        map.put("imaginary", z.im);
    }
    map
}
