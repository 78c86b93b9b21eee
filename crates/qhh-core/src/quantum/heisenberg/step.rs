//! The step of [`Propagator`], for the vectors of the machine.

use pulp::{Simd, WithSimd};

use super::tile::{Amplitude, Tile};
use super::{Gated, ModeState, ONWARD, Propagator, Wave};
use crate::circuit::MAX_PORTS;
use crate::integrate::langevin::STAGE;

/// Numbers of gates that respond: none, those of the papers' three channels, and a number known only at run time.
pub(super) const NONE: usize = 0;
pub(super) const PAPERS: usize = 3;
pub(super) const ANY: usize = usize::MAX;
/// Bits of all ports.
pub(super) const EVERY: usize = (1 << MAX_PORTS) - 1;

/// The steps, for a number of ports, what arrives at those of the bits in `ARRIVES`, and a number of gates that respond;
/// a type of its own so that it is compiled for the machine's vectors.
pub(super) struct Advance<'a, 'b, 'c, const PORTS: usize, const ARRIVES: usize, const GATES: usize> {
    pub(super) propagator: &'a Propagator,
    pub(super) state: &'a mut ModeState,
    pub(super) stages: &'a [[Wave; 2]],
    pub(super) current: &'a [[f64; 2]],
    pub(super) arriving: [&'a [Wave]; MAX_PORTS],
    pub(super) gated: Option<Gated<'a>>,
    /// Whether the flux is followed.
    pub(super) flux: bool,
    pub(super) leaving: &'b mut [&'c mut [Wave]; MAX_PORTS],
}

impl<'a, 'b, 'c, const PORTS: usize, const ARRIVES: usize, const GATES: usize>
    Advance<'a, 'b, 'c, PORTS, ARRIVES, GATES>
{
    /// The same by the loop for any number of ports.
    pub(super) fn general<const G: usize>(self) -> Advance<'a, 'b, 'c, MAX_PORTS, EVERY, G> {
        let Self { propagator, state, stages, current, arriving, gated, flux, leaving } = self;
        Advance { propagator, state, stages, current, arriving, gated, flux, leaving }
    }
}

impl<const PORTS: usize, const ARRIVES: usize, const GATES: usize> WithSimd
    for Advance<'_, '_, '_, PORTS, ARRIVES, GATES>
{
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for tile in Tile::all(simd) {
            self.tile(tile);
        }
    }
}

impl<const PORTS: usize, const ARRIVES: usize, const GATES: usize> Advance<'_, '_, '_, PORTS, ARRIVES, GATES> {
    #[inline(always)]
    fn tile<S: Simd>(&mut self, tile: Tile<S>) {
        let Propagator { ports, flux: of_flux, node, onward, .. } = self.propagator;
        let arrives = |p: usize| ARRIVES >> p & 1 == 1;
        let arriving = self.arriving;
        let at = |p: usize, step: usize| match arriving[p].get(step) {
            Some(wave) => tile.load(wave),
            None => tile.zero(),
        };
        let mut v = tile.load(&self.state.v);
        let mut flux = tile.load(&self.state.flux);
        let mut u: [Amplitude<S>; PORTS] = std::array::from_fn(|p| tile.load(&self.state.u[p]));
        let mut twice: [Amplitude<S>; PORTS] =
            std::array::from_fn(|p| if arrives(p) { tile.doubled(at(p, 0)) } else { tile.zero() });
        for (step, [first, second]) in self.stages.iter().enumerate() {
            let end: [Amplitude<S>; PORTS] =
                std::array::from_fn(|p| if arrives(p) { at(p, step + 1) } else { tile.zero() });
            let twice_end: [Amplitude<S>; PORTS] = std::array::from_fn(|p| tile.doubled(end[p]));
            let twice_first: [Amplitude<S>; PORTS] =
                std::array::from_fn(|p| tile.between(twice[p], twice_end[p], STAGE));
            let (mut inflow, mut inflow_second) = (v, tile.scaled(v, 1.0 - ONWARD));
            if let Some([at_first, at_second]) = self.current.get(step) {
                inflow = tile.plus_real(inflow, node * at_first);
                inflow_second = tile.plus_real(inflow_second, node * at_second);
            }
            for p in 0..PORTS {
                inflow = tile.add_product(tile.load(&ports[p].from), u[p], inflow);
                inflow_second = tile.add_product(tile.load(&ports[p].from_kept), u[p], inflow_second);
                if arrives(p) {
                    inflow = tile.add_product(tile.load(&ports[p].into), twice_first[p], inflow);
                    inflow_second = tile.add_product(tile.load(&ports[p].into), twice_end[p], inflow_second);
                    inflow_second = tile.add_product(tile.load(&ports[p].back), twice_first[p], inflow_second);
                }
            }
            if GATES != NONE {
                (inflow, inflow_second) =
                    respond::<S, GATES>(&mut self.gated, tile, step, v, (inflow, inflow_second));
            }
            let v_first = tile.product(tile.load(first), inflow);
            inflow_second = tile.add_product(tile.load(onward), v_first, inflow_second);
            v = tile.product(tile.load(second), inflow_second);
            for p in 0..PORTS {
                let (at_first, at_second) = if arrives(p) {
                    (tile.minus(v_first, twice_first[p]), tile.minus(v, twice_end[p]))
                } else {
                    (v_first, v)
                };
                let kept = tile.product(tile.load(&ports[p].keep), u[p]);
                let moved = tile.add_product(tile.load(&ports[p].first), at_first, kept);
                u[p] = tile.add_product(tile.load(&ports[p].second), at_second, moved);
            }
            if self.flux {
                let kept = tile.product(tile.load(&of_flux.keep), flux);
                let moved = tile.add_product(tile.load(&of_flux.first), v_first, kept);
                flux = tile.add_product(tile.load(&of_flux.second), v, moved);
            }
            if GATES != NONE {
                measure(&mut self.gated, tile, v_first, v);
            }
            for p in 0..PORTS {
                if let Some(place) = self.leaving[p].get_mut(step) {
                    let reflected = tile.minus(v, u[p]);
                    tile.store(place, if arrives(p) { tile.minus(reflected, end[p]) } else { reflected });
                }
            }
            twice = twice_end;
        }
        tile.store(&mut self.state.v, v);
        tile.store(&mut self.state.flux, flux);
        for (place, u) in self.state.u.iter_mut().zip(u) {
            tile.store(place, u);
        }
    }
}

