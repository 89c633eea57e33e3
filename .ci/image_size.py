"""How large the image is: `python .ci/image_size.py IMAGE BASE_IMAGE [--limit MB]`, exit 1 above the limit.

A base bootstrapped with debootstrap is larger than Debian's published slim image, so the size is counted as the
gzip-compressed layers that our Dockerfile adds, plus 30 MB (10^6 bytes) for the published base.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from typing import IO

PUBLISHED_BASE = 30_000_000
CHUNK = 1 << 20


def compressed_size(stream: IO[bytes]) -> int:
    """Bytes of the rest of `stream` as a registry stores a layer: deflated at the default level."""
    packer = zlib.compressobj()
    size = sum(len(packer.compress(chunk)) for chunk in iter(lambda: stream.read(CHUNK), b""))
    return size + len(packer.flush())


def added_layers(image: str, ours: set[str]) -> Iterator[int]:
    """The compressed size of every layer of `image` whose digest is in `ours`, as `docker save` streams them."""
    with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                content = archive.extractfile(member) if member.isfile() else None
                if content is None:
                    continue
                with tempfile.TemporaryFile() as copy:
                    digest = hashlib.sha256()
                    for chunk in iter(lambda: content.read(CHUNK), b""):  # noqa: B023 - used up within this turn
                        digest.update(chunk)
                        copy.write(chunk)
                    if f"sha256:{digest.hexdigest()}" in ours:
                        copy.seek(0)
                        yield compressed_size(copy)
        if process.wait():
            raise SystemExit(f"docker save {image} failed")


def diff_ids(image: str) -> set[str]:
    """The digests of an image's layers, uncompressed."""
    text = subprocess.run(["docker", "image", "inspect", image], check=True, capture_output=True).stdout
    return set(json.loads(text)[0]["RootFS"]["Layers"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    parser.add_argument("base")
    parser.add_argument("--limit", type=float, default=60.0, help="MB, compressed (default: %(default)s)")
    options = parser.parse_args()
    ours = diff_ids(options.image) - diff_ids(options.base)
    added = list(added_layers(options.image, ours))
    if len(added) != len(ours):
        raise SystemExit(f"found {len(added)} of the {len(ours)} layers that {options.image} adds to {options.base}")
    total = (sum(added) + PUBLISHED_BASE) / 1e6
    print(
        f"image size: {total:.1f} MB compressed = {sum(added) / 1e6:.1f} MB in {len(added)} layers of ours "
        f"+ {PUBLISHED_BASE / 1e6:.0f} MB base (limit {options.limit:.0f} MB)"
    )
    return int(total > options.limit)


if __name__ == "__main__":
    sys.exit(main())
