"""Workbooks as people have them, byte for byte, each with what is right of it."""
