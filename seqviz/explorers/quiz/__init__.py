"""A quiz that answers in words, in the page and in the notebook, without a kernel."""

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import traitlets

from seqviz.explorers.core.base import Explorer
from seqviz.explorers.quiz import still

__all__ = ["Option", "Question", "Quiz"]


@dataclass(frozen=True)
class Option:
    """One answer: its text, whether it is right, and why it is or is not.

    Example:
        >>> option = Option("the keys", correct=True, why="A query's weights sum to 1.")
        >>> option.correct
        True
    """

    text: str
    correct: bool
    why: str


@dataclass(frozen=True)
class Question:
    """A question with two options or more, exactly one of them correct.

    Example:
        >>> question = Question(
        ...     "Over what does the softmax run?",
        ...     [
        ...         Option("the keys", True, "Each query's weights sum to 1."),
        ...         Option("the queries", False, "Then each key's would."),
        ...     ],
        ... )
        >>> len(question.options)
        2
    """

    text: str
    options: Sequence[Option]


class Quiz(Explorer):
    """Multiple choice with a word for every option.

    Texts may hold `code` and *emphasis*. Without scripts the questions stand
    there with their answers folded in.

    Args:
        questions: the questions in order.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the question that is not well formed.

    The trait ``answers`` holds the chosen option of each question, -1 for none.

    Example:
        >>> options = [Option("yes", True, "It is."), Option("no", False, "It is.")]
        >>> quiz = Quiz([Question("Is 0 the padding?", options)])
        >>> quiz.answers
        [-1]
    """

    questions = traitlets.List(traitlets.Dict()).tag(sync=True)
    answers = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(
        self,
        questions: Sequence[Question],
        *,
        title: str = "Check yourself",
        caption: str = "Each option answers in words. Which wrong one tempted you?",
    ) -> None:
        questions = list(questions)
        if not questions:
            raise ValueError("questions must hold at least one Question, got none")
        super().__init__(
            title=title,
            caption=caption,
            questions=[_checked(q, f"questions[{n}]") for n, q in enumerate(questions)],
            answers=[-1] * len(questions),
        )

    @classmethod
    def sealed(cls, text: str) -> "Quiz":
        """Return the quiz of a text that ``seal`` made."""
        told = json.loads(zlib.decompress(base64.b64decode(text)))
        questions = [
            Question(one["text"], [Option(**option) for option in one["options"]])
            for one in told.pop("questions")
        ]
        return cls(questions, **told)

    def still(self) -> str:
        """Return the questions with their answers folded in."""
        return still.draw(self.questions)


def seal(questions: Sequence[Question], **words: str) -> str:
    """Return a quiz as a text that does not show which option is right.

    A reader who wants to know can unpack it; nobody sees it in passing.
    """
    told = {"questions": [asdict(question) for question in questions], **words}
    packed = zlib.compress(json.dumps(told, ensure_ascii=False).encode())
    return base64.b64encode(packed).decode("ascii")


def _checked(question: Any, name: str) -> dict[str, Any]:
    if not isinstance(question, Question):
        raise TypeError(f"{name} must be a Question, got {type(question).__name__}")
    options = list(question.options)
    if len(options) < 2 or not all(isinstance(o, Option) for o in options):
        raise ValueError(f"{name} must have two Options or more, got {options}")
    right = sum(bool(option.correct) for option in options)
    if right != 1:
        raise ValueError(f"{name} must have exactly one correct option, got {right}")
    if not question.text.strip():
        raise ValueError(f"{name} must have a text")
    for option in options:
        if not option.text.strip() or not option.why.strip():
            raise ValueError(f"{name}: every option needs a text and a why")
    return {
        "text": question.text,
        "options": [
            {"text": o.text, "correct": bool(o.correct), "why": o.why} for o in options
        ],
    }
