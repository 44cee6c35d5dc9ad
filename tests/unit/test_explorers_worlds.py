"""The worlds explorer: its order, its words, its errors."""

from itertools import product
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from traitlets import TraitError

from seqviz.explorers import WorldExplorer
from seqviz.explorers.worlds.words import interval, short, signed

AXES = {"interests": [1, 4], "repeats": [0.0, 0.25, 0.5], "history": ["short", "long"]}
MODELS = ["two vectors", "one vector", "counts"]


def made_up(axes=AXES, models=MODELS, seed=0):
    """Return made-up results in random order."""
    rng = np.random.default_rng(seed)
    worlds = [
        dict(zip(axes, world, strict=True)) | {"model": model}
        for world, model in product(product(*axes.values()), models)
    ]
    table = pd.DataFrame(worlds)
    count = len(table)
    table["mean"] = rng.uniform(0.2, 0.6, count)
    table["difference"] = rng.normal(0, 0.05, count)
    table["low"] = table["difference"] - 0.03
    table["high"] = table["difference"] + 0.03
    table["mark"] = np.select([table["low"] > 0, table["high"] < 0], ["+", "−"], "")
    own = table["model"] == "one vector"
    table.loc[own, ["difference", "low", "high"]] = np.nan
    table.loc[own, "mark"] = ""
    return table.sample(frac=1, random_state=seed)


RESULTS = made_up()


def explorer(**changes):
    given = {"axes": AXES, "results": RESULTS, "against": "one vector", **changes}
    return WorldExplorer(**given)


def row_of(world, model):
    rows = RESULTS[RESULTS["model"] == model]
    for name, value in world.items():
        rows = rows[rows[name] == value]
    (row,) = rows.to_dict("records")
    return row


def changed(position, **values):
    """Return the results with other values in the row of one model and world."""
    table = RESULTS.reset_index(drop=True)
    rows = table.index[table["model"] == ("one vector" if position else "counts")]
    for name, value in values.items():
        if isinstance(value, str) and name != "mark":
            table[name] = table[name].astype(object)
        table.loc[rows[0], name] = value
    return table


@pytest.mark.parametrize("world", [*product(*AXES.values())])
def test_every_world_is_where_it_belongs(world):
    place = dict(zip(AXES, world, strict=True))
    figure = explorer(place=place)
    assert figure.names == ["one vector", *figure.names[1:]]
    found = figure.world()
    assert found["model"].tolist() == figure.names
    for row in found.to_dict("records"):
        wanted = row_of(place, row["model"])
        assert repr(row) == repr(wanted)  # NaN is itself here


def test_the_words_say_the_world_the_means_and_the_verdict():
    place = {"interests": 4, "repeats": 0.25, "history": "long"}
    verdicts = set()
    for model in ("two vectors", "counts"):
        for history in AXES["history"]:
            place["history"] = history
            row, own = row_of(place, model), row_of(place, "one vector")
            better = {"+": f"{model} is better", "−": "one vector is better"}
            says = better.get(row["mark"], "not told apart")
            assert explorer(model=model, place=place).words() == (
                f"interests = 4, repeats = 0.25, history = {history}: {model} "
                f"{short(row['mean'])}, one vector {short(own['mean'])}; "
                f"{interval(row['difference'], row['low'], row['high'])}: {says}."
            )
            verdicts.add(says)
    assert len(verdicts) > 1


@pytest.mark.parametrize("mark", ["+", "−", ""])
def test_a_mark_decides_the_verdict_not_the_interval(mark):
    sign = -1 if mark == "−" else 1
    ends = sorted([sign * 0.01, sign * 0.03])
    table = changed(0, difference=sign * 0.02, low=ends[0], high=ends[1], mark=mark)
    row = table[table["model"] == "counts"].iloc[0]
    place = {name: row[name] for name in AXES}
    words = explorer(results=table, model="counts", place=place).words()
    says = {"+": "counts is better", "−": "one vector is better", "": "not told apart"}
    assert words.endswith(f": {says[mark]}.")


