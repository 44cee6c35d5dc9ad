"""Routing by agreement: votes, coupling and capsules, iteration by iteration."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode
from seqviz.explorers.core.inputs import check_mask, check_names
from seqviz.explorers.routing import still
from seqviz.explorers.routing.steps import Routing, Step, check_routing, plane_of, route

__all__ = ["Routing", "RoutingExplorer"]

MOST_BEHAVIORS, MOST_FORMS, MOST_ITERATIONS = 20, 4, 10
DEFAULT_CAPTION = (
    "Each row is a behavior; its bars are its coupling, how it shares itself out among "
    "the interests, and an upright mark is where a bar stood one iteration before. In "
    "the plane small signs are votes, as large as their coupling, and large signs are "
    "the interests. Step on: which interest takes which behaviors, and does the other "
    "form end alike?"
)


class RoutingExplorer(Explorer):
    """Shows routing by agreement on one history, in one form or several.

    The page runs the iterations itself: a softmax of the logits over the interests,
    the sum of the votes weighed by it, squash, and the inner product of vote and
    interest on top of the logit.

    Args:
        history: T names. What stands at padding is not shown.
        forms: name to :class:`Routing`, 1 to 4, of the same history.
        mask: ``[T]``, bool, True = real; none: all are. 1 to 20 may be real.
        iterations: R, 1 to 10.
        form: the place of the form to begin with.
        iteration: 0 (the first logits, before any interest) to R.
        behavior: the one to begin with, counted among the real ones.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``form``, ``iteration`` and ``behavior`` follow the page and may be set
    from Python.

    Example:
        >>> votes = np.random.default_rng(0).normal(size=(2, 3, 4))  # [T, K, E]
        >>> figure = RoutingExplorer(["boots", "tent"], {"ComiRec-DR": Routing(votes)})
        >>> first, *rest = figure.steps()
        >>> first.coupling.round(2)
        array([[0.33, 0.33, 0.33],
               [0.33, 0.33, 0.33]])
        >>> len(rest)
        3
    """

    form = traitlets.Int(0).tag(sync=True)
    iteration = traitlets.Int(0).tag(sync=True)
    behavior = traitlets.Int(0).tag(sync=True)

    iterations = traitlets.Int(3).tag(sync=True)
    #: The real behaviors.
    history = traitlets.List(traitlets.Unicode()).tag(sync=True)
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: For each name the votes ``[T, K, E]`` (``[T, 1, E]`` where all interests share
    #: them), the first logits ``[T, K]``, who is active, and the plane.
    forms = traitlets.List(traitlets.Dict()).tag(sync=True)

    def __init__(
        self,
        history: Sequence[str],
        forms: Mapping[str, Routing],
        *,
        mask: Any = None,
        iterations: int = 3,
        form: int = 0,
        iteration: int = 0,
        behavior: int = 0,
        title: str = "Interests form where votes agree",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        if isinstance(history, str):
            raise TypeError("history must be a sequence of texts, got one text")
        titles = check_names(history, "history", len(list(history)))
        real = check_mask(mask, (len(titles),), "the history")
        if not 1 <= real.sum() <= MOST_BEHAVIORS:
            raise ValueError(
                f"history must hold 1 to {MOST_BEHAVIORS} real behaviors, got "
                f"{real.sum()}"
            )
        if not isinstance(forms, Mapping) or not 1 <= len(forms) <= MOST_FORMS:
            raise ValueError(
                f"forms must map 1 to {MOST_FORMS} names to a Routing, got {forms!r}"
            )
        whole = isinstance(iterations, int) and not isinstance(iterations, bool)
        if not whole or not 1 <= iterations <= MOST_ITERATIONS:
            raise ValueError(
                f"iterations must be a whole number from 1 to {MOST_ITERATIONS}, got "
                f"{iterations!r}"
            )
        self._forms = [
            check_routing(routing, f"forms[{name!r}]", real)
            for name, routing in forms.items()
        ]
        self._rounds = iterations
        self._length = int(real.sum())
        self._planes = [
            plane_of(routing.votes, self.steps(place))
            for place, routing in enumerate(self._forms)
        ]
        super().__init__(
            title=title,
            caption=caption,
            history=[text for text, kept in zip(titles, real, strict=True) if kept],
            names=[str(name) for name in forms],
            forms=[
                {
                    "votes": encode(_once(routing.votes)),
                    "logits": encode(routing.first_logits),
                    "active": routing.active.astype(int).tolist(),
                    "axes": encode(plane.axes),
                    "rim": plane.rim,
                    "shares": [round(share, 4) for share in plane.shares],
                }
                for routing, plane in zip(self._forms, self._planes, strict=True)
            ],
            iterations=iterations,
            form=form,
            iteration=iteration,
            behavior=behavior,
        )

    def steps(self, form: int | None = None) -> list[Step]:
        """Return the first logits and every iteration of a form (the present one).

        A :class:`Step` holds ``logits [T, K]``, ``coupling [T, K]`` and ``interests
        [K, E]`` in float64, T the real behaviors. Step 0 has the first logits, their
        softmax and interests of 0.
        """
        routing = self._forms[self.form if form is None else form]
        return route(routing.votes, routing.first_logits, routing.active, self._rounds)

    def still(self) -> str:
        """Return the coupling and the plane of the present iteration, in HTML."""
        return still.draw(
            self.steps(),
            self.iteration,
            self._forms[self.form].votes,
            self._forms[self.form].active,
            self._planes[self.form],
            self.history,
            self.behavior,
            self.names[self.form],
        )

    @traitlets.validate("form", "iteration", "behavior")
    def _check_place(self, proposal: Any) -> int:
        most = {
            "form": len(self._forms) - 1,
            "iteration": self._rounds,
            "behavior": self._length - 1,
        }
        return check_range(proposal, 0, most[proposal["trait"].name])


def _once(votes: np.ndarray) -> np.ndarray:
    """Return votes ``[T, 1, E]`` where all interests share them."""
    return votes[:, :1] if (votes == votes[:, :1]).all() else votes
