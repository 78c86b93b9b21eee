//! Layers upon one another: what is positive upwards from zero, what is negative downwards.

use std::borrow::Cow;

use crate::chart::{Colour, Fill, Mark, Series};

/// Heights reached so far, at each time.
pub(super) struct Stack {
    above: Vec<f64>,
    below: Vec<f64>,
}

impl Stack {
    pub(super) fn new(n: usize) -> Self {
        Self { above: vec![0.0; n], below: vec![0.0; n] }
    }

    /// Puts a layer on; one that changes sign has a band on either side.
    pub(super) fn layer<'a>(
        &mut self,
        name: &str,
        colour: Colour,
        times: &Cow<'a, [f64]>,
        value: &dyn Fn(usize) -> f64,
    ) -> Vec<Series<'a>> {
        let values: Vec<f64> = (0..self.above.len()).map(value).collect();
        let negative = values.iter().any(|value| *value < 0.0);
        let positive = !negative || values.iter().any(|value| *value > 0.0);
        let mut series = Vec::new();
        let sides =
            [(&mut self.above, positive, f64::max as fn(f64, f64) -> f64), (&mut self.below, negative, f64::min)];
        for (reached, _, part) in sides.into_iter().filter(|side| side.1) {
            let lower = reached.clone();
            reached.iter_mut().zip(&values).for_each(|(reached, value)| *reached += part(*value, 0.0));
            let mark = Mark::Band(times.clone(), Cow::Owned(lower), Cow::Owned(reached.clone()), Fill::Solid);
            let one = Series::new(name, colour, mark);
            series.push(if series.is_empty() {
                one
            } else {
                one.named(&format!("{name}, below zero")).unlisted()
            });
        }
        series
    }

    /// Whether there is nothing to be seen.
    pub(super) fn is_flat(&self) -> bool {
        self.above.iter().chain(&self.below).all(|edge| *edge == 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edges(series: &Series<'_>) -> (Vec<f64>, Vec<f64>) {
        let Mark::Band(_, lower, upper, _) = &series.mark else { panic!("no band") };
        (lower.to_vec(), upper.to_vec())
    }

    /// A layer that dips below zero does not drag its upper part down with it.
    #[test]
    fn a_layer_that_changes_sign_keeps_to_both_sides() {
        let times = Cow::Owned(vec![0.0, 1.0, 2.0]);
        let mut stack = Stack::new(3);
        assert!(stack.is_flat());
        let first = stack.layer("steady", Colour::Ink, &times, &|_| 2.0);
        assert_eq!(first.iter().map(edges).collect::<Vec<_>>(), [(vec![0.0; 3], vec![2.0; 3])]);
        let both = stack.layer("source", Colour::Ink, &times, &|k| [1.0, -0.5, 0.0][k]);
        assert_eq!(edges(&both[0]), (vec![2.0; 3], vec![3.0, 2.0, 2.0]));
        assert_eq!(edges(&both[1]), (vec![0.0; 3], vec![0.0, -0.5, 0.0]));
        assert!(both[0].in_legend && !both[1].in_legend && !stack.is_flat());
        let below = stack.layer("splitter", Colour::Ink, &times, &|_| -1.0);
        assert_eq!(edges(&below[0]), (vec![0.0, -0.5, 0.0], vec![-1.0, -1.5, -1.0]));
        assert!(below.len() == 1 && below[0].in_legend);
    }
}
