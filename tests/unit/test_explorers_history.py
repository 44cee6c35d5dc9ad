"""The explorer of one's own history: every reader is PyTorch's; state, bad input."""

import json
import re
from functools import cache

import numpy as np
import pytest
import torch
from front_end import in_node
from history_models import CATEGORIES, COUNTS, TITLES, E, N, T, models
from traitlets import TraitError

from seqviz.data import Batch, Examples, Ragged
from seqviz.explorers import MODULES, HistoryExplorer
from seqviz.explorers.history import reading, still
from seqviz.models import (
    DIN,
    MIND,
    SDM,
    ComiRecDR,
    ComiRecSA,
    GRU4Rec,
    MeanPooling,
    SASRec,
)
from seqviz.models.counting import MostPopular, PersonalFrequency
from seqviz.retrieval import greedy_diversity

SEEDS = range(3)


def explorer(seed=0, **changes):
    arguments = {"history": [3, 8, 3, 20], **changes}
    found = arguments.pop("models", None) or models(seed)
    counts = arguments.pop("counts", COUNTS)
    titles = arguments.pop("titles", TITLES)
    categories = arguments.pop("categories", CATEGORIES)
    return HistoryExplorer(found, counts, titles, categories, **arguments)


def histories(seed):
    """Return random histories, with repeats, one click, the most clicks, none."""
    rng = np.random.default_rng(seed)
    rows = [rng.integers(1, N + 1, n).tolist() for n in (1, 2, 5, 9, T)]
    return [*rows, [7, 7, 7], [1, 2, 1, 2, 1], []]


BODY = """
return given.map(({ state, histories }) => {
  const answers = state.readers.map((one, place) =>
    index.newReader({ ...one, weights: state.weights[place] }, state.shares));
  return histories.map((ids) => answers.map((answer) => {
    const { weights, scores } = answer(ids, 0);
    return { weights: weights && weights.map((row) => Array.from(row)),
      scores: Array.from(scores),
      asked: Array.from(answer(ids, 5).weights?.[0] ?? []),
      plain: lists.listOf(scores, state.category_of, 8, 0),
      varied: lists.listOf(scores, state.category_of, 8, 0.15),
      places: [1, 5].map((item) => lists.placeOf(scores, item)) };
  }));
});
"""


@pytest.fixture(scope="module")
def page():
    """Return what node finds: for each seed, history and reader."""
    given = [
        {"state": explorer(seed).state(), "histories": histories(seed)}
        for seed in SEEDS
    ]
    files = {"index": "history/readers/index.js", "lists": "history/lists.js"}
    return in_node(files, BODY, given)


of_seed = cache(explorer)


def cases(page):
    for seed in SEEDS:
        shown = of_seed(seed)
        for ids, answers in zip(histories(seed), page[seed], strict=True):
            shown.history = ids
            yield shown, ids, dict(zip(shown.scores(), answers, strict=True))


def test_every_reader_scores_like_torch(page):
    for shown, _, answers in cases(page):
        for name, wanted in shown.scores().items():
            np.testing.assert_allclose(answers[name]["scores"], wanted, atol=1e-5)


def padded(ids, side):
    nothing = [0] * (T - len(ids))
    row = [*nothing, *ids] if side == "left" else [*ids, *nothing]
    return torch.tensor([row])


def batch_for(model, item_ids):
    """Return the batch of a padded history that a model reads."""
    if not isinstance(model, SDM):
        return Batch(item_ids, item_ids != 0, *[None] * 4)
    ids = item_ids[item_ids != 0].tolist()
    whole = reading.session_batch(model, torch.tensor([ids]))
    side = "left" if item_ids[0, 0] == 0 else "right"
    return whole._replace(session_ids=padded(ids[-reading.SESSION :], side))


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_changes_nothing(page, side):
    for shown, ids, answers in cases(page):
        if not ids:
            continue
        item_ids = padded(ids, side)
        for name, model in shown._models.items():
            if name == "GRU4Rec" and side == "right":
                continue  # it reads a row to its end
            if name == "DIN":
                wanted = model.logits(reading.click_batch(model, item_ids)).detach()
                found = torch.tensor(answers[name]["scores"][1:])
            else:
                wanted = model.scores(batch_for(model, item_ids))[0, 1:].detach()
                found = torch.tensor(answers[name]["scores"][1:]) / model.temperature
            torch.testing.assert_close(found.float(), wanted, atol=1e-4, rtol=0)


