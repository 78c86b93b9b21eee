//! Files that try to hurt: too large, too deep, no text, no file. All are answered soon and in bounded memory.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Instant;

use qhh_format::yaml::{self, LoadError};

use crate::fixtures::{CELLS, LEAST};

fn refuse(bytes: &[u8]) -> LoadError {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.yaml");
    fs::write(&path, bytes).unwrap();
    let start = Instant::now();
    let error = yaml::load(&path, &[]).unwrap_err();
    let seconds = start.elapsed().as_secs_f64();
    assert!(seconds < 20.0, "refusing took {seconds} s");
    error
}

#[test]
fn an_alias_bomb_does_not_go_off() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for k in 1..30 {
        let alias = format!("*a{}", k - 1);
        writeln!(text, "a{k}: &a{k} [{}]", vec![alias; 10].join(", ")).unwrap();
    }
    let error = refuse(text.as_bytes());
    assert_eq!(error.problems.len(), 1);
    assert!(error.problems[0].help.as_deref().unwrap().contains("aliases"), "{error}");
}

#[test]
fn brackets_without_end_are_counted() {
    for text in ["[".repeat(100_000), "a: ".to_owned() + &"{a: ".repeat(100_000), "- ".repeat(100_000)] {
        let error = refuse(text.as_bytes());
        assert!(error.problems[0].help.is_some() && error.problems[0].place.is_some(), "{error}");
    }
}

#[test]
fn a_tree_of_many_values_is_refused_where_the_limit_is() {
    let error = refuse(format!("name: [{}]", "1,".repeat(1_100_000)).as_bytes());
    assert!(error.problems[0].message.contains("more than 1000000 values"), "{}", error.problems[0].message);
    assert!(error.to_string().len() < 1000);
}

#[test]
fn bytes_that_are_no_text_are_pointed_at() {
    let error = refuse(b"name: a\nunits: \xff\xfe\x00\n");
    insta::assert_snapshot!(error.problems[0].message, @"this is not text in UTF-8");
    let place = error.problems[0].place.as_ref().unwrap();
    assert_eq!((place.line, place.column), (2, 8));
    let error = refuse(&[0x7f, b'E', b'L', b'F', 2, 1, 1, 0]);
    assert!(!error.to_string().contains('\u{7f}'), "control characters must not reach the screen");
    assert!(error.problems[0].help.is_some());
}

#[test]
fn more_than_the_size_limit_is_refused() {
    let error = refuse(&vec![b'#'; (16 << 20) + 1]);
    assert!(error.problems[0].message.contains("larger than the limit of 16 MiB"), "{error}");
}

#[test]
fn a_missing_file_and_a_folder_name_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let missing = yaml::load(&folder.path().join("none.yaml"), &[]).unwrap_err();
    assert!(missing.to_string().contains("No such file"), "{missing}");
    let error = yaml::load(folder.path(), &[]).unwrap_err();
    assert!(error.to_string().contains("this is a folder"), "{error}");
}

#[test]
fn a_long_line_is_clipped_around_the_column() {
    let text = format!("{LEAST}# {}\ndescription: [{}]\n", "x".repeat(5000), "y".repeat(5000));
    let error = yaml::load_text(Path::new("long.yaml"), &text, &[]).unwrap_err();
    assert!(error.to_string().lines().all(|line| line.chars().count() < 200), "{error}");
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_move_no_place() {
    let text = format!("\u{feff}{}", LEAST.replace("36 mS", "36 mV")).replace('\n', "\r\n");
    let error = yaml::load_text(Path::new("bom.yaml"), &text, &[]).unwrap_err();
    let place = error.problems[0].place.as_ref().unwrap();
    assert_eq!(&error.text[place.span.clone()], "36 mV");
    assert_eq!((place.line, place.column), (7, 41));
}

/// Every point of a sweep reads the same data, whatever becomes of the file meanwhile.
#[test]
fn a_template_reads_its_data_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("net.yaml");
    let values = folder.path().join("values.csv");
    let text = "name: spread\nsimulation: {duration: 5 ms}\nneurons:\n  cell:\n    count: 2\n    circuit: single-channel\n    \
                membrane: {capacitance: {file: {path: values.csv, column: c}}}\n    \
                channels: {potassium: {conductance: 36 mS}}\n";
    std::fs::write(&file, text).unwrap();
    std::fs::write(&values, "c\n1\n2\n").unwrap();
    let template = qhh_format::yaml::Template::load(&file, &qhh_format::yaml::Reading::default(), &[]).unwrap();
    let first = template.at(&[]).unwrap().network().clone();
    std::fs::write(&values, "c\n7\n8\n").unwrap();
    assert_eq!(*template.at(&[]).unwrap().network(), first);
    std::fs::remove_file(&values).unwrap();
    assert_eq!(*template.at(&[]).unwrap().network(), first);
    assert!(qhh_format::yaml::load(&file, &[]).is_err());
}

/// What no file can say, a program can: arms that give more than they take.
#[test]
fn a_network_that_makes_power_from_nothing_is_refused() {
    let text = format!("{CELLS}{{from: relay, pattern: chain, delay: 1 ms}}\n");
    let mut network = yaml::load_text(Path::new("net.yaml"), &text, &[]).unwrap().network.into_network();
    assert_eq!(network.check(), []);
    network.waveguides[0].transmission = 1.2.into();
    let mistakes = network.check();
    assert!(mistakes[0].message.starts_with("the network would make power from nothing"), "{mistakes:?}");
}
