//! Pages as a browser sees them: opened in headless Chromium, light and dark, wide and on a phone.
//!
//! A check script is put into a copy of each page and reports to the page around it. What it finds is a sentence
//! each: script errors, plots without a curve, text that is too small, cut off or overlapping, a page that scrolls
//! sideways, hover values that do not appear.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::cases::PAGES;
use crate::require::Need;

/// Widths of the windows in CSS pixels: a desktop's and a phone's.
const WIDTHS: [u32; 2] = [1200, 390];
/// Longest wait for one start of the browser.
const PATIENCE: Duration = Duration::from_secs(600);

/// A browser.
pub(crate) static CHROMIUM: Need = Need {
    missing: "no Chromium",
    remedy: "install `chromium` or `google-chrome`",
    is_met: || find().is_some(),
    can_be_required: true,
};

/// The browser, of tests that need it.
pub(crate) fn chromium() -> PathBuf {
    find().expect("there is a browser")
}

/// The browser, where the machine has one.
fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/bin")]);
    let folders: Vec<PathBuf> = folders.collect();
    let named = |name: &str| folders.iter().map(|f| f.join(name)).find(|file| file.is_file());
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(named)
}

/// Those of `pages` that are looked at: all of them, or a few of all parts.
pub(crate) fn tried<T>(pages: &[T]) -> impl Iterator<Item = &T> {
    pages.iter().step_by((pages.len() / PAGES.number()).max(1))
}

/// Everything wrong with `pages` (name and HTML), one sentence each.
pub(crate) fn findings(pages: &[(&str, &str)]) -> Vec<String> {
    let browser = chromium();
    std::thread::scope(|scope| {
        let looks = [false, true].map(|dark| {
            let browser = &browser;
            scope.spawn(move || look(browser, pages, dark))
        });
        looks.into_iter().flat_map(|look| look.join().expect("the browser is looked through")).collect()
    })
}

/// Fails with everything that is wrong with `pages`.
pub(crate) fn assert_sound(pages: &[(&str, &str)]) {
    assert!(!pages.is_empty(), "there are pages to look at");
    let found = findings(pages);
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// What the page says under the pointer at places of its figures, each the figure's id and the shares of its width and
/// height from the top left: a row each, name and value.
pub(crate) fn tips(page: &str, at: &[(&str, f64, f64)]) -> Vec<Vec<(String, String)>> {
    let browser = chromium();
    let folder = Folder::new("tips");
    let probes: Vec<String> = at.iter().map(|(id, x, y)| format!("[\"{id}\",{x},{y}]")).collect();
    let script = include_str!("tips.js").replace("PROBES", &format!("[{}]", probes.join(",")));
    let file = folder.0.join("page.html");
    fs::write(&file, page.replacen("</body>", &format!("<script>{script}</script></body>"), 1))
        .expect("a temporary file can be written");
    // The page's own script may run, and so may this one.
    let dom = dump(&browser, &folder.0, &file, false);
    let told =
        dom.split("<pre id=\"tips\">").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap_or_default();
    let told = told.replace("&nbsp;", "\u{a0}");
    let row = |row: &str| {
        let (name, value) = row.split_once('\t').unwrap_or((row, ""));
        (name.to_owned(), value.replace('\u{2212}', "-"))
    };
    let tips: Vec<Vec<_>> = told.lines().map(|line| line.split(';').map(row).collect()).collect();
    assert_eq!(tips.len(), at.len(), "a tip for each place: {told}");
    tips
}

/// One start of the browser: every page in every width, in one colour scheme.
fn look(browser: &Path, pages: &[(&str, &str)], dark: bool) -> Vec<String> {
    let scheme = if dark { "dark" } else { "light" };
    let folder = Folder::new(scheme);
    let mut frames = String::new();
    for (k, (_, html)) in pages.iter().enumerate() {
        let file = format!("page{k}.html");
        fs::write(folder.0.join(&file), with_check(html)).expect("a temporary file can be written");
        for width in WIDTHS {
            let _ = write!(frames, "<iframe src=\"{file}#{k}\" style=\"width:{width}px;height:900px\"></iframe>");
        }
    }
    let around = format!(
        "<!doctype html><meta charset=utf-8><body><pre id=verdict></pre><script>\
         addEventListener('message', (e) => {{ verdict.textContent += e.data + '\\n'; }});</script>{frames}"
    );
    let start = folder.0.join("start.html");
    fs::write(&start, around).expect("a temporary file can be written");
    let dom = dump(browser, &folder.0, &start, dark);
    let verdict = dom.split("<pre id=\"verdict\">").nth(1).and_then(|rest| rest.split("</pre>").next());
    let verdict = verdict.unwrap_or_default().replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let mut found = Vec::new();
    for (k, (name, _)) in pages.iter().enumerate() {
        for width in WIDTHS {
            let mine = format!("{k}|{width}|");
            let lines: Vec<&str> = verdict.lines().filter_map(|line| line.strip_prefix(&mine)).collect();
            let place = format!("{name}, {width} px wide, {scheme}");
            if !lines.contains(&"done") {
                found.push(format!("{place}: the page never finished"));
            }
            if !lines.contains(&scheme) {
                found.push(format!("{place}: the page is not {scheme}"));
            }
            let faults = lines.iter().filter_map(|line| line.strip_prefix("fault "));
            found.extend(faults.map(|fault| format!("{place}: {fault}")));
        }
    }
    found
}

/// The document of `start` once its scripts are done.
fn dump(browser: &Path, folder: &Path, start: &Path, dark: bool) -> String {
    let out = folder.join("dom.txt");
    let stdout = fs::File::create(&out).expect("a temporary file can be written");
    let mut command = Command::new(browser);
    command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]);
    command.args(["--window-size=1300,1000", "--virtual-time-budget=30000", "--dump-dom"]);
    command.arg(format!("--blink-settings=preferredColorScheme={}", u8::from(!dark)));
    command.arg(format!("--user-data-dir={}", folder.join("profile").display()));
    command.arg(format!("file://{}", start.display()));
    let mut child = command.stdout(stdout).stderr(Stdio::null()).spawn().expect("the browser can be started");
    let begun = Instant::now();
    while child.try_wait().expect("the browser can be asked").is_none() {
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("the browser did not end within {} s", PATIENCE.as_secs());
        }
        sleep(Duration::from_millis(50));
    }
    fs::read_to_string(out).expect("the browser writes text")
}

/// The page with the check script as its first.
fn with_check(html: &str) -> String {
    let script = format!("<script>{}</script>", include_str!("check.js"));
    match html.find("<head>") {
        Some(at) => format!("{}{script}{}", &html[..at + 6], &html[at + 6..]),
        None => format!("{script}{html}"),
    }
}

/// A temporary folder that goes with its owner.
struct Folder(PathBuf);

impl Folder {
    fn new(scheme: &str) -> Self {
        let unique = format!("qhh-pages-{}-{:?}-{scheme}", std::process::id(), std::thread::current().id());
        let folder = std::env::temp_dir().join(unique.replace(['(', ')'], ""));
        fs::create_dir_all(&folder).expect("a temporary folder can be made");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
