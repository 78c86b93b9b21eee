//! A run that has every table, in every format.

use std::fs;

use qhh_results::tables::format::FORMATS;

use crate::place::Place;

/// Field modes with all their tables, and a second spike that some neurons lack: cells without a number.
pub(crate) const NETWORK: &str = "
name: relay
simulation: {duration: 24, step: 0.02}
quantum: {hbar: 1, fluctuations: heisenberg, modes: 256}
neurons:
  relay:
    count: 3
    membrane: {capacitance: 1}
    channels:
      potassium: {conductance: 36, reversal: -77}
      sodium: {conductance: 120, reversal: 50}
      chloride: {conductance: 0.3, reversal: -54.387}
    output: {capacitance: 0.3, impedance: 3}
    input: {capacitance: 1, impedance: 3}
sources:
  kick: {into: 'relay[0]', current: {shape: pulse, amplitude: 40, start: 1, duration: 2}}
  signal:
    into: 'relay[0]'
    wavepacket: {carrier: 6, envelope: gaussian, centre: 4, width: 0.5}
    state: {squeezed: {r: 1}}
waveguides:
  axon: {from: relay, pattern: chain, delay: 1, transmission: 0.8}
record:
  every: 0.5
  quantities: [voltage, variance, noise_budget, covariance, wave_out, snapshot]
  budget_of: ['relay[1].voltage at 6 ms']
";

/// A place with the results of this network in every format, each in the folder of its name.
pub(crate) fn with_every_format() -> Place {
    let place = Place::with(&[]);
    fs::write(place.path("relay.yaml"), NETWORK).unwrap();
    for format in FORMATS {
        assert!(format.is_built(), "tests are built with the format {}", format.name);
        place.done(&["run", "relay.yaml", "--format", format.name, "--out", format.name, "--quiet"]);
    }
    place
}

/// Names of the tables in a folder of a format.
pub(crate) fn tables(place: &Place, format: &str) -> Vec<String> {
    let end = format!(".{format}");
    place.names(format).iter().filter_map(|name| name.strip_suffix(&end).map(str::to_owned)).collect()
}
