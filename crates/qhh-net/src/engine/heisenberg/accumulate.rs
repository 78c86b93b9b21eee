//! What is taken of responses while they are computed: sums of squares of noise, and the responses to sources' modes.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::ops::Range;

use pulp::{Simd, WithSimd};
use qhh_core::integrate::lanes::Lanes;
use qhh_core::num_complex::Complex64;
use qhh_core::quantum::bath::{Bath, Node as Frequency};
use qhh_core::quantum::heisenberg::{MODES, ModeState, Wave};

use super::Mean;
use super::collected::Collected;
use super::graph::ModeGraph;
use super::line::{NoiseLine, SourceMode};
use super::modes::{Coefficients, ModeMoments, Of, OutgoingMode};
use super::packets::{FOLLOWED, Followed, Several};
use super::pairs::{PairSums, Quantities};
use super::task::{Observation, ResponseSink};
use super::wave_budget::WaveSums;

/// Energies of a field at each frequency of a task.
struct Energies {
    /// `hbar w dw`, and what temperature adds to it.
    vacuum: Lanes<MODES>,
    thermal: Lanes<MODES>,
    /// The energies in the sums that tell what the frequencies miss.
    null: [Lanes<MODES>; 2],
    /// Quanta.
    photons: Lanes<MODES>,
}

impl Energies {
    fn new(bath: Bath, chunk: &[Frequency]) -> Self {
        let null = |k: usize| {
            Lanes::from_fn(|lane| chunk.get(lane).map_or(0.0, |node| node.null[k] * bath.energy(node.omega)))
        };
        Self {
            vacuum: weigh(chunk, |omega| bath.vacuum_energy(omega)),
            thermal: weigh(chunk, |omega| bath.excess_energy(omega)),
            null: [null(0), null(1)],
            photons: Lanes::from_fn(|lane| chunk.get(lane).map_or(0.0, |node| bath.quanta(node.omega))),
        }
    }

    /// A line's own, or those of all.
    fn of<'e>(common: &'e Self, own: Option<&'e Self>, has_own: bool) -> &'e Self {
        own.filter(|_| has_own).unwrap_or(common)
    }
}

/// Something of each frequency, with its weight; none of free lanes.
fn weigh(chunk: &[Frequency], of: impl Fn(f64) -> f64) -> Lanes<MODES> {
    Lanes::from_fn(|lane| chunk.get(lane).map_or(0.0, |node| node.weight * of(node.omega)))
}

/// Adds up the squares of one task.
pub(super) struct Noise<'a> {
    /// Recorded nodes in reach.
    nodes: Vec<Option<usize>>,
    n_looks: usize,
    n_lines: usize,
    /// Of all lines, and of those of the sense line where it has a temperature of its own.
    common: Energies,
    own: Option<Energies>,
    /// By line, whether it is of the sense line.
    has_own: Vec<bool>,
    /// `w dw`.
    bare: Lanes<MODES>,
    strengths: Vec<(f64, f64)>,
    coefficients: Coefficients<'a>,
    pairs: PairSums<'a>,
    waves: WaveSums<'a>,
    collected: Collected,
}

impl<'a> Noise<'a> {
    #[expect(clippy::too_many_arguments, reason = "everything a task's moments depend on")]
    pub(super) fn new(
        graph: &ModeGraph,
        mean: &Mean,
        bath: Bath,
        origin: usize,
        lines: &[NoiseLine],
        chunk: &[Frequency],
        recorded: &[usize],
        leaving: &'a [OutgoingMode],
        (quantities, waves): (&'a Quantities, &'a Quantities),
    ) -> Self {
        let mut nodes = vec![None; graph.nodes.len()];
        let mut reached = Vec::new();
        let reach = graph.reach(origin);
        for &node in &reach {
            if recorded.binary_search(&graph.nodes[node].neuron).is_ok() {
                nodes[node] = Some(reached.len());
                reached.push(node);
            }
        }
        let sensed = graph.nodes[origin].circuit.sense_thermal_energy();
        let (n_looks, n_lines) = (mean.looks.len(), lines.len());
        let size = reached.len() * n_lines * n_looks;
        Self {
            n_looks,
            n_lines,
            common: Energies::new(bath, chunk),
            own: sensed.map(|own| Energies::new(bath.of_line(Some(own)), chunk)),
            has_own: lines.iter().map(NoiseLine::is_sensed).collect(),
            bare: weigh(chunk, |omega| omega),
            coefficients: Coefficients::new(leaving, (Of::Lines, n_lines), super::lanes(chunk), mean.dt),
            strengths: lines.iter().map(|line| (line.strength, line.commutator)).collect(),
            pairs: PairSums::new(quantities, &reach, n_lines, n_looks),
            waves: WaveSums::new(waves, &reach, n_lines, n_looks),
            collected: Collected {
                commutator: vec![0.0; reached.len() * n_looks],
                null: vec![[0.0; 2]; reached.len() * n_looks],
                reached,
                vacuum: vec![0.0; size],
                thermal: vec![0.0; size],
                defect: 0.0,
                modes: ModeMoments::zero(leaving.len()),
                pairs: (Vec::new(), Vec::new(), Vec::new()),
                waves: (Vec::new(), Vec::new()),
            },
            nodes,
        }
    }

