//! From the resolved network to flat arrays that the engine steps; no names, no graph.

use std::sync::Arc;

use qhh_core::circuit::{Circuit, Initial};
use qhh_core::gates::Gates;
use qhh_core::integrate::adiabatic::Adiabatic;
use qhh_core::integrate::group::Group;
use qhh_core::integrate::lanes::{Float, LANES, LANES_BARE, LANES_F32};
use qhh_core::rest::Rest;
use qhh_core::source::Draws;
use qhh_core::stop;

use super::OnBlocks;
use super::adiabatic::AdiabaticBlock;
use super::heisenberg;
use super::neuron_block::{Feed, NeuronBlock, PacketFeed};
use super::random_feed::RandomFeed;
use super::waves::PortWaves;
use crate::coupling::Coupling;
use crate::coupling::layout::index;
use crate::coupling::scattering::n_ports;
use crate::network::fed::tone;
use crate::network::{Drive, Method, Network, PopulationFinder, Precision};
use crate::outcome::{CoarseTrace, MeanTrajectory, NeuronRecorder, SpaceTime};

/// Sources into neurons of some blocks, by neuron.
struct Feeds(Vec<(u32, u32, f64)>);

impl Feeds {
    fn new(network: &Network, coupling: &Coupling) -> Self {
        let seed = network.simulation.seed_of_structure();
        let own = coupling.layout.neurons_of(coupling.blocks.clone());
        let mut feeds = Vec::new();
        // A wavepacket is a wave, no current.
        let currents = network.sources.iter().enumerate().filter(|(_, of)| !matches!(of.drive, Drive::Packet(_)));
        for (source, of) in currents {
            let mut factors = of.factors(seed);
            let places = of.targets.places_of(&own).into_iter().flatten();
            feeds.extend(places.map(|place| (index(of.targets.at(place)), index(source), factors(place))));
        }
        // The currents of a neuron are added up in the order of the sources' names.
        let mut rank = vec![0; network.sources.len()];
        network.sources_by_name().enumerate().for_each(|(place, (source, _))| rank[source] = place);
        feeds.sort_by_key(|feed: &(u32, u32, f64)| (feed.0, rank[feed.1 as usize]));
        Self(feeds)
    }

    fn of(&self, neuron: u32) -> &[(u32, u32, f64)] {
        let first = self.0.partition_point(|feed| feed.0 < neuron);
        let end = first + self.0[first..].partition_point(|feed| feed.0 == neuron);
        &self.0[first..end]
    }
}

/// Circuits and starts of neurons, the same ones computed once.
pub(super) struct Starts<'a> {
    network: &'a Network,
    finder: PopulationFinder,
    /// Of each population whose neurons are equal.
    equal: Vec<Option<(Circuit, (f64, Gates))>>,
}

impl<'a> Starts<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        let equal = network.populations.iter().map(|population| {
            population.varied.is_empty().then(|| {
                let circuit = population.circuit.clone().referred(network.rate_units());
                let circuit = circuit.unwrap_or_else(|_| population.circuit.clone());
                let begun = start(network, &circuit, &population.initial);
                (circuit, begun)
            })
        });
        Self { network, finder: PopulationFinder::new(network), equal: equal.collect() }
    }

    /// Place of a neuron's population.
    pub(super) fn population(&self, neuron: usize) -> usize {
        self.finder.of(neuron)
    }

    /// Of a neuron.
    pub(super) fn of(&self, neuron: usize) -> (Circuit, (f64, Gates)) {
        self.equal[self.population(neuron)].clone().unwrap_or_else(|| {
            let (circuit, initial) = self.network.neuron(neuron).expect("the layout holds neurons there are");
            let begun = start(self.network, &circuit, &initial);
            (circuit, begun)
        })
    }
}

fn start(network: &Network, circuit: &Circuit, initial: &Initial) -> (f64, Gates) {
    initial
        .resolve(circuit, network.rate_units())
        .unwrap_or_else(|error| unreachable!("a checked network starts somewhere: {error}"))
}

/// Does something with the blocks of a coupling. Their form is matched once, outside every loop.
pub(super) fn compiled<W: OnBlocks>(network: &Network, coupling: &Coupling, work: W) -> W::Made {
    match (network.simulation.method, network.simulation.precision) {
        (Method::Adiabatic, _) => work.on(adiabatic(network, coupling)),
        (Method::Langevin, Precision::F64) if network.has_ports() => {
            work.on(cells::<LANES, f64>(network, coupling))
        }
        (Method::Langevin, Precision::F64) => work.on(cells::<LANES_BARE, f64>(network, coupling)),
        (Method::Langevin, Precision::F32) => work.on(cells::<LANES_F32, f32>(network, coupling)),
    }
}

