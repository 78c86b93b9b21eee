//! The pages of the shipped networks in a browser, as the program writes them.

use std::path::Path;

use crate::browser;
use crate::place::{Place, run_shipped};

#[test]
fn the_pages_of_the_shipped_networks_are_sound_in_a_browser() {
    if browser::chromium().is_none() {
        return;
    }
    let place = Place::with(&[]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../networks");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "yaml") {
            place.done(&run_shipped(&file));
            names.push(file.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    place.done(&["compare", "paper_three_channel", "paper_single_channel", "paper_three_channel_independent"]);
    // Two axes and repeats, words on an axis, a threshold.
    assert!(names.len() > 15, "{names:?}");
    let sweeps = ["volleys", "jitter_and_hbar", "critical_transmission"];
    for sweep in sweeps {
        let file = folder.join(format!("experiments/{sweep}.yaml"));
        place.done(&["sweep", file.to_str().unwrap(), "--out", sweep]);
        names.push(sweep.to_owned());
    }
    let mut pages: Vec<(&str, String)> =
        names.iter().map(|name| (name.as_str(), place.read(&format!("{name}/report.html")))).collect();
    pages.push(("compare", place.read("compare.html")));
    let pages: Vec<(&str, &str)> = pages.iter().map(|(name, html)| (*name, html.as_str())).collect();
    browser::assert_sound(&pages);
}
