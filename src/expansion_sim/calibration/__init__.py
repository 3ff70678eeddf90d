"""Estimation by simulated moments: which parameters make the model say what was published, and how sure that is."""
