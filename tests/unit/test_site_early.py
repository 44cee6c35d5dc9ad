"""The first script of a page: the faces that it asks for, the theme's script later."""

import pytest

from seqviz.site import early

ADDRESS = "../_static/scripts/pydata-sphinx-theme.js?digest=1"
THEME = f'<script defer src="{ADDRESS}"></script>'
PAGE = (
    '<html lang="en" data-content_root="../" ><head><meta charset="utf-8" /></head>'
    f'<body><article class="bd-article">{{}}</article>\n{THEME}\n</body></html>'
)
UPRIGHT = "fonts/seqviz-text.woff2"
CODE = "fonts/seqviz-code.woff2"


def test_the_theme_waits_and_nothing_changes_twice():
    html = early.begin(PAGE.format("<p>a</p>"))
    assert THEME not in html
    assert f'data-later="{ADDRESS}"' in html
    assert html.index("sv-opening") < html.index("</head>")
    assert early.begin(html) == html


def test_a_page_without_the_theme_stays_as_it_is():
    html = PAGE.format("<p>a</p>").replace(THEME, "")
    assert early.begin(html) == html


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ("<p>a</p>", [UPRIGHT]),
        ("<p><code class=literal>a</code></p>", [UPRIGHT, CODE]),
        ("<details><pre>a</pre></details><p>b</p>", [UPRIGHT]),
        (f"<p>{'long ' * 400}</p><pre>a</pre>", [UPRIGHT]),
        (
            '<p><span class="katex"><span class="mord mathnormal">a</span></span></p>',
            [
                UPRIGHT,
                "katex/fonts/KaTeX_Main-Regular.woff2",
                "katex/fonts/KaTeX_Math-Italic.woff2",
            ],
        ),
    ],
)
def test_a_page_asks_early_for_the_faces_of_its_first_window(words, files):
    html = PAGE.format(words)
    assert early.faces(html) == files
    for file in files:
        assert early.begin(html).count(f'"../_static/{file}"') == 1


def test_the_faces_are_files_of_the_book(root):
    for file in early.FACES.values():
        folder = "seqviz/figures" if file.startswith("fonts/") else "book/_static"
        assert (root / folder / file).is_file()
