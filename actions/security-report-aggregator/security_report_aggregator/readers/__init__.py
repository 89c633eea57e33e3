"""Every report format that is read. Adding a format is adding a module and one line here."""
