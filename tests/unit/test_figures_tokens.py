"""The palette keeps its promises: apart for everybody, legible in both themes."""

from itertools import combinations

import numpy as np
import pytest
from colorspacious import cspace_convert

from seqviz.figures import tokens

THEMES = {"light": tokens.LIGHT, "dark": tokens.DARK}
SIGHTS = [None, "deuteranomaly", "protanomaly", "tritanomaly"]
INTERESTS = [f"interest-{number}" for number in range(1, 5)]


def _rgb(color):
    return np.array([int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)])


def _contrast(one, other):
    """Return the contrast ratio of WCAG 2."""

    def luminance(color):
        rgb = _rgb(color)
        linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def _seen(color, sight):
    rgb = _rgb(color)
    if sight:
        space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
        rgb = np.clip(cspace_convert(rgb, space, "sRGB1"), 0, 1)
    return cspace_convert(rgb, "sRGB1", "CAM02-UCS")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_interests_differ_for_every_eye(theme, sight):
    seen = [_seen(THEMES[theme][name], sight) for name in INTERESTS]
    distances = [np.linalg.norm(a - b) for a, b in combinations(seen, 2)]
    assert min(distances) >= 20


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*INTERESTS, "line", "accent"])
def test_drawn_things_stand_out_from_the_page(theme, name):
    assert _contrast(THEMES[theme][name], THEMES[theme]["page"]) >= 3


@pytest.mark.parametrize("theme", [*THEMES.values(), tokens.NEUTRAL])
def test_a_series_that_no_one_colors_has_no_color_of_an_interest(theme):
    drawn = {*tokens.plotly_template(theme)["layout"]["colorway"]}
    if theme is tokens.LIGHT:
        drawn |= {*tokens.matplotlib_style()["axes.prop_cycle"].by_key()["color"]}
    assert not drawn & {theme[name] for name in INTERESTS}
    assert drawn <= {theme["ink"], theme["ink-soft"], theme["line"]}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["page", "tile", "faint"])
@pytest.mark.parametrize("name", ["ink", "ink-soft", "accent"])
def test_text_is_legible(theme, ground, name):
    assert _contrast(THEMES[theme][name], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_text_on_the_accent_is_legible(theme):
    color = THEMES[theme]
    assert _contrast(color["on-accent"], color["accent"]) >= 4.5


@pytest.mark.parametrize("page", ["#ffffff", "#111111"])
@pytest.mark.parametrize("name", [*INTERESTS, "ink", "line"])
def test_neutral_colors_serve_both_pages(page, name):
    assert _contrast(tokens.NEUTRAL[name], page) >= 3


def test_light_colors_can_be_told_apart_by_name():
    colors = [color for color in tokens.LIGHT.values() if color != "#ffffff"]
    assert len(colors) == len(set(colors))
    assert tokens.LIGHT.keys() == tokens.DARK.keys()


def test_css_carries_every_token_in_both_themes():
    light, dark = tokens.css().split('html[data-theme="dark"]', 1)
    for name in tokens.LIGHT:
        assert f"--sv-{name}: {tokens.LIGHT[name]};" in light
        assert f"--sv-{name}: {tokens.DARK[name]};" in dark
    for name in tokens.SCALE:
        assert f"--sv-{name}: " in light


def test_sizes_hold_the_floor():
    assert 17 <= float(tokens.SCALE["size-text"].removesuffix("px")) <= 18
    for name in ("size-caption", "size-small"):
        assert float(tokens.SCALE[name].removesuffix("px")) >= 12


def test_an_interest_keeps_color_and_sign():
    assert tokens.interest_color(0) == tokens.LIGHT["interest-1"]
    assert tokens.interest_color(5, dark=True) == tokens.DARK["interest-2"]
    assert len({tokens.interest_sign(k) for k in range(8)}) == 8


@pytest.mark.parametrize("call", [tokens.interest_color, tokens.interest_sign])
def test_a_negative_interest_is_refused(call):
    with pytest.raises(ValueError, match="interest must be 0 or more, got -1"):
        call(-1)


def test_the_ninth_interest_has_no_sign():
    with pytest.raises(ValueError, match="interest must be under 8"):
        tokens.interest_sign(8)


def test_ink_on_the_sequential_scale_is_legible():
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    for value in np.linspace(0, 1, 101):
        ground = to_hex(colormaps[tokens.SEQUENTIAL](value))
        assert _contrast(tokens.ink_on(value), ground) >= 4.5
    with pytest.raises(ValueError, match="value must lie in 0 to 1"):
        tokens.ink_on(1.5)
