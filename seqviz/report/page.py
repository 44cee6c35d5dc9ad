"""One page that asks no other host for anything: the answer, its tables, its users."""

import base64
import platform
import re
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import torch

from seqviz.experiments import interval
from seqviz.explorers import Explorer
from seqviz.explorers.core.front import FOLDERS, HOST, script, style
from seqviz.figures import fonts, tokens
from seqviz.figures.markup import inline
from seqviz.project import project
from seqviz.report.charts import lead_chart, popularity_chart, time_chart
from seqviz.report.description import Description, how_cut, moment
from seqviz.report.folder import Stored
from seqviz.report.labels import Labels
from seqviz.report.reading import LISTED, Log
from seqviz.report.trials import ROUNDS, STEPS, Budget, Tried
from seqviz.report.verdict import NAME, Verdict, listed

#: Nothing may be asked of anybody: a browser holds the page to it.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "font-src data:; img-src data:; base-uri 'none'; form-action 'none'"
)
#: Before anything is drawn: the reader's theme; then a button for the other one.
THEME = """
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = (on) => { root.dataset.theme = on ? "dark" : "light"; };
  set(dark.matches);
  dark.addEventListener("change", () => set(dark.matches));
  addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("header button");
    button.hidden = false;
    button.addEventListener("click", () => set(root.dataset.theme !== "dark"));
  });
})();
"""
GROUPS = {
    "repeat": "items that she had before",
    "explore": "items that are new to her",
    "head": "the few items that hold half of the events",
    "tail": "all other items",
    "short": "users with a history up to the median",
    "long": "users with a longer one",
}


class Content(NamedTuple):
    """All that a page shows."""

    log: Log
    description: Description
    tried: Tried
    verdict: Verdict
    explorers: Sequence[Explorer]
    advice: Sequence[str]
    stored: Stored | None
    budget: Budget
    labels: Labels


def page(content: Content) -> str:
    """Return the page as HTML."""
    name = escape(content.log.name)
    sections = (
        _answer, _table, _groups, _users, _advice, _log, _folder, _made,
    )  # fmt: skip
    body = "\n".join(filter(None, (part(content) for part in sections)))
    scripts = "".join(script(FOLDERS[m]) for m in _modules(content.explorers))
    live = f"<script>\n{scripts}{HOST}</script>" if content.explorers else ""
    return (
        '<!doctype html>\n<html lang="en" data-theme="light">\n<head>\n'
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Which method pays on {name}</title>\n"
        f"<script>{THEME}</script>\n<style>\n{_style(content.explorers)}</style>\n"
        f"</head>\n<body>\n<header><h1>Which method pays on {name}?</h1>"
        '<button type="button" hidden>Light or dark</button></header>\n'
        f"<main>\n{body}\n</main>\n{live}\n</body>\n</html>\n"
    )


def _style(explorers: Sequence[Explorer]) -> str:
    own = Path(__file__).with_name("page.css")
    edges = fonts.FOLDER.with_name("edges.css")
    shown = style(*(FOLDERS[m] for m in _modules(explorers))) if explorers else ""
    texts = (path.read_text(encoding="utf-8") for path in (edges, own))
    return _faces() + tokens.css() + shown + "".join(texts)


def _faces() -> str:
    """The book's faces, within the page."""
    rules = fonts.css("")
    for face in fonts.FACES:
        data = base64.b64encode((fonts.FOLDER / face.file).read_bytes()).decode()
        rules = rules.replace(
            f'url("{face.file}")', f"url(data:font/woff2;base64,{data})"
        )
    return rules


def _modules(explorers: Iterable[Explorer]) -> list[str]:
    return list(dict.fromkeys(explorer.module for explorer in explorers))


def _answer(content: Content) -> str:
    words = "".join(f"<p>{_said(text)}</p>" for text in content.verdict.sentences)
    few = len(content.log.task.split.test)
    careful = (
        f'<p class="soft">Only {few} users are the test, so intervals are wide.</p>'
        if few < 100
        else ""
    )
    num_items = len(content.log.item_ids) - 1
    if LISTED > num_items / 10:
        careful += (
            f'<p class="soft">A list holds {LISTED} of the {num_items} items: a random '
            f"one finds {LISTED / num_items:.0%}.</p>"
        )
    return f'<div class="answer">{words}</div>{careful}'


def _table(content: Content) -> str:
    verdict, tried = content.verdict, content.tried
    rows = []
    for row in verdict.rows:
        kind = "trained" if row.method.trained else "counted"
        cells = (row.method.name, f"{row.recall:.3f}", row.mark,
                 interval(row.gap) if row.gap else "leads", f"{row.ndcg:.3f}", kind,
                 _setting(row.method.setting))  # fmt: skip
        rows.append((cells, "leader" if row.method is verdict.leader else ""))
    heads = ("method", NAME, "told apart", "less the leader’s, 95% interval", "NDCG@20",
             "how", "chosen setting")  # fmt: skip
    reasons: dict[str, list[str]] = {}
    for name, why in sorted(tried.left_out.items()):
        reasons.setdefault(_options(why), []).append(f"*{name}*")
    left = "".join(
        f"<li>{inline(', '.join(names))}: {inline(why)}</li>"
        for why, names in reasons.items()
    )
    left = f"<p>Left out:</p><ul>{left}</ul>" if left else ""
    chart = _figure(lead_chart(verdict), _LEAD)
    return (
        "<h2>All methods</h2>"
        + table(heads, rows, numbers=(1, 3, 4), wrapping=(6,), caption=_MARKS)
        + chart
        + left
    )


