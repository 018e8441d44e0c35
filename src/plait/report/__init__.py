"""What people receive: figures, spreadsheet, notebooks and report. Reads published tables only."""
