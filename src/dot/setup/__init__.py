"""What dot offers to do to files that are the user's."""
