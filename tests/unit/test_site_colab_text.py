"""MyST becomes what Colab's Markdown shows; what is not known stops the press."""

import pytest

pytest.importorskip("myst_parser")

from pybtex.database import parse_string

from seqviz.site.colab.citations import Citations
from seqviz.site.colab.text import NotConverted, Words, in_code, labels, to_markdown

WORDS = Words(
    cite=lambda keys: f"[{keys}]",
    title=lambda target: f"*{target}*",
    numbers={"pool": 1, "read-out": 2},
)


def shown(text):
    return to_markdown(text, WORDS)


@pytest.mark.parametrize(
    ("myst", "markdown"),
    [
        ("See {cite}`a2020,b2021`.", "See [a2020,b2021]."),
        ("in {doc}`../a/b`:", "in *../a/b*:"),
        ("the sum {eq}`read-out` of", "the sum (2) of"),
        ("`[B, T]` and ``{cite}`x` ``", "`[B, T]` and ``{cite}`x` ``"),
        ("$a_{k}$ `b`", "$a_{k}$ `b`"),
        ("$$\nu = 1\n$$ (pool)", "$$\nu = 1\n\\tag{1}\n$$"),
        ("$$ u = 1 $$ (pool)", "$$ u = 1  \\tag{1} $$"),
        ("```python\nx = {}  # {cite}`a`\n```", "```python\nx = {}  # {cite}`a`\n```"),
        (
            "```{exercise} 1 · One *line*\n:label: a-b\n:nonumber:\nDo {cite}`a`.\n```",
            "### 1 · One *line*\n\nDo [a].",
        ),
        (
            ":::{dropdown} Hint\nWhich `axis`?\n:::",
            "<details>\n<summary>Hint</summary>\n\nWhich `axis`?\n\n</details>",
        ),
        (":::{note}\nOne.\n\nTwo.\n:::", "> **Note**\n>\n> One.\n>\n> Two."),
        (":::{admonition} Mind\nOne.\n:::", "> **Mind**\n>\n> One."),
        (
            "````{exercise} 2\n```python\ny = 1\n```\nafter\n````",
            "### 2\n\n```python\ny = 1\n```\nafter",
        ),
    ],
)
def test_a_form_becomes_plain(myst, markdown):
    assert shown(myst) == markdown


def test_plain_text_is_left_alone():
    text = (
        "# Title\n\nA *word*, a [link](https://a.example), $x$.\n\n| a | b |\n|---|---|"
    )
    assert shown(text) == text


@pytest.mark.parametrize(
    "myst",
    [
        "{ref}`somewhere`",
        "```{figure} a.svg\n```",
        ":::{margin}\nx\n:::",
        "```{code-cell} python\nx\n```",
        "(label)=\n# Title",
        "Term\n: its meaning",
        "% a comment",
        "+++",
        "a {{ substitution }}",
        "a[^1]",
        "[page](other.md)",
        "{eq}`of-another-page`",
        ":::{note}\nnothing ends it",
        ":::\nx\n:::",
    ],
)
def test_a_form_that_is_not_known_is_refused(myst):
    with pytest.raises(NotConverted):
        shown(myst)


def test_roles_in_the_texts_of_code_are_replaced():
    source = 'f"as {{doc}}`/a/b` {value}", "in {eq}`pool`"'
    assert in_code(source, WORDS) == 'f"as */a/b* {value}", "in (1)"'
    for refused in ('"{ref}`a`"', '"{doc}`it\'s`"'):
        with pytest.raises(NotConverted):
            in_code(refused, WORDS)


def test_formulas_are_numbered_as_they_stand():
    assert labels("$$\na\n$$ (one)\n\n$$\nb\n$$\n\n$$ c $$ (two)") == ["one", "two"]


BIBLIOGRAPHY = parse_string(
    """
@article{lin, author={Zhouhan Lin}, title={One}, journal={J}, year={2017}}
@article{two, author={Anna Lin and Bo Feng}, title={Two}, journal={J}, year={2017}}
@article{many, author={A. {van der Berg} and B C and D E}, title={T}, journal={J},
  year={2020}}
@article{same, author={Mia Lin}, title={Other}, journal={J}, year={2017}}
@article{umlaut, author={Jean-S{\\'e}bastien Sen{\\'e}cal}, title={U}, journal={J},
  year={2008}}
""",
    "bibtex",
)


def test_a_citation_is_author_and_year():
    citations = Citations(BIBLIOGRAPHY)
    assert citations.cite("lin, two") == "[Lin, 2017; Lin and Feng, 2017]"
    assert citations.cite("many") == "[van der Berg et al., 2020]"
    assert citations.cite("umlaut") == "[Senécal, 2008]"
    assert citations.cite("same") == "[Lin, 2017b]"
    assert citations.cite("lin") == "[Lin, 2017]"


def test_only_what_was_cited_is_listed():
    citations = Citations(BIBLIOGRAPHY)
    assert citations.references() == ""
    citations.cite("two")
    head, _, *lines = citations.references().splitlines()
    assert head == "## References"
    assert [line[: line.index(".")] for line in lines] == ["- **Lin and Feng, 2017"]
    assert "Anna Lin and Bo Feng" in lines[0]


def test_an_unknown_key_is_named():
    with pytest.raises(ValueError, match=r"references\.bib must have .* 'nobody'"):
        Citations(BIBLIOGRAPHY).cite("nobody")
