//! A network told in another system of units, value by value, and its outcome told back.
//!
//! What it says is the same, so the engine must come to the same numbers; the reference knows one system alone.

use nalgebra::DMatrix;
use qhh_core::channel::Channel;
use qhh_core::circuit::{Circuit, Initial, Inputs};
use qhh_core::port::Port;
use qhh_core::source::{Current, Envelope, Pulse, PulseTimes, Shape, Train};
use qhh_core::units::UnitSystem;
use qhh_net::network::{Delay, Drive, Observable, Parameter, ParameterValues, StartValue};
use qhh_net::{Network, Outcome};

/// Units of voltage, time and conductance in the other system.
#[derive(Clone, Copy)]
pub struct Units {
    system: UnitSystem,
    voltage: f64,
    time: f64,
    conductance: f64,
}

impl Units {
    /// One of the systems for each network, by its seed. Bare numbers are those of `hodgkin-huxley` units.
    pub fn of(network: &Network) -> Self {
        match network.simulation.seed % 3 {
            0 => Self { system: UnitSystem::Si, voltage: 1e3, time: 1e3, conductance: 1e3 },
            1 => Self { system: UnitSystem::Raw, voltage: 1.0, time: 1.0, conductance: 1.0 },
            _ => Self { system: UnitSystem::HodgkinHuxley, voltage: 1.0, time: 1.0, conductance: 1.0 },
        }
    }

    /// SI, of a circuit that is faster and smaller than the network by odd factors, by its seed: what fluctuates at the start
    /// is the same in units of it, for the gates' rates, which stay those of milliseconds, have had no time.
    pub fn of_another_size(network: &Network) -> Self {
        let seed = network.simulation.seed;
        let (faster, smaller) =
            ([1.0, 3.7e2, 2.1e6][(seed % 3) as usize], [1.0, 7.3e-9, 4.9e5][(seed / 3 % 3) as usize]);
        Self { system: UnitSystem::Si, voltage: 1e3, time: 1e3 * faster, conductance: 1e3 * smaller }
    }

    /// Moments of two voltages told in these units, told back.
    pub fn moments_back(self, moments: DMatrix<f64>) -> DMatrix<f64> {
        moments * self.voltage.powi(2)
    }

    fn current(self) -> f64 {
        self.voltage * self.conductance
    }

    fn capacitance(self) -> f64 {
        self.conductance * self.time
    }

    fn energy(self) -> f64 {
        self.capacitance() * self.voltage * self.voltage
    }

    /// The network, every value divided by the unit it is told in.
    pub fn told(self, network: &Network) -> Network {
        let mut other = network.clone();
        other.units = self.system;
        let simulation = &mut other.simulation;
        simulation.duration /= self.time;
        simulation.step /= self.time;
        simulation.spike_threshold = simulation.spike_threshold.map(|voltage| voltage / self.voltage);
        other.record.every /= self.time;
        if let Some(quantum) = &mut other.quantum {
            quantum.hbar /= self.energy() * self.time;
            quantum.thermal_energy /= self.energy();
            quantum.cutoff *= self.time;
        }
        for population in &mut other.populations {
            population.circuit = self.circuit(&population.circuit);
            if let Initial::Given { voltage: Some(voltage), .. } = &mut population.initial {
                *voltage /= self.voltage;
            }
            for variation in &mut population.varied {
                let unit = match variation.parameter {
                    Parameter::Capacitance | Parameter::PortCapacitance(_) => self.capacitance(),
                    Parameter::Conductance(_) => self.conductance,
                    Parameter::PortImpedance(_) => 1.0 / self.conductance,
                    Parameter::Reversal(_) | Parameter::Initial(StartValue::Voltage) => self.voltage,
                    Parameter::Initial(_) => 1.0,
                };
                variation.values = over(&variation.values, unit);
            }
        }
        for entry in &mut other.waveguides {
            match &mut entry.delay {
                Delay::Time(time) => *time = over(time, self.time),
                Delay::Length { velocity, .. } => *velocity *= self.time,
            }
        }
        for source in &mut other.sources {
            self.drive(&mut source.drive);
        }
        other
    }

