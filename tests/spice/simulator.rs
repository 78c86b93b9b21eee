//! Running ngspice, and what its steps come to.

use std::process::Command;

use qhh_net::Network;

use super::netlist;

/// Whether there is ngspice.
pub fn is_installed() -> bool {
    Command::new("ngspice").arg("--version").output().is_ok()
}

/// Voltages of all neurons as ngspice steps them.
pub struct Course {
    pub times: Vec<f64>,
    /// By neuron.
    pub voltages: Vec<Vec<f64>>,
}

/// The course of a network's mean field, at `part` of the usual step.
///
/// # Errors
/// What ngspice said where it did not reach the end.
pub fn course(network: &Network, part: f64) -> Result<Course, String> {
    let text = netlist::netlist(network, part, "table.txt")
        .unwrap_or_else(|what| panic!("`{}` cannot be told to ngspice: {what}", network.name));
    let course = course_of(&text, network.n_neurons())?;
    let end = course.times.last().copied().unwrap_or(0.0);
    if end <= 0.999 * network.simulation.duration { Err(format!("ngspice came to {end}")) } else { Ok(course) }
}

/// What a netlist comes to that writes time and the voltage of each neuron, side by side, to `table.txt`.
///
/// # Errors
/// What ngspice said where it wrote nothing.
pub fn course_of(text: &str, n_neurons: usize) -> Result<Course, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("network.cir"), text).unwrap();
    let done = Command::new("ngspice").args(["-n", "-b", "network.cir"]).current_dir(&folder).output().unwrap();
    let table = std::fs::read_to_string(folder.path().join("table.txt")).unwrap_or_default();
    let rows: Vec<Vec<f64>> =
        table.lines().map(|row| row.split_whitespace().map(|cell| cell.parse().unwrap()).collect()).collect();
    if rows.is_empty() {
        return Err((String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr)).into_owned());
    }
    let column = |k: usize| rows.iter().map(|row| row[k]).collect();
    Ok(Course { times: column(0), voltages: (1..=n_neurons).map(column).collect() })
}

impl Course {
    /// Upward crossings of the threshold by a neuron.
    pub fn crossings(&self, neuron: usize, threshold: f64) -> Vec<f64> {
        let steps = self.times.windows(2).zip(self.voltages[neuron].windows(2));
        let crossing = |(t, v): (&[f64], &[f64])| {
            let crosses = v[0] < threshold && v[1] >= threshold;
            crosses.then(|| t[0] + (threshold - v[0]) / (v[1] - v[0]) * (t[1] - t[0]))
        };
        steps.filter_map(crossing).collect()
    }

    /// The voltage of a neuron at `time`, between the points of ngspice.
    pub fn at(&self, neuron: usize, time: f64) -> f64 {
        let (times, voltages) = (&self.times, &self.voltages[neuron]);
        let after = times.partition_point(|t| *t < time).clamp(1, times.len() - 1);
        let part = (time - times[after - 1]) / (times[after] - times[after - 1]);
        voltages[after - 1] + part.clamp(0.0, 1.0) * (voltages[after] - voltages[after - 1])
    }
}
