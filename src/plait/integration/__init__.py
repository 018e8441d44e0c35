"""Where the strands meet: joint displays from one linking file."""
