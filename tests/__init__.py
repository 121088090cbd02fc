"""Tests, one file a module; `fakes` and `contracts` serve them all."""
