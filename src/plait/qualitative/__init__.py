"""The coded-text strand: from coded files to neutral tables, theme counts and coder agreement."""
