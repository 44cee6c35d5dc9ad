#!/bin/sh
# An error at the end of a build is reported as a missing folder of KaTeX's instead
#
# sphinxcontrib-katex 0.9.11, Sphinx 7.4.7, Python 3.11. It removes its temporary folder
# at build-finished. Sphinx emits that event a second time, with the exception, when a
# handler of the first one raised (its manual: "emitted when a build has finished, before
# Sphinx exits", the exception as argument). The folder is gone by then, and what the
# author sees is a FileNotFoundError about a folder that nobody has heard of; the error
# of her own handler stands in no line.
#
# Seen (exit status, the last thing said):
#   without sphinxcontrib.katex: 2, what the handler raised
#   with it: 2, No such file or directory, and not what the handler raised
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place/.venv"
"$place/.venv/bin/pip" install -qq --no-compile sphinx==7.4.7 sphinxcontrib-katex==0.9.11
mkdir "$place/book" && cd "$place/book"
export TMPDIR="$place"
printf 'Title\n=====\n' >index.rst
cat >conf.py <<'CONF'
extensions = []


def count(app, exception):
    if exception is None:
        raise ValueError("forty pages are missing")


def setup(app):
    app.connect("build-finished", count)
CONF

build() {
  status=0
  "$place/.venv/bin/python" -m sphinx -E -q -b html . ../html >../log 2>&1 || status=$?
}

build
test $status -eq 2
grep -q 'forty pages are missing' ../log
echo "without sphinxcontrib.katex: $status, $(grep -o 'forty pages are missing' ../log | tail -1)"

sed -i.bak 's/^extensions = .*/extensions = ["sphinxcontrib.katex"]/' conf.py
build
test $status -eq 2
grep -q 'No such file or directory' ../log
if grep -q 'forty pages are missing' ../log; then exit 1; fi
echo "with it: $status, $(grep -o 'No such file or directory' ../log | tail -1)"
