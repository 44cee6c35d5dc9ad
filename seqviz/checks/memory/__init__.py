"""The exercises of the chapter on memory."""
