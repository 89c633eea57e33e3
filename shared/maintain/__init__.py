"""Tools of the maintainers: generated documents, release trees. Never ships."""
