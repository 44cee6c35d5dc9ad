"""The exercises of the chapter on SDM."""
