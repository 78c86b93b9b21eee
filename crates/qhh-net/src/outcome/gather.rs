//! From finished blocks to the outcome of a run.

use qhh_core::stop;
use rayon::prelude::*;

use super::doubts;
use super::finished::{Finished, Wiring};
use super::neuron::NeuronRecord;
use super::{
    Fluctuated, NeuronVariance, Origins, Outcome, SpaceTime, Spike, Trace, Traces, WaveBalance, checks, variance,
};
use crate::network::{Fluctuations, Network, Observable};

impl Outcome {
    /// Puts the blocks' records together; the network is the one they were compiled from. With `threads`, neurons
    /// are shared out among those of the pool this runs in.
    pub(crate) fn gather(
        network: &Network,
        finished: Finished,
        spikes: Vec<Spike>,
        fluctuated: Fluctuated,
        wiring: &Wiring,
        threads: bool,
    ) -> Self {
        let Finished { mut records, mut ends, glimpses, .. } = finished;
        let space_time = SpaceTime::gather(network, glimpses);
        let waves = WaveBalance::gather(network, wiring);
        ends.sort_by_key(|end| end.neuron);
        records.sort_by_key(|record| record.0);
        let stride = network.steps_per_sample();
        let n_samples = network.n_steps() / stride + 1;
        let times: Vec<f64> = (0..n_samples).map(|k| (k * stride) as f64 * network.simulation.step).collect();

        let quantum = network.quantum.filter(|q| q.fluctuations == Fluctuations::Adiabatic);
        let Fluctuated {
            variances: exact,
            jitter,
            budget,
            covariances,
            responses,
            states,
            ensemble,
            checks: more,
            n_modes,
            modes_error,
            missing,
            held,
            exact_rest,
            before,
        } = fluctuated;
        let variances: Vec<NeuronVariance> = quantum.map_or(exact, |quantum| {
            let of = |(neuron, record): &(usize, NeuronRecord)| {
                stop::check();
                variance::of_neuron(network, &quantum, *neuron, record, &times)
            };
            if threads { records.par_iter().map(of).collect() } else { records.iter().map(of).collect() }
        });
        let columns = records
            .iter()
            .enumerate()
            .flat_map(|(place, (neuron, record))| {
                stop::check();
                let variance = variances.get(place);
                let times = &times;
                network.record.observables.iter().filter_map(move |&observable| {
                    let values = values(network, *neuron, record, variance, times, observable)?;
                    Some(Trace { neuron: *neuron, observable, values })
                })
            })
            .collect();
        let conduction = super::network::conduction(network, &spikes);
        let mut checks = checks::checks(network, &records, &variances);
        checks.extend(more);
        checks.extend(checks::of_waves(wiring, waves.as_ref()));
        let mut approximations = checks::approximations(network, &records, &times, wiring);
        let mut warnings = Vec::new();
        if n_modes > 0 {
            warnings = doubts::of_modes(network, modes_error, held.1, &variances);
            warnings.extend(states.as_ref().and_then(|states| doubts::of_states(network, states)));
            approximations.push(checks::of_modes(network, n_modes, modes_error, exact_rest));
            let deviation = checks::largest_deviation(&variances);
            checks.extend(checks::of_departures(network, held.1, &variances));
            approximations.extend(checks::of_gates(network, missing, held, deviation));
        }
        if let Some(ensemble) = &ensemble {
            approximations.push(checks::of_samples(network, ensemble.samples, before));
        }
        let extremes = records.iter().map(|(_, record)| record.extremes).collect();
        let loops = records.into_iter().flat_map(|(_, record)| record.loops).collect();
        Self {
            spikes,
            traces: Traces { times, columns },
            extremes,
            variances,
            jitter,
            budget,
            origins: Vec::new(),
            covariances,
            responses,
            states,
            ensemble,
            frequencies: (n_modes > 0).then_some(n_modes),
            loops,
            space_time,
            waves,
            ends,
            conduction,
            checks,
            approximations,
            warnings,
            n_steps: network.n_steps(),
            n_neurons: network.n_neurons(),
        }
    }
}

