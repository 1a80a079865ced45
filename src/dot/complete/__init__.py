"""What a shell offers after TAB."""
