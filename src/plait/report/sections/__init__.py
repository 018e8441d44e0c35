"""The sections of the report, each written from the published tables and the definition."""
