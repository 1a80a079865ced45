"""What a project tells dot: variables, environments, the override of a user, and dot's own settings."""
