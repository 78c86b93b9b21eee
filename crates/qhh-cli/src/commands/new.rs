//! `qhh new`: a commented network file to start from.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use qhh::Error;

use crate::args::{NewArgs, Template};
use crate::failure::Failure;
use crate::output;

impl Template {
    fn text(self) -> &'static str {
        match self {
            Self::ThreeChannel => include_str!("../../templates/three-channel.yaml"),
            Self::SingleChannel => include_str!("../../templates/single-channel.yaml"),
            Self::SquidAxon => include_str!("../../templates/squid-axon.yaml"),
            Self::QuantumSource => include_str!("../../templates/quantum-source.yaml"),
            Self::CustomChannel => include_str!("../../templates/custom-channel.yaml"),
            Self::Chain => include_str!("../../templates/chain.yaml"),
            Self::Feedforward => include_str!("../../templates/feedforward.yaml"),
            Self::Ring => include_str!("../../templates/ring.yaml"),
            Self::EntangledPair => include_str!("../../templates/entangled-pair.yaml"),
            Self::Sweep => include_str!("../../templates/sweep.yaml"),
            Self::Learning => include_str!("../../templates/learning.yaml"),
            Self::Fit => include_str!("../../templates/fit.yaml"),
        }
    }

    /// A second file that the first one names, beside it: its name and text.
    fn second(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Learning => {
                Some(("learning-network.yaml", include_str!("../../templates/learning-network.yaml")))
            }
            Self::Fit => Some(("fit-network.yaml", include_str!("../../templates/fit-network.yaml"))),
            _ => None,
        }
    }
}

/// Writes a template, or lists them.
pub(crate) fn new(args: &NewArgs) -> Result<(), Failure> {
    let Some(template) = args.template.filter(|_| !args.list) else {
        return list();
    };
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.yaml", name(template))));
    if out.as_os_str() == "-" {
        return output::print(template.text()).map_err(Failure::Output);
    }
    let write = |text: &str, path: &Path| qhh_results::write_text(text, path, args.force).map_err(Error::Folder);
    let mut written = String::new();
    if let Some((name, text)) = template.second() {
        let beside = out.with_file_name(name);
        write(text, &beside)?;
        written = format!("{}\n", beside.display());
    }
    write(template.text(), &out)?;
    output::print(&format!("{}\n{written}", out.display())).map_err(Failure::Output)
}

/// Names and what each shows, as the command line knows them.
fn list() -> Result<(), Failure> {
    let values = Template::value_variants().iter().filter_map(Template::to_possible_value);
    let rows: Vec<_> = values
        .map(|value| (value.get_name().to_owned(), value.get_help().map(ToString::to_string).unwrap_or_default()))
        .collect();
    let rows: Vec<_> = rows.iter().map(|(name, shows)| (name.as_str(), shows.clone())).collect();
    output::print(&output::aligned(&rows)).map_err(Failure::Output)
}

fn name(template: Template) -> String {
    template.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}
