"""The exercises of "Behavior as tensors", from a mean to a split without a leak."""
