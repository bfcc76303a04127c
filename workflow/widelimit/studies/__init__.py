"""Three bridges from the theory to other fields: elasticity, quantum decoding, mean-field games."""
