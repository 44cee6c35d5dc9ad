#!/bin/sh
# A node that needs over five seconds to start fails the build, and stays behind as a process
#
# sphinxcontrib-katex 0.9.11, Python 3.11, Linux, Node.js 18 or newer. With
# katex_prerender the first formula starts a node and waits for it for five seconds. A
# busy machine needs longer; a `node` that sleeps first stands for it here. The build
# ends in KaTeXError, and nobody stops the node: it goes on with the build's stderr
# open, so whoever reads that to its end waits on. The list of settings has none for it;
# the message names STARTUP_TIMEOUT, a variable of the module that conf.py can set after
# importing it.
#
# Seen:
#   build: exit 2, message names STARTUP_TIMEOUT
#   node, five seconds later: still there, with the build's stderr open
set -eu
place=$(mktemp -d)
trap '[ ! -f "$place/pid" ] || kill "$(cat "$place/pid")" || :; rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place"
"$place/bin/pip" install -qq --no-compile sphinx==7.4.7 sphinxcontrib-katex==0.9.11
mkdir "$place/book" "$place/slow" && cd "$place/book"
printf 'Title\n=====\n\n:math:`x^2`\n' >index.rst
printf 'extensions = ["sphinxcontrib.katex"]\nkatex_prerender = True\n' >conf.py
cat >"$place/slow/node" <<SLOW
#!/bin/sh
echo \$\$ >"$place/pid"
sleep 7
exec "$(command -v node)" "\$@"
SLOW
chmod +x "$place/slow/node"

status=0
TMPDIR="$place" PATH="$place/slow:$PATH" \
  "$place/bin/python" -m sphinx -q -b html . ../html >../log 2>&1 || status=$?
grep -q STARTUP_TIMEOUT ../log
echo "build: exit $status, message names STARTUP_TIMEOUT"
test $status -ne 0
sleep 5
test "$(readlink "/proc/$(cat "$place/pid")/fd/2")" = "$place/log"
echo "node, five seconds later: still there, with the build's stderr open"
