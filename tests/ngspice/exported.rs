//! The netlist that the program writes of a network, run by ngspice, against the engine.

use qhh_core::units::UnitSystem;
use qhh_format::export::Export;
use qhh_net::network::Observable;
use qhh_net::{Network, RunOptions, run_with};

use crate::compare::{apart, range, spikes_of, turns};
use crate::spice::simulator::{self, Course};

/// How far a spike may be off, in ms, and how far a voltage may be from the threshold at a turn to count, of its range.
const SPIKE: f64 = 0.02;
const MARGIN: f64 = 0.02;

/// Spikes compared, their largest distance in ms, and that of recorded voltages in parts of their range.
#[derive(Debug, Default, Clone, Copy)]
pub struct Found {
    pub spikes: usize,
    pub worst: f64,
    pub voltage: f64,
}

impl Found {
    pub fn take(&mut self, other: Self) {
        self.spikes += other.spikes;
        (self.worst, self.voltage) = (self.worst.max(other.worst), self.voltage.max(other.voltage));
    }
}

/// What ngspice makes of the program's netlist, in the network's units.
fn course(network: &Network) -> Result<Course, String> {
    let text = Export::Spice.text(network).map_err(|error| error.to_string())?;
    let voltages: Vec<String> = (0..network.n_neurons()).map(|neuron| format!("v(v{neuron})")).collect();
    let tran = text.lines().find_map(|line| line.strip_prefix(".tran ")).ok_or("no .tran")?;
    let control = format!(
        ".control\nset wr_singlescale\nset numdgt=10\ntran {tran}\nwrdata table.txt {}\nquit\n.endc\n.end\n",
        voltages.join(" ")
    );
    let text = text.replace(&format!(".tran {tran}\n.end\n"), &control);
    let mut course = simulator::course_of(&text, network.n_neurons())?;
    let (volt, second) = if network.units == UnitSystem::HodgkinHuxley { (1e3, 1e3) } else { (1.0, 1.0) };
    course.times.iter_mut().for_each(|time| *time *= second);
    course.voltages.iter_mut().flatten().for_each(|voltage| *voltage *= volt);
    Ok(course)
}

/// # Errors
/// What is wrong, in a sentence.
pub fn compare(network: &Network) -> Result<Found, String> {
    let mut finer = network.clone();
    // The step's own error is not looked at here.
    finer.simulation.step *= 0.25;
    let outcome = run_with(&finer, RunOptions { threads: 2, longest_window: 0 }, &mut |_| {
        std::ops::ControlFlow::Continue(())
    });
    let outcome = match outcome {
        Err(qhh_net::RunError::NotFinite { .. }) if network.has_amplifiers() => return Ok(Found::default()),
        outcome => outcome.map_err(|error| error.to_string())?,
    };
    let (course, mut found) = (course(network)?, Found::default());
    let millisecond = 1.0 / network.rate_units().milliseconds;
    let threshold = network.simulation.spike_threshold.unwrap_or(0.0);
    let end = course.times.last().copied().unwrap_or(0.0);
    if end < 0.999 * network.simulation.duration {
        return Err(format!("ngspice came to {end}"));
    }
    for neuron in 0..network.n_neurons() {
        if let Some(ours) = outcome.traces.get(neuron, Observable::Voltage) {
            let theirs: Vec<f64> = outcome.traces.times.iter().map(|time| course.at(neuron, *time)).collect();
            // Where a voltage hardly moves, a millivolt is as good a measure.
            let range = range(ours).max(1.0 / network.rate_units().millivolts);
            found.voltage = found.voltage.max(apart(ours, &theirs) / range);
        }
        let voltage = &course.voltages[neuron];
        if turns(voltage, threshold) < MARGIN * range(voltage) {
            continue;
        }
        let (ours, theirs) = (spikes_of(&outcome, neuron), course.crossings(neuron, threshold));
        let gap = apart(&ours, &theirs) / millisecond;
        if gap > SPIKE {
            return Err(format!("neuron {neuron}: spikes at {ours:?} and {theirs:?}"));
        }
        found.spikes += ours.len();
        found.worst = found.worst.max(gap);
    }
    Ok(found)
}
