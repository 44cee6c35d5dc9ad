"""One history, several candidates: how each mechanism weighs the behaviors for each."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.arrays import masked_softmax
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_labels, check_mask, check_names
from seqviz.explorers.target import still

__all__ = ["TargetExplorer"]

#: What the page offers to divide the logits by.
TEMPERATURES = (0.1, 0.5, 1.0, 2.0, 10.0)
MOST_CANDIDATES = 12
DEFAULT_CAPTION = (
    "The bars under the history are the weights that the candidate gives it; the "
    "upright mark is where a bar stood for the candidate before. Change the "
    "candidate: which bars move, and which stay?"
)

Names = Sequence[str] | Sequence[Sequence[str]]


class TargetExplorer(Explorer):
    """Shows the weights of a history under several candidates and mechanisms.

    The page repeats the last step of each mechanism: a softmax of
    ``logits / temperature`` over the real behaviors. What comes before it (a network
    as in DIN, self-attention as in dual attention) is in the logits.

    Args:
        histories: the T names of the behaviors, or U such lists. What stands at padding
            is not shown.
        candidates: M names, 1 to 12, or U such lists.
        mechanisms: name to logits ``[M, T]`` or, for several users, ``[U, M, T]``,
            before the mask. Finite at every real behavior.
        mask: ``[T]`` or ``[U, T]``, bool, True = real; none: all are.
        answers: name to what the mechanism's model says of each candidate, ``[M]`` or
            ``[U, M]``, from 0 to 1; shown at temperature 1.
        answer_label: what an answer is, such as "chance of a click".
        users: U labels; by default "1", "2", ...
        candidate: the one to begin with.
        temperature: one of 0.1, 0.5, 1, 2, 10.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``user``, ``candidate`` and ``temperature`` follow the page and may be
    set from Python.

    Example:
        >>> figure = TargetExplorer(
        ...     ["boots", "tent"], ["lamp"], {"target": [[0.0, np.log(3)]]}
        ... )
        >>> figure.weights()["target"].round(2)
        array([[0.25, 0.75]])
    """

    user = traitlets.Int(0).tag(sync=True)
    candidate = traitlets.Int(0).tag(sync=True)
    temperature = traitlets.Float(1.0).tag(sync=True)

    temperatures = traitlets.List(traitlets.Float()).tag(sync=True)
    histories = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    candidates = traitlets.List(traitlets.List(traitlets.Unicode())).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: One array ``[U, M, T]`` a name.
    logits = traitlets.List(traitlets.Dict()).tag(sync=True)
    #: For each user and behavior 1 where it is real.
    mask = traitlets.List(traitlets.List(traitlets.Int())).tag(sync=True)
    #: For each name ``[U][M]``, or None.
    answers = traitlets.List().tag(sync=True)
    answer_label = traitlets.Unicode().tag(sync=True)
    users = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(
        self,
        histories: Names,
        candidates: Names,
        mechanisms: Mapping[str, Any],
        *,
        mask: Any = None,
        answers: Mapping[str, Any] | None = None,
        answer_label: str = "chance of a click",
        users: Sequence[str] | None = None,
        candidate: int = 0,
        temperature: float = 1.0,
        title: str = "What a candidate reads",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        history_names, several = _check_lists(histories, "histories", None)
        num_users, length = len(history_names), len(history_names[0])
        if not length or any(len(row) != length for row in history_names):
            raise ValueError(
                "histories must hold T names a user, one or more and as many for each, "
                f"got {[len(row) for row in history_names]}"
            )
        candidate_names, _ = _check_lists(candidates, "candidates", several)
        count = len(candidate_names[0])
        if len(candidate_names) != num_users or any(
            len(row) != count for row in candidate_names
        ):
            raise ValueError(
                f"candidates must hold M names for each of {num_users} users, got "
                f"{[len(row) for row in candidate_names]}"
            )
        if not 1 <= count <= MOST_CANDIDATES:
            raise ValueError(
                f"candidates must be 1 to {MOST_CANDIDATES} a user, got {count}"
            )
        if not isinstance(mechanisms, Mapping) or not mechanisms:
            raise ValueError(
                f"mechanisms must map one name or more to logits, got {mechanisms!r}"
            )
        shape = (num_users, length) if several else (length,)
        self._mask = check_mask(mask, shape, "the histories").reshape(num_users, length)
        shape = (num_users, count, length)
        self._logits = [
            _check_logits(values, f"mechanisms[{name!r}]", shape, several, self._mask)
            for name, values in mechanisms.items()
        ]
        unknown = set(answers or {}) - set(mechanisms)
        if unknown:
            raise ValueError(
                f"answers must be of the mechanisms {list(mechanisms)}, got "
                f"{sorted(unknown)}"
            )
        given = answers or {}
        super().__init__(
            title=title,
            caption=caption,
            temperatures=list(TEMPERATURES),
            histories=history_names,
            candidates=candidate_names,
            names=[str(name) for name in mechanisms],
            logits=[encode(values) for values in self._logits],
            mask=self._mask.astype(int).tolist(),
            answers=[
                _check_answers(given[name], f"answers[{name!r}]", shape[:2], several)
                if name in given
                else None
                for name in mechanisms
            ],
            answer_label=answer_label,
            users=check_labels(users, "users", num_users),
            candidate=candidate,
            temperature=temperature,
        )

    def weights(self) -> dict[str, np.ndarray]:
        """Return the weights ``[M, T]`` of the present user, in float64, by name."""
        real = self._mask[self.user]
        return {
            name: masked_softmax(
                values[self.user].astype(np.float64) / self.temperature, real
            )
            for name, values in zip(self.names, self._logits, strict=True)
        }

    def still(self) -> str:
        """Return the history with the bars of the present candidate, as HTML."""
        return still.draw(
            self.weights(),
            self.histories[self.user],
            self._mask[self.user],
            self.candidates[self.user][self.candidate],
            self.candidate,
        )

    @traitlets.validate("user", "candidate")
    def _check_place(self, proposal: Any) -> int:
        sizes = {"user": len(self.histories), "candidate": len(self.candidates[0])}
        return check_range(proposal, 0, sizes[proposal["trait"].name] - 1)

    @traitlets.validate("temperature")
    def _check_temperature(self, proposal: Any) -> float:
        if proposal["value"] not in TEMPERATURES:
            raise traitlets.TraitError(
                f"temperature must be one of {TEMPERATURES}, got {proposal['value']}"
            )
        return proposal["value"]


def _check_lists(
    names: Names, name: str, several: bool | None
) -> tuple[list[list[str]], bool]:
    """Return one list of texts a user, and whether several users were given."""
    if isinstance(names, str):
        raise TypeError(f"{name} must be a sequence of texts, got one text")
    rows = list(names)
    nested = bool(rows) and not isinstance(rows[0], str)
    if not rows or (several is not None and nested != several):
        expected = "one list of texts for each user" if several else "one list of texts"
        raise ValueError(f"{name} must be {expected}, got {names!r}")
    rows = rows if nested else [rows]
    return [check_names(row, name, len(list(row))) for row in rows], nested


def _check_logits(
    values: Any, name: str, shape: tuple[int, ...], several: bool, mask: np.ndarray
) -> np.ndarray:
    """Return logits as float32 ``[U, M, T]``, 0 under the padding."""
    array = to_numpy(values, name)
    expected = shape if several else shape[1:]
    if array.shape != expected:
        letters = "[U, M, T]" if several else "[M, T]"
        raise ValueError(
            f"{name} must have shape {letters} = {list(expected)} like candidates and "
            f"histories, got {list(array.shape)}"
        )
    array = np.where(mask[:, None], array.reshape(shape), 0).astype(np.float32)
    if not np.isfinite(array).all():
        user, candidate, place = np.argwhere(~np.isfinite(array))[0]
        raise ValueError(
            f"{name} must be finite at every real behavior, got "
            f"{array[user, candidate, place]} for user {user}, candidate {candidate}, "
            f"behavior {place}; give the logits before the mask"
        )
    return array


def _check_answers(
    values: Any, name: str, shape: tuple[int, ...], several: bool
) -> list[list[float]]:
    array = to_numpy(values, name).astype(np.float64)
    expected = shape if several else shape[1:]
    if array.shape != expected:
        raise ValueError(
            f"{name} must have shape {list(expected)}, one per candidate, got "
            f"{list(array.shape)}"
        )
    if not ((array >= 0) & (array <= 1)).all():
        raise ValueError(f"{name} must lie in 0 to 1, got {array.min()}..{array.max()}")
    return array.reshape(shape).round(6).tolist()