def test_the_weights_are_those_of_the_layers(page):
    for shown, ids, answers in cases(page):
        assert answers["GRU4Rec"]["weights"] in (None, [])
        if not ids:
            continue
        item_ids = torch.tensor([ids])
        for name in ("ComiRec-SA", "ComiRec-DR", "MIND"):
            model = shown._models[name]
            _, wanted = model.interests(item_ids, need_weights=True)
            np.testing.assert_allclose(
                answers[name]["weights"], wanted[0].detach(), atol=1e-5
            )
        latest = shown._models["SASRec"].weights(item_ids)[0, -1, 0, -1]
        np.testing.assert_allclose(
            answers["SASRec"]["weights"][0], latest.detach(), atol=1e-5
        )
        assert answers["mean"]["weights"] == [[pytest.approx(1 / len(ids))] * len(ids)]


def test_an_sdm_reads_the_session_and_each_item_of_the_past_once(page):
    for shown, ids, answers in cases(page):
        if not ids:
            continue
        model = shown._models["SDM"]
        read = model.read(reading.session_batch(model, torch.tensor([ids])))
        session, past = np.array(answers["SDM"]["weights"])
        cut = max(0, len(ids) - reading.SESSION)
        wanted = read.weights[0].detach()
        np.testing.assert_allclose(session[cut:], wanted, atol=1e-5)
        assert not session[:cut].any() and not past[cut:].any()
        values = read.long_weights[0, 0].detach().numpy()
        np.testing.assert_allclose(
            sorted(past[past > 0]), sorted(values[values > 0]), atol=1e-5
        )
        for item in {*ids[:cut]}:
            places = [t for t in range(cut) if ids[t] == item]
            assert np.flatnonzero(past[places]).tolist() == [len(places) - 1]


def test_a_din_reads_for_the_item_that_is_asked_for_or_for_its_best(page):
    for shown, ids, answers in cases(page):
        if not ids:
            continue
        model, found = shown._models["DIN"], answers["DIN"]
        wanted = model.weights(reading.click_batch(model, torch.tensor([ids])))
        np.testing.assert_allclose(found["asked"], wanted[4].detach(), atol=1e-5)
        best = found["plain"][0]
        np.testing.assert_allclose(
            found["weights"][0], wanted[best - 1].detach(), atol=1e-5
        )


def test_the_counts_keep_the_order_of_the_books_baselines(page):
    clicked = np.repeat(np.arange(N + 1), COUNTS)
    rows = Ragged.from_rows([[item] for item in clicked])
    users = np.arange(len(clicked))
    train = Examples(users, users + 1_700_000_000, rows, rows)
    popular = MostPopular(train, N)
    own = PersonalFrequency(N, popular)
    for _, ids, answers in cases(page):
        if not ids:
            continue
        item_ids = torch.tensor([ids])
        batch = Batch(item_ids, item_ids != 0, *[None] * 4)
        for name, model in (("popularity", popular), ("own counts", own)):
            wanted = still.best(model.scores(batch)[0].double().numpy(), 8)
            assert answers[name]["plain"] == wanted


def test_lists_and_places_are_those_of_the_scores(page):
    for shown, _, answers in cases(page):
        for answer in answers.values():
            scores = np.array(answer["scores"])
            assert answer["plain"] == still.best(scores, 8)
            order = still.best(scores, N)
            assert answer["places"] == [1 + order.index(item) for item in (1, 5)]
            chosen = greedy_diversity(
                torch.tensor(scores[None, 1:]),
                torch.tensor([shown.category_of]),
                8,
                0.15,
            )
            assert answer["varied"] == (1 + chosen[0]).tolist()


def test_the_weights_are_rounded_on_both_sides_and_light():
    shown = explorer()
    table = shown._models["mean"].embedding.weight
    assert torch.equal(table, table.half().float())
    for weights in explorer(1).weights:
        kinds = {name: part["dtype"] for name, part in weights.items()}
        assert kinds.pop("rows", "int32") == "int32"
        assert {*kinds.values()} <= {"float16"}


