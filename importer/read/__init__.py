"""A workbook becomes rows, each cell with its place."""
