"""Variants of the exercises of soft_lookup, with another definition."""
