"""The exercises of the chapter on the jobs of attention."""
