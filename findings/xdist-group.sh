#!/bin/sh
# Tests of one xdist_group run in several processes under pytest 9.2, without a word
#
# pytest-xdist 3.8.0 with pytest 9.2.0, Python 3.11. For --dist loadgroup xdist writes
# the group's name behind the id of each test, into an attribute that pytest 9.2 no
# longer reads: ids have a class of their own there. So every test is a group of its
# own. Nothing fails or warns; what shares a server, a kernel or a database because of
# the mark is spread. pip installs the pair: xdist asks for pytest 7.0 or newer. Its
# manual still promises one worker for a group ("Running tests across multiple CPUs");
# its issue 1386 (September 2026, open) saw it coming on pytest's main. A scheduler
# from pytest_xdist_make_scheduler, whose _split_scope reads the id, holds.
#
# Seen (six tests of one group, two processes):
#   pytest 8.4.2: 1 process
#   pytest 9.2.0: 2 processes
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 1' HUP INT TERM
python3 -m venv "$place/.venv"
mkdir "$place/tests" && cd "$place/tests"
cat >test_six.py <<'PY'
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(6))
def test_of_the_group(number):
    time.sleep(0.2)
PY

# processes: in how many the six tests ran
processes() {
  "$place/.venv/bin/python" -m pytest -v -p no:cacheprovider -n 2 --dist loadgroup \
    >../log 2>&1
  grep -q '6 passed' ../log
  grep -o '^\[gw[01]\]' ../log | sort -u | wc -l | tr -d ' '
}

"$place/.venv/bin/pip" install -qq --no-compile pytest==8.4.2 pytest-xdist==3.8.0
old=$(processes)
echo "pytest 8.4.2: $old process"
test "$old" = 1

"$place/.venv/bin/pip" install -qq --no-compile pytest==9.2.0
new=$(processes)
echo "pytest 9.2.0: $new processes"
test "$new" = 2
