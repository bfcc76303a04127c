"""Quantum error correction as classification: kernels and networks as decoders."""
