"""Makes the releases: nbgrader takes the solutions out, we look whether they are."""

import json
import os
import subprocess
import sys
from pathlib import Path


def release(course: Path, names: list[str]) -> None:
    """Make what students get, of the sources in the folder of a course.

    Raises:
        RuntimeError: nbgrader failed, or left a solution in.
    """
    program = "import sys\nfrom nbgrader.apps import NbGraderApp\n" + (
        "from nbgrader.apps.generateassignmentapp import GenerateAssignmentApp\n"
        "for name in sys.argv[1:]:\n"
        "    GenerateAssignmentApp.clear_instance()\n"
        "    app = GenerateAssignmentApp.instance()\n"
        "    app.initialize([name, '--create', '--force'])\n"
        "    app.start()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *names],
        cwd=course,
        env=environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"nbgrader made no release: {done.stderr[-1500:]}")
    for name in names:
        path = course / "release" / name / f"{name}.ipynb"
        text = path.read_text(encoding="utf-8")
        if "SOLUTION" in text or "For the teacher" in text:
            raise RuntimeError(f"{path} still holds a solution")


def environment() -> dict[str, str]:
    """Return the environment for nbgrader, which calls ``alembic`` by its bare name."""
    places = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return os.environ | {"PATH": os.pathsep.join(places), "PYTHONWARNINGS": "ignore"}


def released(course: Path, name: str) -> dict:
    """Return the notebook that students got.

    Raises:
        ValueError: there is none yet.
    """
    path = course / "release" / name / f"{name}.ipynb"
    if not path.is_file():
        raise ValueError(f"{name} must be released first, there is no {path}")
    return json.loads(path.read_text(encoding="utf-8"))


def start_of(release: dict) -> str:
    """Return the source of the first cell of a release, which is trusted."""
    for cell in release["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == "start":
            return "".join(cell["source"])
    raise ValueError("the release must have a cell called start")
