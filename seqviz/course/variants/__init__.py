"""Variants: exercises that are not in the book, made of those that are.

A variant's name begins with its chapter, like an exercise's.

**In another order** (``order.py``): every exercise with an axis to move becomes
``"einsum/gated@batch-last"``. Reference, cases and mistakes are the book's own; a
course's secret draws the order, so that a published solution has other axes.

**With another definition**: one file in the folder of its chapter,
``variants/soft_lookup/up_to.py`` is ``"soft-lookup/up-to"``. It is written like an
exercise (``seqviz.checks.engine``), takes the cases and the mistakes that still hold
from the book's file by their names, and says besides:

- ``OF``: the exercise that it stands for;
- ``TEXT``: the task, in plain Markdown;
- ``solution``: a right answer, in the words of a student.
"""

from seqviz.course.variants.order import ORDERS, in_order, orders_of
from seqviz.course.variants.registry import (
    Variant,
    course_exercise,
    variants,
)

__all__ = [
    "ORDERS",
    "Variant",
    "course_exercise",
    "in_order",
    "orders_of",
    "variants",
]
