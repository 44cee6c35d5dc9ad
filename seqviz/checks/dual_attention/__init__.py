"""The exercises of the dual-attention chapter."""
