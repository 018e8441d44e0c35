"""The gate: from estimates to published tables."""
