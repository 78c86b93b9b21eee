//! Modules of a crate depend on one another one way: no circle among the modules of any folder.
//!
//! Read from `use` lines and from paths that begin with `crate` or `super`, tests left out. A name that a folder's module
//! re-exports counts as the module that it comes from. Children may use what their folder's module holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Modules of a crate by path (`results::read`), each with its text without tests.
fn modules(crate_folder: &Path) -> BTreeMap<String, String> {
    fn collect(folder: &Path, path: &str, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().path();
            let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let below = if path.is_empty() { stem.clone() } else { format!("{path}::{stem}") };
            if file.is_dir() {
                collect(&file, &below, found);
            } else if file.extension().is_some_and(|end| end == "rs") {
                let module = if ["mod", "lib", "main"].contains(&stem.as_str()) { path.to_owned() } else { below };
                let text = fs::read_to_string(&file).unwrap();
                let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.insert(module, lines.collect::<Vec<_>>().join("\n"));
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(&crate_folder.join("src"), "", &mut found);
    found
}

/// The paths of a `use` tree, one for each name.
fn expanded(tree: &str) -> Vec<String> {
    let Some((head, body)) = tree.split_once('{') else {
        return vec![tree.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let body = body.rsplit_once('}').map_or("", |(body, _)| body);
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in body.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&body[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&body[start..]);
    let whole = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
    whole.flat_map(|part| expanded(&format!("{}{part}", head.trim()))).collect()
}

/// Paths of the `use` lines of a text; those that are re-exports where `public`.
fn used(text: &str, public: bool) -> Vec<String> {
    let mut found = Vec::new();
    for statement in text.split_inclusive(';').filter_map(|part| part.strip_suffix(';')) {
        let last =
            statement.rsplit(['}', ';']).next().filter(|_| !statement.contains("use ")).unwrap_or(statement);
        let Some(at) = last.rfind("use ") else { continue };
        let before = last[..at].rsplit('\n').next().unwrap_or_default().trim();
        if (before.is_empty() && !public) || before.starts_with("pub") {
            found.extend(expanded(&last[at + 4..].split_whitespace().collect::<Vec<_>>().join(" ")));
        }
    }
    if !public {
        for (at, _) in text.match_indices("crate::").chain(text.match_indices("super::")) {
            let path = text[at..].split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).next();
            found.extend(path.map(|path| path.trim_end_matches(':').to_owned()));
        }
    }
    found
}

struct Crate {
    modules: BTreeMap<String, String>,
    /// Module and name: where the name comes from.
    exported: BTreeMap<(String, String), String>,
}

impl Crate {
    fn new(folder: &Path) -> Self {
        let modules = modules(folder);
        let exports = modules.iter().flat_map(|(module, text)| {
            used(text, true).into_iter().map(|path| {
                let name = path.rsplit("::").next().unwrap_or_default().to_owned();
                ((module.clone(), name), path)
            })
        });
        let exported = exports.collect();
        Self { modules, exported }
    }

    /// The module that a path leads to from `module`; none outside of the crate.
    fn leads_to(&self, module: &str, path: &str, depth: usize) -> Option<String> {
        let mut own: Vec<&str> = module.split("::").filter(|part| !part.is_empty()).collect();
        let parts: Vec<&str> = path.split("::").collect();
        let ups = parts.iter().take_while(|part| **part == "super").count();
        let whole: Vec<&str> = match parts[0] {
            "crate" => parts[1..].to_vec(),
            "super" => {
                own.truncate(own.len().saturating_sub(ups));
                own.into_iter().chain(parts[ups..].iter().copied()).collect()
            }
            "self" => own.into_iter().chain(parts[1..].iter().copied()).collect(),
            first => {
                own.push(first);
                self.modules.contains_key(&own.join("::")).then_some(())?;
                own.into_iter().chain(parts[1..].iter().copied()).collect()
            }
        };
        let known = (0..=whole.len()).rev().find(|&n| self.modules.contains_key(&whole[..n].join("::")))?;
        let found = whole[..known].join("::");
        let name = whole.get(known).map(|name| (found.clone(), (*name).to_owned()));
        let deeper = name.and_then(|name| self.exported.get(&name)).filter(|_| depth < 5);
        deeper.and_then(|path| self.leads_to(&found, path, depth + 1)).or(Some(found))
    }

    /// Of each folder, which of its modules use which others.
    fn edges(&self) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
        let mut edges: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
        for (module, text) in &self.modules {
            for target in used(text, false).iter().filter_map(|path| self.leads_to(module, path, 0)) {
                let split = |path: &str| -> Vec<String> {
                    path.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect()
                };
                let (from, to) = (split(module), split(&target));
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                if let (Some(a), Some(b)) = (from.get(common), to.get(common)) {
                    let folder = edges.entry(from[..common].join("::")).or_default();
                    folder.entry(a.clone()).or_default().insert(b.clone());
                }
            }
        }
        edges
    }
}

/// Sets of modules each of which reaches all others of its set.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<Vec<String>> {
    let reached = |from: &String| {
        let (mut seen, mut left) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(next) = left.pop() {
            for to in edges.get(&next).into_iter().flatten() {
                if seen.insert(to.clone()) {
                    left.push(to.clone());
                }
            }
        }
        seen
    };
    let reach: BTreeMap<&String, BTreeSet<String>> = edges.keys().map(|from| (from, reached(from))).collect();
    let circle = |from: &String| -> Vec<String> {
        let back = |to: &&String| reach.get(*to).is_some_and(|of| of.contains(from));
        reach[from].iter().filter(back).cloned().collect()
    };
    edges.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn modules_of_a_folder_depend_on_one_another_one_way() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(crates).unwrap() {
        let folder = entry.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for (parent, edges) in Crate::new(&folder).edges() {
            found.extend(circles(&edges).into_iter().map(|circle| (name.clone(), parent.clone(), circle)));
        }
    }
    let lines: Vec<String> =
        found.iter().map(|(name, parent, circle)| format!("{name}, {parent}: {circle:?}")).collect();
    assert!(lines.is_empty(), "circles:\n{}", lines.join("\n"));
}
