"""Build the tree that `uses: owner/actions/coverage-gate@v1` resolves to, or prove that a release is that tree.

    python -m maintain.release_tree --image docker://ghcr.io/OWNER/REPO@sha256:… --out DIR
    python -m maintain.release_tree --mode dockerfile --out DIR
    python -m maintain.release_tree --verify v1.2.3

`DIR` becomes a git repository with one commit that has no parent: for each action `<name>/action.yml`, its README and
the licence. With `--image` every action.yml names that image, which the runner pulls without credentials; in mode
`dockerfile` every action carries its own build context instead, for those whose registry is private.

Everything comes from one commit of the source (`--commit`, default HEAD), dates included, so building twice gives the
same hash. `--verify` builds a release again from what its commit says of itself and compares.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import yaml

SOURCE_IMAGE = "../../Dockerfile"
"""What `image:` says in the source tree: the root's Dockerfile, seen from actions/<name>."""

PINNED = re.compile(r"docker://[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}")

# Everything that the root's Dockerfile copies, but the README: the action's own stands in for the root's.
_CONTEXT = (
    "Dockerfile",
    ".dockerignore",
    "pyproject.toml",
    "requirements/build.txt",
    "requirements/runtime.txt",
    "shared/actionkit/",
)
_PACKAGE = re.compile(r"actions/[^/]+/[^/]+/")
_IMAGE_LINE = re.compile(r"^(?P<key> +image: *)(?P<value>\S.*?) *$", re.MULTILINE)
_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "verdict-actions release"), ("EMAIL", "release@verdict-actions.invalid"))
}


class ReleaseError(Exception):
    """The release cannot be built or proved: says why."""


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    """A built release: the hash of its commit and of its tree."""

    commit: str
    tree: str


Files = Mapping[PurePosixPath, File]


def build(repository: Path, commit: str, image: str | None, out: Path) -> Release:
    """Build the release of `commit` in the new or empty folder `out`.

    `image` is what every action.yml names, `docker://…`; None gives every action its build context.
    Raises ReleaseError.
    """
    if out.exists() and any(out.iterdir()):
        raise ReleaseError(f"{out} is not empty; name a new folder")
    sha = _git(repository, "rev-parse", "--verify", "--end-of-options", f"{commit}^{{commit}}").strip()
    source = dict(_files_of(repository, sha))
    _write(out, dict(_release_files(source, image)))
    return _commit(out, sha, _git(repository, "show", "--no-patch", "--format=%ct", sha).strip(), image)


def verify(repository: Path, ref: str) -> Release:
    """Build the release at `ref` again from the commit and image it names. Raises ReleaseError where it differs."""
    message = _git(repository, "show", "--no-patch", "--format=%B", ref)
    said = dict(re.findall(r"^(Source-Commit|Image): (\S+)$", message, re.MULTILINE))
    if "Source-Commit" not in said:
        raise ReleaseError(f"{ref} is not a release: its commit names no Source-Commit")
    tree = _git(repository, "rev-parse", "--verify", f"{ref}^{{tree}}").strip()
    with tempfile.TemporaryDirectory() as folder:
        rebuilt = build(repository, said["Source-Commit"], said.get("Image"), Path(folder))
    if rebuilt.tree != tree:
        raise ReleaseError(f"{ref} has the tree {tree}, but {said['Source-Commit']} builds {rebuilt.tree}")
    return rebuilt


def _release_files(source: Files, image: str | None) -> Iterator[tuple[PurePosixPath, File]]:
    """The release's files, made from the source's. Raises ReleaseError."""
    licence = _required(source, "LICENSE")
    yield PurePosixPath("LICENSE"), licence
    yield PurePosixPath("README.md"), _required(source, "README.md")
    actions = sorted(path.parent for path in source if path.match("actions/*/action.yml") and len(path.parts) == 3)
    if not actions:
        raise ReleaseError("the commit has no actions/*/action.yml")
    for folder in actions:
        name = PurePosixPath(folder.name)
        action_yml = _required(source, f"{folder}/action.yml").content.decode()
        yield name / "action.yml", File(_with_image(action_yml, image or "Dockerfile", f"{folder}/action.yml").encode())
        yield name / "README.md", _required(source, f"{folder}/README.md")
        yield name / "LICENSE", licence
        for beside in ("action-types.yml", "config.schema.json", "plan.schema.json"):
            if file := source.get(folder / beside):
                yield name / beside, file
        if image is None:
            for path, file in source.items():
                if str(path).startswith(_CONTEXT) or _PACKAGE.match(str(path)):
                    yield name / path, file


