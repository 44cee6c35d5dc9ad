"""What to try next: each line follows from a number that was measured."""

import math
from collections.abc import Mapping

from seqviz.report.description import Description
from seqviz.report.families import INTERESTS
from seqviz.report.reading import Log
from seqviz.report.trials import NO_TIME, PLANS, Tried
from seqviz.report.verdict import Verdict, listed

NEWS = 0.1  # share of test events on unknown items, above which it is said
REPEATS = 0.2
#: Counts that know what happened since training ended.
UP_TO_DATE = ("popular lately", "own counts")


def advise(
    log: Log, description: Description, tried: Tried, verdict: Verdict
) -> list[str]:
    """Return sentences, the weightiest first."""
    says = []
    late = [m.name for m in tried.methods if m.cut_off]
    skipped = [name for name, why in tried.left_out.items() if why == NO_TIME]
    single = tried.trials == 1 and any(m.trained for m in tried.methods)
    if late:
        says.append(
            f"{listed(late)} had the best epoch at the end of its time, so more of it "
            "may help."
        )
    if skipped:
        says.append(f"The budget left no time for {listed(skipped)}.")
    if single:
        says.append(
            "The budget left each trained method one setting, so none was searched for."
        )
    if late or skipped or single:
        says[-1] += " " + _more_time(tried)
    if verdict.leader.name in UP_TO_DATE and any(m.trained for m in tried.methods):
        days = (log.moments[1] - log.moments[0]) / 86_400
        says.append(
            f"*{verdict.leader.name}* counts up to each question; the trained methods "
            f"stopped learning {days:.0f} days before the test. Learning again right "
            "before it was not tried."
        )
    says += _users_needed(log, verdict)
    says += _edges(tried)
    says += _by_groups(verdict)
    if description.news > NEWS:
        says.append(
            f"{description.news:.0%} of the events of the test are of items that were "
            "not known (often enough) when training ended. No method here can find "
            "them: learn again more often, or read items by their text or category."
        )
    if description.moved > 0.5:
        says.append(
            f"{description.moved:.0%} of the most frequent items changed. Try the last "
            "months alone (`--since`)."
        )
    users, sessions = description.sessions
    if users == sessions:
        says.append(
            "The log names no sessions: `--gap 1800` parts a user's events where half "
            "an hour is empty, and brings TIFU-kNN."
        )
    if len(log.task.catalog.category_names) < 2:
        says.append(
            "The log names no categories: with `--category` (or `--items`, a file of "
            "its own) there is the list with λ, and counts by category."
        )
    kinds = log.whole.interactions.kinds
    if len(kinds) > 1:
        parts = ", ".join(f"{n:,} {kind}" for kind, n in kinds.items())
        says.append(
            f"Events of several kinds count alike ({parts}): `--kinds` keeps those "
            "that you want to predict."
        )
    return says


def _more_time(tried: Tried) -> str:
    """How large a budget to give, as far as a first look can tell."""
    kept = "what is done is kept."
    if not any(tried.enough):
        return f"Give a larger `--budget`; {kept}"
    short, long = (_as_budget(seconds) for seconds in tried.enough)
    return (
        f"By the first looks, `--budget {short}` would train all with one setting "
        f"each, `--budget {long}` with {PLANS[0][0]} settings and {PLANS[0][1]} seeds; "
        f"{kept}"
    )


def _as_budget(seconds: float) -> str:
    """Seconds as they are typed, rounded up to two digits: "12m", "1.4h"."""
    size, unit = (3600, "h") if seconds > 3600 else (60, "m")
    amount = seconds / size
    step = 10.0 ** (math.floor(math.log10(max(amount, 1))) - 1)
    return f"{math.ceil(amount / step) * step:.3g}{unit}"


def _users_needed(log: Log, verdict: Verdict) -> list[str]:
    """How many test users the smallest open difference would ask."""
    users = len(log.task.split.test)
    open_ = [
        row
        for row in verdict.rows
        if row.gap and not row.mark and row.gap.difference < 0
    ]
    if not open_:
        return []
    row = max(open_, key=lambda row: row.recall)
    half = (row.gap.high - row.gap.low) / 2
    # an interval shrinks with the root of the number of users
    needed = users * (half / abs(row.gap.difference)) ** 2
    if not math.isfinite(needed) or needed <= users:
        return []
    rounded = int(float(f"{needed:.1g}"))
    return [
        f"*{verdict.leader.name}* and *{row.method.name}* differ by "
        f"{abs(row.gap.difference):.3f}, and {users:,} test users do not tell them "
        f"apart. If that difference is real, it would take about {rounded:,}."
    ]


def _edges(tried: Tried) -> list[str]:
    """Who chose the most interests that were offered, out of several settings."""
    most = max(INTERESTS["num_interests"])
    names = [
        method.name
        for method in tried.methods
        if method.trained and method.setting.get("num_interests") == most
    ]
    if not names or tried.trials < 2:
        return []
    return [
        f"{listed(names)} chose {most} interests, the most that was offered: more were "
        "not tried."
    ]


def _by_groups(verdict: Verdict) -> list[str]:
    """Two methods that are each told apart from all others in a group of their own."""
    won: Mapping[str, str] = {
        group.name: group.leader
        for group in verdict.groups
        if not group.tied and not group.above
    }
    says = []
    for one, other in (("repeat", "explore"), ("head", "tail"), ("short", "long")):
        if one in won and other in won and won[one] != won[other]:
            says.append(
                f"*{won[one]}* wins on {one}, *{won[other]}* on {other}: a list of "
                "both, or a choice by user, was not tried and may beat either."
            )
    return says
