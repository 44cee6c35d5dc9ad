"""Museums: five versions of a layer, one right; the student writes what tells it.

One file a chapter, ``museums/memory.py`` is ``"memory/tests"``; it is found by itself.
It says

- ``TITLE`` and ``TEXT``: the task, in plain Markdown;
- ``TAKES``: what a version takes and returns, as in the notation page;
- ``VERSION``: what the student calls the version that she is given;
- ``versions(generator)``: the right one, and the rooms of the wrong ones, whose names
  say what is wrong: those of the book's museum, or with ``mistakes.rooms_of`` those of
  an exercise;
- ``solution``: tests that find the right one, in the words of a student.

``judging`` says what an answer has earned.
"""

from seqviz.course.museums.judging import RULE, judge
from seqviz.course.museums.registry import Museum, museum_of, museums

__all__ = ["RULE", "Museum", "judge", "museum_of", "museums"]
