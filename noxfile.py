"""The commands that people type: `nox -s test`; `nox --list` names them all.

Each runs in a virtual environment of its own, or with `--no-venv` in the one from which nox is
started, which must then hold `.[test]`. What stands after `--` goes to pytest:
`nox -s test -- tests/cli`.
"""

import os

import nox

nox.options.sessions = ["lint", "test", "slow"]
nox.options.reuse_venv = "yes"


def install_everything(session: nox.Session, extras: str = "test") -> None:
    """Install what the README tells to install, unless the environment is the user's own."""
    if session.virtualenv.is_sandboxed:
        session.install("-e", f".[{extras}]", "-c", "constraints.txt")


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests that take some minutes together."""
    install_everything(session)
    session.run("pytest", "-n", "auto", "--dist", "loadfile", *session.posargs)


@nox.session
def slow(session: nox.Session) -> None:
    """Run the tests of the files that take longer, which every change must pass, too."""
    install_everything(session)
    chosen = ["-m", "slow and not long"]
    session.run("pytest", "-n", "auto", "--dist", "loadfile", *chosen, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and types."""
    install_everything(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site into build/site, and check that the pages show what commands print."""
    install_everything(session, "test,docs")
    session.run("mkdocs", "build", "--strict", env={"NO_MKDOCS_2_WARNING": "1"})
    session.run("pytest", "tests/test_readme.py", *session.posargs)


@nox.session
def clauses(session: nox.Session) -> None:
    """Write docs/clauses.md anew, from the clauses and the plugins made wrong in the tests."""
    install_everything(session)
    paths = os.pathsep.join(["tests", "tests/cli", "tests/testing"])
    session.run("python", "tests/testing/clauses_page.py", env={"PYTHONPATH": paths})


@nox.session
def pictures(session: nox.Session) -> None:
    """Draw the pictures of the docs anew, from what commands write."""
    install_everything(session)
    session.run("python", "docs/pictures/draw.py", *session.posargs)


@nox.session
def sentences(session: nox.Session) -> None:
    """Print every sentence that tokgen says, to be read in one go."""
    install_everything(session)
    session.run("python", "docs/sentences.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure how fast the computations are."""
    install_everything(session)
    session.run("pytest", "tests/benchmarks", "-m", "benchmark", *session.posargs)


@nox.session
def long(session: nox.Session) -> None:
    """Run the tests that take too long for every change."""
    install_everything(session)
    passed, there_are_none = 0, 5
    codes = [passed, there_are_none]
    session.run("pytest", "-m", "long", "--timeout=3600", *session.posargs, success_codes=codes)


@nox.session
def clients(session: nox.Session) -> None:
    """Ask the server with lm-evaluation-harness, which installs many packages."""
    install_everything(session)
    session.install("lm-eval[api]>=0.4.5", "-c", "constraints.txt")
    session.run("pytest", "-m", "clients", "tests/server", *session.posargs)


@nox.session(venv_backend="none")
def notorch(session: nox.Session) -> None:
    """Run every command that trains nothing in a new environment without torch."""
    session.run("bash", ".ci/without_torch", *(session.posargs or ["."]))