/// Blocks of `N` neurons, those of the coupling, for the langevin method; the network is a sound one.
pub(crate) fn cells<const N: usize, T: Float>(network: &Network, coupling: &Coupling) -> Vec<NeuronBlock<N, T>> {
    let Coupling { layout, blocks, scattering } = coupling;
    let (feeds, starts) = (Feeds::new(network, coupling), Starts::new(network));
    let (dt, units, baths) = (network.simulation.step, network.rate_units(), network.simulation.baths);
    let picked = SpaceTime::picked(network);
    let watched = match network.quantum {
        Some(quantum) if quantum.fluctuations.in_tasks() => heisenberg::watched(network),
        _ => Vec::new(),
    };
    let spiking = network.populations.iter().map(|of| of.spike_threshold(&network.simulation).is_some());
    let spiking: Vec<bool> = spiking.collect();
    let mut shared: Vec<Option<Arc<Group<N, T>>>> = vec![None; network.populations.len()];
    let mut row = 0;
    let block = |(number, block): (usize, usize)| {
        stop::check();
        let neurons: Box<[u32]> = layout.neurons(block).map(index).collect();
        let own = |neuron: &u32| starts.population(*neuron as usize);
        let each: Vec<_> = neurons.iter().map(|neuron| starts.of(*neuron as usize)).collect();
        let group = || {
            let circuits: Vec<Circuit> = each.iter().map(|(circuit, _)| circuit.clone()).collect();
            Arc::new(asleep(network, Group::new(&circuits, baths, dt, units), &circuits))
        };
        // Equal neurons share their parameters, which then stay in cache.
        let first = own(&neurons[0]);
        let equal = starts.equal[first].is_some() && neurons.iter().all(|neuron| own(neuron) == first);
        let group = if equal { shared[first].get_or_insert_with(group).clone() } else { group() };
        let of_block = neurons.iter().enumerate().flat_map(|(lane, neuron)| {
            feeds.of(*neuron).iter().map(move |&(_, source, factor)| Feed { lane: index(lane), source, factor })
        });
        let (random, plain): (Vec<Feed>, Vec<Feed>) =
            of_block.partition(|feed| own_draws(&network.sources[feed.source as usize].drive).is_some());
        let begin: Vec<(f64, Gates)> = each.iter().map(|(_, start)| start.clone()).collect();
        let (senders, receivers) = (scattering.senders[number], scattering.receivers[number]);
        let rows = (row, index(n_ports(&senders) * neurons.len()));
        row += rows.1;
        let leaves = &scattering.split[rows.0 as usize..row as usize];
        NeuronBlock {
            state: group.state(&begin, dt, units),
            group,
            feeds: plain.into(),
            random: random_feeds(network, &neurons, &random),
            waves: PortWaves::new(
                neurons.len(),
                (senders, receivers),
                leaves.iter().map(|part| *part > 0.0).collect(),
                network.simulation.sleep,
            ),
            rows,
            recorders: recorders(network, &neurons),
            glimpses: glimpses(network, &picked, &neurons),
            courses: courses(network, &watched, &neurons, &each),
            packets: packets(network, &neurons, &each),
            spikes: Vec::new(),
            spiking: neurons.iter().map(|neuron| spiking[own(neuron)]).collect(),
            neurons,
        }
    };
    blocks.clone().enumerate().map(block).collect()
}

/// The group with its rest points, if all its neurons may sleep.
fn asleep<const N: usize, T: Float>(network: &Network, group: Group<N, T>, circuits: &[Circuit]) -> Group<N, T> {
    let simulation = &network.simulation;
    if simulation.sleep <= 0.0 {
        return group;
    }
    let units = network.rate_units();
    let rest = |circuit: &Circuit| {
        let rest = circuit.rest(units).ok().filter(Rest::is_stable)?;
        Some((rest.voltage, rest.gates))
    };
    let equal = circuits.iter().all(|circuit| *circuit == circuits[0]);
    let points: Option<Vec<_>> =
        if equal { rest(&circuits[0]).map(|rest| vec![rest]) } else { circuits.iter().map(rest).collect() };
    match points {
        Some(points) => group.sleeping(&points, simulation.sleep, simulation.step, units),
        None => group,
    }
}

