"""What differs in the rows of two builds."""
