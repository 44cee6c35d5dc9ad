"""The exercises of the chapter on next-item transformers."""
