"""What the accountant fills in: the columns of each form, declared once."""
