"""Rows become documents or problems."""
