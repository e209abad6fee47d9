"""distribution: the files of a small, complete distribution around one plugin."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from string import Template

from tokgen import __version__
from tokgen.scaffold.kinds import COMMAND, CORPUS, SAMPLER, Kind
from tokgen.scaffold.names import Names
from tokgen.scaffold.source import source_of, template

CARD, DATA = "corpus.yaml", "words.tsv"
WITH_TESTS_OF_ITS_OWN = (COMMAND, SAMPLER)
TOKGEN = f"tokgen>={__version__.rpartition('.')[0]}"


def distribution_of(kind: Kind, names: Names, author: str, year: int) -> dict[str, str]:
    """The text of each file, by its path in the distribution's folder.

    Raises:
        RequestError: as `source_of`.
    """
    facts = _facts(kind, names, author, year)
    plugin = _corpus(names) if kind.name == CORPUS else _source(kind, names)
    test = f"test_{kind.name if kind.name in WITH_TESTS_OF_ITS_OWN else 'conformance'}.py"
    return {
        ".github/workflows/test.yml": _filled("test.yml", facts),
        ".gitignore": _filled("gitignore", facts),
        "LICENSE": _filled("LICENSE", facts),
        "README.md": _filled("README.md", facts),
        "pyproject.toml": _filled("pyproject.toml", facts),
        f"tests/test_{names.module}.py": _filled(test, facts),
        f"{names.package}/__init__.py": f'"""{names.plugin}, {_a(kind)} for tokgen."""\n',
        **plugin,
    }


def _facts(kind: Kind, names: Names, author: str, year: int) -> dict[str, str]:
    source = f"{names.package}/{CARD if kind.name == CORPUS else f'{names.module}.py'}"
    return {
        "name": names.plugin,
        "a_kind": _a(kind),
        "group": kind.group,
        "distribution": names.distribution,
        "package": names.package,
        "module": names.module,
        "class_name": names.class_name,
        "reference": _reference(kind, names),
        "dependencies": ", ".join(map(json.dumps, (TOKGEN, *kind.requires))),
        "author": author,
        "quoted_author": json.dumps(author, ensure_ascii=False),
        "year": str(year),
        "uses": "\n".join(use.format(name=names.plugin) for use in kind.uses),
        "source": source,
    }


def _a(kind: Kind) -> str:
    return f"a {kind.name.replace('-', ' ')}"


def _reference(kind: Kind, names: Names) -> str:
    if kind.name == CORPUS:
        return f"{names.package}:{CARD}"
    return f"{names.package}.{names.module}:{kind.attribute(names)}"


def _filled(name: str, facts: Mapping[str, str]) -> str:
    return Template(template(f"{name}.template")).substitute(facts)


def _source(kind: Kind, names: Names) -> dict[str, str]:
    return {f"{names.package}/{names.module}.py": source_of(kind, names)}


def _corpus(names: Names) -> dict[str, str]:
    data = template(DATA)
    rows = str(len(data.splitlines()) - 1)
    sha256 = hashlib.sha256(data.encode()).hexdigest()
    return {
        ".gitattributes": template("gitattributes.template"),
        f"{names.package}/{CARD}": _filled(CARD, {"rows": rows, "sha256": sha256}),
        f"{names.package}/{DATA}": data,
    }
