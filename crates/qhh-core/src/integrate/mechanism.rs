//! How the channels of a group move in a step: the papers' by their own kernel, any others by tables.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::kernel::{GateState, together};
use super::lanes::{Float, Lanes};
use super::tables::Tables;
use crate::channel::MAX_CHANNELS;
use crate::circuit::Circuit;
use crate::gates::RateUnits;
use crate::gating::Gate;

/// The channels of a group of neurons: what each conducts, and how its gates move.
#[derive(Debug, Clone, Copy)]
pub(super) struct Conductors<'a, const N: usize, T: Float> {
    /// Conductance of each channel, every gate open.
    pub(super) conductance: &'a [Lanes<N, T>],
    pub(super) reversal: &'a [Lanes<N, T>],
    /// None for the papers' channels.
    pub(super) tabulated: Option<&'a Tabulated>,
    /// Whether they share one bath.
    pub(super) shared: bool,
}

/// Channels along a window of steps.
pub(super) trait Mechanism<'a, const N: usize, T: Float>: Sized {
    /// Moves these gates of a state.
    fn new(of: Conductors<'a, N, T>, gates: &'a mut [Lanes<N, T>], dt: f64, units: RateUnits) -> Self;
    /// Conductances of the gates as they are.
    fn open(&mut self);
    /// Moves the gates by a step at the held voltage, and the conductances with them.
    fn relax(&mut self, v: Lanes<N, T>);
    /// Takes something off every gate.
    fn shift(&mut self, drift: &[f64]);
    /// Puts given conductances of the gated channels in place of the gates' own.
    fn give(&mut self, given: &[f64]);
    /// Number of channels.
    fn n_channels(&self) -> usize;
    /// Conductance of a channel.
    fn conductance(&self, channel: usize) -> Lanes<N, T>;
    /// Conductance of the channels together, and the current that their batteries push.
    fn push(&self) -> (Lanes<N, T>, Lanes<N, T>);
    /// Appends the gates.
    fn show(&self, out: &mut Vec<Lanes<N, T>>);
    /// Whether all gates are within `bound` of others.
    fn is_near(&self, others: &[Lanes<N, T>], bound: f64) -> bool;
    /// Puts the gates where others are.
    fn settle(&mut self, others: &[Lanes<N, T>]);
}

/// The papers' channels: n, and with `SODIUM` m and h. Without `MAY_SHARE` each has a bath of its own.
pub(super) struct Papers<'a, const SODIUM: bool, const MAY_SHARE: bool, const N: usize, T: Float> {
    of: Conductors<'a, N, T>,
    /// Left in memory: in registers they crowd out what a step computes.
    gates: &'a mut [Lanes<N, T>],
    g: [Lanes<N, T>; 3],
    to_mv: f64,
    dt_ms: f64,
}

impl<const SODIUM: bool, const MAY_SHARE: bool, const N: usize, T: Float> Papers<'_, SODIUM, MAY_SHARE, N, T> {
    #[inline(always)]
    fn gates(&self) -> GateState<Lanes<N, T>> {
        match *self.gates {
            [n, m, h] if SODIUM => GateState { n, m, h },
            [n, ..] => GateState { n, m: Lanes::default(), h: Lanes::default() },
            [] => GateState::default(),
        }
    }

    #[inline(always)]
    fn put(&mut self, state: GateState<Lanes<N, T>>) {
        match &mut *self.gates {
            [n, m, h] if SODIUM => (*n, *m, *h) = (state.n, state.m, state.h),
            [n, ..] => *n = state.n,
            [] => {}
        }
        self.g = state.conductances::<SODIUM>(Self::three(self.of.conductance));
    }

    #[inline(always)]
    fn three(list: &[Lanes<N, T>]) -> [Lanes<N, T>; 3] {
        match *list {
            [n, m, h] if SODIUM => [n, m, h],
            [n, ..] => [n, Lanes::default(), Lanes::default()],
            [] => [Lanes::default(); 3],
        }
    }
}

