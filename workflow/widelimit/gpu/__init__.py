"""Pairs of images on NVIDIA GPUs: the programs of `native`, one block of threads for each displacement."""