    pub(super) fn collect(mut self, defect: f64) -> Collected {
        self.collected.defect = defect;
        self.collected.pairs = (self.pairs.reached, self.pairs.sums, self.pairs.null);
        self.collected.waves = (self.waves.reached, self.waves.parts);
        for (line, (strength, commutator)) in self.strengths.iter().enumerate() {
            let (destroyed, created) = (0.5 * (strength + commutator), 0.5 * (strength - commutator));
            for lane in 0..MODES {
                let energies = Energies::of(&self.common, self.own.as_ref(), self.has_own[line]);
                let (energy, photons) = (energies.vacuum.0[lane], energies.photons.0[lane]);
                if energy > 0.0 && !self.coefficients.is_empty() {
                    let coefficients = self.coefficients.at(line, lane);
                    self.collected.modes.add(&coefficients, destroyed * energy, photons);
                    if created > 0.0 {
                        self.collected.modes.add_created(&coefficients, created * energy, photons);
                    }
                }
            }
        }
        self.collected
    }
}

/// Sums over the frequencies of the voltage's square with each energy, and of what the flux and the voltage do not commute.
struct Squares<'a> {
    state: &'a ModeState,
    energies: [&'a Lanes<MODES>; 4],
    bare: &'a Lanes<MODES>,
}

impl WithSimd for Squares<'_> {
    type Output = [f64; 5];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f64; 5] {
        let ModeState { v, flux, .. } = self.state;
        let square = v.norm_sqr();
        let [vacuum, thermal, first, second] = self.energies;
        // phi u* - phi* u = 2 i Im(phi u*).
        let crossed = flux.im * v.re - flux.re * v.im;
        [
            sum(square * *vacuum),
            sum(square * *thermal),
            sum(square * *first),
            sum(square * *second),
            sum(crossed * *self.bare),
        ]
    }
}

/// Pairs, pairs of pairs: a short chain of dependent additions.
#[inline(always)]
fn sum(lanes: Lanes<MODES>) -> f64 {
    let mut parts = lanes.0;
    let mut n = MODES;
    while n > 1 {
        n /= 2;
        for k in 0..n {
            parts[k] += parts[k + n];
        }
    }
    parts[0]
}

impl<'a> ResponseSink<'a> for Noise<'a> {
    fn coefficients(&mut self) -> &mut Coefficients<'a> {
        &mut self.coefficients
    }

    fn looks_at(&self, node: usize) -> bool {
        self.nodes[node].is_some()
    }

    fn open(&mut self, looks: Range<usize>) {
        self.pairs.open(looks);
    }

    fn close(&mut self) {
        let Self { pairs, common, own, has_own, strengths, .. } = self;
        pairs.close(|line| {
            let energies = Energies::of(common, own.as_ref(), has_own[line]);
            (strengths[line].0, energies.vacuum + energies.thermal, energies.null)
        });
    }

    fn look(&mut self, seen: Observation<'_>) {
        let Observation { node, line, look, state, .. } = seen;
        let Some(place) = self.nodes[node] else { return };
        self.pairs.look(node, line, look, state, seen.arriving);
        let (strength, commutator) = self.strengths[line];
        let energies = Energies::of(&self.common, self.own.as_ref(), self.has_own[line]);
        let Energies { vacuum, thermal, null: [first, second], .. } = energies;
        self.waves.look(&seen, (*vacuum, *thermal), strength);
        let at = (place * self.n_lines + line) * self.n_looks + look;
        let [of_vacuum, of_thermal, first, second, crossed] = pulp::Arch::new().dispatch(Squares {
            state,
            energies: [vacuum, thermal, first, second],
            bare: &self.bare,
        });
        self.collected.vacuum[at] = strength * of_vacuum;
        self.collected.thermal[at] = strength * of_thermal;
        let missed = &mut self.collected.null[place * self.n_looks + look];
        missed.iter_mut().zip([first, second]).for_each(|(part, sum)| *part += strength * sum);
        self.collected.commutator[place * self.n_looks + look] += 2.0 * commutator * crossed;
    }
}

