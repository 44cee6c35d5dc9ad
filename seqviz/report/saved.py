"""A trained model in a folder, and back: ``seqviz.load(folder)``."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from seqviz.arguments import require_whole
from seqviz.models import Retriever
from seqviz.report.families import FAMILIES, build
from seqviz.retrieval import top_items

FORMAT = 1
CONFIG, WEIGHTS, ITEMS = "config.json", "weights.safetensors", "items.json"


class NotAModel(ValueError):
    """The folder does not hold a model that a report has written.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("config.json", "weights.safetensors", "items.json"):
        ...         _ = Path(folder, name).write_text("")
        ...     try:
        ...         load(folder)
        ...     except NotAModel as error:
        ...         print("is damaged" in str(error))
        True
    """


class Saved:
    """A model that knows the log's own ids.

    Attributes:
        model: the ``Retriever``, in eval mode.
        item_ids: the log's own id of each item, ``item_ids[0]`` is "" for padding.
        length: T, how many of the latest items of a history are read.
        about: the configuration as it is stored.

    Example:
        >>> from seqviz.models import MeanPooling
        >>> model = MeanPooling(num_items=3, embedding_dim=8, temperature=0.1)
        >>> about = {"family": "mean", "length": 5}
        >>> saved = Saved(model, ["", "a7", "b2", "c9"], about)
        >>> [item for item, score in saved.recommend(["a7"], n=1)]
        ['a7']
    """

    def __init__(
        self, model: Retriever, item_ids: Sequence[str], about: Mapping[str, Any]
    ) -> None:
        self.model = model.eval()
        self.item_ids = list(item_ids)
        self.about = dict(about)
        self.length = int(about["length"])
        self._number = {name: number for number, name in enumerate(self.item_ids)}
        self._number.pop("", None)

    def __repr__(self) -> str:
        return f"Saved({self.about['family']}, {len(self.item_ids) - 1} items)"

    def rows(self, history: Sequence[str]) -> torch.Tensor:
        """A history of ids, oldest first, as ``[1, T]``; unknown items are left out."""
        if isinstance(history, str):
            raise TypeError(f"history must be a list of item ids, got {history!r}")
        known = [self._number[str(i)] for i in history if str(i) in self._number]
        ids = torch.zeros(1, self.length, dtype=torch.int64)
        latest = known[-self.length :]
        if latest:
            ids[0, -len(latest) :] = torch.tensor(latest)
        return ids

    @torch.no_grad()
    def interests(self, history: Sequence[str]) -> torch.Tensor:
        """``[K, E]``: the inner product with an item vector is the item's score."""
        return self.model.scaled_interests(self.rows(history))[0]

    def recommend(
        self, history: Sequence[str], n: int = 20, *, exclude_seen: bool = False
    ) -> list[tuple[str, float]]:
        """The best ``n`` items with their scores, best first.

        Args:
            history: ids of the log, oldest first; unknown ones are left out, one must
                be known.
            n: how many.
            exclude_seen: leave out the items of the history.

        Raises:
            TypeError, ValueError: one text for a history, a history of which no item is
                known (all scores would be equal), or ``n`` above the items that are
                left.
        """
        had = {str(item) for item in history} & set(self._number)
        had = had if exclude_seen else set()
        require_whole(high=len(self.item_ids) - 1 - len(had), n=n)
        if not self.rows(history).any():
            raise ValueError(
                f"history must name an item of the log, such as {self.item_ids[1]!r} "
                f"(item_ids holds all), got {list(history)[:3]}"
            )
        vectors = self.model.item_vectors().detach()
        interests = self.interests(history)  # [K, E]
        scores, items = top_items(interests, vectors, n + len(had))
        best: dict[str, float] = {}
        order = scores.flatten().argsort(descending=True, stable=True)
        for score, item in zip(
            scores.flatten()[order].tolist(), items.flatten()[order].tolist(),
            strict=True,
        ):  # fmt: skip
            if (name := self.item_ids[item]) not in had:
                best.setdefault(name, score)
        return list(best.items())[:n]


def load(folder: str | Path) -> Saved:
    """Load what ``python -m seqviz report`` has left in ``<out>/model``.

    Args:
        folder: that folder, or the report's.

    Raises:
        FileNotFoundError: the folder or one of its files is not there.
        NotAModel: a file is damaged, or from another version of the format.

    Example:
        >>> try:
        ...     load("nowhere")
        ... except FileNotFoundError as error:
        ...     print(str(error).split(";")[0])
        folder must hold config.json, and nowhere does not
    """
    folder = Path(folder)
    if not (folder / CONFIG).is_file() and (folder / "model" / CONFIG).is_file():
        folder = folder / "model"
    for name in (CONFIG, WEIGHTS, ITEMS):
        if not (folder / name).is_file():
            raise FileNotFoundError(
                f"folder must hold {name}, and {folder} does not; `python -m seqviz "
                "report LOG` writes such a folder"
            )
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        about = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        item_ids = json.loads((folder / ITEMS).read_text(encoding="utf-8"))
        weights = load_file(folder / WEIGHTS)
    except (ValueError, SafetensorError) as error:
        raise NotAModel(
            f"folder must be whole, {folder} is damaged: {error}"
        ) from error
    if about.get("format") != FORMAT or about.get("family") not in FAMILIES:
        raise NotAModel(
            f"folder must be of format {FORMAT} and a family of "
            f"{', '.join(FAMILIES)}, got format {about.get('format')} and "
            f"{about.get('family')!r}"
        )
    model = build(about["family"], len(item_ids) - 1, about["length"], about["options"])
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise NotAModel(f"{WEIGHTS} must fit {CONFIG}: {error}") from error
    return Saved(model, item_ids, about)
