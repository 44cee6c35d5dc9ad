"""Checkers for the kinds of faults that the chapters once had, one kind a module.

A checker takes a chapter and returns a list of faults, each of which names the file,
the cell, the text and what to do about it.
"""
