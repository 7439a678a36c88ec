"""Batch importer for SunPlusXtra: a workbook in, posted journals and a report out."""

__version__ = "0.1.0"
APPLICATION = "sunplusxtra-importer"
"""The name under which the system keeps what is ours: folders, keyring entries."""
