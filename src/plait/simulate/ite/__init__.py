"""Parts of the study "ite-mentors"."""