_MARKS = (
    "Means over test users (and seeds). Validation names the leader, in bold. “−”: "
    "worse than the leader, “+”: better, by a paired test over users whose p-value, "
    "corrected after Holm for all comparisons of the answer and this table, is under "
    ".05. “cut off”: the time ended with the best epoch in the last fifth, so nothing "
    "is claimed."
)
_LEAD = (
    "Each line is the interval of one comparison by itself. Where a dot is filled, "
    "the test shows a difference after the correction for all comparisons, so a line "
    "may miss zero and its dot be empty. Which dots are filled?"
)


def _groups(content: Content) -> str:
    verdict = content.verdict
    if not verdict.groups:
        return ""
    rows = []
    for name in GROUPS:
        for group in (g for g in verdict.groups if g.name == name):
            if group.closest is None:
                told = ""
            elif group.above:
                told = f"no, {listed(group.above)} ahead on the test"
            elif group.tied:
                told = f"not told apart from {listed(group.tied)}"
            else:
                told = f"wins: {interval(group.closest[1])} over *{group.closest[0]}*"
            cells = (name, f"{group.recall:.3f}", f"*{group.leader}*", told,
                     f"{group.users:,}", GROUPS[name])  # fmt: skip
            rows.append((cells, ""))
    heads = ("where", NAME, "leads", "does the test agree?", "users", "what that is")
    caption = (
        "Recall of the true items of a kind, or of users of a kind. Validation names "
        "who leads in each; “wins” is said where the test tells it apart from all "
        "others, corrected after Holm for all comparisons of this table."
    )
    found = table(heads, rows, numbers=(1, 4), wrapping=(3, 5), caption=caption)
    return f"<h2>Who wins where</h2>{found}"


def _users(content: Content) -> str:
    if not content.explorers:
        return (
            "<h2>On your own users</h2><p>There is nothing to touch here: interests "
            "need a ComiRec-SA that was trained, attention a SASRec, and the list with "
            "λ a log with categories.</p>"
        )
    figures = "\n".join(explorer.to_html() for explorer in content.explorers)
    return f"<h2>On your own users</h2>\n{figures}"


def _advice(content: Content) -> str:
    if not content.advice:
        return ""
    items = "".join(f"<li>{inline(text)}</li>" for text in content.advice)
    return f"<h2>What to try next</h2><ul>{items}</ul>"


def _log(content: Content) -> str:
    log, description = content.log, content.description
    rows = [([name, value], "") for name, value in description.rows]
    cut = "".join(f"<p>{inline(text)}</p>" for text in how_cut(log))
    told = f"<details><summary>How the log was read</summary>{_pre(log.told)}</details>"
    over = _figure(
        time_chart(description, log.moments[:2]),
        "Does the log look the same before and after the dashed moments?",
    )
    few = _figure(
        popularity_chart(description),
        "The further the line is from the dashed one, the fewer items hold the events, "
        "and the harder popularity is to beat.",
    )
    return (
        f"<h2>The log</h2>{table(['', ''], rows)}{over}{few}"
        f"<h2>How it was cut</h2>{cut}{told if log.told else ''}"
    )


def _folder(content: Content) -> str:
    stored, verdict = content.stored, content.verdict
    head = "<h2>The model to take along</h2>"
    if stored is None:
        why = "Nothing that can be stored was trained, so there is no folder."
        return f"{head}<p>{why}</p>"
    why = (
        f"The folder `{stored.folder.name}` holds *{stored.family}*, the best by "
        "validation of those that can be stored so, trained once more on all before "
        f"{moment(content.log.moments[1])}, the beginning of the test, for as many "
        "epochs as were best where validation was held back. The table above measured "
        "it before that."
    )
    if not verdict.leader.trained:
        why += (
            f" The count *{verdict.leader.name}* leads on this log: take the count, "
            "unless the model wins where you need it."
        )
    rows = [([name, what], "") for name, what in stored.files.items()]
    use = 'import seqviz\nmodel = seqviz.load("model")\n'
    use += 'model.recommend(["an item id", "a later one"], n=20)'
    if stored.served:
        use = f"{use}\n\n# or, without seqviz and torch: python model/serve.py"
    hidden = (
        "<p>Ids are hashed in this page; the folder holds the ids of the items, since "
        "it has to answer with them, and none of the users.</p>"
        if content.labels.hidden
        else ""
    )
    return (
        f"{head}<p>{inline(why)}</p>{table(['file', 'what it is'], rows)}"
        f"<p>{inline(stored.export)}</p>{_pre(use)}{hidden}"
    )


