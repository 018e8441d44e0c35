"""Parts of the study "ecf-rural-coastal"."""
