"""The two consumers of a plan: one does its steps, the other shows them."""
