//! Every kind of report in a browser: light and dark, on a desktop and on a phone.

use qhh_report::{compare_page, run_page};
use qhh_results::FinishedRun;

use crate::{browser, examples, modes, outgoing, sampled, wired};

/// A page, made where it is looked at.
type Page = (&'static str, fn() -> String);

/// Every kind of page.
const PAGES: [Page; 28] = [
    ("squid", || run_page(&examples::squid())),
    ("squid in SI", || run_page(&examples::squid_in_si())),
    ("chain", || run_page(&examples::chain())),
    ("paper", || run_page(&examples::paper(false))),
    ("frequencies", || run_page(&examples::frequencies())),
    ("crowd", || run_page(&examples::crowd())),
    ("silent", || run_page(&examples::silent())),
    ("bare", || run_page(&examples::bare())),
    ("hostile", || run_page(&examples::hostile())),
    ("wired chain", || run_page(&wired::chain())),
    ("noisy chain", || run_page(&modes::chain())),
    ("noisy chains compared", || compare_page(&[modes::chain(), wired::chain()])),
    ("samples", || run_page(&sampled::chain())),
    ("one neuron in samples", || run_page(&sampled::burst())),
    ("samples compared", || compare_page(&[sampled::chain(), modes::chain(), sampled::chain()])),
    ("output modes", || run_page(&outgoing::modes(6))),
    ("many output modes", || run_page(&outgoing::modes(30))),
    ("one output mode", || run_page(&outgoing::modes(1))),
    ("hostile modes", || run_page(&outgoing::hostile())),
    ("output modes compared", || compare_page(&[outgoing::modes(4), outgoing::modes(6)])),
    ("large", || run_page(&wired::large())),
    ("hostile ring", || run_page(&wired::hostile())),
    ("wired compared", || compare_page(&[wired::chain(), wired::chain()])),
    ("paper compared", || compare_page(&[false, true].map(examples::paper))),
    ("units compared", || compare_page(&[examples::squid(), examples::squid_in_si(), examples::chain()])),
    ("chains compared", || compare_page(&[examples::chain(), examples::chain(), examples::hostile()])),
    ("frequencies compared", || compare_page(&[examples::frequencies(), examples::frequencies()])),
    ("nothing compared", || compare_page([] as [&FinishedRun; 0])),
];

/// With a folder named by `QHH_KEEP_PAGES` the pages stay there to be looked at.
pub(crate) fn every_page_is_sound_in_a_browser() {
    let pages: Vec<(&str, String)> = browser::tried(&PAGES).map(|(name, page)| (*name, page())).collect();
    if let Some(folder) = std::env::var_os("QHH_KEEP_PAGES") {
        for (name, html) in &pages {
            let file = std::path::Path::new(&folder).join(format!("{}.html", name.replace(' ', "-")));
            std::fs::write(file, html).expect("the folder of QHH_KEEP_PAGES exists");
        }
    }
    let pages: Vec<(&str, &str)> = pages.iter().map(|(name, html)| (*name, html.as_str())).collect();
    browser::assert_sound(&pages);
}

/// The browser test itself notices what it is there for.
pub(crate) fn a_broken_page_is_found_out() {
    let page = |body: &str| format!("<!doctype html><html><head></head><body>{body}</body></html>");
    let cases = [
        ("<script>missing()</script>", "script error"),
        ("<div style=\"width:3000px\">wide</div>", "scrolls sideways"),
        ("<div class=\"plot\" style=\"width:200px;height:100px\"></div>", "empty plot"),
        ("<svg role=\"img\" width=\"200\" height=\"100\"><title>A</title></svg>", "not told to those"),
        ("<p style=\"font-size:8px\">small</p>", "text of 8 px"),
        ("<p style=\"color:#999;background:#bbb\">pale</p>", "contrast of 1."),
    ];
    let pages: Vec<String> = cases.iter().map(|case| page(case.0)).collect();
    let named: Vec<(&str, &str)> = cases.iter().zip(&pages).map(|(case, html)| (case.1, html.as_str())).collect();
    let found = browser::findings(&named);
    for (_, fault) in cases {
        for width in ["1200", "390"] {
            let place = format!("{fault}, {width} px wide, light: ");
            let told = found.iter().any(|f| f.strip_prefix(&place).is_some_and(|rest| rest.contains(fault)));
            assert!(told, "{fault} at {width} px went unnoticed: {found:?}");
        }
    }
}
