"""What every room that opens a file knows: how plain files are read, what the parts of a workbook's archive hold."""
