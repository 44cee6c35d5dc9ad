import os

import pytest

from seqviz.data import DataCorrupted, DataNotFound, load_movietweetings

RATINGS = """\
2::0000003::8::172800
1::0000001::9::86399
1::0000002::7::10
1::0000003::10::86400
1::0000009::1::86400"""
MOVIES = """\
0000001::Up: Down (2001)::Action|Comedy
0000002::Naïve (1999)::Action|Short
0000003::News (2005)::News|Short
0000009::War (2005)::Action|Comedy|War"""


def folder(tmp_path, ratings=RATINGS, movies=MOVIES):
    (tmp_path / "ratings.dat").write_text(ratings + "\n", "utf-8")
    (tmp_path / "movies.dat").write_text(movies + "\n", "utf-8")
    return tmp_path


def test_the_recipe_line_by_line(tmp_path):
    name, interactions, catalog = load_movietweetings(1, 1, folder=folder(tmp_path))
    assert name == "movietweetings"
    items = catalog.table
    assert items["raw_id"].tolist() == ["0000001", "0000002", "0000003", "0000009"]
    assert items["title"].iloc[:2].tolist() == ["Up: Down (2001)", "Naïve (1999)"]
    # Action stands in three lists, Comedy in two, War in one
    assert items["category"].tolist() == ["Comedy", "Action", "other", "War"]
    assert items["year"].tolist() == [2001, 1999, 2005, 2005]
    events = interactions.table
    assert events["user"].tolist() == [0, 0, 0, 0, 1]
    assert events["item"].tolist() == [2, 1, 3, 4, 3]
    assert events["rating"].tolist() == [7, 9, 10, 1, 8]
    assert events["session"].tolist() == [0, 0, 1, 1, 2]  # days in UTC
    assert interactions.kinds == {"rating": 5}


def test_nothing_left(tmp_path):
    with pytest.raises(
        ValueError, match="must leave an event, got 5 and 5; lower them"
    ):
        load_movietweetings(folder=folder(tmp_path))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1::0000001::9", "ratings.dat, line 2: .* has 3 fields, expected 4"),
        ("1::0000001::9::5::6", "line 2: .* has 5 fields"),
        ("", "line 2: '' has 1 fields"),
        ("1::0000001::9::yesterday", "line 2: time is 'yesterday', expected unix"),
        ("1::0000001::nine::5", "line 2: rating is 'nine'"),
        ("one::0000001::9::5", "line 2: user is 'one'"),
        ("1::0000001::8.5::5", "line 2: rating is '8.5'"),
        ("1::0000077::9::5", "line 2: film '0000077' is not in .*movies.dat"),
    ],
)
def test_a_bad_rating_is_named(tmp_path, line, message):
    first, *rest = RATINGS.splitlines()
    where = folder(tmp_path, ratings="\n".join([first, line, *rest]))
    with pytest.raises(DataCorrupted, match=message):
        load_movietweetings(1, 1, folder=where)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0000001::Again (2001)::Drama", "movies.dat, line 5: film '0000001' .* twice"),
        ("0000011::No year::Drama", "line 5: title 'No year' does not end with a year"),
        ("0000011::Short (2001)", "line 5: .* has 2 fields, expected 3"),
    ],
)
def test_a_bad_film_is_named(tmp_path, line, message):
    where = folder(tmp_path, movies=MOVIES + "\n" + line)
    with pytest.raises(DataCorrupted, match=message):
        load_movietweetings(1, 1, folder=where)


def test_missing_and_undecodable_files(tmp_path):
    with pytest.raises(DataNotFound, match="ratings.dat does not exist"):
        load_movietweetings(folder=tmp_path)
    where = folder(tmp_path)
    (where / "movies.dat").write_bytes(MOVIES.encode("latin-1"))
    with pytest.raises(DataCorrupted, match="movies.dat is not UTF-8"):
        load_movietweetings(1, 1, folder=where)


real = pytest.mark.skipif(
    not os.environ.get("SEQVIZ_DATA"), reason="SEQVIZ_DATA names no folder of real data"
)


@real
def test_published_files():
    _, interactions, catalog = load_movietweetings(1, 1)
    assert len(interactions) == 141_695
    assert (interactions.num_users, catalog.num_items) == (21_081, 12_611)
    assert len(set(catalog.category_names) - {"other"}) == 22


@real
def test_published_files_with_the_default_filter():
    _, interactions, catalog = load_movietweetings()
    assert len(interactions) == 102_461
    assert (interactions.num_users, catalog.num_items) == (5_973, 3_119)
    lengths = interactions.sequences().lengths
    assert sorted(lengths)[len(lengths) // 2] == 11
