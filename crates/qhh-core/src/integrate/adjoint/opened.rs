//! Conductance and battery current of the channels from their gates, and the transpose of its derivative.

#![expect(clippy::inline_always, reason = "out of line, these fall back to the portable instructions")]
#![expect(clippy::needless_range_loop, reason = "several arrays are walked side by side")]

use pulp::{Simd, WithSimd};
use smallvec::SmallVec;

use super::Slopes;
use crate::channel::MAX_CHANNELS;
use crate::circuit::Papers;
use crate::integrate::group::{ChannelKind, Group};
use crate::integrate::lanes::Lanes;

/// Powers of the gates of each channel.
pub(super) type Powers<'a> = SmallVec<[&'a [u32]; 4]>;

/// Powers of the gates of a group's channels.
pub(super) fn powers<const N: usize>(group: &Group<N>) -> Powers<'_> {
    const THREE: [&[u32]; 3] = [&[4], &[3, 1], &[]];
    let of_tables = || group.tabulated.iter().flat_map(|tabulated| tabulated.powers.iter().map(Vec::as_slice));
    match group.kind.channels {
        ChannelKind::Papers(Papers::Three) => SmallVec::from_slice(&THREE),
        ChannelKind::Papers(Papers::Single) => SmallVec::from_slice(&THREE[..1]),
        ChannelKind::Any(_) => of_tables().collect(),
    }
}

#[inline(always)]
fn power<const N: usize>(x: Lanes<N>, exponent: u32) -> Lanes<N> {
    (0..exponent).fold(Lanes::splat(1.0), |product, _| product * x)
}

/// The open part of each channel, `prod x^p`.
#[inline(always)]
fn open<const N: usize>(powers: &[&[u32]], gates: &[Lanes<N>]) -> [Lanes<N>; MAX_CHANNELS] {
    let mut open = [Lanes::splat(1.0); MAX_CHANNELS];
    let mut gate = 0;
    for (channel, powers) in powers.iter().enumerate() {
        for &exponent in *powers {
            open[channel] = open[channel] * power(gates[gate], exponent);
            gate += 1;
        }
    }
    open
}

/// Conductance of the channels together, and the current that their batteries push.
#[inline(always)]
pub(super) fn push<const N: usize>(
    group: &Group<N>,
    powers: &[&[u32]],
    gates: &[Lanes<N>],
) -> (Lanes<N>, Lanes<N>) {
    if is_three(group) {
        let ([n4, m3h], _) = three(gates);
        let g = [group.conductance[0] * n4, group.conductance[1] * m3h, group.conductance[2]];
        let reversal = &group.reversal;
        let battery = g[0].mul_add(reversal[0], g[1].mul_add(reversal[1], g[2] * reversal[2]));
        return (g[0] + g[1] + g[2], battery);
    }
    let open = open(powers, gates);
    let (mut total, mut roots, mut battery) = (Lanes::default(), Lanes::default(), Lanes::default());
    for channel in 0..powers.len() {
        let g = group.conductance[channel] * open[channel];
        total = total + g;
        battery = g.mul_add(group.reversal[channel], battery);
        if group.kind.shared {
            roots = roots + g.sqrt();
        }
    }
    if group.kind.shared { (total.sqrt() * roots, battery) } else { (total, battery) }
}

/// [`push`] for loops over steps; a type of its own so that they share one for each kind of vectors.
pub(super) struct Push<'a, const N: usize> {
    pub(super) group: &'a Group<N>,
    pub(super) powers: &'a [&'a [u32]],
    pub(super) gates: &'a [Lanes<N>],
}

impl<const N: usize> WithSimd for Push<'_, N> {
    type Output = (Lanes<N>, Lanes<N>);

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Self::Output {
        push(self.group, self.powers, self.gates)
    }
}

/// Appends the conductance of each channel, or of all together where they share one bath.
pub(super) fn conductances<const N: usize>(group: &Group<N>, gates: &[Lanes<N>], to: &mut Vec<Lanes<N>>) {
    let powers = powers(group);
    if group.kind.shared {
        to.push(push(group, &powers, gates).0);
        return;
    }
    let open = open(&powers, gates);
    to.extend(group.conductance.iter().zip(open).map(|(whole, open)| *whole * open));
}

