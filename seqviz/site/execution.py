"""The chapters run side by side, into the cache that myst-nb reads.

myst-nb alone runs one notebook after the other. What it finds in its cache it does not
run, so the build fills that cache first, some kernels at a time.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from myst_nb.core.config import NbParserConfig
from myst_nb.core.read import create_nb_reader
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode
from traitlets.config import Config

#: For the kernels: bars leave no trace in a page, figures leave the style to the page's
#: own style sheet.
ENVIRONMENT = {"TQDM_DISABLE": "1", "SEQVIZ_BOOK": "1"}

_MOST_KERNELS = 4  # each takes up to a gigabyte


class Failure(NamedTuple):
    """A page that did not run to its end.

    Attributes:
        page: the path of its source.
        message: the cell and its traceback.
    """

    page: Path
    message: str


def read_notebook(path: Path) -> NotebookNode | None:
    """Read a page as myst-nb does; None for one without code."""
    text = path.read_text(encoding="utf-8")
    reader = create_nb_reader(str(path), MdParserConfig(), NbParserConfig(), text)
    return reader.read(text) if reader else None


def fill_cache(
    folder: Path,
    pages: Sequence[Path],
    *,
    timeout: int,
    say: Callable[[str], None] = print,
) -> list[Failure]:
    """Run the pages that the cache does not hold yet, and add them to it.

    Args:
        folder: myst-nb's ``nb_execution_cache_path``.
        pages: sources of pages, notebooks or not.
        timeout: the most seconds that a cell may take.
        say: gets a line when it starts and a line for each page that is done.

    Returns:
        The pages that failed. The others are in the cache, so that another try runs
        these alone.
    """
    cache = get_cache(folder)
    waiting = {}
    for page in pages:
        notebook = read_notebook(page)
        if notebook is None:
            continue
        try:
            cache.merge_match_into_notebook(notebook)
        except KeyError:
            waiting[page] = notebook
    if not waiting:
        return []
    cores = _cores()
    kernels = min(cores, _MOST_KERNELS, len(waiting))
    os.environ.update(ENVIRONMENT)
    os.environ.setdefault("OMP_NUM_THREADS", str(cores // kernels))
    say(f"Running {len(waiting)} pages, {kernels} at a time")
    failures, width = [], max(len(page.stem) for page in waiting)
    with ThreadPoolExecutor(kernels) as pool:
        jobs = {
            pool.submit(_run, notebook, page, timeout): page
            for page, notebook in waiting.items()
        }
        for count, job in enumerate(as_completed(jobs), 1):
            page, done = jobs[job], job.result()
            if done.err is None:
                data = {"execution_seconds": done.time}
                bundle = CacheBundleIn(done.nb, str(page), data=data)
                cache.cache_notebook_bundle(
                    bundle, check_validity=False, overwrite=True
                )
            else:
                failures.append(Failure(page, str(done.err)))
            say(
                f"{count:>3} of {len(jobs)}  {page.stem:<{width}} {done.time:4.0f} s"
                + ("  failed" if done.err else "")
            )
    return failures


def _run(notebook: NotebookNode, page: Path, timeout: int) -> ExecutionResult:
    # A kernel that gets keys encrypts, and has no reason to warn that it does not.
    config = Config({"KernelManager": {"transport_encryption": "auto"}})
    return single_nb_execution(
        notebook,
        cwd=str(page.parent),
        timeout=timeout,
        allow_errors=False,
        config=config,
    )


def _cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
