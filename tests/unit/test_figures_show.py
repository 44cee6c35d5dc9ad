"""show(): inline SVG and charts that follow the theme, and never without words."""

import base64
import gzip
import json
import re
import sys

import matplotlib as mpl
import numpy as np
import plotly.graph_objects as go
import pytest

mpl.use("agg")

import matplotlib.pyplot as plt

from seqviz.figures import interest_color, tokens
from seqviz.figures.charts import MOST_ROWS
from seqviz.figures.display import mimebundle, show
from seqviz.figures.svg import _own_ids


@pytest.fixture
def drawing():
    figure, axes = plt.subplots()
    axes.plot([1, 3, 2], color=interest_color(0))
    axes.text(1, 2, "white", color="#ffffff")
    axes.set(title="A finding", xlabel="behavior $t$")
    yield figure
    plt.close(figure)


@pytest.fixture
def chart():
    figure = go.Figure(go.Bar(x=["a", "b"], y=[0.125, 3.0], name="weight"))
    figure.update_traces(marker_color=interest_color(1))
    return figure


def _html(figure, **options):
    return mimebundle(figure, "What it says", **options)["text/html"]


def test_token_colors_become_variables(drawing):
    svg = _html(drawing)
    svg = svg[svg.index("<svg") :]
    for name in ("interest-1", "ink", "ink-soft", "line", "faint"):
        assert f"var(--sv-{name}, {tokens.LIGHT[name]})" in svg
        assert not re.search(rf": {tokens.LIGHT[name]}", svg)


def test_pure_white_stays_white(drawing):
    assert re.search(r"fill: (?:#ffffff|white)", _html(drawing))


def test_places_are_given_to_a_hundredth_and_turns_are_kept(drawing):
    drawing.axes[0].text(1, 2, "turned", rotation=30)
    svg = _html(drawing)
    places = re.findall(r" (?:d|x|y)=\"([^\"]*)\"", svg)
    assert places and not re.search(r"\.\d{3}|\n", " ".join(places))
    turns = re.findall(r"rotate\((-?\d+)", svg)
    assert "-30" in turns and "-0" not in turns


def test_the_same_drawing_gives_the_same_text():
    def draw():
        figure, axes = plt.subplots()
        axes.plot([1, 2], marker="o")
        html = _html(figure)
        plt.close(figure)
        return html

    assert draw() == draw()


@pytest.mark.parametrize("names", [("p1a", "p2b"), ("p2b", "p1a"), ("x", "y")])
def test_ids_do_not_depend_on_what_matplotlib_called_them(names):
    """3.10.0 makes them from addresses in memory."""
    one, two = names
    body = (
        '<g id="idle"><path clip-path="url(#{0})"/><use xlink:href="#{1}"/>'
        '<defs><path id="{1}"/><clipPath id="{0}"/></defs></g>'
    )
    assert _own_ids(body.format(one, two)) == _own_ids(body.format("a", "b"))
    ids = re.findall(r'\bid="([^"]+)"', _own_ids(body.format(one, two)))
    assert len(set(ids)) == 2 and "idle" not in ids


def test_a_picture_names_no_face_of_the_machine(drawing):
    drawing.axes[0].set_title("[B, T]", family="monospace")
    svg = _html(drawing)
    families = set(re.findall(r"font-family: ([^;\"]*)", svg))
    assert families == {
        "var(--sv-font-text, sans-serif)",
        "var(--sv-font-mono, monospace)",
    }


def test_two_drawings_share_no_id(drawing):
    other, axes = plt.subplots()
    axes.plot([3, 1])
    find = re.compile(r' id="([^"]+)"')
    one, two = find.findall(_html(drawing)), find.findall(_html(other))
    plt.close(other)
    assert one and two
    assert not set(one) & set(two)
    used = re.findall(r"(?:url\(|href=\")#([^)\"]+)", _html(drawing))
    assert set(used) == set(one)


def test_nothing_reaches_out_of_the_drawing(drawing, monkeypatch):
    monkeypatch.setenv("SEQVIZ_BOOK", "1")
    html = _html(drawing)
    for foreign in ("<style", "<metadata", "<!DOCTYPE", "http://", "<?xml"):
        assert foreign not in html


def test_the_alt_text_is_escaped_and_said_once(drawing):
    html = mimebundle(drawing, 'a "sharp" < b')["text/html"]
    assert html.count('role="img" aria-label="a &quot;sharp&quot; &lt; b"') == 1


def test_small_text_holds_the_width_on_a_phone(drawing):
    width = float(re.search(r"min-width: (\d+)px", _html(drawing))[1])
    natural = float(re.search(r"max-width: (\d+)px", _html(drawing))[1])
    assert 9.75 * 4 / 3 * width / natural >= 11.9


