//! Network files that several tests read.

/// One potassium neuron, the least a file must say.
pub(crate) const LEAST: &str = "\
name: least
simulation: {duration: 5 ms}
neurons:
  cell:
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
";

/// A file that uses nearly everything.
pub(crate) const FULL: &str = "\
name: full
description: 'no: not \"yes\"'
simulation: {duration: 40 ms, method: langevin, seed: 18446744073709551615}
quantum:
  scale: {capacitance: 1 pF, voltage: 1 uV, time: 1 ns}
  temperature: 10 mK
neurons:
  relay:
    count: 6
    membrane: {capacitance: 1000 nF}
    channels: &squid
      potassium: {conductance: 36 mS, reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: 50 mV}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
    output: {capacitance: 0.3 µF, impedance: 3kΩ}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
  lone:
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36}}
    initial: {voltage: -60 mV, n: 0.4}
sources:
  steady: {into: relay, current: {shape: constant, amplitude: 3 uA}}
  kick: {into: 'relay[0]', current: {shape: pulse, amplitude: 40 uA, start: 5 ms, duration: 2 ms}}
  swing: {into: ['relay[1..3]', lone], current: {shape: sine, amplitude: 1 uA, frequency: 80 Hz, phase: 90 deg}}
  slope: {into: lone, current: {shape: ramp, to: 5 uA, start: 1 ms, stop: 9 ms}}
  hiss: {into: relay, current: {shape: noise, amplitude: 1 uA, interval: 0.1 ms, stop: end}}
  light:
    into: relay[5]
    current: {shape: mode, zero_point: 0.5 uA, frequency: 10 rad/ms, envelope: gaussian, centre: 7 ms, width: 1 ms}
    state: {squeezed: {r: 0.8, phase: 0.6, displacement: {amplitude: 7, phase: 1.57}}}
";
