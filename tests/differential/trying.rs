//! Random networks as their files give them, compared, and made smaller where that fails.

use std::path::{Path, PathBuf};

use qhh_core::source::{Current, Shape};
use qhh_format::yaml::{self, Reading, Template, UncheckedNetwork};
use qhh_net::Network;
use qhh_net::network::{Drive, ParameterValues};

use crate::cases::DIFFERENTIAL;
use crate::shrink;

pub fn n_networks() -> usize {
    std::env::var("QHH_DIFFERENTIAL")
        .map_or(DIFFERENTIAL.number(), |number| number.parse().expect("QHH_DIFFERENTIAL is a number"))
}

/// Any file; its network is replaced.
const ANY: &str = "{name: any, simulation: {duration: 1 ms}, neurons: {any: {circuit: single-channel, \
    membrane: {capacitance: 1 uF}, channels: {potassium: {conductance: 36 mS}}}}}";

/// A network as its file gives it, and the file; none if it cannot run. With samples of a current, as it is.
pub fn as_file(network: &Network) -> Option<(Network, String)> {
    // Samples stand in a file of their own, which a network alone does not have.
    let sampled = |drive: &Drive| matches!(drive, Drive::Current(Current { shape: Shape::Samples { .. }, .. }));
    if network.sources.iter().any(|source| sampled(&source.drive)) {
        return network.check().is_empty().then(|| (network.clone(), format!("{network:#?}")));
    }
    let template = Template::load_text(Path::new("any.yaml"), ANY, &Reading::default(), &[]).unwrap();
    let mut draft: UncheckedNetwork = template.at(&[]).unwrap();
    *draft.network_mut() = network.clone();
    let written = draft.check().ok()?.yaml;
    let read = |text: &str| yaml::load_text(Path::new("random.yaml"), text, &[]);
    let loaded =
        read(&written).unwrap_or_else(|error| panic!("what is written does not read: {error}\n{written}"));
    let again = read(&loaded.yaml).unwrap();
    assert!(again.network == loaded.network, "it reads back as another network:\n{written}");
    Some((loaded.network.into_network(), loaded.yaml))
}

/// Compares, and if that fails writes the smallest network that still fails.
fn tried<T>(network: &Network, compare: impl Fn(&Network) -> Result<T, String>) -> Result<T, String> {
    let name = network.name.clone();
    let (network, _) = as_file(network).unwrap();
    let problem = match compare(&network) {
        Ok(found) => return Ok(found),
        Err(problem) => problem,
    };
    let fails = |network: &Network| as_file(network).and_then(|(network, _)| compare(&network).err());
    let (small, problem) = shrink::shrink(network, problem, &fails);
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.yaml"));
    std::fs::write(&file, as_file(&small).unwrap().1).unwrap();
    Err(format!(
        "network {name}, made smaller: {problem}\n  NETWORK={} cargo test -p qhh-results --test {} -- --nocapture {}",
        file.display(),
        env!("CARGO_CRATE_NAME"),
        crate::GIVEN,
    ))
}

/// Compares networks, and takes in what each comes to; a few that fail are enough.
pub fn all<T>(
    networks: impl Iterator<Item = Network>,
    compare: impl Fn(&Network) -> Result<T, String>,
    mut take: impl FnMut(&T),
) {
    let mut failures = Vec::new();
    for network in networks {
        match tried(&network, &compare) {
            Ok(found) => take(&found),
            Err(failure) => failures.push(failure),
        }
        if failures.len() > 4 {
            break;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn is_coupled(network: &Network) -> bool {
    network.waveguides.iter().any(|entry| network.n_arms(entry) > 0)
}

/// The network with waveguides that let through a hundredth less of the amplitude.
fn couplings_off(network: &Network) -> Network {
    let mut other = network.clone();
    for entry in &mut other.waveguides {
        entry.transmission = match entry.transmission {
            ParameterValues::Uniform { low, high } => {
                ParameterValues::Uniform { low: 0.98 * low, high: 0.98 * high }
            }
            ref all => ParameterValues::Same(0.98 * all.range().0),
        };
    }
    other
}

/// What a comparison is worth: couplings that are off by a part in a hundred are told, by the expected word, in most
/// networks that have any, but for those in which hardly anything happens.
pub fn finds_couplings_off<T>(
    networks: impl Iterator<Item = Network>,
    against: impl Fn(&Network, &Network) -> Result<T, String>,
    word: &str,
) {
    let (mut coupled, mut found) = (0, 0);
    for network in networks.map(|network| as_file(&network).unwrap().0).filter(is_coupled) {
        let problem = against(&network, &couplings_off(&network)).err();
        coupled += 1;
        found += usize::from(problem.is_some_and(|problem| problem.contains(word)));
    }
    println!("couplings a hundredth off: found in {found} of {coupled} networks");
    assert!(2 * found > coupled, "found in {found} of {coupled} networks");
}
