//! What the documents promise: paths and links that exist, networks that check and run, output as it is shown.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::place::{Place, run_shipped};

const README: &str = "README.md";
const NETWORK: &str = "docs/network.md";
const SHIPPED: &str = "docs/networks.md";
const PHYSICS: &str = "docs/physics.md";
const SWEEPS: &str = "docs/sweeps.md";
const EXPERIMENTS: &str = "docs/experiments.md";
const DEPENDENCIES: &str = "docs/dependencies.md";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn text(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap_or_else(|cause| panic!("{document}: {cause}"))
}

/// What stands behind the opening fence of each block, and what is in it.
fn fenced(document: &str) -> Vec<(String, String)> {
    let (mut found, mut open) = (Vec::new(), None::<(String, String)>);
    for line in document.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(word)) => open = Some((word.to_owned(), String::new())),
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some((_, block)), None) => block.extend([line, "\n"]),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is left open");
    found
}

/// Contents of the fenced blocks of one language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    fenced(document).into_iter().filter(|(word, _)| word == language).map(|(_, block)| block).collect()
}

/// The document without its fenced blocks.
fn prose(document: &str) -> String {
    let outside = document.split("\n```").step_by(2);
    outside.map(|part| part.split_once('\n').map_or("", |(_, rest)| rest)).collect::<Vec<_>>().join("\n")
}

