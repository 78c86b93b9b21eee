//! Photon numbers of output modes, and the distributions of their quadratures, beside those of the sources they carry.

use std::borrow::Cow;

use qhh_net::Network;
use qhh_results::{StatesSummary, WignerSummary};

use super::sent;
use crate::chart::{Arrangement, AxisSpec, Colour, Figure, Height, Mark, NeuronPart, Panel, Series};

/// Most modes shown.
const MOST_MODES: usize = 8;
/// What is drawn of the source that a mode carries.
const SENT: &str = "sent by its source";

/// How probable each number of photons is.
pub(super) fn photons(network: &Network, states: &StatesSummary) -> Figure<'static> {
    let points =
        |numbers: &[f64]| numbers.iter().enumerate().map(|(n, part)| (n as f64, *part)).collect::<Vec<_>>();
    let panels = states.modes.iter().take(MOST_MODES).filter_map(|mode| {
        let numbers = mode.photon_numbers.as_ref()?;
        let mut series =
            vec![Series::new("leaves", Colour::Of(NeuronPart::Output), Mark::Bars(points(numbers), 1.0))];
        let mut most = numbers.len();
        if let Some(numbers) = sent(network, mode).and_then(|sent| sent.state.photon_numbers()) {
            most = most.max(numbers.len());
            series.push(Series::new(SENT, Colour::Of(NeuronPart::Source), Mark::Dots(points(&numbers))));
        }
        let mut x = AxisSpec::new("Photons", "");
        let every = most.div_ceil(8).max(1);
        x.named = Some((0..most.max(2)).step_by(every).map(|n| (n as f64, n.to_string())).collect());
        Some(Panel {
            heading: mode.name.clone(),
            x,
            y: AxisSpec::new("Probability", "").with_zero(),
            series,
            height: Height::Small,
        })
    });
    Figure {
        id: "photons".to_owned(),
        title: "Photon numbers".to_owned(),
        caption: "How probable each number of photons is in what leaves, and in what its source sent. States of more than \
                  about forty photons have no bars."
            .to_owned(),
        panels: panels.collect(),
        arrangement: Arrangement::Beside,
    }
}

/// Distributions of x and p.
pub(super) fn quadratures(network: &Network, states: &StatesSummary) -> Figure<'static> {
    let mut panels = Vec::new();
    for mode in states.modes.iter().take(MOST_MODES) {
        let Some(own) = mode.wigner.as_ref().and_then(WignerSummary::quadratures) else { continue };
        let sent = sent(network, mode).and_then(|sent| WignerSummary::new(&sent.state.wigner()?).quadratures());
        for (k, (axis, (points, density))) in ["x", "p"].into_iter().zip(own).enumerate() {
            let line = |name: &str, colour, x: Vec<f64>, y: Vec<f64>| {
                Series::line(name, colour, Cow::Owned(x), Cow::Owned(y))
            };
            // Of the same middle, so that widths can be compared.
            let mean = if k == 0 { mode.mean[0] } else { mode.mean[1] } * std::f64::consts::SQRT_2;
            let vacuum =
                points.iter().map(|at| (-(at - mean).powi(2)).exp() / std::f64::consts::PI.sqrt()).collect();
            let mut series = vec![
                line("vacuum, moved to the same mean", Colour::Ink, points.clone(), vacuum),
                line("leaves", Colour::Of(NeuronPart::Output), points, density),
            ];
            if let Some(sent) = &sent {
                let (points, density) = &sent[k];
                series.push(line(SENT, Colour::Of(NeuronPart::Source), points.clone(), density.clone()));
            }
            panels.push(Panel {
                heading: format!("{}, {axis}", mode.name),
                x: AxisSpec::new(axis, ""),
                y: AxisSpec::new("Density", "").with_zero(),
                series,
                height: Height::Small,
            });
        }
    }
    Figure {
        id: "quadratures".to_owned(),
        title: "Distributions of the quadratures".to_owned(),
        caption:
            "What many measurements of x or of p would find: the Wigner function summed over the other. Narrower \
                  than vacuum is squeezed; of what the source sent, its own."
                .to_owned(),
        panels,
        arrangement: Arrangement::Beside,
    }
}
