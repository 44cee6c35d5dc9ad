"""The press: the Sphinx extension and all that makes the pages."""
