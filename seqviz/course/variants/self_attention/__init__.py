"""Variants of the exercises of self_attention, with another definition."""
