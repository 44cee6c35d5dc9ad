#!/bin/sh
# Adding it breaks singlehtml on pages without an exercise, at the first dropdown or card
#
# sphinx-exercise 1.2.1, Python 3.11. It registers its nodes for the builder singlehtml
# by name. For a builder with handlers of its own Sphinx no longer looks at those for
# the format html, so the nodes of every other extension that registered html alone
# become unknown there (sphinx-design's dropdown here): NotImplementedError, exit 2.
# html itself is fine. A setup() in conf.py that drops
# app.registry.translation_handlers["singlehtml"] at builder-inited cures it. Not
# documented.
#
# Seen (exit status):
#   without sphinx_exercise: html 0, singlehtml 0
#   with it: html 0, singlehtml 2
#   with it, its handlers for singlehtml dropped: html 0, singlehtml 0
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile sphinx==7.4.7 sphinx-exercise==1.2.1 \
  sphinx-design==0.6.1
mkdir "$place/book" && cd "$place/book"
printf 'Title\n=====\n\n.. dropdown:: More\n\n   Text.\n' >index.rst
export TMPDIR="$place"

# build BUILDER: sphinx-build's exit status
build() {
  status=0
  "$place/bin/python" -m sphinx -Q -b "$1" -E . "$place/$1" 2>/dev/null || status=$?
  echo $status
}

# look TITLE WANTED
look() {
  html=$(build html)
  single=$(build singlehtml)
  echo "$1: html $html, singlehtml $single"
  test "$html $single" = "$2"
}

echo 'extensions = ["sphinx_design"]' >conf.py
look "without sphinx_exercise" "0 0"
echo 'extensions.append("sphinx_exercise")' >>conf.py
look "with it" "0 2"
cat >>conf.py <<'CONF'
def drop(app):
    app.registry.translation_handlers.pop("singlehtml")


def setup(app):
    app.connect("builder-inited", drop)
CONF
look "with it, its handlers for singlehtml dropped" "0 0"
