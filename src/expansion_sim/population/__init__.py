"""Who is in the model: the columns of a firm, the initial population, births and closures."""
