"""Variants of the exercises of einsum, with another definition."""
