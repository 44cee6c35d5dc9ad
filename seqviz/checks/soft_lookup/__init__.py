"""The exercises of the soft look-up chapter, from a one-liner to a small project."""
