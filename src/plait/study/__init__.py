"""The study definition: models, reading, checks."""

from plait.study.load import Study, fingerprint, load_study, raw_files, side_files

__all__ = ["Study", "fingerprint", "load_study", "raw_files", "side_files"]
