"""What every action shares: inputs, the runner, GitHub, HTTP, Markdown and the Outcome. Knows no action."""

__version__ = "1.0.0"
