//! Random networks, and the netlists that the program writes of them.

use std::path::Path;

use qhh_format::yaml;

use crate::require::note;
use crate::trying::{all, finds_couplings_off, n_networks};
use crate::{exported, generate, random};

pub fn random_networks_agree_with_ngspice() {
    let mut worst = random::Found::default();
    let networks = (0..n_networks().div_ceil(10)).map(generate::network);
    all(networks, random::compare, |found| worst.take(found));
    note!("{worst}");
    assert!(worst.mostly_settled(), "too many networks tell nothing");
}

/// The netlist that users get is written by the program itself, from what it resolved.
pub fn exported_netlists_have_the_same_spikes() {
    let mut worst = exported::Found::default();
    let networks = (0..2 * n_networks()).map(generate::network);
    all(networks, exported::compare, |found| worst.take(*found));
    note!("{worst:?}");
    assert!(worst.spikes >= 2 * n_networks(), "too few spikes tell anything: {worst:?}");
    assert!(worst.voltage < 0.05, "{worst:?}");
}

/// Channels of the library and written out, instantaneous gates, and gates that follow a detector.
pub fn exported_netlists_know_every_channel() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (file, set, spikes) in [
        ("networks/connor_stevens.yaml", "", 3),
        ("networks/morris_lecar.yaml", "", 3),
        ("networks/fast_spiking.yaml", "", 3),
        ("networks/custom_channel.yaml", "", 0),
        ("networks/chain.yaml", "{impedance: 30 kOhm, response_time: 0.1 ms}", 4),
    ] {
        let mut overrides = vec![yaml::Override { path: "quantum.hbar".to_owned(), value: "0.5".to_owned() }];
        if set.is_empty() {
            overrides.clear();
        } else {
            overrides.push(yaml::Override { path: "neurons.relay.sense".to_owned(), value: set.to_owned() });
        }
        let network = yaml::load(&folder.join(file), &overrides).unwrap().network.into_network();
        let found = exported::compare(&network).unwrap_or_else(|problem| panic!("{file}: {problem}"));
        note!("{file}: {found:?}");
        assert!(found.spikes >= spikes, "{file}: {found:?}");
        assert!(found.voltage < if spikes == 0 { 1e-3 } else { 0.1 }, "{file}: {found:?}");
    }
}

pub fn couplings_a_little_off_are_found_by_ngspice() {
    finds_couplings_off((0..10).map(generate::network), random::against, "apart from ngspice");
}
