"""What firms do: one file per rule, every rule a pure scalar function, composed only in :mod:`expansion_sim.behaviour.phases`."""
