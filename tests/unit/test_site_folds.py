"""What folds is written in one way, whoever wrote it."""

from seqviz.site import folds


def test_the_code_of_a_cell():
    html = (
        '<summary>\n<span class="collapsed admonition-title">Show code cell source'
        '</span>\n<span class="expanded admonition-title">Hide code cell source'
        "</span>\n</summary>"
    )
    assert folds.plain(html) == "<summary>Code</summary>"
    assert folds.plain(html.replace("source", "outputs")) == "<summary>Output</summary>"


def test_a_hint():
    html = (
        '<details class="sd-sphinx-override sd-dropdown sd-card sd-mb-3">\n'
        '<summary class="sd-summary-title sd-card-header">\n'
        '<span class="sd-summary-text">See <code>x</code></span>'
        '<span class="sd-summary-state-marker"><svg></svg></span></summary>'
        '<div class="sd-summary-content sd-card-body docutils">\n'
        '<p class="sd-card-text">Which axis?</p></div></details>'
    )
    assert folds.plain(html) == (
        '<details class="sv-fold"><summary>See <code>x</code></summary><div>\n'
        "<p>Which axis?</p></div></details>"
    )


def test_a_solution():
    html = (
        '<div class="solution dropdown admonition" id="a-solution-1">\n\n'
        '<p class="admonition-title">Solution to<a class="x" href="#a"> Exercise (1)'
        "</a></p>\n<section><div>One.</div></section>\n</div><p>After</p>"
    )
    folded = folds.plain(html)
    assert folded == (
        '<details class="sv-fold" id="a-solution-1">'
        "<summary>Solution to Exercise (1)</summary><div>One.</div></details>"
        "<p>After</p>"
    )
    assert folds.plain(folded) == folded
