"""Whether a build stays in its own schemas: what would leave them, why, and what cannot be proved."""
