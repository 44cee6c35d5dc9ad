"""A history of one's own, and every reader's list for it, computed in the page."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from torch import nn

from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.codec import encode, to_numpy
from seqviz.explorers.core.inputs import check_names
from seqviz.explorers.history import reading, still
from seqviz.explorers.history.fitting import MOST_CLICKS, check_models
from seqviz.explorers.history.outline import MANY

__all__ = ["HistoryExplorer"]

FINEST = 20
#: Items of a list: many readers have short lists, so that all stand on one screen.
SHOWN, SHOWN_OF_MANY = 8, 5
DEFAULT_CAPTION = (
    "Put a history together from the shelves. Each column is the list of one reader, "
    "computed on your device from weights that were trained when this page was built. "
    "Press a click to see which entries depend on it: whose list changes most?"
)


class HistoryExplorer(Explorer):
    """Runs several models in the page on a history that the reader puts together.

    Beside the models there are two readers that learn nothing: what all click most, and
    what she clicked most. The page has the models' forward of its own (``readers/``, a
    file for each), on weights rounded to half precision.

    Args:
        models: 1 to 8 names to trained models: a ``MeanPooling``, ``ComiRecSA``
            (without positions), ``ComiRecDR``, ``MIND``, ``SASRec`` (one head, norm
            first, as published), ``GRU4Rec`` (GRU, state of width E) or ``SDM`` (gate,
            no users), each with a temperature; or a ``DIN`` (softmax, no users, sigmoid
            or PReLU). An SDM takes the latest four clicks for its session. Whoever
            reads positions must read 12 clicks.
        counts: ``[N + 1]``, how often all people clicked each item; entry 0 is padding.
        titles: N names, of item 1, 2, ...
        categories: N names, of the category of item 1, 2, ...
        history: 0 to 12 item ids to begin with, oldest first.
        reader: the name of the model whose weights stand under the clicks; by default
            the first.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``history``, ``candidate`` (an item, 0 for none), ``reader`` (a place
    among the readers) and ``diversity`` (the weight of variety, in twentieths) follow
    the page and may be set from Python; :meth:`scores` gives the numbers. In a page
    without a kernel the history stands in the address, so that a link shares it.

    Example:
        >>> from seqviz.models import MeanPooling
        >>> figure = HistoryExplorer(
        ...     {"mean": MeanPooling(num_items=3, embedding_dim=4, temperature=0.1)},
        ...     counts=[0, 5, 1, 2],
        ...     titles=["boots", "tent", "lamp"],
        ...     categories=["feet", "camp", "camp"],
        ...     history=[2],
        ... )
        >>> {name: len(scores) for name, scores in figure.scores().items()}
        {'popularity': 4, 'own counts': 4, 'mean': 4}
    """

    history = traitlets.List(traitlets.Int()).tag(sync=True)
    candidate = traitlets.Int(0).tag(sync=True)
    reader = traitlets.Int(2).tag(sync=True)
    diversity = traitlets.Int(0).tag(sync=True)

    first = traitlets.List(traitlets.Int()).tag(sync=True)
    readers = traitlets.List(traitlets.Dict()).tag(sync=True)
    weights = traitlets.List(traitlets.Dict()).tag(sync=True)
    shares = traitlets.Dict().tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    category_of = traitlets.List(traitlets.Int()).tag(sync=True)
    categories = traitlets.List(traitlets.Unicode()).tag(sync=True)
    most = traitlets.Int(MOST_CLICKS).tag(sync=True)
    shown = traitlets.Int(SHOWN).tag(sync=True)

    def __init__(
        self,
        models: Mapping[str, nn.Module],
        counts: Any,
        titles: Sequence[str],
        categories: Sequence[str],
        *,
        history: Sequence[int] = (),
        reader: str | None = None,
        title: str = "Your history, every reader's list",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        self._models = check_models(models)
        shares = _check_counts(counts)
        count = len(shares) - 1
        for name, model in self._models.items():
            if model.num_items != count:
                raise ValueError(
                    f"models[{name!r}] must score N = {count} items like counts, got "
                    f"{model.num_items}"
                )
        names = [*reading.COUNTS, *self._models]
        if reader is not None and reader not in self._models:
            raise ValueError(
                f"reader must be one of {', '.join(self._models)}, got {reader!r}"
            )
        of_items = check_names(categories, "categories", count)
        known = sorted(set(of_items))
        self._shares = shares
        first = [int(item) for item in history]
        super().__init__(
            title=title,
            caption=caption,
            titles=check_names(titles, "titles", count),
            category_of=[known.index(name) + 1 for name in of_items],
            categories=known,
            readers=[
                *({"name": n, "kind": n, "options": {}} for n in reading.COUNTS),
                *(
                    {
                        "name": name,
                        "kind": reading.KINDS[type(model)],
                        "options": reading.options(model),
                    }
                    for name, model in self._models.items()
                ),
            ],
            weights=[
                *({} for _ in reading.COUNTS),
                *(reading.encoded(model) for model in self._models.values()),
            ],
            shares=encode(shares),
            shown=min(SHOWN if len(names) <= MANY else SHOWN_OF_MANY, count),
            first=first,
            history=first,
            reader=names.index(reader) if reader else 2,
        )

    def scores(self) -> dict[str, np.ndarray]:
        """Return for each reader what it gives each item, ``[N + 1]``, by its name."""
        counted = {
            name: reading.counted(kind, self._shares, self.history)
            for name, kind in reading.COUNTS.items()
        }
        asked = {
            name: reading.scores(model, self.history)
            for name, model in self._models.items()
        }
        return {**counted, **asked}

    def still(self) -> str:
        """Return the history and the lists, in HTML."""
        return still.draw(self.history, self.titles, self.scores(), self.shown)

    @traitlets.validate("history")
    def _check_history(self, proposal: Any) -> list[int]:
        ids = proposal["value"]
        count = len(self._shares) - 1
        if len(ids) > MOST_CLICKS or any(not 1 <= item <= count for item in ids):
            raise traitlets.TraitError(
                f"history must hold 0 to {MOST_CLICKS} item ids in 1..{count}, got "
                f"{ids}"
            )
        return ids

    @traitlets.validate("candidate", "reader", "diversity")
    def _check_number(self, proposal: Any) -> int:
        low, high = {
            "candidate": (0, len(self._shares) - 1),
            "reader": (2, 1 + len(self._models)),
            "diversity": (0, FINEST),
        }[proposal["trait"].name]
        return check_range(proposal, low, high)


def _check_counts(counts: Any) -> np.ndarray:
    """Return the shares of all clicks, as the page's float32 has them."""
    found = to_numpy(counts, "counts").astype(np.float64)
    if found.ndim != 1 or len(found) < 3:
        raise ValueError(
            f"counts must have shape [N + 1] with N of at least 2, got "
            f"{list(found.shape)}"
        )
    if not np.isfinite(found).all() or found.min() < 0 or found[0] or not found.sum():
        raise ValueError(
            "counts must be finite, at least 0, 0 for padding and not all 0, got "
            f"{found.min():g} to {found.max():g} and {found[0]:g} for padding"
        )
    return (found / found.sum()).astype(np.float32).astype(np.float64)
