"""Support programmes: what is open in a year, who may use it, where it acts."""
