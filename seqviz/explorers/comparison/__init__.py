"""Who wins a comparison, by the number of users and seeds that it asks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import traitlets
from scipy.stats import t as student_t

from seqviz.explorers.comparison import still
from seqviz.explorers.comparison.intervals import OVER, interval, picks
from seqviz.explorers.core.base import Explorer
from seqviz.explorers.core.codec import decode, encode, to_numpy
from seqviz.figures.numbers import with_sign

__all__ = ["ComparisonExplorer"]

TESTS = 8  # side by side, each on users of its own
SIZES = (10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1000)
MAX_SEEDS = 12
DEFAULT_TITLE = "The same two recommenders, eight tests, several winners"
DEFAULT_CAPTION = (
    "Each line is a test on users of its own. From how many users on do all eight "
    "tests agree with the lowest line, which asks everybody?"
)


class ComparisonExplorer(Explorer):
    """Shows eight tests of two recommenders, each with the interval of its difference.

    The tests ask users of their own; the lowest line asks all, with all seeds. The page
    computes every interval itself: a bootstrap over users, with the seeds' part as in
    ``seqviz.experiments.compare``.

    Args:
        values: name to the metric of each user, ``[U]``, or ``[S, U]`` with a row for
            each seed, up to 12; the same S wherever there are several rows, the same
            users in the same order. Two recommenders or more, 160 users or more.
        first, second: the names to begin with; by default the first two.
        num_users: users of a test, one of ``sizes``; by default the smallest.
        num_seeds: rows that are used.
        over: what the interval is about: ``"seeds"``, ``"users"`` or
            ``"users and seeds"``.
        metric: what the values are.
        seed: decides which users each test asks.
        title, caption: see :class:`Explorer`.

    Raises:
        TypeError, ValueError: naming the argument, what came and what was expected.

    The traits ``first`` and ``second`` (places among ``names``), ``num_users``,
    ``num_seeds`` and ``over`` follow the page and may be set from Python;
    :meth:`tests` gives the numbers.

    Example:
        >>> hits = np.random.default_rng(0).random((2, 200)) < [[0.3], [0.5]]
        >>> figure = ComparisonExplorer({"popular": hits[0], "ComiRec": hits[1]})
        >>> figure.num_users, len(figure.tests())
        (10, 9)
    """

    first = traitlets.Int(0).tag(sync=True)
    second = traitlets.Int(1).tag(sync=True)
    num_users = traitlets.Int(SIZES[0]).tag(sync=True)
    num_seeds = traitlets.Int(1).tag(sync=True)
    over = traitlets.Enum(OVER, "users and seeds").tag(sync=True)

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    #: One ``[S, U]`` or ``[1, U]`` per name.
    values = traitlets.List().tag(sync=True)
    #: The numbers of users that a test can ask.
    sizes = traitlets.List(traitlets.Int()).tag(sync=True)
    #: By S: the .975 quantile of Student's t with S - 1 degrees of freedom.
    student = traitlets.List(traitlets.Float()).tag(sync=True)
    metric = traitlets.Unicode().tag(sync=True)

    def __init__(
        self,
        values: Mapping[str, Any],
        *,
        first: str | None = None,
        second: str | None = None,
        num_users: int | None = None,
        num_seeds: int = 1,
        over: str = "users and seeds",
        metric: str = "Recall@20",
        seed: int = 0,
        title: str = DEFAULT_TITLE,
        caption: str = DEFAULT_CAPTION,
    ) -> None:
        tables = _check_values(values)
        names = [*tables]
        seeds = max(len(table) for table in tables.values())
        total = next(iter(tables.values())).shape[1]
        if over not in OVER:
            raise ValueError(f"over must be one of {', '.join(OVER)}, got {over!r}")
        order = np.random.default_rng(seed).permutation(total)
        self._tables = [table[:, order] for table in tables.values()]
        sizes = [size for size in SIZES if size * TESTS <= total]
        super().__init__(
            title=title,
            caption=caption,
            names=names,
            values=[encode(table) for table in self._tables],
            sizes=sizes,
            student=[0.0, *student_t.ppf(0.975, np.arange(1, seeds))],
            first=_place(names, first, "first", 0),
            second=_place(names, second, "second", 1),
            num_users=sizes[0] if num_users is None else num_users,
            num_seeds=num_seeds,
            over=over,
            metric=metric,
        )
        if self.first == self.second:
            raise ValueError(f"second must be another one than first, got {second!r}")

    def tests(self) -> list[tuple[float, float, float]]:
        """The eight differences with their intervals, then that of all users."""
        d = self._differences()[: self.num_seeds]
        picked = picks(self.num_users)
        parts = [
            d[:, test * self.num_users : (test + 1) * self.num_users]
            for test in range(TESTS)
        ]
        return [*(self._interval(part, self.over, picked) for part in parts), self._all]

    def words(self) -> str:
        """The live sentence: who wins how many of the tests, and among all."""
        names = self.names[self.first], self.names[self.second]
        *tests, everybody = [sign(low, high) for _, low, high in self.tests()]
        wins, losses = tests.count(1), tests.count(-1)
        mean, low, high = (with_sign(x, 3) for x in self._all)
        all_say = {1: names[0], -1: names[1], 0: "no winner"}[everybody]
        rows, total = self._differences().shape
        seeds = f" and {rows} seeds" if rows > 1 else ""
        return (
            f"{self.num_users} users, {_plural(self.num_seeds, 'seed')}: of {TESTS} "
            f"tests {wins} for {names[0]}, {losses} for {names[1]}, "
            f"{TESTS - wins - losses} cannot tell. All {total:,} users{seeds}: "
            f"{all_say}, {mean} ({low} to {high})."
        )

    def still(self) -> str:
        """Return the tests as an SVG."""
        return still.draw(
            self.tests(),
            (self.names[self.first], self.names[self.second]),
            reach=self.reach(),
            metric=self.metric,
            total=self._tables[0].shape[1],
            words=self.words(),
        )

    def reach(self) -> float:
        """How far the scale goes on both sides: an interval of the smallest test."""
        mean, _, _ = self._all
        spread = self._differences().mean(0).std()
        return float(abs(mean) + 2 * spread / np.sqrt(self.sizes[0]))

    @property
    def _all(self) -> tuple[float, float, float]:
        d = self._differences()
        return self._interval(d, "users and seeds", picks(d.shape[1]))

    def _differences(self) -> np.ndarray:
        """Return ``[S, U]`` of the present pair, in the numbers that the page has."""
        a, b = (decode(self.values[n]) for n in (self.first, self.second))
        return a.astype(np.float64) - b.astype(np.float64)

    def _interval(
        self, d: np.ndarray, over: Any, picked: np.ndarray
    ) -> tuple[float, float, float]:
        return interval(d, over, self.student[len(d) - 1], picked)

    @traitlets.validate("num_users")
    def _check_users(self, proposal: Any) -> int:
        if self.sizes and proposal["value"] not in self.sizes:
            sizes = ", ".join(map(str, self.sizes))
            raise traitlets.TraitError(
                f"num_users must be one of {sizes}, got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.validate("num_seeds")
    def _check_seeds(self, proposal: Any) -> int:
        if self.student and not 1 <= proposal["value"] <= len(self.student):
            raise traitlets.TraitError(
                f"num_seeds must lie in 1 to {len(self.student)}, "
                f"got {proposal['value']}"
            )
        return proposal["value"]

    @traitlets.validate("first", "second")
    def _check_place(self, proposal: Any) -> int:
        if self.names and not 0 <= proposal["value"] < len(self.names):
            raise traitlets.TraitError(
                f"{proposal['trait'].name} must lie in 0 to {len(self.names) - 1}, "
                f"got {proposal['value']}"
            )
        return proposal["value"]


def sign(low: float, high: float) -> int:
    """Return 1 where the interval lies above 0, -1 below, 0 where it holds it."""
    return int(low > 0) - int(high < 0)


def _plural(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def _place(names: list[str], name: str | None, argument: str, default: int) -> int:
    if name is None:
        return default
    if name not in names:
        raise ValueError(f"{argument} must be one of {', '.join(names)}, got {name!r}")
    return names.index(name)


def _check_values(values: Any) -> dict[str, np.ndarray]:
    if not isinstance(values, Mapping):
        raise TypeError(
            f"values must be a mapping from names to arrays, got "
            f"{type(values).__name__}"
        )
    if len(values) < 2:
        raise ValueError(f"values must hold 2 recommenders or more, got {len(values)}")
    tables = {}
    for name, array in values.items():
        table = np.atleast_2d(to_numpy(array, f"values[{name!r}]"))
        if table.ndim != 2 or not 1 <= len(table) <= MAX_SEEDS:
            raise ValueError(
                f"values[{name!r}] must be [U] or [S, U] with up to {MAX_SEEDS} rows, "
                f"got {list(table.shape)}"
            )
        if not np.isfinite(table).all():
            raise ValueError(f"values[{name!r}] must be finite, got NaN or infinity")
        tables[str(name)] = table
    users = {table.shape[1] for table in tables.values()}
    if len(users) > 1:
        raise ValueError(f"values must hold the same users, got {sorted(users)} users")
    if min(users) < TESTS * SIZES[1]:
        raise ValueError(
            f"values must hold {TESTS * SIZES[1]} users or more, got {min(users)}"
        )
    rows = {len(table) for table in tables.values()} - {1}
    if len(rows) > 1:
        raise ValueError(
            f"values must have the same number of rows where there are several, "
            f"got {sorted(rows)}"
        )
    return tables
