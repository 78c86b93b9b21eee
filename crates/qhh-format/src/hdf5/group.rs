//! Groups: names, and the objects they stand for.

use std::collections::BTreeMap;

use super::bytes::{Budget, File};
use super::link::{Link, link};
use super::object::{self, kind};
use super::{Dataset, Hdf5Error, Result, dense, unsupported};

/// Levels of a tree at most.
const DEEPEST: u8 = 32;

/// Objects by name.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    file: File<'a>,
    /// Where it is in the file.
    path: String,
    links: BTreeMap<String, Link>,
}

impl<'a> Group<'a> {
    /// The group that all others of a file are in.
    pub(crate) fn root(file: File<'a>) -> Result<Self> {
        Self::new(file, file.root(), String::new())
    }

    fn new(file: File<'a>, address: u64, path: String) -> Result<Self> {
        let messages = object::messages(&file, address)?;
        let mut links = BTreeMap::new();
        if let Some(mut table) = object::message(&messages, kind::SYMBOL_TABLE)? {
            let (tree, heap) = (table.address()?, table.address()?);
            if let (Some(tree), Some(heap)) = (tree, heap) {
                let names = local_heap(&file, heap)?;
                symbols(&file, tree, DEEPEST, &file.budget(), names, &mut links)?;
            }
        }
        for message in messages.iter().filter(|message| message.kind == kind::LINK) {
            let (name, link) = link(message.body()?)?;
            links.insert(name, link);
        }
        if let Some(info) = object::message(&messages, kind::LINK_INFO)? {
            dense::links(&file, info, &mut links)?;
        }
        Ok(Self { file, path, links })
    }

    /// Names of what is in it, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.links.keys().map(String::as_str)
    }

    /// Whether something of this name is in it.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.links.contains_key(name)
    }

    /// The group of a name.
    pub(crate) fn group(&self, name: &str) -> Result<Self> {
        Self::new(self.file, self.find(name)?, self.path_of(name))
    }

    /// The dataset of a name.
    pub(crate) fn dataset(&self, name: &str) -> Result<Dataset<'a>> {
        Dataset::new(self.file, self.find(name)?, self.path_of(name))
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}/{name}", self.path) }
    }

    fn find(&self, name: &str) -> Result<u64> {
        match self.links.get(name) {
            Some(Link::Object(address)) => Ok(*address),
            Some(Link::Elsewhere) => unsupported(format!("`{}` as a link to elsewhere", self.path_of(name))),
            None => Err(Hdf5Error::Missing {
                path: self.path_of(name),
                known: self.names().map(str::to_owned).collect(),
            }),
        }
    }
}

/// The text that names of a group of the first version lie in.
fn local_heap<'a>(file: &File<'a>, address: u64) -> Result<&'a [u8]> {
    let mut heap = file.at(address)?;
    heap.opens(*b"HEAP", 0)?;
    heap.skip(3)?;
    let size = heap.size()?;
    heap.length()?;
    let data = heap.address()?.ok_or(Hdf5Error::Damaged("a group has no names"))?;
    file.at(data)?.take(size)
}

/// Adds what the nodes of a tree of the first version name; its levels must lie `below` one.
fn symbols(
    file: &File<'_>,
    address: u64,
    below: u8,
    budget: &Budget,
    names: &[u8],
    links: &mut BTreeMap<String, Link>,
) -> Result<()> {
    let mut node = file.at(address)?;
    if node.rest.starts_with(b"SNOD") {
        node.opens(*b"SNOD", 1)?;
        node.skip(1)?;
        for _ in 0..node.u16()? {
            budget.spend(1)?;
            let name = node.size()?;
            let header = node.address()?;
            // A link by a path is of kind 2.
            let kind = node.u32()?;
            node.skip(20)?;
            let name = names.get(name..).ok_or(Hdf5Error::Ends)?;
            let end = name.iter().position(|byte| *byte == 0).ok_or(Hdf5Error::Ends)?;
            budget.spend(end)?;
            let link = match header {
                Some(address) if kind != 2 => Link::Object(address),
                _ => Link::Elsewhere,
            };
            links.insert(String::from_utf8_lossy(&name[..end]).into_owned(), link);
        }
        return Ok(());
    }
    node.opens(*b"TREE", 0)?;
    let level = node.u8()?;
    if level >= below {
        return Err(Hdf5Error::Damaged("a group's tree has no end"));
    }
    let count = node.u16()?;
    node.skip(2 * node.widths.address)?;
    for _ in 0..count {
        budget.spend(1)?;
        node.length()?;
        let child = node.address()?.ok_or(Hdf5Error::Damaged("a group's tree has a loose end"))?;
        symbols(file, child, level, budget, names, links)?;
    }
    Ok(())
}
