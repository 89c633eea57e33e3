"""HTTP as a probe sees it: every phase timed, one total deadline, capped bodies, TLS facts, and nothing implicit.

`actionkit.http` talks to GitHub and friends and only wants their answer. Here the exchange itself is the evidence.
"""
