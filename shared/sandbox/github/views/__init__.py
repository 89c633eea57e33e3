"""Records as the JSON of the REST API: every field that the description requires, none that it does not know."""
