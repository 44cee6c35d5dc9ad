"""Sequence attention for recommenders: data, layers, models, figures, checks."""
