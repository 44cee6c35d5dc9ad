"""What the chapter defines is compared with the package and with PyTorch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from definitions import definitions

from seqviz.data import Ragged, leave_one_out, load_shop, split_by_user
from seqviz.models import MeanPooling

chapter = definitions("foundations/behavior_tensors")


@pytest.fixture(scope="module")
def clicks():
    return load_shop(60).interactions.of_kind("click")


@pytest.fixture
def histories():
    rng = np.random.default_rng(0)
    return [rng.integers(1, 50, n) for n in (0, 1, 3, 7, 12, 7)]


def test_the_two_look_ups_are_one_and_send_the_same_gradient():
    torch.manual_seed(0)
    item_ids = torch.randint(0, 9, (4, 5))
    gradients = []
    for read in (chapter.one_hot_product, chapter.look_up):
        table = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
        table.requires_grad_()
        behaviors = read(item_ids, table)
        torch.testing.assert_close(behaviors, F.embedding(item_ids, table))
        behaviors.square().sum().backward()
        gradients.append(table.grad)
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("length", [1, 5, 12, 20])
def test_pad(histories, side, length):
    item_ids, mask = chapter.pad(histories, length, side)
    expected, real = Ragged.from_rows(histories).pad(length, side)
    np.testing.assert_array_equal(item_ids, expected)
    np.testing.assert_array_equal(mask, real)
    assert mask.dtype == torch.bool and item_ids.dtype == torch.int64


def test_masked_mean_is_that_of_the_package(histories):
    item_ids, mask = chapter.pad(histories, 6)
    model = MeanPooling(50, 8)
    behaviors = torch.randn(6, 6, 8)
    expected = model.pool(behaviors, mask)[:, 0]
    torch.testing.assert_close(chapter.masked_mean(behaviors, mask), expected)
    assert (chapter.masked_mean(behaviors, mask)[0] == 0).all()
    full = torch.ones_like(mask)
    torch.testing.assert_close(
        chapter.masked_mean(behaviors, full), chapter.unmasked(behaviors)
    )
    assert len(item_ids) == 6


def test_the_guessed_mask_is_right_only_for_zeros(histories):
    item_ids, mask = chapter.pad(histories, 6)
    table = torch.randn(50, 8, generator=torch.Generator().manual_seed(2))
    table[0] = 0
    assert torch.equal(chapter.guess_mask(table[item_ids]), mask)
    assert chapter.guess_mask(table[item_ids] + torch.ones(8)).all()
    balanced = torch.tensor([[[1.0, -1.0], [0.0, 0.0]]])
    assert not chapter.guess_mask(balanced).any()  # the first is a real click


def test_session_ids_are_those_of_the_shop(clicks):
    users, times, sessions = (
        clicks.table[name].to_numpy() for name in ("user", "time", "session")
    )
    np.testing.assert_array_equal(chapter.session_ids(users, times), sessions)
    users, times = np.array([0, 0, 0, 1]), np.array([5, 10, 30, 31])
    assert chapter.session_ids(users, times, gap=5).tolist() == [0, 0, 1, 2]


def test_rows_are_those_of_the_splits(clicks):
    histories = [history.tolist() for history in clicks.sequences()]
    left_out, by_user = leave_one_out(clicks), split_by_user(clicks)

    def rows(examples):
        return [
            (examples.histories[n].tolist(), examples.truths[n].tolist())
            for n in range(len(examples))
        ]

    assert rows(left_out.test) == [
        chapter.last_out(histories[user]) for user in left_out.test.users
    ]
    assert rows(by_user.test) == [
        chapter.first_80(histories[user]) for user in by_user.test.users
    ]
    learners = np.unique(by_user.train.users)
    assert rows(by_user.train) == [
        row for user in learners for row in chapter.prefixes(histories[user])
    ]
    assert rows(chapter.every_prefix(clicks)) == [
        row for history in histories for row in chapter.prefixes(history)
    ]


def test_the_wrong_rows_are_wrong_where_the_chapter_says_so(clicks):
    test = leave_one_out(clicks).test
    longer = chapter.one_too_far(test)
    cut = chapter.oldest_kept(test, 5)
    for row in range(len(test)):
        assert longer.histories[row][-1] == test.truths[row][0]
        assert cut.histories[row].tolist() == test.histories[row][:5].tolist()


def test_all_events_before_the_question(clicks):
    everything = load_shop(60).interactions
    test = leave_one_out(clicks).test
    asked = chapter.asked_with(everything, test)
    clock = Ragged(
        everything.table["time"].to_numpy(),
        asked.histories.starts,
        asked.histories.stops,
    )
    for row, moment in enumerate(test.times):
        own = everything.table["user"] == test.users[row]
        before = (everything.table["time"][own] < moment).sum()
        assert len(clock[row]) == before and (clock[row] < moment).all()
