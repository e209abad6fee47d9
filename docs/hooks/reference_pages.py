"""The reference of the public names, made at each build from their docstrings."""

from __future__ import annotations

import importlib

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

# Page, module, and what stands above its names.
PAGES = {
    "tokgen": ("tokgen", "What a program imports: `import tokgen`."),
    "plugin_api": (
        "tokgen.plugin_api",
        "All that a plugin may import: `from tokgen.plugin_api import …`. `Field`, which is "
        "imported from here too, is pydantic's.",
    ),
    "torch": ("tokgen.plugin_api.torch", "How a model is written in torch."),
    "testing": ("tokgen.testing", "What the tests of a plugin import."),
}
# `Field` is pydantic's, which documents it itself.
NOT_OURS = ("Field", "__version__")


def on_config(config: MkDocsConfig) -> None:
    """Name the pages in the navigation."""
    section = next(each for each in config.nav or [] if "Python reference" in each)
    section["Python reference"] = [f"reference/{page}.md" for page in ("index", *PAGES)]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages."""
    for page, (module, head) in PAGES.items():
        lines = [f"# {module}", "", head, ""]
        names = getattr(importlib.import_module(module), "__all__", ())
        for name in [each for each in names if each not in NOT_OURS]:
            lines += [f"::: {module}.{name}", "    options:", "      heading_level: 2", ""]
        if not names:
            lines += [f"::: {module}", "    options:", "      show_root_heading: false", ""]
        _add(files, config, page, lines)
    index = ["# Python reference", "", "Made from the docstrings.", ""]
    index += [f"- [`{module}`]({page}.md)" for page, (module, _) in PAGES.items()]
    _add(files, config, "index", index)
    return files


def _add(files: Files, config: MkDocsConfig, page: str, lines: list[str]) -> None:
    content = "\n".join([*lines, ""])
    files.append(File.generated(config, f"reference/{page}.md", content=content))