def test_a_chart_carries_data_without_the_template(chart, monkeypatch):
    monkeypatch.setenv("SEQVIZ_BOOK", "1")
    bundle = mimebundle(chart, "Two bars")
    assert set(bundle) == {"text/html", "text/plain"}
    spec = re.search(r'sv-chart-spec">(.*?)</script>', bundle["text/html"])[1]
    spec = json.loads(spec)
    assert spec["data"][0]["marker"]["color"] == tokens.LIGHT["interest-2"]
    assert "template" not in spec["layout"]
    assert spec["layout"]["height"] > 0


def test_a_chart_shows_its_numbers(chart):
    html = _html(chart)
    assert "<td>a</td><td>0.125</td>" in html
    assert "<td>b</td><td>3.000</td>" in html


def test_the_numbers_of_named_points_have_the_names():
    html = _html(go.Figure(go.Scatter(x=[1, 2], y=[3, 4], text=["EASE", "mean"])))
    assert '<th scope="col">point</th>' in html
    assert "<td>mean</td><td>2</td><td>4</td>" in html


def test_a_long_table_says_what_it_leaves_out():
    html = _html(go.Figure(go.Scatter(x=np.arange(100), y=np.arange(100))))
    assert html.count("<tr>") == MOST_ROWS + 1
    assert f"The first {MOST_ROWS} of 100 rows." in html


def test_a_matrix_shows_row_column_and_value():
    html = _html(go.Figure(go.Heatmap(z=[[0.25, 0.75]], x=["k1", "k2"], y=["q"])))
    assert "<td>q</td><td>k2</td><td>0.75</td>" in html


def test_a_script_in_the_data_stays_data():
    html = _html(go.Figure(go.Bar(x=["</script><b>"], y=[1])))
    assert "</script><b>" not in html


def test_jupyterlab_gets_a_chart_for_white_and_black_pages(chart, monkeypatch):
    monkeypatch.delenv("SEQVIZ_BOOK", raising=False)
    spec = mimebundle(chart, "Two bars")["application/vnd.plotly.v1+json"]
    layout = spec["layout"]["template"]["layout"]
    assert layout["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert spec["data"][0]["marker"]["color"] == tokens.NEUTRAL["interest-2"]
    assert chart.data[0].marker.color == tokens.LIGHT["interest-2"]


def test_colab_gets_the_words_with_the_chart(chart, monkeypatch):
    monkeypatch.delenv("SEQVIZ_BOOK", raising=False)
    monkeypatch.setitem(sys.modules, "google.colab", object())
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **k: shown.append(a[0]))
    monkeypatch.setattr(go.Figure, "show", lambda self: shown.append("no words"))
    show(chart, 'Two "bars"', caption="Which is *larger*?")
    (bundle,) = shown
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == 'Two "bars"'
    html = bundle["text/html"]
    assert 'role="img" aria-label="Two &quot;bars&quot;"' in html
    assert "<figcaption>Which is <em>larger</em>?</figcaption>" in html
    assert "Plotly.newPlot(" in html and tokens.NEUTRAL["interest-2"] in html
    assert '<details class="sv-numbers" open><summary>' in html
    assert not re.search(r"<(script|link)[^>]*(src|href)=", html)
    packed = re.search(r'PLOTLY = "([^"]*)"', html)[1]
    library = gzip.decompress(base64.b64decode(packed)).decode()
    assert "newPlot" in library and len(packed) < 2_500_000


def test_the_templates_differ_in_colors_only():
    def shape(value):
        if isinstance(value, dict):
            return {key: shape(item) for key, item in value.items()}
        if isinstance(value, list):
            return [shape(item) for item in value]
        return "color" if isinstance(value, str) and value[:1] in "#r" else value

    templates = [
        tokens.plotly_template(color)
        for color in (tokens.LIGHT, tokens.DARK, tokens.NEUTRAL)
    ]
    go.Figure(layout={"template": templates[0]})  # plotly accepts it
    assert shape(templates[0]) == shape(templates[1]) == shape(templates[2])


@pytest.mark.parametrize("alt", ["", "  \n"])
def test_a_figure_without_words_is_refused(drawing, alt):
    with pytest.raises(ValueError, match="alt must say what the figure shows"):
        show(drawing, alt)


def test_a_blank_caption_is_refused(chart):
    with pytest.raises(ValueError, match="caption must say"):
        show(chart, "Two bars", caption=" ")


@pytest.mark.parametrize("alt", [None, 3])
def test_the_wrong_type_of_alt_is_named(drawing, alt):
    with pytest.raises(TypeError, match="alt must be a str, got"):
        show(drawing, alt)


def test_something_else_is_no_figure():
    with pytest.raises(TypeError, match=r"figure must be .*, got builtins\.list"):
        show([1, 2], "a list")


def test_show_closes_the_drawing(drawing, capsys):
    show(drawing, "A line")
    assert not plt.fignum_exists(drawing.number)


def test_the_style_is_on_after_the_import():
    assert mpl.rcParams["image.cmap"] == tokens.SEQUENTIAL
    assert mpl.rcParams["svg.fonttype"] == "none"
