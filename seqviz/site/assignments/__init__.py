"""The assignments of a course, made of the chapters: what ``make course`` writes.

``chapter`` reads the exercises out of a notebook, ``notebook`` makes the cells that
nbgrader knows, ``carried`` the part of seqviz that students get, ``write`` the folder
of a course.
"""
