"""The exercises of the diversity chapter."""
