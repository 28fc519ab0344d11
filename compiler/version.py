"""The compiler's version: in the header of every script, in every manifest, and what `rbc --version` says."""

from __future__ import annotations

__version__ = "0.1.0"
