"""From specs in a folder to whole folders in `out/`: find, place, compile, compare, publish."""
