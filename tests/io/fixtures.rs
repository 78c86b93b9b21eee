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

/// A file of neurons that are joined and differ from each other.
pub(crate) const JOINED: &str = "\
name: joined
simulation: {duration: 5 ms, precision: f32, sleep: off}
neurons:
  relay:
    count: 6
    membrane: {capacitance: {normal: {mean: 1 uF, deviation: 0.1 uF, low: 0.5 uF}}}
    channels:
      potassium: {conductance: [36 mS, 37 mS, 36, 36, 35, 34], reversal: -77 mV}
      sodium: {conductance: 120 mS, reversal: {uniform: [49 mV, 51 mV]}}
      chloride: {conductance: 0.3 mS, reversal: -54.387 mV}
    output: {capacitance: 0.3 uF, impedance: {linear: [3 kOhm, 4 kOhm]}}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
  hub:
    count: 4
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
    initial: {voltage: {uniform: [-1 mV, 1 mV]}, n: [0.1, 0.2, 0.3, 0.4]}
    output: {capacitance: 1 uF, impedance: 3 kOhm}
    inputs:
      near: {capacitance: 1 uF, impedance: 3 kOhm}
      far: {capacitance: [1 uF, 2 uF, 3 uF, 4 uF], impedance: 5 kOhm}
  duo:
    count: 2
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
    output: {capacitance: 1 uF, impedance: 3 kOhm}
    inputs: {lone: {capacitance: 1 uF, impedance: 3 kOhm}}
sources:
  bias: {into: relay, current: {shape: constant, amplitude: {linear: [6.3 uA, 20 uA]}}}
  kick: {into: ['relay[0]', 'hub[0]'], current: {shape: pulse, amplitude: [40 uA, -1 uA], start: 1 ms, duration: 2 ms}}
  hum: {into: hub, current: {shape: sine, amplitude: {normal: {mean: 1 uA, deviation: 1 uA}}, frequency: 80 Hz}}
waveguides:
  axon: {from: relay, to: relay, pattern: chain, delay: 1 ms}
  loop: {from: ['relay[3]', 'relay[0..1]'], pattern: ring, delay: [1 ms, 2 ms, 3 ms]}
  line: {from: 'relay[0..3]', to: hub, port: near, pattern: one-to-one, length: {uniform: [1 m, 2 m]}, velocity: 1e3 m/s}
  all: {from: relay, to: hub, port: far, pattern: all-to-all, delay: 1 ms, weight: {normal: {mean: 0, deviation: 1}}}
  layers: {from: ['relay[0..1]', 'relay[2..3]'], to: 'relay[4..5]', pattern: feedforward, delay: 1 ms, gain: 2}
  sizes: {from: relay, pattern: {feedforward: {layers: 3, fan_out: 1}}, delay: 1 ms}
  unequal: {from: relay, pattern: {feedforward: {layers: [1, 2, 3]}}, delay: 1 ms, transmission: {linear: [0.5, 1]}}
  drawn: {from: relay, to: relay, pattern: {fixed-fan-in: {k: 2}}, delay: 1 ms}
  chance: {from: relay, to: relay, pattern: {random: {probability: 0.5}}, delay: 1 ms, allow_self: true}
  world: {from: relay, pattern: {small-world: {neighbours: 2, rewire: 0.1}}, delay: 1 ms}
  grid: {from: relay, pattern: {grid: {width: 3}}, delay: 1 ms}
  torus: {from: relay, pattern: {grid: {width: 3, neighbours: 8, wrap: true}}, delay: 1 ms}
  pairs: {from: relay, to: hub, port: near, pattern: {pairs: [[0, 1], [5, 3]]}, delay: 1 ms, weight: [1, -0.5]}
  both: {from: 'duo[1]', to: 'duo[0]', pattern: one-to-one, delay: 1 ms, direction: two-way}
";

/// A neuron of the papers' channels, published ones and one written out, at a temperature.
pub(crate) const CHANNELS: &str = r#"
name: channels
simulation: {duration: 5 ms}
neurons:
  cell:
    count: 3
    temperature: 18.5
    membrane: {capacitance: 1 uF}
    channels:
      potassium: {conductance: [20 mS, 21 mS, 22 mS], reversal: -72 mV}
      na: {conductance: 120 mS, reversal: 55 mV, gating: sodium}
      slow: {conductance: {uniform: [7 mS, 9 mS]}, reversal: -84 mV, gating: morris-lecar-potassium, parameters: {phi: 0.0667}}
      leak: {conductance: 0.3 mS, reversal: -54.4 mV}
      calcium:
        conductance: 4.4 mS
        reversal: 120 mV
        parameters: {v1: -1.2, v2: 18}
        gates:
          m: {steady: "0.5*(1 + tanh((v - v1)/v2))", time_constant: 0 ms}
          h: {power: 2, opening: 0.3, closing: "0.1*exp(-v/20)", q10: {factor: 2.3, at: 22}}
          s: {steady: "1/(1 + exp(v/8))", time_constant: 250 us}
    initial: {voltage: -60 mV, n: 0.3, gates: {calcium: {h: [0.1, 0.2, 0.3]}, na: {h: 0.5}}}
sources:
  swing: {into: cell, current: {shape: sine, amplitude: 1 uA, frequency: 2 rad/ms}}
record:
  quantities: [voltage, g_K, g_na, i_calcium, calcium.m, calcium.h, slow.w, n, hysteresis, snapshot]
"#;

/// Twelve neurons with ports, and the beginning of waveguides among them.
pub(crate) const CELLS: &str = "\
name: ports
simulation: {duration: 5 ms}
neurons:
  relay:
    count: 12
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
    output: {capacitance: 0.3 uF, impedance: 3 kOhm}
    input: {capacitance: 1 uF, impedance: 3 kOhm}
waveguides:
  axon: ";
