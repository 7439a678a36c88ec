"""`python -m tests.readme` writes the README's table of operations anew."""

from tests.readme.operations import README, with_table

README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
