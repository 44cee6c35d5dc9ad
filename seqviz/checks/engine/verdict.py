"""What a check answers: right, or the mistake in words."""

from dataclasses import dataclass, field

from seqviz.figures.markup import inline


@dataclass
class Verdict:
    """The result of one check. True in a condition when the answer passed.

    Attributes:
        name: the exercise.
        passed: whether the answer is right on every case.
        hint: the mistake in words, or what was tried when the answer passed.
        mistake: the name of the known mistake that the hint or the remark tells.
        remark: what an answer that passed should still know, such as a number type.

    Example:
        >>> bool(Verdict("part/task", passed=False, hint="The mask comes too late."))
        False
    """

    name: str
    passed: bool
    hint: str
    mistake: str | None = None
    remark: str = ""
    _shown_in: int | None = field(default=None, repr=False, compare=False)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return f"{'Right' if self.passed else 'Not yet'}: {self._text}"

    __repr__ = __str__

    @property
    def _text(self) -> str:
        return f"{self.hint} One remark: {self.remark}" if self.remark else self.hint

    def _repr_html_(self) -> str:
        """The line as one paragraph; the rule beside it repeats the word."""
        word, rule = ("Right", "solid") if self.passed else ("Not yet", "dashed")
        return (
            f'<p class="sv-verdict" role="status" style="margin: 0.5em 0; '
            f"padding-left: 0.75em; border-left: 3px {rule} "
            f'var(--sv-accent, currentColor)">'
            f"<strong>{word}:</strong> {inline(self._text)}</p>"
        )

    def show(self) -> None:
        """Show the verdict: in a notebook as a paragraph, elsewhere as a line."""
        shell = _notebook()
        if shell is None:
            print(self)
            return
        from IPython.display import display

        self._shown_in = shell.execution_count
        bundle = {"text/plain": str(self), "text/html": self._repr_html_()}
        display(bundle, raw=True)

    def _ipython_display_(self) -> None:
        # check() has shown it already when it is the last line of the same cell.
        shell = _notebook()
        if shell is None or self._shown_in != shell.execution_count:
            self.show()


def _notebook():  # IPython's shell, or None
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()
