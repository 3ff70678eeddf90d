"""Virtual econometrics: published regressions run again on simulated firms, with the data an econometrician would have."""
