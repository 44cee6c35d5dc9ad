"""What students hand in that is no plain notebook, for the marker and for nbgrader."""

import copy
import json

NAME, FULL = "einsum", 24


def _doubled(students):
    notebook = copy.deepcopy(students.solved)
    first = copy.deepcopy(students.cell(notebook, "einsum-gated"))
    first["source"] = "def my_gated(*inputs):\n    return None"
    return notebook | {"cells": [first, *notebook["cells"]]}


def _without(students, *names):
    cells = [c for c in students.solved["cells"] if students.id(c) not in names]
    return students.solved | {"cells": cells}


def _untagged(students):
    notebook = copy.deepcopy(students.solved)
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    return notebook | {"metadata": {}}


def _older(students):
    said = {"assignment": NAME, "version": "0ld"}
    return students.solved | {"metadata": {"seqviz": said}}


def _other(students):
    said = {"assignment": "memory", "version": "1"}
    return students.solved | {"metadata": {"seqviz": said}}


def _renamed(students):
    source = "".join(students.cell(students.solved, "einsum-gated")["source"])
    solution = source.split("### BEGIN SOLUTION")[1].replace("my_gated", "gate")
    return students.with_answer("einsum-gated", solution)


def _odd_cells(students):
    odd = [None, 3, {"cell_type": "code"}, {"cell_type": "x", "source": ""}]
    return students.solved | {"cells": [*odd, *students.solved["cells"]]}


def _latin(students):
    return json.dumps(students.solved | {"x": "A"}).encode().replace(b"A", b"\xe9")


def _foreign(students):
    cells = [{"cell_type": "code", "source": "def my_last(x):\n    return x"}]
    return {"cells": [cell | {"metadata": {}} for cell in cells]}


def _shorter(students):
    """An older version that had one exercise less, and one that is gone."""
    gone = copy.deepcopy(students.cell(students.solved, "einsum-pairs"))
    gone["metadata"]["nbgrader"]["grade_id"] = "einsum-gone"
    gone["source"] = "def my_gone(x):\n    return x"
    notebook = _without(students, "einsum-pairs", "einsum-pairs-points")
    return _older(students) | {"cells": [gone, *notebook["cells"]]}


def _two_functions(students):
    source = (
        "def first(*inputs):\n    return None\n\n\ndef second(*inputs):\n    return 1"
    )
    return students.with_answer("einsum-gated", source)


#: What makes each, the points that it earns, and what the report says of it.
ODD = {
    "empty": (lambda s: b"", 0, "is no notebook"),
    "zeros": (lambda s: b"\x00\x01\x02", 0, "is no notebook"),
    "no-cells": (lambda s: b"{}", 0, "a notebook without cells"),
    "old-format": (lambda s: b'{"worksheets": []}', 0, "old format 3"),
    "deep": (lambda s: b"[" * 100_000, 0, "is no notebook"),
    "other": (_other, 0, "the notebook of `memory`"),
    "doubled": (_doubled, FULL, "there twice: `einsum-gated`"),
    "no-answer": (lambda s: _without(s, "einsum-gated"), FULL - 2, "missing:"),
    "no-points": (lambda s: _without(s, "einsum-gated-points"), FULL, "gated-points`"),
    "untagged": (_untagged, FULL, "missing"),
    "older": (_older, FULL, "version 0ld"),
    "renamed": (_renamed, FULL, "`gate` was taken for `my_gated`"),
    "odd-cells": (_odd_cells, FULL, "4 cells could not be read"),
    "utf16": (lambda s: json.dumps(s.solved).encode("utf-16"), FULL, "as UTF-16"),
    "foreign": (_foreign, 0, "none of its cells belongs to `einsum`"),
    "shorter": (_shorter, FULL - 4, "missing: `einsum-pairs`"),
    "two-functions": (
        _two_functions,
        FULL - 2,
        "no `my_gated`; its cell defines `first`, `second`",
    ),
    "no-question": (lambda s: _without(s, "einsum-figure-1"), FULL, "einsum-figure-1`"),
    "signed": (lambda s: b"\xef\xbb\xbf" + json.dumps(s.solved).encode(), FULL, ""),
    "latin": (_latin, FULL, "is not UTF-8"),
}
