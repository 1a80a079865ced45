"""One module per verb: gather facts, plan, then execute or explain."""
