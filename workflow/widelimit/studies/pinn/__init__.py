"""Physics-informed networks for linear elasticity: what the activation must be able to do."""
