"""Each published layout, recognized from a few lines of its form."""

import pytest

pytest.importorskip("duckdb", reason="the extra logs is not installed")

from seqviz.data import DataCorrupted
from seqviz.data.logs import read_log

SEEN = {  # layout: file name, text, then users, items, seconds, kinds
    "RecBole atomic file": (
        "a.inter",
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
        "196\t242\t3\t881250949\n22\t377\t1\t878887116.0\n",
        (["22", "196"], ["377", "242"], [878887116, 881250949], ["interaction"]),
    ),
    "MovieLens 100K (u.data)": (
        "u.data",
        "196\t242\t3\t881250949\n22\t377\t1\t878887116\n",
        (["22", "196"], ["377", "242"], [878887116, 881250949], ["rating"]),
    ),
    "MovieLens 1M (ratings.dat)": (
        "ratings.dat",
        "1::0000661::5::978302109\n1::10::3::978302109\n",
        (["1", "1"], ["0000661", "10"], [978302109, 978302109], ["rating"]),
    ),
    "MovieLens 25M (ratings.csv)": (
        "ratings.csv",
        "userId,movieId,rating,timestamp\n1,296,5.0,1147880044\n1,306,3.5,1147868817\n",
        (["1", "1"], ["306", "296"], [1147868817, 1147880044], ["rating"]),
    ),
    "Taobao UserBehavior": (
        "UserBehavior.csv",
        "1,2268318,2520377,pv,1511544070\n1,2333346,2520771,buy,1511561733\n",
        (["1", "1"], ["2268318", "2333346"], [1511544070, 1511561733], ["buy", "pv"]),
    ),
    "Amazon reviews 2018": (
        "a.json",
        '{"overall": 5.0, "reviewerID": "A1", "asin": "B02", "unixReviewTime": '
        '1470009600}\n{"reviewerID": "A1", "asin": "B01", "unixReviewTime": '
        '1470096000, "vote": "3"}\n',
        (["A1", "A1"], ["B02", "B01"], [1470009600, 1470096000], ["review"]),
    ),
    "Amazon reviews 2023": (
        "a.jsonl",
        '{"rating": 5, "title": "Good", "asin": "B2", "parent_asin": "B1", "user_id": '
        '"A", "timestamp": 1588687728923}\n',
        (["A"], ["B1"], [1588687728], ["review"]),
    ),
    "Yoochoose clicks": (
        "yoochoose-clicks.dat",
        "1,2014-04-07T10:51:09.277Z,214536502,0\n1,2014-04-07T10:51:09.1Z,214536500,S\n",
        (["1", "1"], ["214536500", "214536502"], [1396867869] * 2, ["click"]),
    ),
    "Yoochoose buys": (
        "yoochoose-buys.dat",
        "420374,2014-04-06T18:44:58.314Z,214537888,12462,1\n",
        (["420374"], ["214537888"], [1396809898], ["buy"]),
    ),
    "Diginetica views": (
        "train-item-views.csv",
        "sessionId;userId;itemId;timeframe;eventdate\n1;NA;81766;526309;2016-05-09\n"
        "1;NA;31331;1031018;2016-05-09\n",
        (["1", "1"], ["81766", "31331"], [1462752526, 1462753031], ["view"]),
    ),
    "Retailrocket events": (
        "events.csv",
        "timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,"
        "355908,\n1433222276276,257597,transaction,355908,4000\n",
        (
            ["257597"] * 2,
            ["355908"] * 2,
            [1433221332, 1433222276],
            ["transaction", "view"],
        ),
    ),
    "Steam reviews": (
        "steam.json",
        "{u'username': u'Chaos \"x\"', u'product_id': u'725280', u'date': "
        "u'2017-12-17', u'early_access': False}\n",
        (['Chaos "x"'], ["725280"], [1513468800], ["review"]),
    ),
    "MIND behaviors": (
        "behaviors.tsv",
        "1\tU13740\t11/11/2019 9:05:58 AM\tN55189 N42782\tN55689-1 N35729-0\n"
        "2\tU91836\t11/12/2019 6:11:30 PM\t\tN20678-0 N39317-1\n",
        (
            ["U13740", "U91836"],
            ["N55689", "N39317"],
            [1573463158, 1573582290],
            ["click"],
        ),
    ),
    "Open Bandit": (
        "all.csv",
        ",timestamp,item_id,position,click,propensity_score,user_feature_0\n"
        "0,2019-11-24 00:00:29.004101+00:00,0,3,1,0.0125,ab\n"
        "1,2019-11-24 00:00:30+00:00,7,1,0,0.0125,ab\n",
        (["ab"], ["0"], [1574553629], ["click"]),
    ),
    "torch-rechub MovieLens": (
        "ml-1m_sample.csv",
        "user_id,movie_id,rating,timestamp,title,genres,gender,age,occupation,zip\n"
        "1,1193,5,978300760,One Flew (1975),Drama|War,F,1,10,48067\n",
        (["1"], ["1193"], [978300760], ["rating"]),
    ),
    "torch-rechub Amazon": (
        "amazon.csv",
        "user_id,item_id,cate_id,time\n1,13179,584,1356912000\n",
        (["1"], ["13179"], [1356912000], ["review"]),
    ),
}


