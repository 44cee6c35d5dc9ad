"""The exercises of the chapter on the funnel, one a file."""
