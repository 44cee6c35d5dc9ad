"""``python -m seqviz.site.build``: the book, or at once the word that it is up to date.

First the pages run that a change reached (:mod:`seqviz.site.execution`), then Jupyter
Book makes the pages. A build that ends well leaves a stamp: what it was made from, and
the size of each file it made. While both still hold there is nothing to do.
"""

import argparse
import json
import signal
import sys
from pathlib import Path

from seqviz.site.inputs import ROOT, book_key, cache_folder


def main(given: list[str] | None = None) -> int:
    """Build what is not built yet; return the exit status."""
    asked = argparse.ArgumentParser(
        prog="python -m seqviz.site.build",
        description="Build the book into _build/html, if anything has changed.",
    )
    asked.parse_args(given)
    # Ctrl-C ends this process at once, and its kernels, who watch for it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    key = book_key()  # what changes during the build is not in it
    if is_built(key):
        print("Nothing has changed since the last build")
        return 0
    _stamp(ROOT).unlink(missing_ok=True)
    status = _run_pages() or _make_pages()
    if status == 0:
        leave_stamp(key)
    return status


def is_built(key: str, root: Path = ROOT) -> bool:
    """Tell whether the last build was made from the same, and all it made is there."""
    try:
        made = json.loads(_stamp(root).read_text())
    except (OSError, ValueError):
        return False
    return made == {"key": key, "sizes": _sizes(root)}


def leave_stamp(key: str, root: Path = ROOT) -> None:
    """Write down what the pages were made from, and which files they are."""
    _stamp(root).write_text(json.dumps({"key": key, "sizes": _sizes(root)}))


def _stamp(root: Path) -> Path:
    return root / "_build" / "stamp.json"


def _site(root: Path) -> Path:
    return root / "_build" / "html"


def _sizes(root: Path) -> dict[str, int]:
    site = _site(root)
    return {
        str(path.relative_to(site)): path.stat().st_size
        for path in site.rglob("*")
        if path.is_file()
    }


def _run_pages() -> int:
    """Run the pages; return the exit status."""
    import yaml

    from seqviz.site.contents import pages
    from seqviz.site.execution import fill_cache

    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    failures = fill_cache(
        cache_folder(),
        [page.source for page in pages()],
        timeout=config["execute"]["timeout"],
        say=lambda line: print(line, flush=True),
    )
    for page, message in failures:
        print(f"\n{page.relative_to(ROOT)} failed:\n\n{message}", file=sys.stderr)
    return 1 if failures else 0


def _make_pages() -> int:
    """Let Jupyter Book make the pages; return the exit status."""
    from jupyter_book.sphinx import build_sphinx

    print("Making the pages", flush=True)
    done = build_sphinx(
        ROOT / "book",
        _site(ROOT),
        noconfig=True,
        path_config=ROOT / "_config.yml",
        confoverrides={
            "external_toc_path": str(ROOT / "_toc.yml"),
            "latex_individualpages": False,
            "nitpicky": True,
        },
        warningiserror=True,
        keep_going=True,
        quiet=True,
    )
    return 1 if isinstance(done, Exception) else done


if __name__ == "__main__":
    sys.exit(main())
