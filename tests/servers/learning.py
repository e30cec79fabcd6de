"""What the nursery learns beside the portal itself: what templates are compiled to, once for all of its children."""

from tempfile import TemporaryDirectory

from flask import Flask
from jinja2 import FileSystemBytecodeCache

# It stands as long as the nursery: a child that ends runs nothing that would take it away.
FOLDER = TemporaryDirectory(prefix="portal-templates-")
Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(FOLDER.name)}
