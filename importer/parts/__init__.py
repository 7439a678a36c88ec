"""What the parts of a workbook's archive hold, as every room that opens one knows it."""
