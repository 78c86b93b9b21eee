//! The step of [`Propagator`], for the vectors of the machine.

use pulp::{Simd, WithSimd};

use super::tile::{Amplitude, Tile};
use super::{ModeState, ONWARD, Propagator, Wave};
use crate::circuit::MAX_PORTS;
use crate::integrate::langevin::STAGE;

/// The steps, for a number of ports, what arrives at those of the bits in `ARRIVES`, with the flux or without; a type
/// of its own so that it is compiled for the machine's vectors.
pub(super) struct Advance<'a, 'b, 'c, const PORTS: usize, const ARRIVES: usize, const FLUX: bool> {
    pub(super) propagator: &'a Propagator,
    pub(super) state: &'a mut ModeState,
    pub(super) stages: &'a [[Wave; 2]],
    pub(super) current: &'a [[f64; 2]],
    pub(super) arriving: [&'a [Wave]; MAX_PORTS],
    pub(super) leaving: &'b mut [&'c mut [Wave]; MAX_PORTS],
}

impl<const PORTS: usize, const ARRIVES: usize, const FLUX: bool> WithSimd
    for Advance<'_, '_, '_, PORTS, ARRIVES, FLUX>
{
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for tile in Tile::all(simd) {
            self.tile(tile);
        }
    }
}

impl<const PORTS: usize, const ARRIVES: usize, const FLUX: bool> Advance<'_, '_, '_, PORTS, ARRIVES, FLUX> {
    #[inline(always)]
    fn tile<S: Simd>(&mut self, tile: Tile<S>) {
        let Propagator { ports, flux: of_flux, node, onward, .. } = self.propagator;
        let arrives = |p: usize| ARRIVES >> p & 1 == 1;
        let at = |p: usize, step: usize| match self.arriving[p].get(step) {
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
            if FLUX {
                let kept = tile.product(tile.load(&of_flux.keep), flux);
                let moved = tile.add_product(tile.load(&of_flux.first), v_first, kept);
                flux = tile.add_product(tile.load(&of_flux.second), v, moved);
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
