"""A course: the book's exercises and variants of them, handed out and marked.

``variants`` are tasks that the book does not solve. ``score`` is what a student's
notebook calls. ``assignment`` says what is in a release; ``submission`` reads what
comes back, ``apart`` runs it in a process of its own, ``marking`` marks it.
"""

from seqviz.course.score import score

__all__ = ["score"]
