import pytest

from seqviz.checks import Verdict
from seqviz.explorers import Explorer
from seqviz.figures.display import mimebundle
from seqviz.figures.histories import history_html
from seqviz.figures.markup import inline

TEXT = "*K* of `a<b>` & <i>c</i>"
HTML = "<em>K</em> of <code>a&lt;b&gt;</code> &amp; &lt;i&gt;c&lt;/i&gt;"


@pytest.mark.parametrize(
    "text, html",
    [
        (TEXT, HTML),
        ("2*3*4 and 2 * 3 * 4", "2*3*4 and 2 * 3 * 4"),
        ("`a*b` and `*c*`", "<code>a*b</code> and <code>*c*</code>"),
        ("*two words*, then **", "<em>two words</em>, then **"),
        ("an open ` and *", "an open ` and *"),
        ("", ""),
        ('Ana\'s "why"', "Ana’s “why”"),
        ("*\"so\"*, the *K*'s 'best'", "<em>“so”</em>, the <em>K</em>’s ‘best’"),
        ("(\"a\") of `x['a']`'s", "(“a”) of <code>x[&#x27;a&#x27;]</code>’s"),
    ],
)
def test_code_and_emphasis_and_nothing_else(text, html):
    assert inline(text) == html


def test_every_caption_follows_the_one_rule():
    import plotly.graph_objects as go

    class Bare(Explorer):
        module = "bare"

        def still(self):
            return ""

        def outline(self):
            return ""

    figure = go.Figure(go.Bar(x=[1], y=[2]))
    pages = [
        mimebundle(figure, "A bar", TEXT)["text/html"],
        history_html(["tent"], caption=TEXT),
        Bare(title="Title", caption=TEXT).to_html(),
    ]
    for page in pages:
        assert f"<figcaption>{HTML}</figcaption>" in page
    assert HTML in Verdict("a/b", False, TEXT)._repr_html_()
