"""Experiments at scale: designs, sweeps that survive a crash, one machine or a cluster, and what to read from the results.

An experiment file (TOML, see :mod:`expansion_sim.experiment.spec`) names a scenario, factors, a design, replications and
outcomes. :func:`expansion_sim.experiment.sweep.sweep` runs it into a directory,
:func:`expansion_sim.experiment.results.open_results` reads that directory, :func:`expansion_sim.experiment.sweep.run_points`
evaluates settings chosen by a program, as a calibration does.

The directory of a sweep:

- ``sweep.json``: the resolved experiment, the scenarios, hashes of the code, versions, columns with units. Written first.
- ``design.parquet``, one row per run: ``run`` (text), ``point`` (int32), ``replication`` (int32), ``seed`` (int64), ``block``
  (int32; Saltelli block or Morris trajectory, -1 elsewhere), ``paired_with`` (run of the base world with the same draws,
  empty without one and for the runs of base worlds themselves), then one column per factor.
- ``shards/*.parquet``, one tidy table: ``run`` (text), ``point`` (int32), ``replication`` (int32), ``outcome`` (text),
  ``year`` (int16; 0 when the outcome has none), ``value`` (float64), ``status`` (text), ``reason`` (text). A run that failed
  is one row with empty outcome, its status (``error``, ``crashed``, ``nonfinite``) and its reason, never a hole. pandas,
  polars and DuckDB read the files unchanged.
- ``partial/``: finished runs of shards that are not full yet; gone when the sweep is done.
- ``_MANIFEST.json``: hash of every shard, counts, hash of the content. Written last.

Outcomes are named as in the experiment file: ``yearly:abroad``, ``yearly:firms_in_mode{mode=fdi}``,
``survey:basic.affiliates``, ``fact:T043``, ``deviation:T043``, ``programme:P17:awards``, ``share:fdi{lens=basic_survey}``,
``final:employees{industry=machinery}`` (rows ``final:employees{industry=machinery}:q50`` and the like).
"""