def _made(content: Content) -> str:
    tried, budget = content.tried, content.budget
    asked = "no limit" if budget.seconds is None else f"{budget.seconds / 60:.1f} asked"
    if content.stored is not None and budget.left < 0:
        asked += ", and the last training, of the model to take along, comes on top"
    says = [
        f"{budget.spent / 60:.1f} minutes of counting and training ({asked}), all on "
        f"this machine; nothing left it. seqviz {project().version}, torch "
        f"{torch.__version__}, Python {platform.python_version()}.",
        "Counts try their few settings and read the whole history. " + _trained(tried),
        "A trained method knows what was there before the first moment, and a user’s "
        "own history. What is popular lately is counted up to the moment of each "
        "question, as a server could.",
        "SDM reads a user’s latest session and what was before it apart, and an item’s "
        "category.",
        "DIN and its kin are not in the table: they rank candidates that another "
        "method found, and learn from what was shown and not taken, which a log of "
        "choices does not tell. As a second stage, with negatives that are drawn or "
        "retrieved, the book’s chapter on the funnel measures them.",
    ]
    return "<h2>How this was made</h2>" + "".join(f"<p>{inline(s)}</p>" for s in says)


def _trained(tried: Tried) -> str:
    """How the trained methods came to their settings."""
    if not any(method.trained for method in tried.methods):
        return "Nothing was trained."
    chosen = (
        f"Each trained method tried {tried.trials} settings, drawn from a grid by its "
        f"name: all for {ROUNDS[0]} epochs, the better half for {ROUNDS[1]}, the best "
        "until validation stops rising"
    )
    if tried.trials == 2:
        chosen = (
            "Each trained method tried 2 settings, drawn from a grid by its name: both "
            f"for {ROUNDS[0]} epochs, the better one until validation stops rising"
        )
    if tried.trials == 1:
        chosen = (
            "Each trained method had one setting, the first that is drawn from its "
            "grid, and trained until validation stops rising"
        )
    seeds = "one seed" if tried.seeds == 1 else f"{tried.seeds} seeds"
    return (
        f"{chosen}, with {seeds}. An epoch is at most {STEPS} batches; the latest "
        f"{tried.length} items of a history are read. Validation Recall@20 chooses, "
        "always."
    )


def table(
    heads: Sequence[str],
    rows: Sequence[tuple[Sequence[str], str]],
    *,
    numbers: Sequence[int] = (),
    wrapping: Sequence[int] | None = None,
    caption: str = "",
) -> str:
    """Return a table; cells are text with *emphasis*, a row has a class or "".

    Args:
        numbers: columns that are set to the right.
        wrapping: those that may break into lines; None for all.
    """
    usual = "" if wrapping is None else ' class="nowrap"'
    kinds = dict.fromkeys(range(len(heads)), usual)
    kinds |= dict.fromkeys(wrapping or (), ' class="wraps"')
    kinds |= dict.fromkeys(numbers, ' class="number"')

    def cell(place: int, text: str) -> str:
        if place == 0:
            return f'<th scope="row">{inline(text)}</th>'
        return f"<td{kinds[place]}>{_said(text)}</td>"

    top = "".join(
        f'<th scope="col"{kinds[place]}>{inline(text)}</th>' if text else "<td></td>"
        for place, text in enumerate(heads)
    )
    top = f"<thead><tr>{top}</tr></thead>" if any(heads) else ""
    body = "".join(
        f"<tr{f' class={kind}' if kind else ''}>"
        + "".join(cell(place, text) for place, text in enumerate(cells))
        + "</tr>"
        for cells, kind in rows
    )
    below = f"<figcaption>{inline(caption)}</figcaption>" if caption else ""
    label = escape(heads[0] or "numbers")
    return (
        f'<figure><div class="box" tabindex="0" role="group" aria-label="{label}">'
        f"<table>{top}<tbody>{body}</tbody></table></div>{below}</figure>"
    )


def _figure(svg: str, caption: str) -> str:
    if not svg:
        return ""
    return (
        f'<figure><div class="box" tabindex="0" role="group" aria-label="figure">{svg}'
        f"</div><figcaption>{inline(caption)}</figcaption></figure>"
    )


def _pre(text: str) -> str:
    return f'<pre tabindex="0">{escape(text)}</pre>'


def _said(text: str) -> str:
    """Text as HTML, with a minus before its negative numbers."""
    return inline(re.sub(r"(?<![\w-])-(?=[\d.])", "−", text))


def _options(text: str) -> str:
    """Text with what is typed in it as code, so that no line ends within."""
    return re.sub(r"(?<!\S)(\(?)(--[a-z-]+)", r"\1`\2`", text)


def _setting(setting: dict) -> str:
    shown = {
        name: value
        for name, value in setting.items()
        if name not in ("embedding_dim", "length", "batch_size") and value is not None
    }
    words = {
        name.removeprefix("num_").replace("_", " "): v for name, v in shown.items()
    }
    return ", ".join(f"{name} {value}".strip() for name, value in words.items())
