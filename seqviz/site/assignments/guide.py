"""What the teacher's guide lists, from the chapters and the exercises themselves."""

import json
import re
from collections.abc import Callable

from seqviz import checks
from seqviz.checks import Exercise
from seqviz.course.apart import Limits
from seqviz.course.museums import RULE as MUSEUM_RULE
from seqviz.course.museums import museums
from seqviz.course.points import RULE, WORTH
from seqviz.course.variants import orders_of, variants
from seqviz.site.assignments.quizzes import read_quizzes
from seqviz.site.contents import Page, chapters

#: Which chapters a week, or a session, is about.
PLANS: dict[str, tuple[tuple[str, ...], ...]] = {
    "ten-weeks": (
        ("behavior_tensors",),
        ("einsum", "soft_lookup"),
        ("fair_tests",),
        ("self_attention",),
        ("target_attention", "dual_attention"),
        ("din",),
        ("comirec_sa",),
        ("routing",),
        ("memory", "sdm"),
        ("next_item", "diversity"),
    ),
    "three-sessions": (
        ("behavior_tensors", "soft_lookup"),
        ("self_attention", "target_attention"),
        ("comirec_sa", "fair_tests"),
    ),
}
_HINTS = 3  # of a chapter
_GOAL = re.compile(r"^At the end you can (.*?)\n\s*\n", re.S | re.M)


def taught() -> list[Page]:
    """The chapters that have exercises, in order."""
    known = {exercise.name.split("/")[0] for exercise in checks.exercises()}
    return [page for page in chapters() if _key(page) in known]


def goals() -> str:
    """Each chapter with what one can do after it, and what an assignment holds."""
    lines = []
    for page in taught():
        found = _exercises(page)
        minutes = sum(exercise.minutes for exercise in found)
        orders = sum(len(orders_of(exercise)) for exercise in found)
        written = len(variants(_key(page)))
        reading = f"{page.minutes} minutes to read, " if page.minutes else ""
        lines.append(
            f"- {{doc}}`/{page.name}`. {reading}{len(found)} exercises "
            f"({minutes} minutes), {orders + written} variants. "
            f"At the end your students can {_goal(page)}"
        )
    return "\n".join(lines)


def counts() -> str:
    """How much there is, in a sentence."""
    found = checks.exercises()
    orders = [len(orders_of(exercise)) for exercise in found]
    written = variants()
    mistakes = sum(len(exercise.mistakes) for exercise in found)
    mistakes += sum(len(variant.exercise.mistakes) for variant in written)
    questions = sum(len(quiz.questions) for quiz in read_quizzes())
    return (
        f"There are {len(found)} exercises in {len(taught())} chapters. "
        f"{sum(map(bool, orders))} of them have variants with their axes in another "
        f"order, {sum(orders)} in all, and {len(written)} variants have another "
        f"definition. In {len(museums())} chapters the students also write tests for "
        f"a museum of five versions. The checks know {mistakes:,} mistakes by name. "
        f"The quizzes have {questions} questions."
    )


def plan(name: str) -> str:
    """A plan with its minutes, reading and exercises together."""
    pages = {page.source.stem: page for page in taught()}
    word = "Week" if name == "ten-weeks" else "Session"
    lines = []
    for number, stems in enumerate(PLANS[name], 1):
        shown = [pages[stem] for stem in stems]
        reading = sum(page.minutes or 0 for page in shown)
        work = sum(e.minutes for page in shown for e in _exercises(page))
        links = " and ".join(f"{{doc}}`/{page.name}`" for page in shown)
        lines.append(
            f"- {word} {number}: {links}. Reading {reading} minutes, "
            f"exercises {work} minutes."
        )
    return "\n".join(lines)


def misconceptions() -> str:
    """Of each chapter the mistakes that were seen elsewhere, then others, as hints."""
    lines = []
    for page in taught():
        every = [(e, m) for e in _exercises(page) for m in e.mistakes]
        every.sort(key=lambda pair: not pair[1].seen_in)
        lines += ["", f"{{doc}}`/{page.name}`", ""]
        for exercise, mistake in every[:_HINTS]:
            seen = f" (seen in {mistake.seen_in})" if mistake.seen_in else ""
            hint = mistake.hint[:1].upper() + mistake.hint[1:]
            lines.append(f"- *{exercise.title}.* {hint}{seen}")
    return "\n".join(lines).strip()


def rules() -> str:
    """What points there are and how they are shared out."""
    worth = ", ".join(f"{points} for a {name}" for name, points in WORTH.items())
    return f"Points: {worth}. {RULE}\n\nFor the tests of a museum: {MUSEUM_RULE}"


def limits() -> str:
    """What one submission may take."""
    most = Limits()
    return (
        f"Each cell and each call may take {most.seconds:g} seconds by the clock, all "
        f"of them together {most.cpu} seconds of the processor, {most.memory >> 30} "
        f"GiB of memory above what torch takes, and {most.output >> 20} MiB of output."
    )


#: What the directive ``{course}`` can be asked for.
PARTS: dict[str, Callable[[], str]] = {
    "goals": goals,
    "counts": counts,
    "limits": limits,
    "misconceptions": misconceptions,
    "rules": rules,
    **{name: (lambda name=name: plan(name)) for name in PLANS},
}


def _key(page: Page) -> str:
    return page.source.stem.replace("_", "-")


def _exercises(page: Page) -> list[Exercise]:
    return checks.exercises(_key(page))


def _goal(page: Page) -> str:
    cells = json.loads(page.source.read_text(encoding="utf-8"))["cells"]
    found = _GOAL.search("".join(cells[0]["source"]))
    if found is None:
        raise ValueError(f'{page.name} must say "At the end you can ..." at its start')
    return " ".join(found[1].split())
