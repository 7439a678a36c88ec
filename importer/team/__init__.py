"""An office's work that runs by itself: workbooks handed in, carried out by workers, taken from a folder."""