/// Keeps the response to one mode of a source.
pub(super) struct Responses<'a> {
    pub(super) source: usize,
    pub(super) nodes: Vec<Option<usize>>,
    n_looks: usize,
    scale: f64,
    /// Waves that are followed: the state's, and on a warm line what it takes the place of.
    n_followed: usize,
    /// `[recorded node in reach][look]`.
    pub(super) values: Followed,
    /// Quantities of covariances, and waves in noise budgets.
    lists: [&'a Quantities; 2],
    /// Of both: `[quantity][look]`.
    pub(super) of_quantities: [Followed; 2],
    coefficients: Coefficients<'a>,
}

impl<'a> Responses<'a> {
    pub(super) fn new(
        graph: &ModeGraph,
        mean: &Mean,
        source: &SourceMode<'_>,
        recorded: &[usize],
        leaving: &'a [OutgoingMode],
        (quantities, waves): (&'a Quantities, &'a Quantities),
    ) -> Self {
        let mut n_nodes = 0;
        let mut place = |neuron: usize| {
            recorded.binary_search(&neuron).ok().map(|_| {
                n_nodes += 1;
                n_nodes - 1
            })
        };
        let nodes: Vec<Option<usize>> = graph.nodes.iter().map(|node| place(node.neuron)).collect();
        let n_looks = mean.looks.len();
        let lists = [quantities, waves];
        let n_followed = if source.replaced == 0.0 { 1 } else { FOLLOWED };
        let zero = |n: usize| -> Followed {
            std::array::from_fn(|lane| vec![Complex64::ZERO; if lane < n_followed { n } else { 0 }])
        };
        Self {
            source: source.source,
            nodes,
            n_looks,
            scale: source.scale,
            n_followed,
            values: zero(n_nodes * n_looks),
            lists,
            of_quantities: lists.map(|of| zero(of.list.len() * n_looks)),
            coefficients: Coefficients::new(leaving, (Of::Packets, 1), [source.omega; MODES], mean.dt),
        }
    }

    /// Coefficients of outgoing modes in the waves that are followed.
    pub(super) fn modes(&self) -> Several {
        std::array::from_fn(|lane| {
            let of_lane = if lane < self.n_followed { self.coefficients.at(0, lane) } else { Vec::new() };
            of_lane.into_iter().map(|(mu, nu)| (mu * self.scale, nu * self.scale)).collect()
        })
    }

    fn put(values: &mut Followed, place: usize, response: &Wave, (scale, n_followed): (f64, usize)) {
        for (lane, values) in values.iter_mut().take(n_followed).enumerate() {
            values[place] = response.get(lane) * scale;
        }
    }
}

impl<'a> ResponseSink<'a> for Responses<'a> {
    fn coefficients(&mut self) -> &mut Coefficients<'a> {
        &mut self.coefficients
    }

    fn looks_at(&self, node: usize) -> bool {
        self.nodes[node].is_some()
    }

    fn open(&mut self, _: Range<usize>) {}

    fn close(&mut self) {}

    fn look(&mut self, seen: Observation<'_>) {
        let Observation { node, look, state, .. } = seen;
        let of = (self.scale, self.n_followed);
        if let Some(place) = self.nodes[node] {
            Self::put(&mut self.values, place * self.n_looks + look, &state.v, of);
        }
        for (list, values) in self.lists.iter().zip(&mut self.of_quantities) {
            for (place, quantity) in list.list.iter().enumerate().filter(|(_, of)| of.node == node) {
                let response = quantity.value(state, seen.arriving);
                Self::put(values, place * self.n_looks + look, &response, of);
            }
        }
    }
}
