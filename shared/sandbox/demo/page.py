"""The scenes as one HTML page: what a person would see on GitHub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markdown_it import MarkdownIt
from markupsafe import Markup

from sandbox.demo.scenes import Scene


def write(scenes: Sequence[Scene], out: Path) -> Path:
    """Render the scenes into `out/index.html` and return its path."""
    # Our own Markdown holds <details> and <sub>; whatever others wrote in it is escaped before it gets here.
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
    )
    environment.filters["markdown"] = lambda text: Markup(markdown.render(text))  # noqa: S704
    page = environment.get_template("page.html.jinja").render(scenes=scenes)
    target = out / "index.html"
    target.write_text(page, encoding="utf-8")
    return target