def test_numbers_are_short_and_ties_go_away_from_zero():
    assert [short(x) for x in (0.024, -0.024, 1.0, -1.5, 0, -0.0004, 0.9996)] == [
        "0.024", "−0.024", "1.000", "−1.500", "0.000", "0.000", "1.000",
    ]  # fmt: skip
    assert [short(x) for x in (0.0625, -0.0625, 0.1875)] == ["0.063", "−0.063", "0.188"]
    assert [signed(x) for x in (0.024, -0.024, 0.0)] == ["+0.024", "−0.024", "0.000"]
    assert interval(0.024, -0.01, 0.058) == "+0.024 (−0.010 to 0.058)"


def test_values_have_their_texts():
    shares = {0.0: "0%", 0.25: "25%", 0.5: "50%"}
    axes = {"interests": [1, 4], "repeats": shares, "history": ["short", "long"]}
    assert explorer(axes=axes).texts == [
        ["1", "4"],
        ["0%", "25%", "50%"],
        ["short", "long"],
    ]
    assert explorer().texts[1] == ["0", "0.25", "0.5"]
    assert "repeats = 25%" in explorer(axes=axes, place={"repeats": 0.25}).words()


def test_the_map_may_lie_on_any_two_axes():
    figure = explorer()
    assert (figure.rows, figure.columns) == (0, 1)
    assert (explorer(rows="repeats").rows, explorer(rows="repeats").columns) == (1, 0)
    assert (explorer(columns="interests").rows) == 1
    place = {"interests": 4, "repeats": 0.5, "history": "long"}
    turned = {"rows": "history", "columns": "interests"}
    drawn = explorer(**turned, model="two vectors", place=place).still()
    here = [
        row_of({**place, "history": history, "interests": interests}, "two vectors")
        for history, interests in product(AXES["history"], AXES["interests"])
    ]
    texts = [
        node.text
        for node in ElementTree.fromstring(drawn).iter()
        if node.tag == "text" and node.text[-1] in "▲▼–"
    ]
    assert [text.split()[0] for text in texts] == [
        signed(row["difference"]) for row in here
    ]
    assert "where repeats = 0.5" in drawn


def test_the_still_figure_is_of_the_same_numbers():
    figure = explorer(model="counts")
    drawn = figure.still()
    ElementTree.fromstring(drawn)
    assert drawn.count("<circle") == len(MODELS)
    assert drawn.count('stroke="var(--sv-accent') == 1  # the picked cell
    assert figure.words() in drawn
    figure.place = [1, 2, 1]
    figure.model = 1
    assert figure.still() != drawn and figure.words() in figure.still()
    assert "interests = 4, repeats = 0.5, history = long" in figure.words()


def test_two_axes_and_no_difference_at_all():
    axes = {"a": [1, 2], "b": ["x", "y"]}
    table = made_up(axes)
    table[["difference", "low", "high"]] = 0.0
    table["mark"] = ""
    figure = explorer(axes=axes, results=table)
    ElementTree.fromstring(figure.still())
    assert "; 0.000 (0.000 to 0.000): not told apart." in figure.words()


def test_categories_are_taken():
    columns = ["interests", "history", "model", "mark"]
    figure = explorer(results=RESULTS.astype(dict.fromkeys(columns, "category")))
    assert figure.state() == explorer().state()


