"""What a build needs, and what mends it."""
