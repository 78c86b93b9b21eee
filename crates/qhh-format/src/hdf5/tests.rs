//! What is written is read; what is damaged is refused, and never a panic. Files of other programs: `tests/io/sonata.rs`.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;

/// The bytes of a file with one group of two lists.
fn written(whole: &[u64], numbers: &[f64]) -> Vec<u8> {
    let mut writer = Writer::new(Cursor::new(Vec::new())).unwrap();
    let ids = writer.dataset(Values::Whole(whole), &[("of", Attribute::Text("cells"))]).unwrap();
    let delays = writer.dataset(Values::Numbers(numbers), &[]).unwrap();
    let order = Attribute::Word("by_time", &["none", "by_id", "by_time"]);
    let group = writer.group(&[("ids", ids), ("delays", delays)], &[("sorting", order)]).unwrap();
    let attributes = [("magic", Attribute::Whole(0x0a7a)), ("version", Attribute::List(&[0, 1]))];
    let root = writer.group(&[("edges", group)], &attributes).unwrap();
    writer.finish(root).unwrap().into_inner()
}

fn read(bytes: &[u8]) -> Result<(Vec<i64>, Vec<f64>)> {
    let edges = Group::root(File::new(bytes)?)?.group("edges")?;
    Ok((edges.dataset("ids")?.whole()?, edges.dataset("delays")?.numbers()?))
}

#[test]
fn checksums_are_those_of_the_hash_by_its_author() {
    // The examples in Bob Jenkins' lookup3.c.
    assert_eq!(checksum(b""), 0xdead_beef);
    assert_eq!(checksum(b"Four score and seven years ago"), 0x1777_0551);
}

#[test]
fn something_else_is_no_hdf5_file() {
    assert_eq!(read(b"").unwrap_err(), Hdf5Error::NotHdf5);
    assert_eq!(read(&[0; 5000]).unwrap_err(), Hdf5Error::NotHdf5);
}

#[test]
fn what_is_not_there_is_named_beside_what_is() {
    let bytes = written(&[1], &[2.0]);
    let root = Group::root(File::new(&bytes).unwrap()).unwrap();
    let missing = root.group("edges").unwrap().dataset("id").unwrap_err();
    let known = vec!["delays".to_owned(), "ids".to_owned()];
    assert_eq!(missing, Hdf5Error::Missing { path: "edges/id".to_owned(), known });
    assert!(matches!(root.dataset("edges"), Err(Hdf5Error::Unsupported(_))));
}

#[test]
fn a_file_may_stand_behind_something_else() {
    let bytes = [vec![7; 1024], written(&[5, 6], &[0.5])].concat();
    assert_eq!(read(&bytes).unwrap(), (vec![5, 6], vec![0.5]));
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        whole in prop::collection::vec(0..=i64::MAX.cast_unsigned(), 0..50),
        numbers in prop::collection::vec(any::<f64>(), 0..50),
    ) {
        let (ids, delays) = read(&written(&whole, &numbers)).unwrap();
        prop_assert_eq!(ids, whole.iter().map(|id| id.cast_signed()).collect::<Vec<_>>());
        let bits = |numbers: &[f64]| numbers.iter().map(|number| number.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&delays), bits(&numbers));
    }

    #[test]
    fn a_damaged_file_is_an_error_or_other_numbers_but_no_panic(
        place in 0_usize..2000, byte in any::<u8>(), end in 0_usize..2000,
    ) {
        let mut bytes = written(&[1, 2, 3], &[0.5, 1.5, 2.5]);
        let place = place % bytes.len();
        bytes[place] = byte;
        let _ = read(&bytes);
        bytes.truncate(end);
        let _ = read(&bytes);
    }
}