def test_numbers_of_against_are_not_read():
    table = RESULTS.copy()
    table["difference"] = table["difference"].astype(object)
    own = table["model"] == "one vector"
    table.loc[own, ["low", "high"]] = 3.0, 1.0
    table.loc[own, "difference"] = ""
    table.loc[own, "mark"] = np.nan
    assert explorer(results=table).still() == explorer().still()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"axes": [1, 2]}, "axes must be a mapping from names to values, got list"),
        ({"axes": {"a": [1, 2]}}, "axes must hold 2 to 4 axes, got 1"),
        ({"axes": {**AXES, "mean": [1, 2]}}, "axes must have other names .* 'mean'"),
        ({"axes": {**AXES, "history": "ab"}}, r"axes\['history'\] must be a sequence"),
        ({"axes": {**AXES, "repeats": [0.0]}}, r"axes\['repeats'\] .* 2 to 8 .* got 1"),
        ({"axes": {**AXES, "repeats": [1, 1.0]}}, "different values, got 1, 1"),
        (
            {"axes": {**AXES, "repeats": 5}},
            r"\['repeats'\] must be a sequence .* got 5",
        ),
        ({"axes": {**AXES, "repeats": [None, 1]}}, "numbers or texts, got None"),
        ({"results": [1]}, "results must be a pandas DataFrame, got list"),
        (
            {"results": RESULTS.drop(columns=["low", "history"])},
            "results must have the columns .* got none called history, low",
        ),
        (
            {"results": RESULTS[RESULTS["model"] == "one vector"]},
            "2 to 12 models, got 1",
        ),
        (
            {"results": RESULTS.assign(model=1)},
            r"results\['model'\] must hold texts, got 1",
        ),
        ({"results": RESULTS[:0]}, "results must hold 2 to 12 models, got 0"),
        (
            {"axes": {**AXES, "repeats": [0.0, 0.25]}},
            r"results\['repeats'\] must be one of 0.0, 0.25, as in axes, got 0.5",
        ),
        (
            {
                "results": RESULTS[
                    (RESULTS["model"] != "counts")
                    | (RESULTS["interests"] != 4)
                    | (RESULTS["repeats"] != 0.25)
                    | (RESULTS["history"] != "long")
                ]
            },
            "one row for each model and world, got 0 for counts at interests = 4, "
            "repeats = 0.25, history = long",
        ),
        (
            {"results": pd.concat([RESULTS, RESULTS.iloc[:1]])},
            f"one row for each model and world, got 2 for {RESULTS.iloc[0]['model']}",
        ),
        (
            {"results": changed(0, mean=np.nan)},
            "finite numbers, got mean nan.* counts at",
        ),
        ({"results": changed(0, low=np.inf)}, "results must hold finite numbers, got"),
        ({"results": changed(1, mean=np.inf)}, "finite numbers, .* for one vector at"),
        ({"results": changed(0, mean="x")}, r"results\['mean'\] must hold numbers"),
        (
            {"results": changed(0, low=0.5, high=0.4)},
            "low up to high, .*low 0.5, high 0.4",
        ),
        (
            {"results": changed(0, mark="cut off")},
            "a mark of .*mark cut off for counts",
        ),
        (
            {"results": changed(0, difference=-0.1, low=-0.2, high=0, mark="+")},
            "where the difference is above 0, .*got .*difference -0.1.* for counts",
        ),
        ({"against": "MIND"}, "against must be one of .*, got 'MIND'"),
        ({"rows": "E"}, "rows must be one of interests, repeats, history, got 'E'"),
        (
            {"rows": "repeats", "columns": "repeats"},
            "rows must be one of interests, his",
        ),
        ({"columns": "E"}, "columns must be one of repeats, history, got 'E'"),
        ({"model": "one vector"}, "model must be one of .*, got 'one vector'"),
        ({"place": [0, 0, 0]}, "place must be a mapping from axes to values, got list"),
        ({"place": {"E": 4}}, "place must name one of interests, repeats, history"),
        (
            {"place": {"interests": 3}},
            r"place\['interests'\] must be one of 1, 4, got 3",
        ),
        ({"title": " "}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((TypeError, ValueError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("model", 0, "model must lie in 1 to 2, got 0"),
        ("model", 3, "model must lie in 1 to 2, got 3"),
        ("place", [0, 0], "place must hold a place for each of interests, repeats"),
        ("place", [0, 3, 0], "place of repeats must lie in 0 to 2, got 3"),
        ("place", [0, 0, -1], "place of history must lie in 0 to 1, got -1"),
    ],
)
def test_traits_out_of_range_are_refused(name, value, words):
    figure = explorer()
    with pytest.raises(TraitError, match=words):
        setattr(figure, name, value)


def test_the_state_is_small():
    axes = {"a": [1, 2, 4, 8], "b": [1, 2, 3], "c": [1, 2], "d": [1, 2]}
    models = ["one vector", *(f"model {n}" for n in range(5))]
    figure = explorer(axes=axes, results=made_up(axes, models))
    assert len(figure.to_html()) < 30_000
