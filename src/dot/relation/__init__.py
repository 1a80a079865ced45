"""A relation: the parts of its name, how its adapter writes them, and which relations a manifest writes."""
