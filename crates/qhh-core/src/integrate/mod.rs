//! How a neuron's mean field moves in time.