def test_what_is_sent_is_what_the_page_reads():
    state = explorer().state()
    read = set(re.findall(r'model\.get\("(\w+)"\)', MODULES["history"]))
    read |= set(re.findall(r'\.get\("(\w+)"\)', MODULES["history"]))
    assert read and read <= set(state)
    assert json.dumps(state)


def test_the_still_figure_follows_and_escapes():
    shown = explorer(titles=["</p>", *TITLES[1:]])
    first = shown.still()
    assert "4 clicks. First come item 3 (popularity" in first and "</p>," not in first
    shown.history = [1]
    assert "1 click. First come" in shown.still() != first
    shown.history = []
    assert "no click yet" in shown.still()
    assert "sv-sentence" in shown.outline()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"models": {"a": torch.nn.Linear(2, 2)}},
            r"models\['a'\] must be one of Mean",
        ),
        ({"models": [1]}, "models must map 1 to 8 names to models"),
        ({"models": {"a": MeanPooling(N, E)}}, "must score by the cosine"),
        ({"models": {"a": MeanPooling(9, E, temperature=1.0)}}, "must score N = 40"),
        (
            {"models": {"a": ComiRecSA(N, E, 2, max_length=9, temperature=1.0)}},
            "must have no positions",
        ),
        (
            {"models": {"a": SASRec(N, E, 2, 1, temperature=1.0)}},
            "must have one head, got 2",
        ),
        (
            {"models": {"a": SASRec(N, E, norm_first=False, temperature=1.0)}},
            "must have the norm first",
        ),
        (
            {"models": {"a": GRU4Rec(N, E, cell="lstm", temperature=1.0)}},
            "must have the GRU cell, got LSTM",
        ),
        ({"models": {"a": GRU4Rec(N, E, 9, temperature=1.0)}}, "state of width E"),
        (
            {"models": {"a": SASRec(N, E, 1, max_length=9, temperature=1.0)}},
            "must read 12 clicks, got max_length 9",
        ),
        (
            {"models": {"a": ComiRecDR(N, E, 2, 9, temperature=1.0)}},
            "must read 12 clicks, got max_length 9",
        ),
        (
            {"models": {"a": MIND(N, E, 2, 9, temperature=1.0)}},
            "must read 12 clicks, got max_length 9",
        ),
        (
            {"models": {"a": SDM(N, E, 2, fusion="long", temperature=1.0)}},
            "must join by the gate, got fusion 'long'",
        ),
        (
            {"models": {"a": SDM(N, E, 2, recurrent=False, temperature=1.0)}},
            "must have LSTM, heads and attention of the user, got one left out",
        ),
        (
            {"models": {"a": SDM(N, E, 2, bounded=True, temperature=1.0)}},
            "must have the paper's score",
        ),
        (
            {"models": {"a": SDM(N, E, 2, num_users=3, temperature=1.0)}},
            "must know no users, got num_users 3",
        ),
        ({"models": {"a": DIN(N, E)}}, "must weigh with the softmax"),
        (
            {"models": {"a": DIN(N, E, softmax=True, activation="dice")}},
            "must have sigmoid or PReLU units, got Dice",
        ),
        (
            {
                "models": {
                    "a": DIN(N, E, softmax=True, user_features=torch.ones(2, 1).long())
                }
            },
            "must know no users, got user_features",
        ),
        ({"counts": [1, 2, 3]}, "counts must be finite"),
        ({"counts": [0]}, "counts must have shape"),
        ({"titles": TITLES[1:]}, "titles must hold 40"),
        ({"categories": []}, "categories must hold 40"),
        ({"reader": "popularity"}, "reader must be one of mean"),
        ({"history": [0]}, "history must hold 0 to 12 item ids in 1..40"),
        ({"history": [1] * 13}, "history must hold 0 to 12"),
        ({"title": ""}, "title"),
    ],
)
def test_bad_input_names_the_argument(changes, words):
    with pytest.raises((TypeError, ValueError, TraitError), match=words):
        explorer(**changes)


@pytest.mark.parametrize(
    ("name", "value"), [("candidate", 41), ("reader", 1), ("diversity", 21)]
)
def test_a_trait_out_of_range_is_refused(name, value):
    with pytest.raises(TraitError, match=f"{name} must lie in"):
        setattr(explorer(), name, value)
