"""Faults for the sandbox: lost, cut and slow answers, late commits, lists that lag behind, played by a script.

`play(sandbox, script)` plays a script from the next request on.
"""

from tests.faults.faults import Fault, FaultScript, Rule
from tests.faults.player import FaultPlayer, play
from tests.faults.script import BrokenScriptError, parse_faults

__all__ = ["BrokenScriptError", "Fault", "FaultPlayer", "FaultScript", "Rule", "parse_faults", "play"]
