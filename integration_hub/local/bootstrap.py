"""First step of every make target: gives the project its .venv and hands over.

Runs before anything is installed, and on older Pythons too, if only to say that they are too old.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent.parent
VENV = CLONE / ".venv"
VENV_PYTHON = str(VENV / "bin" / "python")
OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")
# target: the requirements it needs (none: runs with the standard library alone), and the module it becomes
TARGETS = {
    "demo": ("requirements.txt", "integration_hub.local.demo"),
    "demo-reset": (None, "integration_hub.local.reset"),
    "test": ("tests/requirements.txt", "pytest"),
    "lint": ("tests/requirements.txt", "integration_hub.local.lint"),
    "bench": ("tests/requirements.txt", "tests.benchmarks"),
    "mutants": ("tests/requirements.txt", "tests.mutants"),
    "chaos": ("tests/requirements.txt", "tests.chaos"),
}


class CannotPrepareError(Exception):
    """Why there is no .venv, in one sentence for the person at the terminal."""


def main(target: str, arguments: "list[str]") -> int:
    """Prepare what a target needs and become that target; 1 with one sentence where that is impossible."""
    if sys.version_info < OLDEST:
        return start_again_with_newer_python(target, arguments)
    os.chdir(str(CLONE))
    requirements, module = TARGETS[target]
    python = sys.executable
    try:
        if requirements:
            prepare(requirements)
            python = VENV_PYTHON
    except CannotPrepareError as problem:
        say(problem)
        return 1
    except KeyboardInterrupt:
        say("Stopped.")
        return 130
    os.environ["PYTHONUNBUFFERED"] = "1"
    # Processes are started by the dozen; without kept bytecode each of them compiles the project anew. Whoever wants
    # none beside the sources gets it elsewhere.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(CLONE / ".hub" / "bytecode")
    return os.execv(python, [python, "-m", module, *arguments])


def start_again_with_newer_python(target: str, arguments: "list[str]") -> int:
    """Look for a newer Python under its own name; only if there is none is that the user's problem."""
    for name in NEWER_NAMES:
        found = shutil.which(name)
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            os.execv(found, [found, "-I", str(Path(__file__).resolve()), target, *arguments])
    say(
        f"Customer 360 needs Python 3.11 or newer and this is Python {sys.version_info[0]}.{sys.version_info[1]}: "
        f"install a newer one, or name it, as in `make {target} PYTHON=/path/to/python3.12`."
    )
    return 1


def prepare(requirements: str) -> None:
    """Make .venv if there is none that works, and install the requirements unless the very same are installed."""
    VENV.mkdir(exist_ok=True)
    with (VENV / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two targets at once prepare one after the other
        if not works(VENV_PYTHON):
            make_venv()
        wanted = fingerprint(requirements)
        stamp = VENV / (requirements.replace("/", "-") + ".installed")
        if not stamp.exists() or stamp.read_text() != wanted:
            install(requirements)
            stamp.write_text(wanted)


def works(python: str) -> bool:
    """Whether a .venv is whole: its Python starts, is new enough and has pip."""
    question = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    with contextlib.suppress(OSError):
        return subprocess.call([python, "-c", question], stderr=subprocess.DEVNULL) == 0
    return False


def make_venv() -> None:
    """Create .venv anew."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise CannotPrepareError(
            f"This Python ({sys.executable}) cannot make a virtual environment because the module ensurepip is "
            "missing: install it (Debian and Ubuntu: `apt-get install python3-venv`), then start again."
        )
    say("Making .venv ...")
    made = run([sys.executable, "-m", "venv", str(VENV)])
    if made.returncode != 0 or not works(VENV_PYTHON):
        raise CannotPrepareError(f"The virtual environment could not be made in {VENV}:\n{made.stdout.strip()}")


def install(requirements: str) -> None:
    """Install the pinned requirements; pip's own words are shown only when it fails."""
    say(f"Installing {requirements} (the first time this takes a minute or two) ...")
    done = run([VENV_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements])
    if done.returncode != 0:
        raise CannotPrepareError(
            f"{done.stdout.strip()}\npip could not install {requirements} (its words are above): check the network and "
            "the package index it names, then start again."
        )


def run(command: "list[str]") -> "subprocess.CompletedProcess[str]":
    """Run a command and keep what it says."""
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, check=False
    )


def fingerprint(requirements: str) -> str:
    """Changes when the requirements or the Python of .venv change."""
    version = subprocess.check_output([VENV_PYTHON, "-V"], stderr=subprocess.STDOUT)
    return hashlib.sha256(version + Path(requirements).read_bytes()).hexdigest()


def say(message: object) -> None:
    """Tell the person at the terminal, in order with what children print."""
    print(message, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