def _with_image(action_yml: str, image: str, path: str) -> str:
    """The text with its `image:` replaced and nothing else touched. Raises ReleaseError."""
    found = _IMAGE_LINE.findall(action_yml)
    if len(found) != 1 or yaml.safe_load(action_yml)["runs"].get("image") != SOURCE_IMAGE:
        raise ReleaseError(f"{path}: expected one line `image: {SOURCE_IMAGE}`")
    return _IMAGE_LINE.sub(lambda match: match["key"] + image, action_yml)


def _required(source: Files, path: str) -> File:
    file = source.get(PurePosixPath(path))
    if file is None:
        raise ReleaseError(f"the commit has no {path}")
    return file


def _files_of(repository: Path, sha: str) -> Iterator[tuple[PurePosixPath, File]]:
    archive = _git_bytes(repository, "archive", "--format=tar", sha)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            content = tar.extractfile(member)
            if content is not None:
                yield PurePosixPath(member.name), File(content.read(), bool(member.mode & 0o100))


def _write(out: Path, files: Files) -> None:
    for path, file in files.items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content)
        target.chmod(0o755 if file.executable else 0o644)


def _commit(out: Path, source: str, seconds: str, image: str | None) -> Release:
    trailers = f"Source-Commit: {source}\n" + (f"Image: {image}\n" if image else "")
    dates = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"{seconds} +0000")
    _git(out, "init", "--quiet", "--initial-branch=release", "--object-format=sha1", "--template=")
    _git(out, "add", "--all", "--force")
    tree = _git(out, "write-tree").strip()
    commit = _git(out, "commit-tree", tree, "-m", f"Release of {source[:12]}\n\n{trailers}", env=dates).strip()
    _git(out, "update-ref", "HEAD", commit)
    return Release(commit, tree)


def _git(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    return _git_bytes(folder, *arguments, env=env).decode()


def _git_bytes(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> bytes:
    """Run git without anyone's settings: line ends, hooks or a signing key would change the hash."""
    settings = {
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "GIT_CONFIG_NOSYSTEM": "1",
        **_AUTHOR,
        **(env or {}),
    }
    argv = ["git", "-c", "safe.directory=*", "-C", str(folder), *arguments]
    done = subprocess.run(argv, env={**settings, **_AUTHOR, **(env or {})}, capture_output=True, check=False)
    if done.returncode:
        raise ReleaseError(f"git {arguments[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _pinned(image: str) -> str:
    if not PINNED.fullmatch(image):
        raise argparse.ArgumentTypeError(
            f"{image!r} is not pinned; write docker://HOST/OWNER/NAME@sha256:… (a tag could be moved later)"
        )
    return image


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build or verify a release tree.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--image", type=_pinned, help="docker://HOST/OWNER/NAME@sha256:… that every action runs")
    what.add_argument("--mode", choices=["dockerfile"], help="give every action its own build context")
    what.add_argument("--verify", metavar="REF", help="rebuild the release at REF and compare")
    parser.add_argument("--out", type=Path, help="a new or empty folder")
    parser.add_argument("--commit", default="HEAD", help="of the source (default: %(default)s)")
    parser.add_argument("--repository", type=Path, default=Path(), help="the source (default: this folder)")
    options = parser.parse_args(arguments)
    if not options.verify and options.out is None:
        parser.error("--out is needed: a new or empty folder")
    try:
        if options.verify:
            release = verify(options.repository, options.verify)
        else:
            release = build(options.repository, options.commit, options.image, options.out)
    except ReleaseError as error:
        print(f"release_tree: {error}", file=sys.stderr)
        return 1
    print(f"commit {release.commit}\ntree {release.tree}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