/// Blocks for the adiabatic method, which has no waveguides.
pub(crate) fn adiabatic(network: &Network, coupling: &Coupling) -> Vec<AdiabaticBlock> {
    let (feeds, starts) = (Feeds::new(network, coupling), Starts::new(network));
    let simulation = &network.simulation;
    let picked = SpaceTime::picked(network);
    let block = |block: usize| {
        stop::check();
        let neurons: Vec<u32> = coupling.layout.neurons(block).map(index).collect();
        let each = neurons.iter().map(|&neuron| {
            let (circuit, start) = starts.of(neuron as usize);
            let of_neuron = feeds.of(neuron).iter();
            let tones: Vec<_> = of_neuron
                .filter_map(|&(_, source, factor)| {
                    tone(&network.sources[source as usize].drive, factor, network.grid())
                })
                .collect();
            let motion = Adiabatic::new(circuit, simulation.baths, network.rate_units(), simulation.step, &tones);
            let state = motion.state(&start.1);
            (neuron as usize, motion, state)
        });
        AdiabaticBlock {
            neurons: each.collect(),
            recorders: recorders(network, &neurons),
            glimpses: glimpses(network, &picked, &neurons),
            spikes: Vec::new(),
        }
    };
    coupling.blocks.clone().map(block).collect()
}

fn recorders(network: &Network, neurons: &[u32]) -> Vec<(usize, NeuronRecorder)> {
    let recorded = |neuron: u32| network.record.neurons.binary_search(&(neuron as usize)).is_ok();
    let lanes = neurons.iter().enumerate().filter(|(_, neuron)| recorded(**neuron));
    lanes.map(|(lane, neuron)| (lane, NeuronRecorder::new(network, *neuron as usize))).collect()
}

/// The random numbers of a source, if each of its targets has its own.
pub(super) fn own_draws(drive: &Drive) -> Option<Draws> {
    let Drive::Current(current) = drive else { return None };
    current.shape.draws().filter(|draws| matches!(draws, Draws::Own(_)))
}

/// The random currents into a block that are not shared, by source in the order of names.
fn random_feeds(network: &Network, neurons: &[u32], feeds: &[Feed]) -> Box<[RandomFeed]> {
    let mut random: Vec<RandomFeed> = Vec::new();
    for feed in feeds {
        let source = &network.sources[feed.source as usize];
        let Some(draws) = own_draws(&source.drive) else { continue };
        let neuron = neurons[feed.lane as usize] as usize;
        let lane = (feed.lane, feed.factor, network.draws_of(draws, neuron).key());
        match random.iter_mut().find(|of| of.source == feed.source) {
            Some(of) => of.lanes.push(lane),
            None => random.push(RandomFeed { source: feed.source, lanes: vec![lane] }),
        }
    }
    random.sort_by_key(|of| network.sources[of.source as usize].name.as_str());
    random.into()
}

/// A circuit and the state it starts from.
type Begun = (Circuit, (f64, Gates));

fn courses(network: &Network, watched: &[usize], neurons: &[u32], each: &[Begun]) -> Vec<(usize, MeanTrajectory)> {
    let is_watched = |neuron: u32| watched.binary_search(&(neuron as usize)).is_ok();
    let lanes = neurons.iter().enumerate().filter(|(_, neuron)| is_watched(**neuron));
    lanes.map(|(lane, neuron)| (lane, course(network, *neuron as usize, each[lane].0.clone()))).collect()
}

/// The course of a neuron of this circuit, before the run.
pub(super) fn course(network: &Network, neuron: usize, circuit: Circuit) -> MeanTrajectory {
    let looked_at = |role| network.modes.iter().any(|mode| mode.neuron == neuron && mode.port == role);
    let ports = circuit.ports().enumerate().filter(|(_, (role, _))| looked_at(*role));
    let ports: Vec<usize> = ports.map(|(slot, _)| slot).collect();
    let course = MeanTrajectory::new(neuron, circuit, &ports);
    if network.has_responding_modes() { course.with_gates() } else { course }
}

fn packets(network: &Network, neurons: &[u32], each: &[Begun]) -> Box<[PacketFeed]> {
    let mut feeds: Vec<PacketFeed> = Vec::new();
    for (source, of) in network.sources.iter().enumerate() {
        let Drive::Packet(packet) = &of.drive else { continue };
        for (lane, neuron) in neurons.iter().enumerate() {
            if of.targets.contains(*neuron as usize)
                && let Some((slot, port)) = packet.port_of(&each[lane].0)
            {
                let root = port.impedance.sqrt();
                feeds.push(PacketFeed { lane: index(lane), slot: index(slot), source: index(source), root });
            }
        }
    }
    // Waves into one port are added up in the order of the sources' names.
    feeds.sort_by_key(|feed| network.sources[feed.source as usize].name.as_str());
    feeds.into()
}

fn glimpses(network: &Network, picked: &[usize], neurons: &[u32]) -> Vec<(usize, CoarseTrace)> {
    let is_picked = |neuron: u32| picked.binary_search(&(neuron as usize)).is_ok();
    let lanes = neurons.iter().enumerate().filter(|(_, neuron)| is_picked(**neuron));
    lanes.map(|(lane, _)| (lane, CoarseTrace::new(network))).collect()
}
