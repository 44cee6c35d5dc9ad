"""The same work in seqviz and in the published packages; not part of the package."""
