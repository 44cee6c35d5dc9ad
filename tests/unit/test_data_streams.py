"""Batches from files: every example once, in an order of the seed, few rows held."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seqviz.data import (
    DataCorrupted,
    DataNotFound,
    Examples,
    MappedExamples,
    ParquetExamples,
    Ragged,
    batches,
    save_examples,
    save_parquet,
    stream,
)


def examples(number, seed=0):
    """Histories overlap, as all prefixes of a long sequence do; some are empty."""
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 30, 4 * number + 1)
    starts = rng.integers(0, 4 * number, number)
    stops = np.minimum(starts + rng.integers(0, 9, number), len(values))
    truths = Ragged.from_rows(
        [rng.permutation(29)[: rng.integers(1, 5)] + 1 for _ in range(number)]
    )
    times = 100 + np.arange(number)
    return Examples(np.arange(number), times, Ragged(values, starts, stops), truths)


class Held:
    """Examples in memory as a source; counts what is read."""

    def __init__(self, whole, chunk):
        self.whole, self.chunk = whole, chunk
        self.sizes = [
            min(chunk, len(whole) - start) for start in range(0, len(whole), chunk)
        ]
        self.count = 0

    def read(self, chunk):
        self.count += self.sizes[chunk]
        start = chunk * self.chunk
        return self.whole.select(slice(start, start + self.chunk))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 9),
    st.integers(1, 7),
    st.integers(0, 20),
    st.booleans(),
)
def test_every_example_once_a_pass_as_it_was_written(n, size, chunk, more, shuffle):
    whole = examples(n)
    source = Held(whole, chunk)
    buffer = chunk + more
    loader = stream(source, size, 4, shuffle=shuffle, seed=3, buffer=buffer)
    for _ in range(2):
        seen, source.count = [], 0
        for batch in loader:
            assert source.count - len(seen) <= buffer + size  # rows that are held
            for row, user in enumerate(batch.users.tolist()):
                history = batch.item_ids[row][batch.mask[row]].tolist()
                assert history == whole.histories[user].tolist()[-4:]
                truth = whole.truths[user].tolist()
                assert batch.target_ids[row].item() in truth
                assert [t for t in batch.truths[row].tolist() if t] == truth
            seen += batch.users.tolist()
            assert len(batch.users) == size or len(seen) == n
        assert sorted(seen) == list(range(n))
        assert len(loader) == -(-n // size)


def passes(loader, number):
    return [
        [(batch.users.tolist(), batch.target_ids.tolist()) for batch in loader]
        for _ in range(number)
    ]


def test_the_order_is_that_of_the_seed():
    whole = examples(60)

    def made(seed):
        return stream(Held(whole, 5), 8, 4, shuffle=True, seed=seed, buffer=20)

    first = passes(made(1), 3)
    assert first == passes(made(1), 3)
    assert first[0] != first[1] != first[2]
    assert first != passes(made(2), 3)
    plain = stream(Held(whole, 5), 8, 4, buffer=20)
    assert passes(plain, 2) == passes(batches(whole, 8, 4), 2)


def test_a_batch_mixes_chunks_from_everywhere():
    loader = stream(Held(examples(1000), 10), 50, 4, shuffle=True, buffer=200)
    for batch in loader:
        assert len(set((batch.users // 10).tolist())) > 8
    spread = [batch.users.double().std().item() for batch in loader]
    assert min(spread) > 150  # of all rows it is 289


@pytest.fixture(params=["mapped", "parquet"])
def store(request, tmp_path):
    def write(whole):
        if request.param == "mapped":
            return save_examples(whole, tmp_path / "examples")
        pytest.importorskip("pyarrow")
        return save_parquet(whole, tmp_path / "examples.parquet", chunk=7)

    return write


def same(one, other):
    for x, y in zip(one, other, strict=True):
        for a, b in zip(x, y, strict=True):
            assert torch.equal(a, b)


def test_what_was_stored_comes_back(store):
    whole = examples(40)
    same(stream(store(whole), 16, 5), batches(whole, 16, 5))


def test_the_mapped_columns_stay_on_the_disk(tmp_path):
    source = save_examples(examples(40), tmp_path / "examples")
    part = MappedExamples(tmp_path / "examples", chunk=8).read(2)
    assert sum(source.sizes) == 40 and part.users.tolist() == list(range(16, 24))
    assert isinstance(part.histories.values.base, np.memmap)


def test_examples_without_a_history(store):
    nothing = Ragged.from_rows([[], []])
    whole = Examples([1, 2], [5, 6], nothing, Ragged.from_rows([[3], [4]]))
    (batch,) = stream(store(whole), 4, 3)
    assert not batch.mask.any() and batch.target_ids.tolist() == [3, 4]


def test_half_of_a_store_is_never_read(tmp_path, monkeypatch):
    saved, calls = np.save, []

    def fails(path, column):
        if len(calls) == 3:
            raise OSError("no space left")
        calls.append(path)
        saved(path, column)

    monkeypatch.setattr(np, "save", fails)
    with pytest.raises(OSError, match="no space left"):
        save_examples(examples(9), tmp_path / "examples")
    assert not list(tmp_path.iterdir())
    with pytest.raises(DataNotFound, match="folder must hold examples"):
        MappedExamples(tmp_path / "examples")


def test_broken_stores(tmp_path):
    save_examples(examples(9), tmp_path / "examples")
    with pytest.raises(FileExistsError, match="folder must not exist yet"):
        save_examples(examples(9), tmp_path / "examples")
    np.save(tmp_path / "examples" / "users.npy", np.arange(8))
    with pytest.raises(DataCorrupted, match="must hold 9 numbers, got 8"):
        MappedExamples(tmp_path / "examples")
    (tmp_path / "examples" / "users.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(DataCorrupted, match="users.npy cannot be read"):
        MappedExamples(tmp_path / "examples")


def test_broken_parquet(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    with pytest.raises(DataNotFound, match="paths must be files"):
        ParquetExamples(path)
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(DataCorrupted, match="cannot be read"):
        ParquetExamples([path])
    pq.write_table(pa.table({"user": [1], "time": [5]}), path)
    with pytest.raises(DataCorrupted, match="must have the columns user, time, hist"):
        ParquetExamples(path)
    columns = {"user": [1, 2], "time": [5, 6], "truths": [[3], [4]]}
    pq.write_table(pa.table({**columns, "history": [[1], None]}), path)
    with pytest.raises(DataCorrupted, match="column history must have no missing"):
        ParquetExamples(path).read(0)


def test_bad_input():
    source = Held(examples(9), 4)
    with pytest.raises(ValueError, match="buffer must hold the largest chunk, 4 rows"):
        stream(source, 2, 3, buffer=3)
    with pytest.raises(ValueError, match="source must hold at least one example"):
        stream(Held(examples(9).select(slice(0)), 4), 2, 3)
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        stream(source, 0, 3)

    class More(Examples):
        pass

    whole = examples(2)
    more = More(whole.users, whole.times, whole.histories, whole.truths)
    for save in (save_examples, save_parquet):
        with pytest.raises(TypeError, match="examples must be plain Examples, got Mo"):
            save(more, "nowhere")
    source.sizes[1] = 3
    with pytest.raises(ValueError, match="source must give the 3 rows of chunk 1"):
        list(stream(source, 2, 3))
