"""A formula within a line and what stands against it."""

import pytest

from seqviz.site import formulas

X = '<span class="math"><span class="katex"><span class="base">x</span></span></span>'
TWO = X.replace("x</span>", 'x=</span><span class="base">2</span>')


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        (f"<p>Let {X}, so</p>", f'<p>Let <span class="sv-keep">{X},</span> so</p>'),
        (f"<p>a row ({X})</p>", f'<p>a row <span class="sv-keep">({X})</span></p>'),
        (f"the {X}-th, {X}", f'the <span class="sv-keep">{X}-th,</span> {X}'),
        (f"<td>{X}</td>", f"<td>{X}</td>"),
    ],
)
def test_a_line_does_not_end_beside_a_formula_that_something_touches(html, kept):
    assert formulas.keep(html) == kept
    assert formulas.keep(kept) == kept


def test_a_long_formula_may_still_end_a_line_within_itself():
    kept = formulas.keep(f"if {TWO}.")
    assert '=</span><wbr><span class="base">2' in kept
    assert "<wbr>" not in formulas.keep(f"if {TWO} holds")


def test_a_formula_alone_goes_on_below_behind_a_wide_space():
    strut = '<span class="strut" style="height:1em;"></span>'
    quad = '<span class="mspace" style="margin-right:2em;"></span>'
    row = f'<span class="mtable">a{quad}b</span>'
    html = (
        '<span class="katex-display"><span class="katex">'
        f'<span class="katex-html"><span class="base">{strut}x,{quad}y{row}{quad}'
        "</span></span></span></span>"
    )
    parted = formulas.part(f"<p>{html} and {html}</p>")
    assert parted.count("<wbr>") == 2
    assert f'x,{quad}</span><wbr><span class="base">{strut}y{row}' in parted
    assert formulas.part(parted) == parted


def test_a_formula_without_an_end_is_named():
    with pytest.raises(ValueError, match="does not end: <span class=.math.><b>"):
        formulas.keep('<span class="math"><b>x</b>')
