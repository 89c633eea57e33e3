"""Hurl files as plans, as far as both can say the same; what smoke-test cannot do is an error, never skipped."""

from __future__ import annotations

from smoke_test.hurl.plan import read

__all__ = ["read"]
