"""The exercises of the chapter on session graphs."""