    fn circuit(self, circuit: &Circuit) -> Circuit {
        let channel = |channel: &Channel| Channel {
            conductance: channel.conductance / self.conductance,
            reversal: channel.reversal.map(|voltage| voltage / self.voltage),
            ..channel.clone()
        };
        let port = |port: Port| Port {
            capacitance: port.capacitance / self.capacitance(),
            impedance: port.impedance * self.conductance,
        };
        let inputs: Vec<Port> = circuit.inputs.iter().map(port).collect();
        Circuit {
            capacitance: circuit.capacitance / self.capacitance(),
            channels: circuit.channels.iter().map(channel).collect(),
            output: circuit.output.map(port),
            inputs: Inputs::several(&inputs).expect("as many as there were"),
            sense: None,
        }
    }

    fn drive(self, drive: &mut Drive) {
        let (current, time) = (self.current(), self.time);
        match drive {
            Drive::Current(Current { shape, start, stop }) => {
                (*start, *stop) = (*start / time, *stop / time);
                match shape {
                    Shape::Constant { amplitude } => *amplitude /= current,
                    Shape::Sine { amplitude, omega, .. } => {
                        (*amplitude, *omega) = (*amplitude / current, *omega * time);
                    }
                    Shape::Ramp { from, to } => (*from, *to) = (*from / current, *to / current),
                    Shape::Noise { mean, deviation, interval, .. } => {
                        (*mean, *deviation, *interval) = (*mean / current, *deviation / current, *interval / time);
                    }
                    Shape::Train(Train { pulse, amplitude, times, .. }) => {
                        *amplitude /= current;
                        match pulse {
                            Pulse::Rectangle { duration: of } | Pulse::Exponential { decay: of } => *of /= time,
                            Pulse::Alpha { peak } => *peak /= time,
                        }
                        match times {
                            PulseTimes::Regular { period, jitter, .. } => {
                                (*period, *jitter) = (*period / time, *jitter / time);
                            }
                            PulseTimes::Listed { times, jitter } => {
                                for of in times {
                                    *of /= time;
                                }
                                *jitter /= time;
                            }
                            PulseTimes::Poisson { rate, dead_time } => {
                                (*rate, *dead_time) = (*rate * time, *dead_time / time);
                            }
                        }
                    }
                    Shape::Samples { points } => {
                        for (t, value) in points {
                            (*t, *value) = (*t / time, *value / current);
                        }
                    }
                }
            }
            Drive::Mode(mode) => {
                mode.zero_point /= current;
                mode.omega *= time;
                (mode.start, mode.stop) = (mode.start / time, mode.stop / time);
                if let Some(Envelope::Gaussian { centre, width }) = &mut mode.envelope {
                    (*centre, *width) = (*centre / time, *width / time);
                }
            }
            Drive::Packet(source) => {
                source.packet.carrier *= time;
                source.packet.centre /= time;
                source.packet.width /= time;
            }
        }
    }

    /// Spikes and voltages of an outcome, told back.
    pub fn back(self, mut outcome: Outcome) -> Outcome {
        outcome.spikes.iter_mut().for_each(|spike| spike.time *= self.time);
        for trace in outcome.traces.columns.iter_mut().filter(|trace| trace.observable == Observable::Voltage) {
            trace.values.iter_mut().for_each(|value| *value *= self.voltage);
        }
        outcome
    }
}

fn over(spread: &ParameterValues, unit: f64) -> ParameterValues {
    match *spread {
        ParameterValues::Same(value) => ParameterValues::Same(value / unit),
        ParameterValues::Each(ref values) => {
            ParameterValues::Each(values.iter().map(|value| value / unit).collect())
        }
        ParameterValues::Linear { from, to } => ParameterValues::Linear { from: from / unit, to: to / unit },
        ParameterValues::Uniform { low, high } => ParameterValues::Uniform { low: low / unit, high: high / unit },
        ParameterValues::Normal { mean, deviation, low, high } => ParameterValues::Normal {
            mean: mean / unit,
            deviation: deviation / unit,
            low: low / unit,
            high: high / unit,
        },
    }
}
