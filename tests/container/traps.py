"""What a hostile workspace holds. Every trap writes the file OWNED into it once something springs it."""

from __future__ import annotations

from pathlib import Path

from sandbox.shop import Shop

INSIDE = "/github/workspace"
"""Where the image sees the workspace."""

_TRAP = "open({where!r} + '/OWNED', 'a').write(__name__)\n"


def owned(shop: Shop) -> Path:
    return shop.workspace / "OWNED"


def module(where: str) -> str:
    """A module that springs when it is imported; `where` is the workspace as its importer sees it."""
    return _TRAP.format(where=where)


def modules(shop: Shop, where: str, names: tuple[str, ...]) -> dict[str, str]:
    """Put modules of these names and `evil.py` in place; the environment that leads to them."""
    shop.write({name: module(where) for name in (*names, "evil.py")})
    shop.write({"rc": "[run]\nplugins = evil\n", ".coveragerc": "[run]\nplugins = evil\n"})
    return {
        "PYTHONPATH": where,
        "PYTHONSTARTUP": f"{where}/evil.py",
        "PYTHONHOME": where,
        "PYTHONBREAKPOINT": "evil.hook",
        "PYTHONWARNINGS": "error::evil.Warning",
        "COVERAGE_RCFILE": f"{where}/rc",
    }


def git_settings(shop: Shop, where: str) -> None:
    """Every setting of a repository that names a program, naming one."""
    program = f"{where}/own.sh"
    shop.write(
        {
            "own.sh": f'#!/bin/sh\necho ran >> {where}/OWNED\ncat "$1" 2>/dev/null\n',
            ".gitattributes": "*.py diff=own filter=own\n",
            ".git/info/attributes": "*.py diff=own filter=own\n",
            ".git/hooks/post-index-change": f"#!/bin/sh\necho ran >> {where}/OWNED\n",
            ".git/hooks/reference-transaction": f"#!/bin/sh\necho ran >> {where}/OWNED\n",
        }
    )
    for path in ("own.sh", ".git/hooks/post-index-change", ".git/hooks/reference-transaction"):
        (shop.workspace / path).chmod(0o755)
    config = shop.workspace / ".git" / "config"
    config.write_text(
        config.read_text()
        + f"""
[core]
    fsmonitor = {program}
    pager = {program}
    sshCommand = {program}
    hooksPath = .git/hooks
[diff]
    external = {program}
[diff "own"]
    command = {program}
    textconv = {program}
[filter "own"]
    clean = {program}
    smudge = {program}
    process = {program}
    required = true
[credential]
    helper = {program}
[alias]
    diff = !{program}
"""
    )


def git_variables(where: str) -> dict[str, str]:
    """A job's environment that leads git astray."""
    return {
        "GIT_EXTERNAL_DIFF": f"{where}/own.sh",
        "GIT_PAGER": f"{where}/own.sh",
        "GIT_DIR": "/nonexistent",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": f"{where}/own.sh",
    }
