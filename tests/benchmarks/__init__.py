"""How fast the importer is, as ratios within one run: `python -m tests.benchmarks`. No test of pytest's."""
