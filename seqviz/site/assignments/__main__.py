"""``python -m seqviz.site.assignments``: write a course and make its releases."""

import argparse
import sys
from pathlib import Path

from seqviz.course.release import release
from seqviz.site.assignments.quizzes import write_quizzes
from seqviz.site.assignments.write import write_course
from seqviz.site.inputs import ROOT


def main(given: list[str] | None = None) -> int:
    """Write the course, say what is in it; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m seqviz.site.assignments")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "_build/course")
    parser.add_argument("--plain", action="store_true", help="the book's own exercises")
    parser.add_argument("--only", nargs="*", default=[], help="these assignments alone")
    said = parser.parse_args(given)
    course = write_course(said.folder, plain=said.plain, only=tuple(said.only))
    release(said.folder, list(course.assignments))
    quizzes = write_quizzes(said.folder / "quizzes")
    for assignment in course.assignments.values():
        names = [item.exercise for item in assignment.items]
        drawn = sum("@" in name for name in names)
        print(
            f"{assignment.name:20} {len(names)} exercises, {drawn} in another order, "
            f"{assignment.points} points, version {assignment.version}"
        )
    questions = sum(len(quiz.questions) for quiz in quizzes)
    print(f"{questions} questions of {len(quizzes)} quizzes as QTI, GIFT and a table")
    print(f"The course is at {said.folder}; hand out the folders in release/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
