"""What kind of secret a rule of a secret scanner finds, by the words in its name."""

from __future__ import annotations

import re

GENERIC = "generic"
"""A guess by entropy or by a keyword nearby: it may be of any kind."""

DETECTORS = {
    "aws": ("aws", "akia", "amazon"),
    "github": ("github", "ghp", "gho"),
    "gitlab": ("gitlab",),
    "gcp": ("gcp", "google"),
    "azure": ("azure", "microsoft"),
    "slack": ("slack",),
    "stripe": ("stripe",),
    "twilio": ("twilio",),
    "sendgrid": ("sendgrid",),
    "mailgun": ("mailgun",),
    "mailchimp": ("mailchimp",),
    "discord": ("discord",),
    "npm": ("npm", "npmjs"),
    "pypi": ("pypi",),
    "openai": ("openai",),
    "anthropic": ("anthropic",),
    "private-key": ("private", "privatekey", "rsa", "ssh", "pgp", "pem"),
    "basic-auth": ("basic", "basicauth", "url", "uri"),
    "jwt": ("jwt", "jsonwebtoken"),
}
"""Kind -> words in the names of rules of any scanner (`aws-access-token`, `AWS Access Key`, `AWS`)."""

_GENERIC_WORDS = frozenset({"generic", "entropy", "keyword", "password", "secret", "secrets", "hex", "base64", "api"})
_KINDS = {word: kind for kind, words in DETECTORS.items() for word in words}
_WORDS = re.compile(r"[a-z]+[0-9]*|[0-9]+")


def detector(rule: str) -> str:
    """`aws`, `private-key` …; `generic` for guesses; else the rule's own words."""
    words = _WORDS.findall(rule.lower())
    for word in words:
        if word in _KINDS:
            return _KINDS[word]
    return GENERIC if not words or _GENERIC_WORDS.intersection(words) else "-".join(words)


def generic_last(kind: str) -> tuple[bool, str]:
    """A sort key: what names the kind best comes first."""
    return kind == GENERIC, kind
