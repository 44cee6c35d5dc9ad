#!/bin/sh
# A cell is hidden by the semicolon of the cell before it, where no history is kept; nbval keeps none
#
# ipython 9.18.1 with nbval 0.11.0, Python 3.11. IPython looks for the final ";" in the
# last cell of its history, not in the cell that runs. A client that asks for no history
# gets what "f();" should hide, and loses what follows a kept "f();". So a notebook that
# nbclient has just run fails under nbval, whose kernel answers with an output that the
# file has not. "_ = f()" works in both. Documented: that ";" hides the result. Known, for
# the cell's own semicolon: computationalmodelling/nbval#194, ipython/ipython#14162.
#
# Seen:
#   kept 'one'; shows nothing
#   not kept 'two' shows nothing
#   kept 'three' shows 'three'
#   not kept 'four'; shows 'four'
#   nbval on a notebook with 1 + 1; as nbclient left it: exit 1
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile ipython==9.18.1 ipykernel==7.4.0 \
  nbclient==0.11.0 nbval==0.11.0 pytest==9.2.0
cd "$place"
export IPYTHONDIR="$place" JUPYTER_RUNTIME_DIR="$place"
bin/python - 2>log <<'PY' || { cat log; exit 1; }
import contextlib
import io

import nbclient
import nbformat
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for kept, cell, want in (
    (True, "'one';", "nothing"),
    (False, "'two'", "nothing"),
    (True, "'three'", "'three'"),
    (False, "'four';", "'four'"),
):
    with contextlib.redirect_stdout(io.StringIO()) as shown:
        shell.run_cell(cell, store_history=kept)
    text = shown.getvalue().partition(": ")[2].strip() or "nothing"
    print("kept" if kept else "not kept", cell, "shows", text)
    assert text == want

book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1;")])
nbclient.NotebookClient(book).execute()
assert book.cells[0].outputs == []
nbformat.write(book, "quiet.ipynb")
PY
status=0
bin/python -m pytest -q --nbval --nbval-current-env quiet.ipynb >log 2>&1 || status=$?
echo "nbval on a notebook with 1 + 1; as nbclient left it: exit $status"
test $status -eq 1
grep -q "Unexpected output fields" log
