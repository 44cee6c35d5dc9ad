"""The scripts in findings/ are not run here: each installs other people's packages."""

import os
import re
import subprocess
from pathlib import Path

import pytest

FINDINGS = Path(__file__).parents[2] / "findings"
SCRIPTS = sorted(FINDINGS.glob("*.sh"))


def row(script):
    """Its line in the table, from its first comments."""
    text = script.read_text(encoding="utf-8")
    title, package = re.match(
        r"#!/bin/sh\n# (.+)\n#\n# ([\w-]+ [\d.]+)[, ]", text
    ).groups()
    return f"| [{script.stem}]({script.name}) | {package} | {title} |"


def test_the_table_names_each_script_once():
    table = (FINDINGS / "README.md").read_text(encoding="utf-8").splitlines()
    assert SCRIPTS
    assert [line for line in table if line.startswith("| [")] == [
        row(script) for script in SCRIPTS
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_stands_alone(script):
    text = script.read_text(encoding="utf-8")
    assert os.access(script, os.X_OK)
    assert subprocess.run(["sh", "-n", script]).returncode == 0
    code = text.partition("# Seen")[2].partition("\n#   ")[2]
    assert code, "no block of comments says what was seen"
    assert "\nset -eu\n" in code
    assert "place=$(mktemp -d)\n" in code and 'rm -rf "$place"\' EXIT\n' in code
    assert "seqviz" not in text
    assert len(text.splitlines()) <= 70


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_every_package_has_its_version(script):
    joined = script.read_text(encoding="utf-8").replace("\\\n", " ")
    asked = [
        word
        for line in re.findall(r"(?:pip\"|npm) install (.+)", joined)
        for word in line.replace('--prefix "$place"', "").split()
        if not word.startswith("-")
    ]
    wrong = [word for word in asked if not re.fullmatch(r"[\w-]+(==|@)\d[\d.]*", word)]
    assert asked and not wrong
    name, version = row(script).split(" | ")[1].split()
    assert f"{name}=={version}" in asked
