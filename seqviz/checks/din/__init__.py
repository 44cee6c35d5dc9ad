"""The exercises of the DIN chapter."""
