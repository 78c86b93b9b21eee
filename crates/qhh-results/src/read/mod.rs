//! A results' folder back into a finished run.

mod fluctuations;
mod tables;

use std::fs;
use std::path::Path;

use qhh_net::Network;
use qhh_net::outcome::{
    Approximation, Check, CutoffDependence, CutoffRow, Ensemble, Extremes, NeuronVariance, Outcome, OutputStates,
};

use super::files::{INPUT, NETWORK, STATES, SUMMARY, without_header};
use super::summary::OutcomeSummary;
use super::{FinishedRun, ResultsError, StatesSummary, Summary};
use qhh_format::yaml::{self, Attachment};
use tables::Reader;

/// Reads the folder of an earlier run.
///
/// # Errors
/// [`ResultsError`] if the folder is missing, incomplete, or none that this program wrote.
pub fn read(folder: &Path) -> Result<FinishedRun, ResultsError> {
    open(folder).map(|opened| opened.run)
}

/// A run as its folder has it.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The run.
    pub run: FinishedRun,
    /// The summary as it stands in the folder.
    pub summary: Summary,
    /// Data files of the network.
    pub attachments: Vec<Attachment>,
}

/// [`read`], with what else is in the folder.
///
/// # Errors
/// As [`read`].
pub fn open(folder: &Path) -> Result<Opened, ResultsError> {
    if !folder.is_dir() {
        return Err(ResultsError::no_folder(folder));
    }
    let summary: Summary = serde_json::from_str(&text(folder, SUMMARY)?)
        .map_err(|cause| ResultsError::foreign(&folder.join(SUMMARY), cause.to_string()))?;
    let network_text = text(folder, NETWORK)?;
    let loaded = yaml::load(&folder.join(NETWORK), &[])
        .map_err(|cause| ResultsError::Network { folder: folder.to_owned(), cause: Box::new(cause) })?;
    let (network, attachments) = (loaded.network.into_network(), loaded.attachments);
    let network = match &summary.incomplete {
        Some(incomplete) => network.until(incomplete.until),
        None => network,
    };
    let reader = Reader::new(folder, &network);
    let traces = reader.traces()?;
    let outcome = &summary.outcome;
    let fluctuated = fluctuations::read(&reader, &network, outcome, traces.times.len())?;
    let outcome = Outcome {
        space_time: outcome.space_time.map(|summary| reader.space_time(summary)).transpose()?,
        waves: outcome.waves.as_ref().map(super::WavesSummary::balance),
        conduction: outcome.conduction.iter().map(super::ConductionSummary::conduction).collect(),
        // For other runs alone, which read them as data files.
        ends: Vec::new(),
        spikes: reader.spikes()?,
        extremes: reader.extremes(outcome)?,
        variances: reader.variances(outcome, traces.times.len(), fluctuated.ensemble.as_ref())?,
        jitter: fluctuated.jitter,
        budget: fluctuated.budget,
        origins: fluctuated.origins,
        covariances: fluctuated.covariances,
        responses: fluctuated.responses,
        states: reader.states(&network)?,
        frequencies: outcome.frequencies,
        ensemble: fluctuated.ensemble,
        loops: reader.loops(&outcome.hysteresis)?,
        checks: outcome.checks.iter().map(check).collect(),
        approximations: outcome
            .approximations
            .iter()
            .map(|a| Approximation { name: a.name.clone(), statement: a.statement.clone() })
            .collect(),
        // Among the run's own.
        warnings: Vec::new(),
        n_steps: outcome.n_steps,
        n_neurons: outcome.n_neurons,
        traces,
    };
    let network_yaml = without_header(&network_text, &summary.version).to_owned();
    let run = FinishedRun {
        network,
        network_yaml,
        input: if folder.join(INPUT).is_file() { text(folder, INPUT)? } else { String::new() },
        warnings: summary.warnings.clone(),
        outcome,
        cost: summary.cost,
        version: summary.version.clone(),
        verification: summary.verification.clone(),
        incomplete: summary.incomplete.clone(),
        set: summary.set.clone(),
    };
    Ok(Opened { run, summary, attachments })
}

