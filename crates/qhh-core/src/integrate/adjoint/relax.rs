//! How the relaxation of the papers' gates changes with the voltage they follow.

#![expect(clippy::inline_always, reason = "out of line, this falls back to the portable instructions")]

use pulp::{Simd, WithSimd};

use crate::circuit::Papers;
use crate::integrate::kernel::RelaxationSlope;
use crate::integrate::lanes::Lanes;

/// The derivative over `dt` milliseconds at the voltage `v`, in mV; a type of its own so that it can be compiled for the
/// machine's vectors apart from the loop that needs it.
pub(super) struct Relax<const N: usize> {
    pub(super) which: Papers,
    pub(super) v: Lanes<N>,
    pub(super) dt: f64,
}

impl<const N: usize> WithSimd for Relax<N> {
    type Output = RelaxationSlope<Lanes<N>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        match self.which {
            Papers::Three => RelaxationSlope::at::<true>(self.v, self.dt),
            Papers::Single => RelaxationSlope::at::<false>(self.v, self.dt),
        }
    }
}