/// Moves the gates on at the voltage of the step's start, and adds what they do to the inflow at both stages.
#[inline(always)]
fn respond<S: Simd, const GATES: usize>(
    gated: &mut Option<Gated<'_>>,
    tile: Tile<S>,
    step: usize,
    v: Amplitude<S>,
    (mut first, mut second): (Amplitude<S>, Amplitude<S>),
) -> (Amplitude<S>, Amplitude<S>) {
    let Some(Gated { gating, steps, deviations, .. }) = gated else { return (first, second) };
    let n = if GATES == ANY { gating.held.len() } else { GATES };
    let followed = if gating.record.is_some() { tile.load(&deviations[n]) } else { v };
    // Kept after the gates and the record.
    let middle = if GATES == ANY && gating.keeps_voltage() {
        let [.., before, earlier] = &mut **deviations else { return (first, second) };
        let (last, last_but_one) = (tile.load(before), tile.load(earlier));
        let back = tile.add_scaled(last, -1.25, tile.scaled(last_but_one, 0.375));
        let middle = tile.add_scaled(followed, 1.875, back);
        tile.store(earlier, last);
        tile.store(before, followed);
        Some(middle)
    } else {
        None
    };
    let turn = tile.load(&gating.turn);
    let (held, steps) = (&gating.held[..n], &steps[step * n..(step + 1) * n]);
    for (k, ((gate, held), deviation)) in steps.iter().zip(held).zip(&mut deviations[..n]).enumerate() {
        let before = tile.load(deviation);
        let left = tile.scaled(tile.product(turn, before), gate.left);
        let follows = middle.filter(|_| gating.instant[k]).unwrap_or(followed);
        let after = tile.add_scaled(tile.product(tile.load(held), follows), gate.drive, left);
        let [[of_after, of_before], [of_after_second, of_before_second]] = gate.inflow;
        first = tile.add_scaled(before, of_before, tile.add_scaled(after, of_after, first));
        second = tile.add_scaled(before, of_before_second, tile.add_scaled(after, of_after_second, second));
        tile.store(deviation, after);
    }
    (first, second)
}

/// Moves the record on that gates follow, from the voltages at both stages.
#[inline(always)]
fn measure<S: Simd>(gated: &mut Option<Gated<'_>>, tile: Tile<S>, v_first: Amplitude<S>, v: Amplitude<S>) {
    let Some(Gated { gating, deviations, recorded, .. }) = gated else { return };
    let Some(record) = &gating.record else { return };
    let place = &mut deviations[gating.held.len()];
    let kept = tile.product(tile.load(&record.keep), tile.load(place));
    let (first, second) = (tile.plus_real(v_first, *recorded), tile.plus_real(v, *recorded));
    let moved = tile.add_product(tile.load(&record.first), first, kept);
    tile.store(place, tile.add_product(tile.load(&record.second), second, moved));
}
