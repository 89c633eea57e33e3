"""An embedded GitHub API and a runner twin, for the demo and the tests. Never ships."""
