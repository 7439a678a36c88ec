"""Real PDFs: vouchers of journals, and the report of Sovos. fpdf2 is loaded when the first one is printed."""
