"""Spreadsheets in other formats than Excel's own XML: each becomes raw cells as `importer.xlsx` has them."""
