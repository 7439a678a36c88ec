"""An office's work that runs by itself."""
