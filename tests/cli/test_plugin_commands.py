"""Commands of plugins: named in the help, imported when invoked, never in the place of tokgen's."""

from __future__ import annotations

import pytest
from running import tokgen

APP = '''"""Say it louder."""
import typer

from tokgen import RequestError

print("imported")
app = typer.Typer()


@app.command()
def shout(text: str, times: int = 1) -> None:
    """Print TEXT in capitals."""
    if text == "refused":
        raise RequestError("That is refused.")
    print(text.upper() * times)
    if text == "fails":
        raise KeyError(text)


several = typer.Typer(help="Two of them.")
several.command("one")(shout)
several.command("two")(shout)


def plain(text: str) -> None:
    """Print TEXT."""
    print(text)


nothing = 3
'''


@pytest.fixture
def installed(place):
    points = {
        "shout": "loud:app",
        "both": "loud:several",
        "plain": "loud:plain",
        "nothing": "loud:nothing",
        "absent": "nowhere:app",
        "next": "loud:app",
    }
    place.install("tokgen-loud", {"loud.py": APP}, {"commands": points})
    return place


def test_the_help_names_it_without_importing_it(installed):
    done = installed.tokgen("--help")
    assert done.code == 0
    (line,) = [line for line in done.out.splitlines() if line.split()[:1] == ["shout"]]
    assert line.split(maxsplit=1)[1] == "Say it louder."
    assert "imported" not in done.out + done.err


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["shout", "ab"], "AB\n"),
        (["shout", "ab", "--times", "2"], "ABAB\n"),
        (["both", "two", "ab"], "AB\n"),
        (["plain", "ab"], "ab\n"),
    ],
)
def test_it_is_invoked(installed, arguments, printed):
    done = installed.tokgen(*arguments)
    assert (done.code, done.out) == (0, printed), done.err


def test_the_help_survives_commands_that_cannot_be_invoked(installed):
    again = {"shout": "louder:app", "malformed": "nothing but words", "silent": "quiet:app"}
    files = {"quiet.py": "app = print\n", "louder.py": APP}
    installed.install("tokgen-louder", files, {"commands": again})
    done = installed.tokgen("--help")
    assert done.code == 0, done.err
    told = dict(line.strip().partition("  ")[::2] for line in done.out.splitlines())
    assert told["silent"].strip() == "A command of tokgen-louder 0.1.0."
    assert {"shout", "malformed"} <= told.keys()
    twice = installed.tokgen("shout", "ab")
    assert (twice.code, "Write tokgen-loud:shout or tokgen-louder:shout." in twice.err) == (3, True)
    assert installed.tokgen("tokgen-louder:shout", "ab").out == "AB\n"
    malformed = installed.tokgen("malformed")
    assert (malformed.code, "malformed entry point" in malformed.err) == (3, True)


def test_it_shows_its_own_help(installed):
    assert "Print TEXT in capitals." in installed.tokgen("shout", "--help").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["shout"], 2, "'tokgen shout' needs TEXT, which is missing"),
        (["shout", "refused"], 2, "tokgen: That is refused."),
        (
            ["shout", "fails"],
            3,
            "The command 'shout' of the distribution tokgen-loud 0.1.0 failed in its command: "
            "KeyError: 'fails'.",
        ),
        (["absent"], 3, "cannot be imported: ModuleNotFoundError"),
        (["nothing"], 3, "is neither a Typer app nor a function"),
        (["shuot"], 2, "'tokgen' has no command 'shuot'. Did you mean 'shout'?"),
    ],
)
def test_its_faults_are_told_in_one_sentence(installed, arguments, code, said):
    done = installed.tokgen(*arguments)
    assert done.code == code
    assert said.lower() in done.err.lower()
    assert "Traceback" not in done.err


def test_it_cannot_take_the_place_of_a_command_of_tokgen(installed):
    assert "effective choices" in installed.tokgen("next", "abi").out
    rows = installed.tokgen("plugins", "list", "--json").rows
    status = {row["name"]: row["status"] for row in rows if row["kind"] == "commands"}
    assert status["next"] == "conflict"
    listed = " ".join(installed.tokgen("plugins", "list", "--kind", "commands").out.split())
    assert "It has the name of a command of tokgen: write tokgen-loud:next." in listed
    assert (status["shout"], status["absent"]) == ("available", "broken")


def test_one_that_is_disabled_is_said_to_be(installed, monkeypatch):
    monkeypatch.setenv("TOKGEN_DISABLE_PLUGINS", "shout")
    done = installed.tokgen("shout", "a")
    assert done.code == 2
    assert "The command 'shout' of the distribution tokgen-loud" in done.err
    assert "is disabled by TOKGEN_DISABLE_PLUGINS" in done.err


def test_it_is_checked(installed):
    done = installed.tokgen("plugins", "check", "shout", "--json")
    verdicts = {row["clause"]: row["verdict"] for row in done.rows}
    assert verdicts["quiet-import"] == "failed"
    assert verdicts["typer-app"] == "passed"
    wrong = installed.tokgen("plugins", "check", "nothing", "--json").rows
    assert {row["clause"]: row["verdict"] for row in wrong}["typer-app"] == "failed"


def test_it_is_checked_in_a_file_too(tmp_path):
    file = tmp_path / "loud_words.py"
    file.write_text(APP.replace('print("imported")\n', ""))
    done = tokgen("plugins", "check", file, "--json")
    assert (done.code, {row["name"] for row in done.rows}) == (0, {"loud-words"}), done.err
    assert "command-line" in {row["clause"] for row in done.rows}
    file.write_text(file.read_text().replace("times: int", "times: int | str"))
    wrong = tokgen("plugins", "check", file)
    said = " ".join(wrong.out.split())
    assert (wrong.code, "✗ command-line AssertionError: Typer currently" in said) == (3, True)
    shown = tokgen("plugins", "show", file)
    assert (shown.code, f"python {file} --help shows it" in shown.err) == (2, True)
