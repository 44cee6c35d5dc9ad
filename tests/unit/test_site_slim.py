"""One style sheet in the place of many, without the rules of no page."""

import pytest

from seqviz.site import slim

PAGE = """<head>
<link href="../_static/styles/theme.css?digest=1" rel="stylesheet" />
<link rel="stylesheet" type="text/css" href="../_static/katex/katex.min.css?v=2" />
<link rel="stylesheet" type="text/css" href="../_static/katex/katex.min.css?v=2" />
<link rel="stylesheet" type="text/css" href="../_static/seqviz.css?v=3" />
<link rel="icon" href="../_static/favicon.svg"/>
</head><body class="one two" id="three">{}</body>"""


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".one{color:red}", ".one{color:red}"),
        (".none{color:red}", ""),
        (".one.none,.two a{color:red}", ".two a{color:red}"),
        ("#three > p{margin:0}", "#three > p{margin:0}"),
        ("#four{margin:0}", ""),
        (".one:not(.none){margin:0}", ".one:not(.none){margin:0}"),
        ("html[data-theme=dark] a{margin:0}", "html[data-theme=dark] a{margin:0}"),
        ("@media print{.none{top:0}.two{top:0}}", "@media print{.two{top:0}}"),
        ("@media print{.none{top:0}}", ""),
        ("@keyframes none{to{top:0}}", "@keyframes none{to{top:0}}"),
        ("/* .one */ p{margin:0}", "p{margin:0}"),
    ],
)
def test_a_rule_stays_if_something_has_all_that_it_asks_for(css, kept):
    assert slim.slim(css, {"one", "two", "three"}) == kept


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        ("a{--x:1;color:var(--x)}", "a{--x:1;color:var(--x)}"),
        ("a{--x:1;top:0}", "a{top:0}"),
        ("a{top:0;--x:1}", "a{top:0;}"),
        ("a{--page:1;--script:2}", "a{--page:1;--script:2}"),
        ("a{--y:1;--x:var(--y);top:0}", "a{top:0}"),  # none is left to read the first
        ("a{--x:url(data:a;b{c}) 'd;}' \"e;}\";top:0}", "a{top:0}"),
        ("a{top:var( --x, 1px)}b{--x:1}", "a{top:var( --x, 1px)}b{--x:1}"),
    ],
)
def test_a_custom_property_stays_if_something_reads_it(css, kept):
    used = slim.names(['<p style="top:var(--page)">'], ['get("--script")'])
    assert slim.read(css, used) == kept


def test_a_sheet_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="must hold rules"):
        slim.slim(".one{} a", {"one"})


def test_names_are_those_of_pages_and_every_word_of_scripts():
    used = slim.names([PAGE], ['node.classList.add("is-open")'])
    assert {"one", "two", "three", "is-open"} <= used
    assert "stylesheet" not in used


def test_the_sheets_of_a_page_stand_in_order_each_once():
    assert slim.sheets(PAGE) == ["styles/theme.css", "katex/katex.min.css", slim.OWN]


def test_a_page_gets_one_link():
    plain = slim.link(PAGE, "a{}")
    assert plain.count('rel="stylesheet"') == 1
    assert 'href="../_static/book.css?v=' in plain
    assert 'rel="icon"' in plain
    assert slim.link(plain, "a{}") == plain
    assert slim.link(plain, "b{}") != plain  # or a browser would keep the old sheet
    assert slim.sheets(plain) == []


def test_imports_are_taken_in_and_addresses_hold_from_another_folder(tmp_path):
    (tmp_path / "styles").mkdir()
    (tmp_path / "base.css").write_text("p{background:url(base.svg)}")
    (tmp_path / "styles" / "theme.css").write_text(
        '@import "../base.css";\n'
        ".one{background:url('../a.svg')}.two{background:url(data:x)}"
    )
    (tmp_path / slim.OWN).write_text("/* a\n b */\n.none {\n  .x { top: 0 }\n}\n")
    joined = slim.join(tmp_path, ["styles/theme.css", slim.OWN], {"one", "two"})
    assert "@import" not in joined
    assert "url(base.svg)" in joined
    assert "a.svg" in joined
    assert "../" not in joined
    assert "url(data:x)" in joined
    assert ".none{.x{top:0}}" in joined  # ours keeps all its rules


def test_spaces_go_where_they_say_nothing():
    image = """url("data:image/svg+xml,<g fill='none' d='M0 0 ; rotate(1)'/>")"""
    css = f"""
    a > b ,
    p :is(i, u) + .x {{ margin: calc(1px + 2px)  0; background: {image} ; }}
    @media (min-width: 6px) and print {{ q::before {{ content: "x ; y" }} }}
    """
    assert slim.tight(css) == (
        f"a>b,p :is(i,u) + .x{{margin:calc(1px + 2px) 0;background:{image}}}"
        '@media (min-width:6px) and print{q::before{content:"x ; y"}}'
    )