impl Outcome {
    /// Takes in what went backwards through the run.
    pub(crate) fn with_origins(mut self, network: &Network, origins: Vec<Origins>) -> Self {
        let fluctuated = (self.variances.as_slice(), self.jitter.as_slice());
        let exact = network.quantum.is_some_and(|quantum| quantum.fluctuations == Fluctuations::Heisenberg);
        let check = Origins::check(&origins, network, &self.traces.times, fluctuated).filter(|_| exact);
        self.checks.extend(check);
        self.approximations.extend(Origins::approximation(&origins, network));
        self.origins = origins;
        self
    }
}

/// The samples of one observable; `None` if the neuron has no such thing.
fn values(
    network: &Network,
    neuron: usize,
    record: &NeuronRecord,
    variance: Option<&NeuronVariance>,
    times: &[f64],
    observable: Observable,
) -> Option<Vec<f64>> {
    let circuit = &record.circuit;
    let sampled = |of: &dyn Fn(&super::neuron::Sample) -> f64| Some(record.samples.iter().map(of).collect());
    let place_of = |name| circuit.channels.iter().position(|channel| channel.name == name);
    let conductance = |place: usize| (0..record.samples.len()).map(move |k| record.conductances(k)[place]);
    let parts = |vacuum: bool, thermal: bool, state: bool| {
        let lines = &variance?.lines;
        let at = |k: usize| {
            lines.iter().fold(0.0, |sum, line| {
                let on = |wanted: bool, part: &[f64]| if wanted { part[k] } else { 0.0 };
                sum + on(vacuum, &line.vacuum) + on(thermal, &line.thermal) + on(state, &line.state)
            })
        };
        Some((0..times.len()).map(at).collect())
    };
    let has_input = (!circuit.inputs.is_empty()).then_some(());
    match observable {
        Observable::Voltage => sampled(&|s| s.v),
        Observable::Gate(channel, gate) => {
            let is = |(place, of): (usize, &qhh_core::gating::Gate)| {
                circuit.channels[place].name == channel && of.name == gate
            };
            let place = circuit.gates().position(is)?;
            Some((0..record.samples.len()).map(|k| record.gates(k)[place]).collect())
        }
        Observable::Conductance(name) => Some(conductance(place_of(name)?).collect()),
        Observable::Current => {
            let (into, grid): (Vec<_>, _) = (network.sources_into(neuron).collect(), network.grid());
            let on: Vec<_> = into.iter().map(|fed| (fed.factor, fed.drive.on(grid))).collect();
            let at = |place: f64| on.iter().fold(0.0, |sum, (factor, drive)| sum + factor * drive.at(place));
            Some(times.iter().map(|&t| at(grid.place(t))).collect())
        }
        Observable::Through(name) => {
            let place = place_of(name)?;
            let channel = &circuit.channels[place];
            let through = conductance(place).zip(&record.samples);
            Some(through.map(|(g, sample)| channel.current(g, sample.v)).collect())
        }
        Observable::WaveOut => circuit.output.and_then(|_| sampled(&|s| s.wave_out)),
        Observable::WaveIn => has_input.and_then(|()| sampled(&|s| s.wave_in)),
        Observable::WaveBack => has_input.and_then(|()| sampled(&|s| s.wave_back)),
        Observable::WaveEcho => circuit.output.and_then(|_| sampled(&|s| s.wave_echo)),
        Observable::Measured => circuit.sense.and_then(|_| sampled(&|s| s.measured)),
        Observable::Variance => parts(true, true, true),
        Observable::VarianceVacuum => parts(true, false, false),
        Observable::VarianceThermal => parts(false, true, false),
        Observable::VarianceState => parts(false, false, true),
    }
}
