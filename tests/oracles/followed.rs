//! A file that `qhh watch` follows, on a page in a browser.

use std::fs;

use crate::place::Place;
use crate::session::Session;
use crate::watch::{Watched, network};

/// A page that stays open while the file changes: the new run takes the place of the old one where the reader was, and
/// mistakes stand above it.
pub(crate) fn an_open_page_follows_in_a_browser() {
    let mut browser = Session::new();
    let place = Place::with(&[]);
    let file = place.path("cell.yaml");
    fs::write(&file, network("before", "20 ms")).unwrap();
    let watched = Watched::new(&place, "cell.yaml");
    browser.open(&watched.address());
    let inside = "document.querySelector('iframe:not(.next)')?.contentWindow";
    let title = format!("{inside}?.document.title ?? ''");
    browser.until(&title, "before");
    // Zoom and scroll, which must stay.
    browser.run(&format!(
        "{{ const {{ qhh, scrollTo }} = {inside}; const view = qhh.figures[0].views.find((v) => v.panel.isTime());
           view.zoom({{ x: [2, 7] }}); qhh.figures[0].toggle(qhh.figures[0].names[0]); scrollTo(0, 120); }}"
    ));
    fs::write(&file, network("after", "20 ms")).unwrap();
    browser.until(&title, "after");
    let view = format!("{inside}.qhh.figures[0].views.find((v) => v.panel.isTime())");
    browser.until(&format!("{view}.panel.zoom.x.join()"), "2,7");
    browser.until(&format!("String({inside}.scrollY)"), "120");
    browser.until("document.querySelectorAll('iframe').length.toString()", "1");
    browser.until("document.body.className", "done");

    fs::write(&file, network("wrong", "20 ms").replace("36 mS", "36 mF")).unwrap();
    browser.until("document.body.className", "failed");
    let told = browser.value("document.querySelector('#mistakes').innerText");
    assert!(told.contains("line 7") && told.contains("36 mF"), "{told}");
    assert_eq!(browser.value("document.querySelector('#mistakes pre b').innerText").trim(), {
        let line = network("wrong", "20 ms").replace("36 mS", "36 mF");
        format!("7 │ {}", line.lines().nth(6).unwrap())
    });
    assert_eq!(browser.value(&title), "after");

    fs::write(&file, network("mended", "20 ms")).unwrap();
    browser.until(&title, "mended");
    browser.until("String(document.querySelector('#mistakes').hidden)", "true");
    assert_eq!(browser.faults(), Vec::<String>::new());
}
