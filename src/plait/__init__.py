"""plait weaves the two strands of a mixed-methods study, a survey and coded text, into one report."""
