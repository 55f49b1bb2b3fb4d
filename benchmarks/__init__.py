"""The figures of the README, each with the command that shows it: `make bench`."""
