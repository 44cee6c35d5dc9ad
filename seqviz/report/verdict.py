"""Who wins: overall, on groups of true items and users, and between two camps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqviz.experiments import Comparison, claim, compare, corrected
from seqviz.report.measures import METRIC, OF_ITEMS, user_groups
from seqviz.report.reading import Log
from seqviz.report.trials import Method

NAME = "Recall@20"


class Row(NamedTuple):
    """A method in the table.

    Attributes:
        method: which.
        recall, ndcg: means over seeds and test users.
        gap: its mean less the leader's; None for the leader.
    """

    method: Method
    recall: float
    ndcg: float
    gap: Comparison | None

    @property
    def mark(self) -> str:
        """A "+" or "−", "cut off", or nothing."""
        if self.method.cut_off:
            return "cut off"
        return self.gap.mark if self.gap else ""


class Group(NamedTuple):
    """A group of true items or users.

    Attributes:
        name: of the group.
        users: test users with such a true item, or of the group.
        leader: who validation says is best there.
        recall: of the leader, on the test.
        closest: the other that comes nearest, and the leader's lead over it.
        tied: the others that are not told apart from the leader.
        above: the others that are ahead of it on the test.
    """

    name: str
    users: int
    leader: str
    recall: float
    closest: tuple[str, Comparison] | None
    tied: list[str]
    above: list[str]


class Verdict(NamedTuple):
    """What the tests carry.

    Attributes:
        leader: who validation says is best.
        rows: all methods, the best mean first.
        groups: where there is something to compare.
        camps: the best trained one less the best count, with their names; None without
            one of the two.
        sentences: the answer in words.
    """

    leader: Method
    rows: list[Row]
    groups: list[Group]
    camps: tuple[str, str, Comparison] | None
    sentences: list[str]


def judge(log: Log, methods: Sequence[Method]) -> Verdict:
    """Compare the methods over the test users.

    Validation names the leader, and the leaders of the groups and camps; the test says
    whether they are ahead. What was cut off takes no part in that.
    """
    sound = [m for m in methods if not m.cut_off] or list(methods)
    leader = _best(sound, "validation")
    everybody = log.task.split.test.users
    pairs = {(m.name, leader.name): (m, leader) for m in sound if m is not leader}
    two = [_best([m for m in sound if m.trained is kind]) for kind in (True, False)]
    ends = None
    if None not in two:
        ends = two[0].name, two[1].name
        if leader not in two or ends[::-1] not in pairs:
            pairs.setdefault(ends, (two[0], two[1]))
    found = corrected(
        {
            names: compare(*(m.values("test", METRIC) for m in pair), users=everybody)
            for names, pair in pairs.items()
        }
    )
    rows = []
    for method in methods:
        gap = found.get((method.name, leader.name))
        if method.cut_off and method is not leader:
            values = (m.values("test", METRIC) for m in (method, leader))
            gap = compare(*values, users=everybody)
        means = (np.nanmean(method.values("test", m)) for m in (METRIC, "ndcg@20"))
        rows.append(Row(method, *map(float, means), gap))
    rows.sort(key=lambda row: -row.recall)
    camps = None
    if ends is not None:
        turned = found.get(ends[::-1])
        camps = (*ends, found[ends] if turned is None else _turned(turned))
    verdict = Verdict(leader, rows, _groups(log, sound), camps, [])
    return verdict._replace(sentences=[*_answer(verdict), *_of_camps(verdict)])


def _best(
    methods: Sequence[Method],
    part: str = "validation",
    metric: str = METRIC,
    chosen: np.ndarray | slice = slice(None),
) -> Method | None:
    """Who has the largest mean; of equals the first; None of none."""
    means = [np.nanmean(m.values(part, metric)[..., chosen]) for m in methods]
    return methods[int(np.argmax(means))] if means else None


def _groups(log: Log, methods: Sequence[Method]) -> list[Group]:
    places: dict[str, tuple[str, np.ndarray, np.ndarray]] = {}
    sizes = [len(getattr(log.task.split, part)) for part in ("validation", "test")]
    for name in OF_ITEMS:
        places[name] = (f"{METRIC} {name}", *(np.ones(n, bool) for n in sizes))
    both = [user_groups(log, part) for part in ("validation", "test")]
    for name in set(both[0]) & set(both[1]):
        places[name] = (METRIC, both[0][name], both[1][name])
    leaders, pairs = {}, {}
    for name, (metric, early, late) in places.items():
        seen = [
            ~np.isnan(methods[0].values(part, metric)).all(0)
            if methods[0].trained
            else ~np.isnan(methods[0].values(part, metric))
            for part in ("validation", "test")
        ]
        if (seen[0] & early).sum() < 1 or (seen[1] & late).sum() < 2:
            continue
        best = _best(methods, "validation", metric, early)
        leaders[name] = best, int((seen[1] & late).sum())
        for other in methods:
            if other is not best:
                values = (m.values("test", metric)[..., late] for m in (best, other))
                pairs[name, other.name] = compare(*values)
    found = corrected(pairs) if pairs else {}
    groups = []
    for name, (best, users) in leaders.items():
        metric, _, late = places[name]
        leads = {other: gap for (g, other), gap in found.items() if g == name}
        closest = min(leads.items(), key=lambda one: one[1].difference, default=None)
        recall = float(np.nanmean(best.values("test", metric)[..., late]))
        tied = [other for other, gap in leads.items() if not gap.mark]
        above = [other for other, gap in leads.items() if gap.mark == "−"]
        groups.append(Group(name, users, best.name, recall, closest, tied, above))
    return groups


def _answer(verdict: Verdict) -> list[str]:
    """Who wins by how much, or that nothing is told apart."""
    leader = verdict.leader
    own = next(row.recall for row in verdict.rows if row.method is leader)
    leads = {
        row.method.name: _turned(row.gap)
        for row in verdict.rows
        if row.gap is not None and not row.method.cut_off
    }
    has = f"*{leader.name}* finds {own:.1%} of what people took next ({NAME})"
    if leader.cut_off:
        return [f"{has}, but every training was cut off, so nothing is claimed."]
    if not leads:
        return [f"{has}; there is nothing to compare it with."]
    told = [name for name, gap in leads.items() if gap.mark == "+"]
    above = [name for name, gap in leads.items() if gap.mark == "−"]
    tied = [name for name in leads if name not in told and name not in above]
    if above:
        return [
            f"{has}. Validation chose it, but on the test it is "
            f"{claim('worse', leads[name])} than *{name}*."
            for name in above[:1]
        ]
    if not told:
        return [
            f"Nothing is told apart. {has}, and no difference to the other "
            f"{len(leads)} methods is shown by a test."
        ]
    if not tied:
        name, gap = min(leads.items(), key=lambda one: one[1].difference)
        return [
            f"*{_capital(leader.name)}* wins. It finds {own:.1%} of what people took "
            f"next ({NAME}), {claim('more', gap)} than *{name}*, which comes closest; "
            f"it is told apart from all {len(leads)} other methods."
        ]
    return [
        f"*{_capital(leader.name)}* leads, told apart from {len(told)} of "
        f"{len(leads)} other methods, but not from {listed(tied)}. It finds {own:.1%} "
        f"of what people took next ({NAME})."
    ]


def _of_camps(verdict: Verdict) -> list[str]:
    """Whether training pays over counting."""
    trained = [row.method for row in verdict.rows if row.method.trained]
    if trained and all(m.cut_off for m in trained) and not verdict.leader.trained:
        return ["The budget cut all trained methods off, so nothing is said of them."]
    if verdict.camps is None:
        return []
    trained, count, gap = verdict.camps
    if not gap.mark:
        word = claim("not told apart", gap)
        return [f"The best of the trained, *{trained}*, and the best count, *{count}*, "
                f"are {word}."]  # fmt: skip
    word = claim("better" if gap.mark == "+" else "worse", gap)
    ending = "" if gap.mark == "+" else ": on this log, counting wins"
    return [
        f"The best of the trained, *{trained}*, is {word} than the best count, "
        f"*{count}*{ending}."
    ]


def _turned(gap: Comparison) -> Comparison:
    """The same comparison from the other side."""
    return Comparison(-gap.difference, -gap.high, -gap.low, gap.p_value)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names in a sentence: "*a*, *b* and 3 more"."""
    marked = [f"*{name}*" for name in names]
    if len(marked) > most:
        marked = [*marked[: most - 1], f"{len(marked) - most + 1} more"]
    return " and ".join([", ".join(marked[:-1]), marked[-1]] if marked[1:] else marked)
