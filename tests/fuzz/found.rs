//! What once hurt, as it was found.

use crate::targets;

/// It spelled out a pulse that ends when it starts, which it then refused itself.
#[test]
fn a_pulse_too_short_for_its_start_is_refused() {
    let file = "\
name: late
simulation: {duration: 60 ms}
neurons:
  cell:
    circuit: single-channel
    membrane: {capacitance: 1 uF}
    channels: {potassium: {conductance: 36 mS}}
sources:
  kick: {into: cell, current: {shape: pulse, amplitude: 40 uA, start: 18446744073709551616 ms, duration: 2 ms}}
";
    targets::loader()(file.as_bytes());
}
