//! YAML text to a tree of values, with bounded memory: repeated keys, tags and too large trees are errors.

use std::cell::Cell;
use std::fmt;

use qhh_core::stop;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use serde_yaml::{Mapping, Value};

use super::wording::clip;

/// Mark before the messages that begin here and not in the YAML reader, which puts a path before them.
pub(crate) const OWN: char = '\u{1}';

/// Bytes of a network file at most.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Values a file may hold, aliases written out: far above any network written by hand or by a script, far below
/// what fills a memory.
const MAX_VALUES: usize = 1_000_000;

/// Reads one document.
pub(crate) fn parse(text: &str) -> Result<Value, serde_yaml::Error> {
    let left = Cell::new(MAX_VALUES);
    Node { left: &left }.deserialize(serde_yaml::Deserializer::from_str(text))
}

/// A value of any kind.
#[derive(Clone, Copy)]
struct Node<'a> {
    left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(D::Error::custom(format!("{OWN}the file holds more than {MAX_VALUES} values")));
        };
        self.left.set(left);
        stop::check();
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text, a list or a map without a tag")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, _: A) -> Result<Value, A::Error> {
        Err(A::Error::custom(format!("{OWN}values have no tags such as `!name` here")))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok((value as f64).into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            list.push(value);
        }
        Ok(Value::Sequence(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Mapping::new();
        while let Some(key) = access.next_key_seed(Key { so_far: &map })? {
            let value = access.next_value_seed(self)?;
            map.insert(Value::String(key), value);
        }
        Ok(Value::Mapping(map))
    }
}

/// A key that its map does not hold yet. It refuses within its own reading so that the error has its own place.
struct Key<'a> {
    so_far: &'a Mapping,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key of one word")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<String, E> {
        if self.so_far.contains_key(key) {
            return Err(E::custom(format!("{OWN}`{}` appears twice in the same map", clip(key))));
        }
        Ok(key.to_owned())
    }
}
