"""The scenes as one HTML page: what a person would see on GitHub."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from sandbox.demo import chart
from sandbox.demo.scene import Scene


def write(scenes: Sequence[Scene], out: Path) -> Path:
    """Render the scenes into `out/index.html` and return its path."""
    # Our own Markdown holds <details> and <sub>; whatever others wrote in it is escaped before it gets here.
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    markdown.add_render_rule("fence", _fence)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
    )
    environment.filters["markdown"] = lambda text: Markup(markdown.render(text))  # noqa: S704
    page = environment.get_template("page.html.jinja").render(scenes=scenes)
    target = out / "index.html"
    target.write_text(page, encoding="utf-8")
    return target


def _fence(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """A Mermaid chart as a picture, every other code block as it is."""
    drawn = chart.svg(tokens[at].content) if tokens[at].info.strip() == "mermaid" else ""
    return drawn or renderer.fence(tokens, at, options, env)
