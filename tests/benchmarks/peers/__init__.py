"""What one would write instead: scripts of other libraries with the same cell rules, each run in a process of its own
as `python -m tests.benchmarks.peers.NAME WORKBOOK`. Each prints how many bad cells it found."""
