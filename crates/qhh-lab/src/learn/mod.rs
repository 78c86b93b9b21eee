//! Learning: a network as a reservoir of features, a readout trained on them.
