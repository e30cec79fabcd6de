"""The console: the door of the staff, on a host of its own, above all rooms."""
