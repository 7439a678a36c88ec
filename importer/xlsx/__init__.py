"""The Excel file format (.xlsx, .xlsm): checking, opening, reading and writing. No other room knows it."""
