"""`python -m tests.readme` writes the table of operations in importer/README.md anew."""

from tests.readme.operations import README, with_table

README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
