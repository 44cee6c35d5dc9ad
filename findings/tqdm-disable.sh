#!/bin/sh
# TQDM_DISABLE=0 silences the bars, and TQDM_DISABLE=1 does not silence those of notebooks
#
# tqdm 4.67.3, Python 3.11. The variable is turned into a truth value by bool(), for which
# the text "0" is true. And the bar of notebooks hands disable=False to the plain bar's
# constructor whenever its caller says nothing, which wins over the variable: a page built
# from notebooks keeps a widget that nothing can draw. Documented: that the variables
# override defaults; neither of these.
#
# Seen:
#   TQDM_DISABLE=1: plain bar disabled True, bar of notebooks disabled False
#   TQDM_DISABLE=0: plain bar disabled True, bar of notebooks disabled False
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile tqdm==4.67.3 ipywidgets==8.1.9
for value in 1 0; do
  TQDM_DISABLE=$value "$place/bin/python" - <<'PY'
import os

from tqdm import tqdm
from tqdm.notebook import tqdm as tqdm_notebook

plain = tqdm([1]).disable
in_notebooks = tqdm_notebook([1], display=False).disable
print(
    f"TQDM_DISABLE={os.environ['TQDM_DISABLE']}: plain bar disabled {plain},",
    f"bar of notebooks disabled {in_notebooks}",
)
assert (plain, in_notebooks) == (True, False)
PY
done
