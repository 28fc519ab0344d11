"""The shipped script and its commands on real parts."""
