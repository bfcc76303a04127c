"""Two-layer networks as interacting particles, and a mean-field game with a closed form."""