/// The transpose of [`push`]: from sensitivities to its two results, `of`, to those to gates and, if they are wanted, parameters.
#[inline(always)]
pub(super) fn back<const N: usize>(
    group: &Group<N>,
    powers: &[&[u32]],
    gates: &[Lanes<N>],
    of: (Lanes<N>, Lanes<N>),
    to: &mut [Lanes<N>],
    mut slopes: Option<&mut Slopes<N>>,
) {
    if is_three(group) {
        three_back(group, gates, of, to, slopes);
        return;
    }
    let open = open(powers, gates);
    let mut roots = (Lanes::default(), Lanes::default());
    if group.kind.shared {
        let (mut total, mut sum) = (Lanes::<N>::default(), Lanes::<N>::default());
        for channel in 0..powers.len() {
            let g = group.conductance[channel] * open[channel];
            (total, sum) = (total + g, sum + g.sqrt());
        }
        roots = (total.sqrt(), sum);
    }
    let mut gate = 0;
    for (channel, powers) in powers.iter().enumerate() {
        let (whole, part) = (group.conductance[channel], open[channel]);
        let g = whole * part;
        let mut total = of.0;
        if group.kind.shared {
            // The conductance together is `sqrt(sum g) sum sqrt(g)`; a shut channel has no slope that is finite.
            for lane in 0..N {
                let (g, root, roots) = (g.0[lane], roots.0.0[lane], roots.1.0[lane]);
                total.0[lane] *= if g > 0.0 { 0.5 * (roots / root + root / g.sqrt()) } else { 0.0 };
            }
        }
        let own = of.1.mul_add(group.reversal[channel], total);
        if let Some(slopes) = slopes.as_deref_mut() {
            slopes.conductance[channel] = own.mul_add(part, slopes.conductance[channel]);
            slopes.reversal[channel] = of.1.mul_add(g, slopes.reversal[channel]);
        }
        let first = gate;
        for (which, &exponent) in powers.iter().enumerate().filter(|(_, exponent)| **exponent > 0) {
            let mut slope = whole * power(gates[first + which], exponent - 1) * f64::from(exponent);
            for (other, &exponent) in powers.iter().enumerate().filter(|(other, _)| *other != which) {
                slope = slope * power(gates[first + other], exponent);
            }
            to[first + which] = own.mul_add(slope, to[first + which]);
        }
        gate += powers.len();
    }
}

/// Whether the channels are the papers' three with a bath each, which have a way of their own.
#[inline(always)]
fn is_three<const N: usize>(group: &Group<N>) -> bool {
    group.kind.channels == ChannelKind::Papers(Papers::Three) && !group.kind.shared
}

/// `n^4` and `m^3 h`, and their slopes by n, m and h.
#[inline(always)]
fn three<const N: usize>(gates: &[Lanes<N>]) -> ([Lanes<N>; 2], [Lanes<N>; 3]) {
    let (n, m, h) = (gates[0], gates[1], gates[2]);
    let (n2, m2) = (n * n, m * m);
    let m3 = m2 * m;
    ([n2 * n2, m3 * h], [n2 * n * 4.0, m2 * h * 3.0, m3])
}

/// [`back`] of the papers' three channels.
#[inline(always)]
fn three_back<const N: usize>(
    group: &Group<N>,
    gates: &[Lanes<N>],
    of: (Lanes<N>, Lanes<N>),
    to: &mut [Lanes<N>],
    mut slopes: Option<&mut Slopes<N>>,
) {
    let ([n4, m3h], by_gates) = three(gates);
    let open = [n4, m3h, Lanes::splat(1.0)];
    for channel in 0..3 {
        let (whole, reversal) = (group.conductance[channel], group.reversal[channel]);
        let own = of.1.mul_add(reversal, of.0);
        if let Some(slopes) = slopes.as_deref_mut() {
            slopes.conductance[channel] = own.mul_add(open[channel], slopes.conductance[channel]);
            slopes.reversal[channel] = of.1.mul_add(whole * open[channel], slopes.reversal[channel]);
        }
        let through = own * whole;
        match channel {
            0 => to[0] = through.mul_add(by_gates[0], to[0]),
            1 => {
                to[1] = through.mul_add(by_gates[1], to[1]);
                to[2] = through.mul_add(by_gates[2], to[2]);
            }
            _ => {}
        }
    }
}
