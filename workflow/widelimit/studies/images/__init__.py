"""Trained convolutional networks of growing width beside the kernels that are their limits."""
