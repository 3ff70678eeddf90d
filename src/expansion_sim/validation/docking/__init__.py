"""Docking: the model with everything but productivity switched off, beside the closed forms of the textbook models."""
