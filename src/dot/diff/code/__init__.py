"""What differs in the code of two builds."""
