"""What a run leaves behind: recording, tidy frames, intervals, tables, identities and the run directory."""