impl<'a, const SODIUM: bool, const MAY_SHARE: bool, const N: usize, T: Float> Mechanism<'a, N, T>
    for Papers<'a, SODIUM, MAY_SHARE, N, T>
{
    #[inline(always)]
    fn new(of: Conductors<'a, N, T>, gates: &'a mut [Lanes<N, T>], dt: f64, units: RateUnits) -> Self {
        // Known once for the whole loop, the numbers are read where they are used: looked at in each step, they would
        // all have to be in registers first.
        let n = if SODIUM { 3 } else { 1 };
        assert!(
            of.conductance.len() == n && of.reversal.len() == n && gates.len() == n,
            "{n} of the papers' channels"
        );
        Self { of, gates, g: [Lanes::default(); 3], to_mv: units.millivolts, dt_ms: dt * units.milliseconds }
    }

    #[inline(always)]
    fn open(&mut self) {
        self.put(self.gates());
    }

    #[inline(always)]
    fn relax(&mut self, v: Lanes<N, T>) {
        self.put(self.gates().relaxed::<SODIUM>(v * self.to_mv, self.dt_ms));
    }

    #[inline(always)]
    fn shift(&mut self, drift: &[f64]) {
        let of = |place: usize| drift.get(place).copied().unwrap_or_default();
        let GateState { n, m, h } = self.gates();
        self.put(GateState { n: n - of(0), m: m - of(1), h: h - of(2) });
    }

    #[inline(always)]
    fn give(&mut self, given: &[f64]) {
        let of = |place: usize| Lanes::splat(given.get(place).copied().unwrap_or_default());
        self.g = [of(0), of(1), Self::three(self.of.conductance)[2]];
    }

    #[inline(always)]
    fn n_channels(&self) -> usize {
        if SODIUM { 3 } else { 1 }
    }

    #[inline(always)]
    fn conductance(&self, channel: usize) -> Lanes<N, T> {
        self.g[channel]
    }

    #[inline(always)]
    fn push(&self) -> (Lanes<N, T>, Lanes<N, T>) {
        let (g, reversal) = (self.g, Self::three(self.of.reversal));
        let battery = g[0].mul_add(reversal[0], g[1].mul_add(reversal[1], g[2] * reversal[2]));
        (if MAY_SHARE && self.of.shared { together::<_, true>(g) } else { together::<_, false>(g) }, battery)
    }

    #[inline(always)]
    fn show(&self, out: &mut Vec<Lanes<N, T>>) {
        out.extend_from_slice(self.gates);
    }

    #[inline(always)]
    fn is_near(&self, others: &[Lanes<N, T>], bound: f64) -> bool {
        self.gates.iter().zip(others).all(|(gate, other)| gate.is_near(*other, bound))
    }

    #[inline(always)]
    fn settle(&mut self, others: &[Lanes<N, T>]) {
        self.gates.copy_from_slice(others);
    }
}

/// Gatings of any channels, tabulated for one step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tabulated {
    /// Gates that lag behind the voltage, with their places.
    pub(super) lagging: (Vec<usize>, Tables),
    /// Gates that follow it at once.
    pub(super) instant: (Vec<usize>, Tables),
    /// Powers of the gates, channel by channel.
    pub(super) powers: Vec<Vec<u32>>,
}

/// Tables in use, by what they are of: groups and neurons with the same gates share them, however many there are.
static IN_USE: Mutex<Vec<(String, Weak<Tabulated>)>> = Mutex::new(Vec::new());

impl Tabulated {
    /// Of a circuit's channels, for a step in ms.
    pub(super) fn of(circuit: &Circuit, dt: f64) -> Arc<Self> {
        let signatures = circuit.channels.iter().map(|channel| channel.gating.signature());
        let key = signatures.fold(format!("{:x}", dt.to_bits()), |key, signature| key + "|" + signature);
        let find = || {
            let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
            in_use.retain(|(_, tables)| tables.strong_count() > 0);
            in_use.iter().find(|(of, _)| *of == key).and_then(|(_, tables)| tables.upgrade())
        };
        if let Some(known) = find() {
            return known;
        }
        // Made outside the lock: whoever else makes the same in the meantime makes the same numbers.
        let made = Arc::new(Self::new(circuit, dt));
        let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
        in_use.push((key, Arc::downgrade(&made)));
        made
    }

    fn new(circuit: &Circuit, dt: f64) -> Self {
        let some = |instant: bool| {
            let of = circuit.gates().enumerate().filter(|(_, (_, gate))| gate.is_instant() == instant);
            let (places, gates): (Vec<usize>, Vec<Gate>) = of.map(|(k, (_, gate))| (k, gate.clone())).unzip();
            let tables = Tables::new(&gates, dt);
            (places, tables)
        };
        let powers = |channel: &crate::channel::Channel| channel.gating.gates().iter().map(|g| g.power).collect();
        Self { lagging: some(false), instant: some(true), powers: circuit.channels.iter().map(powers).collect() }
    }

    /// Moves the gates of one neuron by a step at a voltage in mV, those that follow at once to their value at another.
    pub(super) fn advance(&self, gates: &mut [f64], held: f64, middle: f64) {
        let (places, tables) = &self.lagging;
        tables.at(held, |k, gain, lost| {
            let x = &mut gates[places[k]];
            *x = (-*x).mul_add(lost, *x) + gain;
        });
        let (places, tables) = &self.instant;
        tables.at(middle, |k, steady, _| gates[places[k]] = steady);
    }

    /// Number of gates.
    pub(super) fn n_gates(&self) -> usize {
        self.lagging.0.len() + self.instant.0.len()
    }

