"""`python -m tests.samples` writes the committed templates and samples anew."""

from pathlib import Path

from tests.samples.workbooks import WORKBOOKS

ROOT = Path(__file__).parents[2]

for name, made in WORKBOOKS.items():
    target = ROOT / name
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(made())
