"""Two models that learn in the page, side by side."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import traitlets

from seqviz.arguments import require_whole
from seqviz.explorers.core.base import Explorer, check_range
from seqviz.explorers.core.inputs import check_names
from seqviz.explorers.learning import still
from seqviz.explorers.learning.shop import LearningShop
from seqviz.explorers.learning.training import BATCH, Learned, Setting, learn

__all__ = ["LearningExplorer", "LearningShop", "Setting"]

MOST_PEOPLE, TICK = 4, 5
#: What the controls offer, beside the values of the comparisons.
CHOICES: Mapping[str, Sequence[float]] = {
    "interests": (0, 1, 2, 4, 8),
    "temperature": (0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
    "learning_rate": (0.001, 0.003, 0.01, 0.03, 0.1),
    "negatives": (5, 20, 50, 200),
    "seed": (0, 1, 2, 3, 4),
}
DEFAULT_CAPTION = (
    "Two trainings on the same clicks, computed on your device. Above: the items, and "
    "the interests of a person who was held out, in the plane in which the items "
    "differ most. Below: loss, Recall@20, and how alike a person's interests are. "
    "Press Start: which of the two settles first, and on what?"
)


class LearningExplorer(Explorer):
    """Trains two models in the page, side by side.

    The page has forward, backward and Adam of its own (``model.js``, ``adam.js``), each
    training in a Web Worker, from the draws of ``draws.py``; :func:`training.learn` is
    the same in PyTorch.

    Args:
        shop: the clicks.
        titles: N names, of item 1, 2, ...
        categories: N names, of the category of item 1, 2, ...
        people: name to the place among the shop's held-out people, 1 to 4 of them.
        comparisons: name to the settings of A and B; the figure begins with the first.
        epochs: how long the trainings can go.
        still_epochs: how long the still figure's trainings go, in PyTorch.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``a`` and ``b`` (settings as dicts), ``playing``, ``person`` and
    ``marked`` follow the page and may be set from Python; ``seen`` has the numbers of A
    and B at the place that the page shows, when it is not playing.

    Example:
        >>> people = [[1, 2, 1], [3, 4, 3], [2, 1, 2], [4, 3, 4]]
        >>> shop = LearningShop(4, people, [([1], [2]), ([3], [4])], most=3)
        >>> figure = LearningExplorer(
        ...     shop,
        ...     ["boots", "shoes", "tent", "lamp"],
        ...     ["feet", "feet", "camp", "camp"],
        ...     people={"Mia": 0},
        ...     comparisons={"one or four": (Setting(interests=0), Setting())},
        ... )
        >>> figure.a["interests"], figure.b["interests"]
        (0, 4)
    """

    a = traitlets.Dict().tag(sync=True)
    b = traitlets.Dict().tag(sync=True)
    playing = traitlets.Bool(False).tag(sync=True)
    person = traitlets.Int(0).tag(sync=True)
    marked = traitlets.Int(0).tag(sync=True)
    seen = traitlets.List(traitlets.Dict()).tag(sync=True)

    shop = traitlets.Dict().tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    category_of = traitlets.List(traitlets.Int()).tag(sync=True)
    categories = traitlets.List(traitlets.Unicode()).tag(sync=True)
    people = traitlets.List(traitlets.Dict()).tag(sync=True)
    comparisons = traitlets.List(traitlets.Dict()).tag(sync=True)
    choices = traitlets.Dict().tag(sync=True)
    most = traitlets.Int().tag(sync=True)
    epochs = traitlets.Int().tag(sync=True)

    def __init__(
        self,
        shop: LearningShop,
        titles: Sequence[str],
        categories: Sequence[str],
        *,
        people: Mapping[str, int],
        comparisons: Mapping[str, tuple[Setting, Setting]],
        epochs: int = 30,
        still_epochs: int = 5,
        title: str = "Two models learn one shop",
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        if not isinstance(shop, LearningShop):
            raise TypeError(f"shop must be a LearningShop, got {type(shop).__name__}")
        require_whole(epochs=epochs)
        require_whole(low=0, still_epochs=still_epochs)
        self._shop, self._still_epochs = shop, still_epochs
        self._learned: dict[str, Learned] = {}
        pairs = _check_comparisons(comparisons)
        of_items = check_names(categories, "categories", shop.num_items)
        names = sorted(set(of_items))
        steps = epochs * ceil(
            sum(len(row) - 1 for row in shop.people if len(row)) / BATCH
        )
        super().__init__(
            title=title,
            caption=caption,
            shop=shop.encoded(),
            titles=check_names(titles, "titles", shop.num_items),
            category_of=[names.index(name) + 1 for name in of_items],
            categories=names,
            people=_check_people(people, shop),
            comparisons=pairs,
            choices=_choices(pairs),
            most=ceil(steps / TICK),
            epochs=epochs,
            a=pairs[0]["a"],
            b=pairs[0]["b"],
        )

    def learned(self, name: str) -> Learned:
        """Return what ``"a"`` or ``"b"`` comes to in PyTorch, for the still figure."""
        setting = Setting(**getattr(self, name))
        if repr(setting) not in self._learned:
            found = learn(self._shop, setting, self._still_epochs)
            self._learned[repr(setting)] = found
        return self._learned[repr(setting)]

    def still(self) -> str:
        """Return both maps and the curves, in HTML."""
        person = self.people[self.person]
        return still.draw(
            [
                still.Side(f"{name.upper()}: {model_name(getattr(self, name))}", found)
                for name, found in (("a", self.learned("a")), ("b", self.learned("b")))
            ],
            self._shop,
            person["name"],
            person["place"],
        )

    @traitlets.validate("a", "b")
    def _check_setting(self, proposal: Any) -> dict[str, Any]:
        name = proposal["trait"].name
        try:
            setting = Setting(**proposal["value"])
        except (TypeError, ValueError) as wrong:
            raise traitlets.TraitError(f"{name}: {wrong}") from None
        for choice, known in self.choices.items():
            value = getattr(setting, choice)
            if value not in known:
                raise traitlets.TraitError(
                    f"{name}: {choice} must be one of {known}, got {value}"
                )
        return setting.as_dict()

    @traitlets.validate("person", "marked")
    def _check_number(self, proposal: Any) -> int:
        most = {"person": len(self.people) - 1, "marked": len(self.categories)}
        return check_range(proposal, 0, max(most[proposal["trait"].name], 0))


def model_name(setting: Mapping[str, Any]) -> str:
    """Return what the model of a setting is called."""
    K = setting["interests"]
    return f"ComiRec-SA, K = {K}" if K else "one vector, the mean"


def _check_comparisons(comparisons: Any) -> list[dict[str, Any]]:
    if not isinstance(comparisons, Mapping) or not comparisons:
        raise ValueError(
            f"comparisons must map names to two settings, got {comparisons!r}"
        )
    found = []
    for name, pair in comparisons.items():
        if len(pair) != 2 or not all(isinstance(one, Setting) for one in pair):
            raise TypeError(
                f"comparisons[{name!r}] must be two of Setting, got {pair!r}"
            )
        found.append({"name": name, "a": pair[0].as_dict(), "b": pair[1].as_dict()})
    return found


def _choices(pairs: list[dict[str, Any]]) -> dict[str, list[float]]:
    """Return for each setting the values that are offered, in order."""
    used = [pair[run] for pair in pairs for run in ("a", "b")]
    return {
        name: sorted({*values, *(setting[name] for setting in used)})
        for name, values in CHOICES.items()
    }


def _check_people(people: Any, shop: LearningShop) -> list[dict[str, Any]]:
    if not isinstance(people, Mapping) or not 1 <= len(people) <= MOST_PEOPLE:
        raise ValueError(
            f"people must map 1 to {MOST_PEOPLE} names to places, got {people!r}"
        )
    count = len(shop.held_out)
    found = []
    for name, place in people.items():
        if not 0 <= place < count:
            raise ValueError(
                f"people[{name!r}] must lie in 0..{count - 1}, got {place}"
            )
        clicks = shop.held_out[place][0][-shop.most :].tolist()
        found.append({"name": name, "place": int(place), "clicks": clicks})
    return found