    /// Whether some gate follows the voltage at once: then the voltages one and two steps before are kept after the gates.
    pub(super) fn keeps_voltage(&self) -> bool {
        !self.instant.0.is_empty()
    }
}

/// Channels by tables.
pub(super) struct Any<'a, const N: usize, T: Float> {
    of: Conductors<'a, N, T>,
    tabulated: &'a Tabulated,
    /// Gates, then the voltages one and two steps before if they are needed.
    gates: &'a mut [Lanes<N, T>],
    g: [Lanes<N, T>; MAX_CHANNELS],
    to_mv: f64,
}

impl<'a, const N: usize, T: Float> Mechanism<'a, N, T> for Any<'a, N, T> {
    #[inline(always)]
    fn new(of: Conductors<'a, N, T>, gates: &'a mut [Lanes<N, T>], _: f64, units: RateUnits) -> Self {
        let tabulated = of.tabulated.expect("other channels than the papers' have tables");
        Self { of, tabulated, gates, g: [Lanes::default(); MAX_CHANNELS], to_mv: units.millivolts }
    }

    #[inline(always)]
    fn open(&mut self) {
        let mut gate = 0;
        for (channel, powers) in self.tabulated.powers.iter().enumerate() {
            let mut g = self.of.conductance[channel];
            for &power in powers {
                let x = self.gates[gate];
                gate += 1;
                for _ in 0..power {
                    g = g * x;
                }
            }
            self.g[channel] = g;
        }
    }

    #[inline(always)]
    #[expect(clippy::needless_range_loop, reason = "iterators are not always inlined")]
    fn relax(&mut self, v: Lanes<N, T>) {
        let (places, tables) = &self.tabulated.lagging;
        let (gates, to_mv) = (&mut self.gates, self.to_mv);
        tables.each_at(v.scaled_double(to_mv), |k, gain, lost| {
            let x = &mut gates[places[k]].0;
            for lane in 0..N {
                let before = x[lane].double();
                x[lane] = T::of((-before).fused(lost[lane], before) + gain[lane]);
            }
        });
        if self.tabulated.keeps_voltage() {
            // What follows at once belongs to the middle of the step: where a parabola through the last three voltages is
            // then.
            let n_gates = self.tabulated.n_gates();
            let [before, earlier] = [self.gates[n_gates], self.gates[n_gates + 1]];
            let middle = v * 1.875 + (earlier * 0.375 - before * 1.25);
            (self.gates[n_gates], self.gates[n_gates + 1]) = (v, before);
            let (places, tables) = &self.tabulated.instant;
            let gates = &mut self.gates;
            tables.each_at(middle.scaled_double(to_mv), |k, steady, _| {
                for lane in 0..N {
                    gates[places[k]].0[lane] = T::of(steady[lane]);
                }
            });
        }
        self.open();
    }

    #[inline(always)]
    fn shift(&mut self, drift: &[f64]) {
        for (gate, off) in self.gates.iter_mut().zip(drift) {
            *gate = *gate - *off;
        }
        self.open();
    }

    #[inline(always)]
    fn give(&mut self, given: &[f64]) {
        let mut given = given.iter();
        for (channel, powers) in self.tabulated.powers.iter().enumerate() {
            self.g[channel] = if powers.is_empty() {
                self.of.conductance[channel]
            } else {
                Lanes::splat(given.next().copied().unwrap_or_default())
            };
        }
    }

    #[inline(always)]
    fn n_channels(&self) -> usize {
        self.tabulated.powers.len()
    }

    #[inline(always)]
    fn conductance(&self, channel: usize) -> Lanes<N, T> {
        self.g[channel]
    }

    #[inline(always)]
    fn push(&self) -> (Lanes<N, T>, Lanes<N, T>) {
        let (mut total, mut roots, mut battery) = (Lanes::default(), Lanes::default(), Lanes::default());
        for channel in 0..self.n_channels() {
            let g = self.g[channel];
            total = total + g;
            battery = g.mul_add(self.of.reversal[channel], battery);
            if self.of.shared {
                roots = roots + g.sqrt();
            }
        }
        if self.of.shared { (total.sqrt() * roots, battery) } else { (total, battery) }
    }

    #[inline(always)]
    fn show(&self, out: &mut Vec<Lanes<N, T>>) {
        out.extend_from_slice(&self.gates[..self.tabulated.n_gates()]);
    }

    #[inline(always)]
    fn is_near(&self, others: &[Lanes<N, T>], bound: f64) -> bool {
        let n_gates = self.tabulated.n_gates();
        self.gates[..n_gates].iter().zip(others).all(|(gate, other)| gate.is_near(*other, bound))
    }

    #[inline(always)]
    fn settle(&mut self, others: &[Lanes<N, T>]) {
        self.gates.copy_from_slice(others);
    }
}
