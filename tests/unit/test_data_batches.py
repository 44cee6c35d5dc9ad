import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.data import Examples, Ragged, batches


def examples(number, seed=0):
    rng = np.random.default_rng(seed)

    def draw(low, high):
        return [rng.integers(1, 30, rng.integers(low, high)) for _ in range(number)]

    histories, truths = Ragged.from_rows(draw(0, 9)), Ragged.from_rows(draw(1, 5))
    return Examples(np.arange(number), 100 + np.arange(number), histories, truths)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 23), st.integers(1, 9), st.integers(1, 7), st.booleans())
def test_every_example_once_a_pass_with_a_true_target(number, size, length, shuffle):
    given_ = examples(number)
    loader = batches(given_, size, length, shuffle=shuffle, seed=3)
    for _ in range(2):
        seen = []
        for batch in loader:
            assert (
                batch.item_ids.shape == batch.mask.shape == (len(batch.users), length)
            )
            assert torch.equal(batch.mask, batch.item_ids > 0)
            for row, user in enumerate(batch.users.tolist()):
                truth = given_.truths[user].tolist()
                assert batch.target_ids[row].item() in truth
                assert [t for t in batch.truths[row].tolist() if t] == truth
                history = batch.item_ids[row][batch.mask[row]].tolist()
                assert history == given_.histories[user].tolist()[-length:]
                assert batch.times[row] == 100 + user
            seen += batch.users.tolist()
        assert sorted(seen) == list(range(number))
        assert len(loader) == -(-number // size)
        if not shuffle:
            assert seen == list(range(number))


def test_types_and_device():
    batch = next(iter(batches(examples(5), 2, 4, device="cpu", side="right")))
    assert batch.mask.dtype == torch.bool
    for name in ("item_ids", "target_ids", "truths", "users", "times"):
        assert getattr(batch, name).dtype == torch.int64
        assert getattr(batch, name).device.type == "cpu"
    assert torch.equal(batch.mask, batch.mask.sort(dim=1, descending=True).values)


def passes(loader, number):
    return [
        [(batch.users.tolist(), batch.target_ids.tolist()) for batch in loader]
        for _ in range(number)
    ]


def test_one_seed_one_order_and_another_order_in_every_pass():
    first, second = passes(batches(examples(40), 8, 3, shuffle=True, seed=5), 2)
    assert passes(batches(examples(40), 8, 3, shuffle=True, seed=5), 2) == [
        first,
        second,
    ]
    assert first != second
    assert passes(batches(examples(40), 8, 3, shuffle=True, seed=6), 1)[0] != first


def test_random_targets_only_when_shuffling():
    rows = Ragged.from_rows([[7, 8, 9]])
    given_ = Examples(np.array([0]), np.array([0]), Ragged.from_rows([[1]]), rows)
    plain, shuffled = (batches(given_, 1, 2, shuffle=s) for s in (False, True))
    assert {t for (((_, (t,))),) in passes(plain, 5)} == {7}
    assert {t for (((_, (t,))),) in passes(shuffled, 40)} == {7, 8, 9}


def test_an_empty_history_is_a_row_of_padding():
    given_ = Examples(
        np.array([0]), np.array([0]), Ragged.from_rows([[]]), Ragged.from_rows([[2]])
    )
    (batch,) = batches(given_, 4, 3)
    assert not batch.mask.any() and batch.item_ids.tolist() == [[0, 0, 0]]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1, got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size must be a whole number, got 2.5"),
        ({"length": 0}, ValueError, "length must be at least 1, got 0"),
        ({"side": "top"}, ValueError, "side must be one of left, right, got 'top'"),
        ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        batches(examples(3), **({"batch_size": 2, "length": 2} | arguments))


def test_no_examples_is_an_error_that_says_what_to_do():
    with pytest.raises(ValueError, match="examples must hold .* got none.*min_history"):
        batches(examples(3).select(slice(0, 0)), 2, 2)
