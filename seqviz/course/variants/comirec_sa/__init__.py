"""Variants of the exercises of comirec_sa, with another definition."""
