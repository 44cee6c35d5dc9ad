"""The exercises of the target-attention chapter."""
