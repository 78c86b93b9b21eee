//! The network file: YAML text to a resolved network and back.