def read(tmp_path, name, text, **options):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_log(path, aloud=False, **options)


def told(dataset, report):
    """What the log said, read back through the numbers."""
    events = dataset.interactions.table
    return (
        report.user_ids[events["user"]].tolist(),
        report.item_ids[events["item"]].tolist(),
        events["time"].tolist(),
        sorted(dataset.interactions.kinds),
    )


@pytest.mark.parametrize("layout", SEEN)
def test_a_layout(tmp_path, layout):
    name, text, expected = SEEN[layout]
    asked = {"user": ["user_feature_0"]} if layout == "Open Bandit" else {}
    dataset, report = read(tmp_path, name, text, **asked)
    assert report.layout == layout
    assert told(dataset, report) == expected
    assert report.read == report.kept + sum(report.dropped.values())
    assert dataset.catalog.table["raw_id"].tolist() == report.item_ids[1:].tolist()


def test_what_a_log_showed_and_nobody_clicked(tmp_path):
    name, text, _ = SEEN["MIND behaviors"]
    _, report = read(tmp_path, name, text)
    assert report.dropped == {"of kind shown": 2}
    dataset, _ = read(tmp_path, name, text, kinds=("click", "shown"))
    assert dataset.interactions.kinds == {"click": 2, "shown": 2}


def test_categories_of_a_log(tmp_path):
    name, text, _ = SEEN["torch-rechub MovieLens"]
    dataset, _ = read(tmp_path, name, text)
    assert dataset.catalog.titles[1] == "One Flew (1975)"
    assert dataset.catalog.category_names == ["Drama"]
    name, text, _ = SEEN["Taobao UserBehavior"]
    dataset, _ = read(tmp_path, name, text)
    assert dataset.catalog.category_names == ["2520377", "2520771"]


def test_open_bandit_asks_who(tmp_path):
    name, text, _ = SEEN["Open Bandit"]
    with pytest.raises(ValueError, match="user must be given .*it names no user.*list"):
        read(tmp_path, name, text)


def open_bandit(rows):
    """A file of the published columns: hashed features of users, 3 of 80 affinities."""
    features = [f"user_feature_{n}" for n in range(4)]
    affinities = [f"user-item_affinity_{n}" for n in range(3)]
    head = ["", "timestamp", "item_id", "position", "click", "propensity_score"]
    lines = [",".join([*head, *features, *affinities])]
    for number, (second, item, click, who) in enumerate(rows):
        moment = f"2019-11-24 00:00:{second:02d}.762830+00:00"
        own = [f"{who}{n}" for n in range(4)]
        fields = [number, moment, item, 3, click, 0.0125, *own, 0.0, 1.0, 0.0]
        lines.append(",".join(map(str, fields)))
    return "\n".join(lines) + "\n"


