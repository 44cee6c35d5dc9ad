"""The one call: a log in, a page and a model's folder out."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqviz.arguments import require_number, require_texts, require_whole
from seqviz.experiments.runs import write_whole
from seqviz.report.advice import advise
from seqviz.report.description import describe
from seqviz.report.families import FAMILIES
from seqviz.report.folder import store
from seqviz.report.labels import Labels, key_of
from seqviz.report.measures import METRIC
from seqviz.report.page import Content, page
from seqviz.report.pictures import attention, interests, list_with_weight
from seqviz.report.reading import Log, cut
from seqviz.report.trials import EPOCHS, PLANS, Budget, Trials
from seqviz.report.verdict import judge

PAGE, MODEL, TRIALS = "index.html", "model", "trials"


def report(
    source: Any,
    out: str | Path,
    *,
    budget: float | None = 600.0,
    trials: int | None = None,
    seeds: int | None = None,
    epochs: int = EPOCHS,
    families: list[str] | None = None,
    min_item_events: int = 5,
    hash_ids: bool = False,
    progress: bool = True,
    **read: Any,
) -> Path:
    """Compare the methods of the book on a log, and write what came of it.

    What is there of an earlier call on the same log is not done again, so an
    interrupted call goes on where it was, and a larger budget goes further.

    Args:
        source: what ``seqviz.data.logs.read_log`` reads.
        out: a folder for ``index.html``, ``model`` and ``trials``; made if missing.
        budget: seconds of counting and training in all, None without an end. It decides
            how many settings are tried, unless ``trials`` does, and how long.
        trials: settings that each family tries, up to 6.
        seeds: trainings of the chosen setting.
        epochs: the longest training.
        families: of the trained methods, all if not given.
        min_item_events: fewest events of an item in the first 80% of the log.
        hash_ids: whether the page shows hashes in place of ids.
        progress: print what was read, and show a bar with the time that is left.
        **read: of ``read_log``.

    Returns:
        The page.

    Raises:
        TooSmall: the log has too few users, items or moments.
        TypeError, ValueError, DataNotFound, DataCorrupted: what ``read_log`` raises.
    """
    from seqviz.data.logs import read_log

    if budget is not None:
        require_number(low=0, ends=False, budget=budget)
    most = {"trials": PLANS[0][0], "seeds": None, "epochs": None}
    for name, value in (("trials", trials), ("seeds", seeds), ("epochs", epochs)):
        if value is not None:
            require_whole(high=most[name], **{name: value})
    require_texts(families=families)
    for name in families or ():
        if name not in FAMILIES:
            raise ValueError(
                f"families must be among {'; '.join(FAMILIES)}, got {name!r}"
            )
    out = Path(out)
    if out.exists() and not out.is_dir():
        raise ValueError(f"out must be a folder, and {out} is a file")
    dataset, told = read_log(source, aloud=progress, **read)
    log = cut(
        dataset,
        told.user_ids,
        told.item_ids,
        told=str(told),
        columns=told.columns,
        min_item_events=min_item_events,
    )
    return write(
        log,
        out,
        Budget(budget),
        progress=progress,
        hash_ids=hash_ids,
        trials=trials,
        seeds=seeds,
        epochs=epochs,
        families=families,
    )


def write(
    log: Log,
    out: Path,
    budget: Budget,
    *,
    progress: bool = True,
    hash_ids: bool = False,
    **how: Any,
) -> Path:
    """Do the trials of a log that is cut and write the page, see ``report``."""
    work = Trials(log, out / TRIALS, budget, progress)
    tried = work.carry_out(**how)
    verdict = judge(log, tried.methods)
    description = describe(log)
    labels = Labels(log, key_of(out / TRIALS) if hash_ids else None)
    drawn: list[Callable[[], Any]] = [
        lambda: interests(log, tried, work, labels),
        lambda: attention(log, tried, work, labels),
        lambda: list_with_weight(log, verdict.leader, work, labels),
    ]
    explorers = [explorer for make in drawn if (explorer := make()) is not None]
    kept = None
    trained = [m for m in tried.methods if m.trained and not FAMILIES[m.name].sessions]
    if trained:
        sound = [m for m in trained if not m.cut_off] or trained
        best = max(sound, key=lambda m: m.values("validation", METRIC).mean())
        kept = store(work.renewed(best), best, log, out / MODEL)
    else:
        shutil.rmtree(out / MODEL, ignore_errors=True)  # of an earlier log
    content = Content(
        log, description, tried, verdict, explorers,
        advise(log, description, tried, verdict), kept, budget, labels,
    )  # fmt: skip
    write_whole(out / PAGE, page(content).encode())
    return out / PAGE
