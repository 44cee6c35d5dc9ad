"""The exercises of the chapter on capsule routing."""