def test_open_bandit_with_its_published_columns(tmp_path):
    rows = [(34, 14, 0, "a"), (35, 14, 1, "a"), (36, 0, 1, "b"), (37, 5, 1, "a")]
    folder = tmp_path / "random"
    folder.mkdir()
    (tmp_path / "item_context.csv").write_text(
        ",item_id,item_feature_0,item_feature_1\n0,0,-0.5,x\n1,5,-0.4,y\n2,14,0.1,x\n"
    )
    features = [f"user_feature_{n}" for n in range(4)]
    dataset, report = read(
        folder, "all.csv", open_bandit(rows), user=features,
        items=tmp_path / "item_context.csv", category="item_feature_1",
    )  # fmt: skip
    assert report.layout == "Open Bandit" and report.dropped == {"of kind shown": 1}
    users, items, times, kinds = told(dataset, report)
    assert users == ["a0|a1|a2|a3"] * 2 + ["b0|b1|b2|b3"]
    assert items == ["14", "5", "0"] and kinds == ["click"]
    assert times == [1574553635, 1574553637, 1574553636]
    names = ["", *dataset.catalog.category_names]
    known = dict(zip(report.item_ids, dataset.catalog.category_ids, strict=True))
    assert {item: names[known[item]] for item in items} == {
        "14": "x",
        "5": "y",
        "0": "x",
    }


def genres(flag):
    return "|".join("1" if place == flag else "0" for place in range(19))


BESIDE = {
    "RecBole atomic file": (
        "a.item",
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        '242\tKolya "II"\t1996\tComedy War\n',
        "Comedy",
    ),
    "MovieLens 100K (u.data)": (
        "u.item",
        f'242|Kolya "II"|24-Jan-1997||http://us|{genres(5)}\n',
        "Comedy",
    ),
    "MovieLens 1M (ratings.dat)": (
        "movies.dat",
        '0000661::Kolya "II"::Comedy|War\n',
        "Comedy",
    ),
    "MovieLens 25M (ratings.csv)": (
        "movies.csv",
        'movieId,title,genres\n296,"Kolya ""II""",Comedy|War\n',
        "Comedy",
    ),
    "MIND behaviors": (
        "news.tsv",
        'N55689\tsports\tnfl\tKolya "II"\ttext\thttps\t[]\t[]\n',
        "sports",
    ),
}


@pytest.mark.parametrize("layout", BESIDE)
def test_the_titles_beside(tmp_path, layout):
    name, text, category = BESIDE[layout]
    (tmp_path / name).write_bytes(text.replace("Kolya", "Kölya").encode("latin-1"))
    dataset, report = read(tmp_path, *SEEN[layout][:2])
    table = dataset.catalog.table
    row = table[table["title"] == 'Kölya "II"']
    assert row["category"].tolist() == [category]
    assert any("read as latin-1" in remark for remark in report.remarks)
    left = len(table) - 1  # named by its id, and counted
    assert (table["title"] == table["raw_id"]).sum() == left
    noted = [key for key in report.noted if key.startswith("items without a title")]
    assert sum(report.noted[key] for key in noted) == left


def test_a_time_in_two_columns_is_named_where_it_is_broken(tmp_path):
    name, text, _ = SEEN["Diginetica views"]
    with pytest.raises(DataCorrupted, match="line 3, .*'2016-05-09 and soon'"):
        read(tmp_path, name, text.replace("1031018", "soon"))


def test_a_layout_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="layout must be one of RecBole .*, got 'x'"):
        read(tmp_path, *SEEN["Steam reviews"][:2], layout="x")
    with pytest.raises(ValueError, match="layout must have the 4 columns .*, got 5"):
        read(tmp_path, "u.data", "1\t2\t3\t881250949\n", layout="MIND behaviors")


def test_a_file_of_another_order_is_not_taken_for_it(tmp_path):
    # item, user, rating, time: the order of Amazon's ratings of 2018
    with pytest.raises(ValueError, match="user, item and time must be given"):
        read(tmp_path, "Books.csv", "B001,A1,5.0,1470009600\nB002,A1,4.0,1470009601\n")
