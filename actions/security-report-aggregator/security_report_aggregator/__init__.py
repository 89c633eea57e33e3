"""One verdict over every security scanner: one list without duplicates, and incomplete is never clean."""
