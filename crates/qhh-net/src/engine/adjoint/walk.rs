//! Back through the windows of a run, the last first. States within a stretch are made again from the one that was kept at
//! its start.

use std::sync::Mutex;

use qhh_core::stop;
use rayon::ThreadPool;

use super::block::Block;
use super::later::{Later, Sent, Waves};
use super::reverse::{Own, Scratch, WindowBack};
use super::transposed::Transposed;
use super::within;
use crate::coupling::scattering::Scattering;
use crate::engine::delay_lines::SlabWriter;
use crate::engine::inflow::Inflow;
use crate::engine::state::Observer;
use crate::engine::{Progress, RunError, Stage, WindowPlan, for_each_block};
use crate::network::Network;

/// A run on tape, and a number's slopes by its voltages.
pub(super) struct Walk<'a> {
    pub(super) network: &'a Network,
    pub(super) scattering: &'a Scattering,
    pub(super) transposed: &'a Transposed,
    /// Waves that were sent.
    pub(super) sent: &'a Waves,
    pub(super) pool: Option<&'a ThreadPool>,
    /// First step and number of steps of each window.
    pub(super) windows: &'a [(u64, usize)],
    /// Windows in a stretch.
    pub(super) stride: usize,
    /// Steps of a whole window.
    pub(super) width: usize,
    /// By watched neuron.
    pub(super) slopes: &'a [Own<'a>],
}

/// A block with what is kept of it on the way.
pub(super) trait Walked: Send {
    fn block(&mut self) -> &mut Block;

    /// First row of its receiving ports, and their number.
    fn arriving(&self) -> (usize, usize);
}

impl Walk<'_> {
    /// Goes `through` every window with every block, and tells `ended` the number of each window that is done; it answers
    /// below which squares waves are too faint to follow in the window before.
    ///
    /// # Errors
    /// [`RunError::Stopped`] by the observer.
    pub(super) fn back<B: Walked, S: AsMut<Scratch> + Send>(
        &self,
        (blocks, scratch): (&mut [B], &[Mutex<S>]),
        later: &mut Later,
        through: &(impl Fn(&mut B, &WindowBack<'_>, SlabWriter<'_>, &mut S) + Sync),
        ended: &mut dyn FnMut(&[B], usize) -> f64,
        observer: &mut dyn Observer,
    ) -> Result<(), RunError> {
        let &Walk { network, scattering, transposed, sent, pool, windows, stride, width, slopes } = self;
        let total = windows.last().map_or(0, |(first, n_steps)| first + *n_steps as u64);
        let mut inflows: Vec<Inflow<'_>> = (0..stride.min(windows.len())).map(|_| Inflow::new(network)).collect();
        let mut floor = 0.0;
        for stretch in (0..windows.len().div_ceil(stride)).rev() {
            let numbers = stretch * stride..((stretch + 1) * stride).min(windows.len());
            for (inflow, &(first, n_steps)) in inflows.iter_mut().zip(&windows[numbers.clone()]) {
                inflow.fill(first, n_steps);
            }
            let plan = |(number, inflow)| {
                let (first, n_steps) = windows[number];
                (WindowPlan { network, scattering, first, n_steps, inflow }, sent.before(number))
            };
            let plans: Vec<(WindowPlan<'_>, Sent<'_>)> = numbers.clone().zip(&inflows).map(plan).collect();
            for walked in &mut *blocks {
                walked.block().end_stretch();
            }
            for number in numbers.clone().rev() {
                stop::check();
                let (plan, sent) = &plans[number - numbers.start];
                let first = plan.first;
                let mut slab = later.take(pool);
                let window = WindowBack {
                    plan,
                    sent: *sent,
                    stretch: &plans[..number - numbers.start],
                    later: later.under_way(),
                    floor,
                    transposed,
                    width,
                    number: stretch,
                    slopes,
                };
                within(pool, || {
                    for_each_block(blocks, &B::arriving, slab.fresh(width), scratch, &|walked, fresh, scratch| {
                        through(walked, &window, fresh, scratch);
                        None::<()>
                    })
                });
                later.put(slab);
                floor = ended(blocks, number);
                let time = first as f64 * network.simulation.step;
                let progress = Progress { stage: Stage::Backwards, done: total - first, total, time };
                if observer.progress(progress).is_break() {
                    return Err(RunError::Stopped { time });
                }
            }
        }
        Ok(())
    }
}
