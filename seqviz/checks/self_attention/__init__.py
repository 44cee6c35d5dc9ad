"""The exercises of the self-attention chapter."""