/// What stands between backticks, fenced blocks aside.
fn code_words(document: &str) -> Vec<String> {
    prose(document).split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Everything the document tells in code: between backticks and in blocks of YAML.
fn told(document: &str) -> String {
    [code_words(document).join("\n"), blocks(document, "yaml").join("\n")].join("\n")
}

/// A folder with the networks a document shows, as `NAME.yaml`, and the data files they read, each named behind its
/// fence; and the names of the networks.
fn shown_networks(document: &str) -> (Place, Vec<String>) {
    let (place, document) = (Place::with(&[]), text(document));
    for (word, table) in fenced(&document) {
        if let Some(file) = word.strip_prefix("csv ") {
            fs::write(place.path(file), table).unwrap();
        }
    }
    let mut files = Vec::new();
    for network in blocks(&document, "yaml") {
        let name = network.lines().next().and_then(|line| line.strip_prefix("name: "));
        let Some(name) = name else { continue };
        let file = format!("{name}.yaml");
        assert!(!files.contains(&file), "two networks are called {name}");
        fs::write(place.path(&file), network).unwrap();
        files.push(file);
    }
    assert!(!files.is_empty());
    (place, files)
}

/// Anchor of a heading as code hosts make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

/// Whether a path, or the end of one, exists somewhere below `folder`.
fn exists_below(folder: &Path, path: &str) -> bool {
    let inside = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    folder.join(path).exists() || inside.filter(|entry| entry.is_dir()).any(|entry| exists_below(&entry, path))
}

#[test]
fn every_path_the_architecture_names_exists() {
    let document = text("ARCHITECTURE.md");
    let mut seen = 0;
    for item in document.split("\n- ") {
        let words = code_words(&format!("\n{item}"));
        let rooms: Vec<PathBuf> =
            words.iter().filter(|word| word.starts_with("crates/")).map(|room| root().join(room)).collect();
        // What is no path is an item of the code, written with colons.
        for word in words.iter().filter(|word| !word.contains("::")) {
            let known = root().join(word).exists()
                || root().join("crates").join(word).exists()
                || rooms.iter().any(|room| exists_below(room, word));
            assert!(known, "ARCHITECTURE.md names `{word}`, which does not exist");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} paths were found");
}

#[test]
fn every_path_of_the_repository_that_a_document_names_exists() {
    for document in [README, NETWORK, SHIPPED, PHYSICS, SWEEPS, EXPERIMENTS, DEPENDENCIES] {
        let folders = ["crates/", "tests/", "networks/", "examples/", "benches/", "docs/"];
        let all = code_words(&text(document));
        for word in all.iter().filter(|word| folders.iter().any(|folder| word.starts_with(folder))) {
            assert!(root().join(word).exists(), "{document} names `{word}`, which does not exist");
        }
        for word in all.iter().filter(|word| Path::new(word).extension().is_some_and(|end| end == "rs")) {
            assert!(
                exists_below(&root().join("crates"), word) || root().join(word).exists(),
                "{document}: `{word}`"
            );
        }
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut documents = vec![README.to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            documents.push(format!("docs/{name}"));
        }
    }
    assert!(documents.len() >= 3, "{documents:?}");
    for document in &documents {
        let folder = root().join(document).parent().unwrap().to_owned();
        let page = text(document);
        for link in prose(&page).split("](").skip(1).map(|rest| rest.split_once(')').unwrap().0) {
            if link.contains("://") {
                continue;
            }
            let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
            assert!(folder.join(path).exists(), "{document} links to `{link}`, which does not exist");
            if fragment.is_empty() {
                continue;
            }
            let target =
                if path.is_empty() { page.clone() } else { fs::read_to_string(folder.join(path)).unwrap() };
            let target = prose(&target);
            let mut headings = target.lines().filter(|line| line.starts_with('#'));
            let found = headings.any(|line| anchor(line.trim_start_matches('#')) == fragment);
            assert!(found, "{document} links to `{link}`, which has no such heading");
        }
    }
}

/// The book has every document, and a long page says what is on it.
#[test]
fn every_document_is_a_chapter_and_long_ones_have_contents() {
    let summary = text("docs/SUMMARY.md");
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_none_or(|end| end != "md") || name == "SUMMARY.md" {
            continue;
        }
        assert!(summary.contains(&format!("]({name})")), "docs/SUMMARY.md does not list {name}");
        let page = text(&format!("docs/{name}"));
        let outside = prose(&page);
        let headings: Vec<&str> = outside.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let contents = page.split("\n\n").find(|paragraph| paragraph.starts_with("Contents: "));
        if headings.len() < 5 || page.lines().count() < 100 {
            continue;
        }
        let contents = contents.unwrap_or_else(|| panic!("{name} has no list of contents"));
        let links: Vec<&str> = contents.split("](#").skip(1).map(|rest| rest.split_once(')').unwrap().0).collect();
        let wanted: Vec<String> = headings.iter().map(|heading| anchor(heading)).collect();
        assert_eq!(links, wanted, "{name}");
    }
}

#[test]
fn every_network_the_documents_show_passes_the_check() {
    for document in [README, NETWORK, SWEEPS] {
        let (place, files) = shown_networks(document);
        for file in files {
            let ended = place.qhh(&["check", &file]);
            let clean = ended.code == Some(0) && ended.stderr.is_empty();
            assert!(clean, "{file} of {document}: {}", ended.stderr);
        }
    }
}

/// Every example of the manual runs, not only checks, and its checks hold.
#[test]
fn every_network_of_the_manual_runs() {
    let (place, files) = shown_networks(NETWORK);
    for file in files {
        place.done(&["run", &file, "--no-report", "--out", "results"]);
        assert_checks_hold(&file, &place.summary("results"));
        fs::remove_dir_all(place.path("results")).unwrap();
    }
}

#[test]
fn the_readme_shows_what_its_network_prints() {
    let (place, _) = shown_networks(README);
    let transcripts = blocks(&text(README), "console");
    assert!(!transcripts.is_empty());
    for transcript in transcripts {
        let (command, output) = transcript.split_once('\n').unwrap();
        let words: Vec<&str> = command.strip_prefix("$ qhh ").unwrap().split(' ').collect();
        // How long it took differs.
        let timeless = |text: &str| {
            text.trim_end().rsplit_once(", in ").map_or_else(String::new, |(text, _)| text.to_owned())
        };
        assert_eq!(timeless(&place.done(&words)), timeless(output), "{command}");
    }
}

/// The overrides the manual shows, each on the network it shows first.
#[test]
fn every_override_of_the_manual_is_accepted() {
    let (place, _) = shown_networks(NETWORK);
    let examples: Vec<String> = blocks(&text(NETWORK), "sh").concat().lines().map(str::to_owned).collect();
    assert!(examples.len() >= 3);
    for example in examples {
        let words = words_of(example.strip_prefix("qhh ").unwrap());
        place.done(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }
}

/// The sweeps that the manual of sweeps shows, on the network that it shows; and every measure and column is told.
#[test]
fn every_sweep_of_the_manual_runs_and_every_measure_is_told() {
    let (place, _) = shown_networks(SWEEPS);
    let examples: Vec<String> = blocks(&text(SWEEPS), "sh").concat().lines().map(str::to_owned).collect();
    assert!(examples.len() >= 3);
    for example in examples {
        let words = words_of(example.strip_prefix("qhh ").unwrap());
        place.done(&words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let told = told(&text(SWEEPS));
    let words: BTreeSet<&str> = told.split(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).collect();
    for entry in qhh_lab::measure::CATALOGUE {
        let known = words.iter().any(|word| *word == entry.name || word.ends_with(&format!(".{}", entry.name)));
        assert!(known, "{SWEEPS} does not tell of `{}`", entry.name);
    }
    for file in place.names("passage-sweep") {
        assert!(words.contains(file.as_str()), "{SWEEPS} does not tell of {file}");
    }
    let header = place.read("limit/results.csv");
    for column in header.lines().next().unwrap().split(',').filter(|column| !column.contains('[')) {
        let name = column.split(' ').next().unwrap();
        assert!(words.contains(name), "{SWEEPS} does not tell of `{name}`");
    }
}

#[test]
fn every_experiment_that_is_shipped_would_run_and_is_told_with_its_picture() {
    let folder = root().join("networks/experiments");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let (name, stem) =
            (file.file_name().unwrap().to_str().unwrap(), file.file_stem().unwrap().to_str().unwrap());
        for (document, told) in [(SHIPPED, name.to_owned()), (EXPERIMENTS, format!("](experiments/{stem}.png)"))] {
            assert!(text(document).contains(&told), "{document} does not tell of {name}");
        }
        let ended = Place::with(&[]).qhh(&["check", file.to_str().unwrap()]);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{name}");
        assert!(ended.stdout.contains("by `qhh sweep`"), "{name}: {}", ended.stdout);
    }
}

/// The figure that the documents give for the chain of five.
#[test]
fn the_critical_transmission_is_what_the_documents_say() {
    let place = Place::with(&[]);
    let file = root().join("networks/experiments/critical_transmission.yaml");
    place.done(&["sweep", file.to_str().unwrap(), "--quiet", "--out", "results"]);
    let table = place.read("results/results.csv");
    let row = table.lines().find(|line| line.starts_with("1,0.3,")).unwrap();
    let threshold: f64 = row.split(',').nth(5).unwrap().parse().unwrap();
    assert_eq!(format!("{threshold:.3}"), "0.266");
    for document in [SHIPPED, EXPERIMENTS] {
        assert!(text(document).contains("0.266"), "{document}");
    }
}

/// Words of a shell command with quotes of either kind.
fn words_of(command: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for c in command.chars() {
        match (quote, c) {
            (Some(end), _) if c == end => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn every_network_that_is_shipped_runs_and_its_checks_hold() {
    let physics = text(PHYSICS);
    let mut networks: Vec<PathBuf> =
        fs::read_dir(root().join("networks")).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Folders hold what is for other commands than `run`.
    networks.retain(|path| path.is_file());
    networks.sort();
    assert!(networks.len() >= 6, "{networks:?}");
    for network in networks {
        let name = network.file_name().unwrap().to_str().unwrap();
        assert!(text(SHIPPED).contains(&format!("networks/{name}")), "{SHIPPED} does not list {name}");
        let place = Place::with(&[]);
        let mut call = run_shipped(&network);
        // Quietly, for a slow machine tells its progress; warnings are told all the same.
        call.extend(["--quiet", "--out", "results"]);
        let ended = place.qhh(&call);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{name}");
        let summary = place.summary("results");
        assert_eq!(summary["name"], name.strip_suffix(".yaml").unwrap());
        assert_checks_hold(name, &summary);
        for list in ["checks", "approximations"] {
            for entry in summary["outcome"][list].as_array().unwrap() {
                let entry = entry["name"].as_str().unwrap();
                assert!(physics.contains(entry), "{PHYSICS} does not explain `{entry}`");
            }
        }
    }
}

fn assert_checks_hold(name: &str, summary: &Value) {
    let checks = summary["outcome"]["checks"].as_array().unwrap();
    assert!(!checks.is_empty(), "{name} was not checked");
    for check in checks {
        assert_eq!(check["holds"], true, "{name}: {check}");
    }
}

#[test]
fn every_command_is_in_the_readme() {
    let help = Place::with(&[]).done(&["--help"]);
    let list = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let commands: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() > 3, "{commands:?}");
    let readme = text(README);
    // `help` comes with every program and says what `--help` says.
    for command in commands.iter().filter(|command| **command != "help") {
        assert!(readme.contains(&format!("`qhh {command}")), "README.md does not tell of `qhh {command}`");
    }
}

/// Keys and words of the network file, as the program itself lists them.
#[test]
fn every_key_and_word_of_the_schema_is_in_the_manual() {
    let schema: Value = serde_json::from_str(&Place::with(&[]).done(&["schema"])).unwrap();
    let mut names = BTreeSet::new();
    collect_names(&schema, &mut names);
    assert!(names.len() > 60, "{names:?}");
    let told = told(&text(NETWORK));
    let words: BTreeSet<&str> = told.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c))).collect();
    let missing: Vec<_> = names.iter().filter(|name| !words.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "{NETWORK} does not tell of {missing:?}");
}

pub(crate) fn collect_names(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value) {
                    ("properties", Value::Object(properties)) => names.extend(properties.keys().cloned()),
                    ("const", Value::String(word)) => drop(names.insert(word.clone())),
                    ("enum", Value::Array(words)) => {
                        names.extend(words.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => {}
                }
                collect_names(value, names);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}

/// Files and columns of the results' folder, from runs that have them all.
#[test]
fn every_table_and_column_of_the_results_is_in_the_manual() {
    let place = Place::with(&["memristors.yaml", "modes.yaml"]);
    place.done(&["run", "memristors.yaml", "modes.yaml"]);
    let told = told(&text(NETWORK));
    let words: BTreeSet<&str> = told.split(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).collect();
    let files =
        ["memristors", "modes"].map(|folder| place.names(folder).into_iter().map(move |file| (folder, file)));
    for (folder, file) in files.into_iter().flatten() {
        assert!(words.contains(file.as_str()), "{NETWORK} does not tell of {file}");
        if Path::new(&file).extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let table = place.read(&format!("{folder}/{file}"));
        for column in table.lines().next().unwrap().split(',').filter(|column| !column.contains('[')) {
            assert!(words.contains(column), "{NETWORK} does not tell of `{column}` in {file}");
        }
    }
    let summary = place.summary("modes");
    let outcome = summary["outcome"].as_object().unwrap();
    let top = summary.as_object().unwrap().keys().filter(|entry| *entry != "outcome");
    for entry in top.chain(summary["cost"].as_object().unwrap().keys()) {
        assert!(words.contains(entry.as_str()), "{NETWORK} does not tell of `{entry}`");
    }
    for entry in outcome.keys() {
        assert!(words.contains(format!("outcome.{entry}").as_str()), "{NETWORK} does not tell of `{entry}`");
    }
}

/// Names of the rows of tables: what stands between backticks in their first column.
fn rows(document: &str) -> BTreeSet<String> {
    let named = |line: &str| line.strip_prefix("| `")?.split_once('`').map(|(name, _)| name.to_owned());
    document.lines().filter_map(named).collect()
}

#[test]
fn every_dependency_is_told_with_its_reason_and_none_besides() {
    let manifest = text("Cargo.toml");
    let block = manifest.split("[workspace.dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    let names = block.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name.trim().to_owned()));
    let declared: BTreeSet<String> = names.filter(|name| name != "qhh" && !name.starts_with("qhh-")).collect();
    assert!(declared.len() > 20, "{declared:?}");
    assert_eq!(declared, rows(&text(DEPENDENCIES)), "{DEPENDENCIES} and Cargo.toml name different packages");
}

#[test]
fn what_is_locked_comes_from_one_registry_and_stays_few() {
    let lock = text("Cargo.lock");
    let n = lock.matches("source = \"registry+https://github.com/rust-lang/crates.io-index\"").count();
    assert_eq!(n, lock.matches("source = ").count(), "a package comes from elsewhere");
    let page = text(DEPENDENCIES);
    let most = page.split("at most ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(n > 100 && n <= most.parse().unwrap(), "{n} packages are locked, {most} may be");
}

/// Every block of a network file among the recipes makes a network that is sound, in the file of a template.
#[test]
fn recipes_make_networks_that_can_run() {
    let page = text("docs/choosing.md");
    let questions = page.split("## Methods side by side").next().unwrap();
    let place = Place::with(&[]);
    let templates = ["entangled-pair", "chain", "single-channel"].map(|name| {
        place.done(&["new", name]);
        format!("{name}.yaml")
    });
    let can_run = |settings: &[String]| {
        let mut told = String::new();
        for file in &templates {
            let mut args = vec!["check", file];
            args.extend(settings.iter().flat_map(|setting| ["--set", setting]));
            let ended = place.qhh(&args);
            if ended.code == Some(0) {
                return Ok(());
            }
            told += &ended.stderr;
        }
        Err(told)
    };
    let mut recipes = 0;
    for row in questions.lines().filter(|line| line.starts_with("| ")) {
        let keys = row.split('|').nth(2).unwrap_or_default();
        let blocks = keys.split('`').skip(1).step_by(2).filter_map(|code| code.split_once(": {"));
        let mut settings: Vec<String> = Vec::new();
        for (block, rest) in blocks {
            match block {
                // Each is a state by itself, of a source that is in no other.
                "state" => {
                    let alone = [format!("sources.left.state={{{rest}"), "states=null".to_owned()];
                    can_run(&alone).unwrap_or_else(|told| panic!("{row}: {told}"));
                    recipes += 1;
                }
                _ => settings.push(format!("{block}={{{rest}")),
            }
        }
        if !settings.is_empty() {
            can_run(&settings).unwrap_or_else(|told| panic!("{row}: {told}"));
            recipes += 1;
        }
    }
    assert!(recipes >= 10, "{recipes}");
    for template in questions.split("`qhh new ").skip(1).filter_map(|rest| rest.split('`').next()) {
        place.done(&["new", template, "--force"]);
    }
}
