//! Reference data: where it comes from stands in `tests/data/README.md`.

use std::path::PathBuf;

use crate::gaps::largest_gap;

/// A reference table: names of the columns, then the columns.
pub struct Reference {
    names: Vec<String>,
    columns: Vec<Vec<f64>>,
}

fn read(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/data").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Reference {
    pub fn load(name: &str) -> Self {
        let text = read(name);
        let mut lines = text.lines();
        let names: Vec<String> = lines.next().unwrap().split(',').map(str::to_owned).collect();
        let mut columns = vec![Vec::new(); names.len()];
        for line in lines {
            for (column, cell) in columns.iter_mut().zip(line.split(',')) {
                column.push(cell.parse().unwrap());
            }
        }
        Self { names, columns }
    }

    pub fn column(&self, name: &str) -> &[f64] {
        let place = self.names.iter().position(|n| n == name).unwrap_or_else(|| panic!("no column {name}"));
        &self.columns[place]
    }
}

/// A reference that is no table.
pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_str(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Spike times of the squid axon under a current step of 5, 7, 10 or 20 uA.
pub fn squid_spikes(current: &str) -> Vec<f64> {
    let text = read("squid_step_spikes.json");
    let after = &text[text.find(&format!("\"{current}\": [")).unwrap()..];
    let list = &after[after.find('[').unwrap() + 1..after.find(']').unwrap()];
    list.split(',').map(|t| t.trim().parse().unwrap()).collect()
}

/// Spike times of each neuron of a network.
pub fn neuron_spikes(name: &str) -> Vec<Vec<f64>> {
    let text = read(name);
    let mut lists = text[text.find("\"spikes\"").unwrap()..].split('[').skip(2);
    let mut spikes = Vec::new();
    for list in &mut lists {
        let times = &list[..list.find(']').unwrap()];
        spikes.push(times.split(',').map(|t| t.trim().parse().unwrap()).collect());
    }
    spikes
}

/// Largest distance between two columns, as a part of the reference's range.
pub fn worst_of_range(values: &[f64], reference: &[f64]) -> f64 {
    assert_eq!(values.len(), reference.len());
    let high = reference.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let low = reference.iter().copied().fold(f64::INFINITY, f64::min);
    let gap = largest_gap(values, reference);
    if high > low { gap / (high - low) } else { gap }
}