fn text(folder: &Path, file: &'static str) -> Result<String, ResultsError> {
    let path = folder.join(file);
    if !path.is_file() {
        return Err(ResultsError::Missing { folder: folder.to_owned(), file: file.to_owned() });
    }
    fs::read_to_string(&path).map_err(ResultsError::reading(&path))
}

fn check(summary: &super::CheckSummary) -> Check {
    Check {
        name: summary.name.clone().into(),
        meaning: summary.meaning.clone().into(),
        defect: summary.defect,
        expected_below: summary.expected_below,
    }
}

impl Reader<'_> {
    fn states(&self, network: &Network) -> Result<Option<OutputStates>, ResultsError> {
        if network.modes.is_empty() {
            return Ok(None);
        }
        let summary: StatesSummary = serde_json::from_str(&text(self.folder, STATES)?)
            .map_err(|cause| ResultsError::foreign(&self.folder.join(STATES), cause.to_string()))?;
        // Of dominant modes there may be fewer than wanted.
        let n = summary.modes.len();
        let most: usize = network.modes.iter().map(|mode| mode.names().len()).sum();
        let square = |rows: &Vec<Vec<[f64; 2]>>| rows.len() == n && rows.iter().all(|row| row.len() == n);
        let moments = &summary.moments;
        let whole = [&moments.n, &moments.m, &moments.commutator].into_iter().all(square);
        let sources = summary.sources.iter().all(|source| source.mu.len() == n && source.nu.len() == n);
        let named = summary.modes.iter().all(|mode| self.has(&mode.neuron));
        if whole && sources && named && (network.modes.len()..=most).contains(&n) {
            Ok(Some(summary.states(network, |name| self.find(name).unwrap_or_default())))
        } else {
            let problem = format!("the network has {} modes, the file others", network.modes.len());
            Err(ResultsError::foreign(&self.folder.join(STATES), problem))
        }
    }

    fn extremes(&self, summary: &OutcomeSummary) -> Result<Vec<Extremes>, ResultsError> {
        let one = |voltage: &super::NeuronVoltage| {
            Ok(Extremes {
                neuron: self.number(SUMMARY, &voltage.neuron)?,
                highest: (voltage.highest, voltage.highest_time),
                lowest: (voltage.lowest, voltage.lowest_time),
            })
        };
        summary.voltages.iter().map(one).collect()
    }

    /// The variances that the summary lists.
    fn variances(
        &self,
        summary: &OutcomeSummary,
        n_samples: usize,
        sampled: Option<&Ensemble>,
    ) -> Result<Vec<NeuronVariance>, ResultsError> {
        if summary.variances.is_empty() {
            return Ok(Vec::new());
        }
        let neurons = self.variance_lines(n_samples, sampled)?;
        let (listed, found) = (summary.variances.len(), neurons.len());
        if found != listed {
            let problem = format!("the table `variance` has {found} neurons, the summary {listed}");
            return Err(ResultsError::foreign(self.folder, problem));
        }
        let row = |row: &super::CutoffPart| CutoffRow {
            cutoff: row.cutoff,
            vacuum: row.vacuum,
            thermal: row.thermal,
            state: row.state,
        };
        let of = neurons.into_iter().zip(&summary.variances).map(|((neuron, lines), summary)| NeuronVariance {
            neuron,
            lines,
            cutoff: CutoffDependence {
                time: summary.cutoff.time,
                rows: summary.cutoff.rows.iter().map(row).collect(),
            },
        });
        Ok(of.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::path::PathBuf;

    use qhh_core::stop::CancelToken;
    use qhh_net::outcome::{Conduction, Pace, SpaceTime, WaveBalance};
    use tempfile::TempDir;

    use super::super::{Cost, Format, WriteOptions, write};
    use super::*;
    use crate::tables::format::FORMATS;

    /// Two populations, fluctuations, a mode source and loops: every table has rows.
    const NETWORK: &str = "
name: both
units: raw
simulation: {duration: 3, method: adiabatic, spike_threshold: 0}
quantum: {hbar: 1e-6, temperature: 1e-5}
neurons:
  one:
    circuit: single-channel
    membrane: {capacitance: 1e-6}
    channels: {potassium: {conductance: 1.33}}
    initial: {n: 0.4}
  two:
    count: 2
    circuit: single-channel
    membrane: {capacitance: 1e-6}
    channels: {potassium: {conductance: 1}}
    initial: {n: 0.3}
sources:
  sine: {into: one, current: {shape: sine, amplitude: 1, frequency: 10}}
  mode: {into: two, current: {shape: mode, zero_point: 0.5, frequency: 10}, state: {squeezed: {r: 0.8}}}
record: {every: 0.01, quantities: [voltage, variance, hysteresis]}
";

    /// Field modes: the tables that they leave have rows.
    const MODES: &str = "
name: modes
simulation: {duration: 8, step: 0.02}
quantum: {hbar: 1, fluctuations: heisenberg, modes: 16}
neurons:
  relay:
    count: 2
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
  quantities: [voltage, variance, noise_budget, covariance, wave_out]
  budget_of: ['relay[1].spikes[0]', 'relay[1].spikes[7]', 'relay[0].voltage at 3.01 ms']
";

    fn finished() -> (FinishedRun, yaml::Loaded) {
        let (mut run, loaded) = finished_of(NETWORK);
        let outcome = &mut run.outcome;
        outcome.space_time = Some(SpaceTime {
            times: vec![0.0, 0.1, 0.3],
            neurons: vec![0, 2],
            voltages: vec![-65.0, 0.1, 1.0 / 3.0, 1e-9, -64.999, 40.0],
        });
        outcome.waves = Some(WaveBalance { sent: 3.0, arrived: 1.7, in_flight: 0.1, amplified: false });
        // And an entry that no spike passed.
        let pace = Pace { mean: 2.3, range: (2.1, 2.5), delay: 1.0, velocity: Some(0.43) };
        outcome.conduction = vec![
            Conduction { waveguides: "axon".to_owned(), passed: 1, fired: 2, pace: Some(pace) },
            Conduction { waveguides: "dead end".to_owned(), passed: 0, fired: 2, pace: None },
        ];
        (run, loaded)
    }

    fn finished_of(network: &str) -> (FinishedRun, yaml::Loaded) {
        let loaded = yaml::load_text(Path::new("net.yaml"), network, &[]).unwrap();
        let mut outcome = qhh_net::run(&loaded.network, 1, &mut |_| ControlFlow::Continue(())).unwrap();
        // A run that is read has them among all its warnings alone.
        let doubts = std::mem::take(&mut outcome.warnings);
        let cost = Cost {
            wall_seconds: 0.1,
            build_seconds: 0.01,
            mean_field_seconds: Some(0.08),
            cpu_seconds: 0.2,
            neuron_steps_per_second: 3e4,
            peak_memory_bytes: 0,
            threads: 1,
            ranks: None,
        };
        let run = FinishedRun {
            network: loaded.network.clone().into_network(),
            network_yaml: loaded.yaml.clone(),
            input: loaded.input.to_string(),
            warnings: [loaded.warnings.as_slice(), &doubts].concat(),
            outcome,
            cost,
            version: "0.0.0".to_owned(),
            verification: None,
            incomplete: None,
            set: vec!["simulation.seed=2".to_owned()],
        };
        (run, loaded)
    }

    fn written(format: Format) -> (TempDir, PathBuf, FinishedRun) {
        written_of(finished(), format)
    }

    fn written_of((run, loaded): (FinishedRun, yaml::Loaded), format: Format) -> (TempDir, PathBuf, FinishedRun) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("deep/er");
        let options = WriteOptions { format, ..WriteOptions::default() };
        write(&run, &loaded.resolved, &loaded.attachments, &options, &out).unwrap();
        (folder, out, run)
    }

    fn assert_same(back: &FinishedRun, run: &FinishedRun) {
        assert!(back.network == run.network && back.network_yaml == run.network_yaml, "network");
        assert_eq!((&back.input, &back.warnings), (&run.input, &run.warnings));
        let (read, wrote) = (&back.outcome, &run.outcome);
        assert!(read.traces == wrote.traces, "traces");
        assert!(read.variances == wrote.variances, "variances");
        assert!(read.loops == wrote.loops, "loops");
        assert_eq!((&read.spikes, &read.extremes), (&wrote.spikes, &wrote.extremes));
        assert_eq!((&read.checks, &read.approximations), (&wrote.checks, &wrote.approximations));
        assert_eq!((back.cost, &back.version), (run.cost, &run.version));
        assert!(read == wrote, "something else");
    }

    #[test]
    fn a_folder_reads_back_to_the_run_that_wrote_it() {
        let (_folder, out, run) = written(Format::CSV);
        assert!(
            !run.outcome.variances.is_empty() && !run.outcome.loops.is_empty() && !run.outcome.spikes.is_empty()
        );
        assert_same(&read(&out).unwrap(), &run);
    }

    #[test]
    fn what_field_modes_leave_reads_back_or_is_missed() {
        let run = reads_back_or_is_missed(
            MODES,
            &[
                "jitter.csv",
                "noise_budget.csv",
                "origin.csv",
                "origin_times.csv",
                "covariance.csv",
                "responses.csv",
            ],
        );
        let outcome = &run.outcome;
        let known: Vec<bool> =
            outcome.origins.iter().map(|of| of.value.is_some() && !of.emitted.is_empty()).collect();
        assert_eq!(known, [true, false, true]);
        assert!(!outcome.jitter.is_empty() && !outcome.budget.is_empty() && !outcome.responses.is_empty());
        assert!(outcome.covariances.len() == 10);
    }

    #[test]
    fn what_samples_leave_reads_back_or_is_missed() {
        let samples = "cutoff: 100, fluctuations: wigner, samples: 24";
        let network = MODES
            .replace("fluctuations: heisenberg, modes: 16", samples)
            .replace(", noise_budget, covariance, wave_out]", "]\n  trajectories: 3")
            .replace("    output: {", "    sense: {impedance: 30, response_time: 0.1}\n    output: {");
        let run = reads_back_or_is_missed(
            &network,
            &["ensemble.csv", "firing.csv", "spike_times.csv", "noise_spikes.csv", "trajectories.csv"],
        );
        let ensemble = run.outcome.ensemble.unwrap();
        let whole: Vec<usize> = ensemble.trajectories.iter().map(|of| of.measured.len()).collect();
        assert_eq!(whole, [401; 6].map(|_| run.outcome.traces.times.len()));
        let spikes = ensemble.spikes;
        assert!(spikes.iter().any(|spike| spike.histogram.counts.len() > 1), "{spikes:?}");
    }

    fn reads_back_or_is_missed(network: &str, files: &[&str]) -> FinishedRun {
        let (_folder, out, run) = written_of(finished_of(network), Format::CSV);
        assert_same(&read(&out).unwrap(), &run);
        for &file in files {
            let text = fs::read_to_string(out.join(file)).unwrap();
            fs::write(out.join(file), text.replace(',', ";")).unwrap();
            let spoilt = read(&out).unwrap_err().to_string();
            assert!(spoilt.contains(file), "{file}: {spoilt}");
            fs::remove_file(out.join(file)).unwrap();
            let missing = read(&out).unwrap_err().to_string();
            assert!(missing.contains(&format!("has no {file}")), "{file}: {missing}");
            fs::write(out.join(file), text).unwrap();
        }
        run
    }

    #[test]
    fn every_format_reads_back_to_the_same_bits() {
        let samples = MODES
            .replace("fluctuations: heisenberg, modes: 16", "cutoff: 100, fluctuations: wigner, samples: 24")
            .replace(", noise_budget, covariance", "");
        let built = FORMATS.iter().filter(|format| format.is_built());
        for &format in built {
            for run in [finished(), finished_of(MODES), finished_of(&samples)] {
                let (_folder, out, run) = written_of(run, format);
                assert_same(&read(&out).unwrap(), &run);
                let names = fs::read_dir(&out).unwrap().map(|file| file.unwrap().file_name());
                let csv = names.filter(|name| name.to_string_lossy().ends_with(".csv")).count();
                assert!((csv == 0) == (format != Format::CSV), "{format:?}: {csv} tables are CSV");
            }
        }
    }

    #[test]
    fn a_folder_with_a_file_missing_or_spoilt_is_refused_by_name() {
        let tables = ["spikes.csv", "variance.csv", "hysteresis.csv", "loops.csv", "space_time.csv", "traces.csv"];
        for file in tables.into_iter().chain([SUMMARY, super::super::files::NETWORK]) {
            let (_folder, out, _) = written(Format::CSV);
            let path = out.join(file);
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace(',', ";")).unwrap();
            let spoilt = read(&out).unwrap_err().to_string();
            assert!(file == super::super::files::NETWORK || spoilt.contains(file), "{file}: {spoilt}");
            fs::remove_file(&path).unwrap();
            let missing = read(&out).unwrap_err().to_string();
            assert!(missing.contains(&format!("has no {file}")), "{file}: {missing}");
        }
        let missing = read(Path::new("/nowhere/at/all")).unwrap_err().to_string();
        assert!(missing.contains("there is no folder"), "{missing}");
    }

    #[test]
    fn a_number_that_is_none_is_never_written() {
        type Spoil = fn(&mut Outcome);
        let spoil: [(&str, Spoil); 5] = [
            ("row 3 of column `one[0].voltage` of traces.csv", |o| o.traces.columns[0].values[2] = f64::NAN),
            ("row 1 of column `time` of spikes.csv", |o| o.spikes[0].time = f64::INFINITY),
            ("of column `thermal` of variance.csv", |o| o.variances[0].lines[0].thermal[4] = f64::NAN),
            ("of column `two[1]` of space_time.csv", |o| {
                o.space_time.as_mut().unwrap().voltages[5] = f32::NEG_INFINITY;
            }),
            ("summary.json would hold", |o| o.extremes[0].highest.0 = f64::NAN),
        ];
        for (told, spoil) in spoil {
            let (mut run, loaded) = finished();
            spoil(&mut run.outcome);
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().join("spoilt");
            let error =
                write(&run, &loaded.resolved, &[], &WriteOptions::default(), &out).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "{told}");
        }
    }

    #[test]
    fn a_stopped_or_failed_write_leaves_nothing_behind() {
        let (run, loaded) = finished();
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("deep/er");
        let cancelled = CancelToken::new();
        cancelled.cancel();
        let stopped = || write(&run, &loaded.resolved, &[], &WriteOptions::default(), &out);
        let error = cancelled.run(stopped).unwrap().unwrap_err();
        assert!(matches!(error, ResultsError::Stopped), "{error}");
        let lost = yaml::Attachment { source: "/nowhere/stimulus.csv".into(), name: "stimulus.csv".to_owned() };
        write(&run, &loaded.resolved, &[lost], &WriteOptions::default(), &out).unwrap_err();
        for name in ["../out.csv", "/out.csv", "", "summary.json"] {
            let outside = yaml::Attachment { source: "Cargo.toml".into(), name: name.to_owned() };
            let error = write(&run, &loaded.resolved, &[outside], &WriteOptions::default(), &out).unwrap_err();
            assert!(matches!(error, ResultsError::Attachment { .. }), "{error}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
