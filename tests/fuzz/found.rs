//! What once hurt, as it was found.

use crate::{examples, targets};

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

/// Input 427549 of a million: a last line that ends in a carriage return was none, until the line was ended.
#[test]
fn a_journal_reads_the_same_before_and_after_its_last_line_is_ended() {
    let line = &examples::journals()[0];
    let cut = [line.strip_suffix(b"\n").unwrap(), b"\r"].concat();
    targets::journal()(&cut);
}
