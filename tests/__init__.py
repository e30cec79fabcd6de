"""The tests: they mirror the rooms, and their names are the specification."""
