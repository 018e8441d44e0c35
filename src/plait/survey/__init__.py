"""The survey strand: weights, estimates with their uncertainty, and tests."""
