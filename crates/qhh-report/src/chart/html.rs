//! The place of a figure on the page: title, caption, a box for each panel that says what is to be seen, and the data.

use std::fmt::Write as _;

use minijinja::HtmlEscape;

use super::{Arrangement, Figure, Fill, Height, Mark, N_COLOURS, Panel};
use qhh_results::number::number;

impl Figure<'_> {
    /// Whether there is anything to draw.
    pub(crate) fn is_empty(&self) -> bool {
        self.panels.iter().flat_map(|panel| &panel.series).all(|series| series.mark.is_empty())
    }

    /// The figure as HTML, every text escaped; nothing without panels that hold data.
    pub(crate) fn html(&self) -> String {
        let panels: Vec<&Panel<'_>> =
            self.panels.iter().filter(|p| p.series.iter().any(|s| !s.mark.is_empty())).collect();
        if panels.is_empty() {
            return String::new();
        }
        let mut html = String::with_capacity(1 << 15);
        let _ = write!(
            html,
            "<figure class=\"chart\" id=\"{id}\"><figcaption><h3>{title}</h3><p>{caption}</p></figcaption>",
            id = HtmlEscape(&self.id),
            title = HtmlEscape(&self.title),
            caption = HtmlEscape(&self.caption)
        );
        let beside = self.arrangement == Arrangement::Beside;
        let _ = write!(html, "<div class=\"panels{}\">", if beside && panels.len() > 1 { " beside" } else { "" });
        for (k, panel) in panels.iter().enumerate() {
            panel.write(&mut html, &self.title, beside || k + 1 == panels.len());
        }
        // Within a script element nothing but its end is markup: no `<` may stand in a text.
        let data = self.data(&panels).to_string().replace('<', "\\u003c");
        let _ = write!(html, "</div><script type=\"application/json\">{data}</script></figure>");
        html
    }
}

impl Panel<'_> {
    fn write(&self, html: &mut String, figure: &str, with_x: bool) {
        let height = match self.height {
            Height::Tall => "tall",
            Height::Normal => "normal",
            Height::Small => "small",
            Height::Square => "square",
            Height::Plane => "plane",
            Height::Lanes => "lanes",
        };
        html.push_str("<div class=\"panel\"><p class=\"yl\">");
        if !self.heading.is_empty() {
            let _ = write!(html, "<b>{}</b> ", HtmlEscape(&self.heading));
        }
        let name = if self.heading.is_empty() { figure.to_owned() } else { format!("{figure}: {}", self.heading) };
        let _ = write!(
            html,
            "<span>{}</span></p><div class=\"plot {height}\" tabindex=\"0\" role=\"group\" \
             aria-roledescription=\"chart\" aria-label=\"{}. {}\"></div>",
            HtmlEscape(&self.y.label),
            HtmlEscape(&name),
            HtmlEscape(&self.summary()),
        );
        if with_x {
            let _ = write!(html, "<p class=\"xl\">{}</p>", HtmlEscape(&self.x.label));
        }
        html.push_str("</div>");
    }

    /// The plot in a sentence, for those who cannot see it.
    fn summary(&self) -> String {
        let mut text = format!("{} against {}.", self.y.title(), self.x.title());
        let told = self
            .series
            .iter()
            .filter(|s| !s.mark.is_empty() && !matches!(s.mark, Mark::Dots(_) | Mark::Outline(_)));
        for series in told.take(N_COLOURS) {
            let (mut low, mut high) = super::EMPTY;
            let mut see = |y: f64| {
                if y.is_finite() {
                    (low, high) = (low.min(y), high.max(y));
                }
            };
            match &series.mark {
                // Of a stack, a layer has its own height.
                Mark::Band(_, lower, upper, Fill::Solid) => {
                    lower.iter().zip(upper.iter()).for_each(|(lower, upper)| see(upper - lower));
                }
                mark => mark.visit(&mut |_, y| see(y)),
            }
            if let Mark::Picture(picture) = &series.mark {
                let _ = write!(text, " {}", picture.summary(&series.name));
                continue;
            }
            let range = if high > low {
                format!("from {} to {}", number(low, 3), number(high, 3))
            } else {
                format!("at {}", number(low, 3))
            };
            let _ = write!(text, " {}: {range}.", series.name);
        }
        // A panel of dots alone is described by where they lie.
        if !text.contains(|c: char| c.is_ascii_digit()) {
            for series in self.series.iter().filter(|series| !series.mark.points().is_empty()).take(N_COLOURS) {
                let (mut low, mut high) = super::EMPTY;
                series.mark.points().iter().for_each(|&(x, _)| (low, high) = (low.min(x), high.max(x)));
                let range =
                    if high > low { format!("{} to {}", number(low, 3), number(high, 3)) } else { number(low, 3) };
                let _ = write!(text, " {}: {} {range}.", series.name, self.x.label);
            }
        }
        text
    }
}
