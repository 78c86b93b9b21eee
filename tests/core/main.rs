//! Tests of one neuron.
