"""The repairs of the finished pages."""

import pytest

from seqviz.site import page


def test_an_icon_becomes_inline_strokes_and_keeps_what_it_is_for():
    html = page.finish(
        '<i class="theme-switch fa-solid fa-moon   fa-lg" data-mode="dark"></i>'
    )
    assert html.startswith('<i class="theme-switch sv-icon" aria-hidden="true"')
    assert 'data-mode="dark"' in html
    assert page.ICONS["moon"] in html


def test_an_unknown_icon_is_named():
    with pytest.raises(ValueError, match="fa-dragon"):
        page.finish('<i class="fas fa-dragon"></i>')


def test_font_awesome_is_gone():
    script = '<script defer src="../_static/scripts/fontawesome.js?digest=1"></script>'
    assert page.finish(f"<p>kept</p>{script}") == "<p>kept</p>"


def test_a_first_visit_follows_the_system():
    mode = 'dataset.mode = localStorage.getItem("mode") || "";'
    theme = 'dataset.theme = localStorage.getItem("theme") || "";'
    finished = page.finish(f"<script>{mode}{theme}</script>")
    assert 'getItem("mode") || "auto";' in finished
    assert 'getItem("theme") || (matchMedia("(prefers-color-scheme: dark)")' in finished
    assert page.finish(finished) == finished


def test_mending_twice_changes_nothing():
    html = '<span class="fa-solid fa-list"></span><table><tr><th></th></tr></table>'
    once = page.finish(html)
    assert page.finish(once) == once
    assert "<th></th>" not in once


def test_listings_lose_the_marks_that_color_nothing():
    html = (
        '<span class="n">mask</span><span class="o">=</span><span class="mi">1</span>'
    )
    assert page.finish(html) == 'mask=<span class="mi">1</span>'


def test_a_formula_does_not_repeat_its_source():
    tex = '<annotation encoding="application/x-tex">x^2</annotation>'
    space = "http://www.w3.org/1998/Math/MathML"
    html = f'<math xmlns="{space}"><semantics><mi>x</mi>{tex}</semantics></math>'
    assert page.finish(html) == "<math><mi>x</mi></math>"


def test_blanks_go_but_not_where_they_are_seen():
    listing = "<pre>def f():\n\n    return 1\n</pre>"
    html = f"<p>a\n   b</p>\n\n  <div>\n    {listing}\n</div>"
    assert page.finish(html) == f"<p>a\nb</p>\n<div>\n{listing}\n</div>"


def test_a_shape_does_not_break():
    html = page.finish('<code class="docutils literal notranslate">[B, T]</code>')
    assert html == '<code class="literal notranslate">[B,&nbsp;T]</code>'


def test_a_token_has_its_color_without_help():
    html = page.finish('<rect fill="var(--sv-ink, #1b2027)"/>')
    assert html == '<rect fill="var(--sv-ink)"/>'


def test_one_viewport_is_enough():
    tag = '<meta name="viewport" content="width=device-width, initial-scale=1"/>'
    html = page.finish(f"<head>{tag}{tag}<title>a</title>\n{tag}</head>")
    assert html == f"<head><title>a</title>\n{tag}</head>"


def test_only_the_search_page_loads_the_index_and_other_scripts_wait():
    head = (
        '<script src="_static/documentation_options.js?v=1"></script>'
        '<script src="_static/doctools.js?v=2"></script>'
        '<script defer src="_static/own.js"></script>'
        '<script src="_static/searchtools.js"></script>\n'
        '<script src="searchindex.js"></script>\n'
    )
    finished = page.finish(f"<head>{head}</head>")
    assert "search" not in finished
    assert '<script src="_static/documentation_options.js?v=1">' in finished
    assert '<script defer src="_static/doctools.js?v=2">' in finished
    assert '<script defer src="_static/own.js">' in finished
    assert page.finish(finished) == finished
    inline = page.with_options(finished, "const A = {\n  B: '\\\\n',\n};\n")
    assert inline.startswith("<head><script>const A = {\n  B: '\\\\n',\n};</script><")
    assert page.with_options(inline, "const A = {};") == inline
    search = f'<head>{head}</head><div id="search-results"></div>'
    assert page.finish(search) == search


def test_a_summary_is_called_by_its_words_which_are_no_paragraph():
    html = (
        '<summary aria-label="Toggle hidden content">\n<p class="collapsed">Show</p>'
        "</summary><p>kept</p>"
    )
    assert page.finish(html) == (
        '<summary>\n<span class="collapsed">Show</span></summary><p>kept</p>'
    )


def test_styles_of_tables_stand_in_the_head_once():
    table = '<style type="text/css">\n#T { color: red }\n</style>\n<table></table>'
    html = page.finish(f"<head><style>a</style></head><body>{table}{table}</body>")
    assert html == (
        "<head><style>a</style><style>\n#T { color: red }\n</style>\n</head>"
        "<body><table></table><table></table></body>"
    )
    assert page.finish(html) == html
    empty = '<head></head><style type="text/css">\n</style>\n<table></table>'
    assert page.finish(empty) == "<head></head><table></table>"


def test_no_id_comes_twice_for_two_exercises():
    html = (
        '<section id="exercise-content"><section id="a"><section id="solution-content">'
    )
    assert page.finish(html) == '<section><section id="a"><section>'


def test_contents_for_paper_alone_are_gone():
    html = (
        '<main><div id="jb-print-docs-body" class="onlyprint"><h1>A</h1></div>\n'
        '<div id="searchbox"></div>\n<article class="bd-article"><h1>A</h1></article>'
    )
    assert page.finish(html) == '<main><article class="bd-article"><h1>A</h1></article>'


def test_scripts_that_no_page_needs_are_not_asked_for():
    head = (
        '<link rel="preload" as="script" href="../_static/scripts/bootstrap.js?v=1" />'
        '<script defer src="../_static/scripts/bootstrap.js?digest=1"></script>'
        '<script data-sd-tabs-storage-prefix="sd-" src="../_static/design-tabs.js?v=1">'
        '</script><script defer src="../_static/own.js"></script>'
    )
    assert page.finish(head) == '<script defer src="../_static/own.js"></script>'


def test_the_legend_stands_behind_the_text_that_the_search_quotes():
    legend = '<div id="sv-legend"><dl><div>B</div></dl><p><a>All</a></p></div>'
    html = f"<body><main>{legend}<p>text</p></main></body>"
    moved = page.finish(html)
    assert moved == f"<body><main><p>text</p></main>{legend}</body>"
    assert page.finish(moved) == moved
