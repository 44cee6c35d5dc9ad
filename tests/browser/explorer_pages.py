"""A static page with explorers, as the book writes it, but without Sphinx."""

from pathlib import Path

from seqviz.explorers import HOST, MODULES, STYLE
from seqviz.figures import fonts, tokens

PAGE = """<!doctype html>
<html lang="en" data-content_root="./" data-theme="{theme}">
<head><meta charset="utf-8"><title>Explorers</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="seqviz.css">
<script src="seqviz-host.js" defer></script>
<style>
body {{ margin: 0; background: var(--sv-page); color: var(--sv-ink);
  font: 17px/1.5 var(--sv-font-text); }}
main {{ max-width: 760px; margin: 0 auto; padding: 16px; }}
</style></head>
<body><main><h1>Explorers</h1><p>Before.</p>{figures}<p id="after">After.</p></main>
</body></html>
"""


def write_page(folder: Path, *explorers, theme: str = "light") -> None:
    """Write index.html and what it loads into ``folder``."""
    (folder / "explorers").mkdir(exist_ok=True)
    for name, text in MODULES.items():
        (folder / "explorers" / f"{name}.js").write_text(text, encoding="utf-8")
    style = fonts.css() + tokens.css() + STYLE
    (folder / "seqviz.css").write_text(style, encoding="utf-8")
    fonts.write(folder / "fonts")
    (folder / "seqviz-host.js").write_text(HOST, encoding="utf-8")
    figures = "\n".join(explorer.to_html() for explorer in explorers)
    page = PAGE.format(theme=theme, figures=figures)
    (folder / "index.html").write_text(page, encoding="utf-8")
