"""The exercises of "Fair tests", from a recall in two parts to a leak in a split."""
