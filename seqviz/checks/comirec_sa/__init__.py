"""The exercises of the ComiRec-SA chapter, from a one-liner to a small project."""
