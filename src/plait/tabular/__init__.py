"""Tables of text from any file: delimited text and workbooks, whatever their encoding, read without guessing."""
