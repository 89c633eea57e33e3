# One image for every action: each action.yml names its own entrypoint in /usr/local/bin.
# Only hash-locked wheels go in; pip, compilers and tests stay in the stages that are thrown away.
ARG BASE_IMAGE=debian:trixie-slim

FROM ${BASE_IMAGE} AS builder
# Versions are not pinned: Debian stable keeps one a package, and its security updates must get in.
# hadolint ignore=DL3008
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
 && rm -rf /var/lib/apt/lists/* \
 && python3 -m venv /venv
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
# The lock is the whole list (tests/maintain/test_lock_files.py), hence --no-deps. No .pth file stays: coverage's would start measuring, with plugins from the workspace, where a job sets COVERAGE_PROCESS_START.
# Debian's Python finds /usr/local/lib/python3.N/dist-packages even when -I makes it ignore the environment.
RUN site="/out$(python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
 && mkdir -p "$site" /out/usr/local/bin && ln -s "$site" /site \
 && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements/build.txt \
 && /venv/bin/pip install --no-cache-dir --no-compile --no-deps --require-hashes --only-binary :all: \
      -r requirements/runtime.txt --target /site \
 && rm -rf /site/bin /site/tests /site/*.pth /site/pydantic/v1 \
 && find /site/ \( -name '*.pyi' -o -name '*.c' -o -name '*.pyx' -o -name '*.pxd' \) -delete
COPY LICENSE README.md pyproject.toml ./
COPY shared/actionkit shared/actionkit
COPY actions actions
# The only scripts in /site/bin are now ours. Their first line isolates Python from the workspace and the job's
# environment: a requests.py or a PYTHONPATH there is never imported.
RUN /venv/bin/pip wheel --no-cache-dir --no-deps --no-index --no-build-isolation --wheel-dir /wheel . \
 && /venv/bin/pip install --no-cache-dir --no-compile --no-deps --no-index --target /site /wheel/*.whl \
 && sed -i '1s|.*|#!/usr/bin/python3 -Iu|' /site/bin/* \
 && mv /site/bin/* /out/usr/local/bin/ && rmdir /site/bin \
 && python3 -m compileall -q --invalidation-mode unchecked-hash -s /out /site/

FROM ${BASE_IMAGE} AS git
# hadolint ignore=DL3008
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends git \
 && rm -rf /var/lib/apt/lists/*

FROM ${BASE_IMAGE}
# hadolint ignore=DL3008
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3 \
 && apt-get clean \
 && rm -rf /var/lib/apt/lists/* /var/cache/debconf/* /var/lib/dpkg/*-old /var/log/* \
      /usr/lib/python3.*/test /usr/lib/python3.*/pydoc_data
# The program alone reads a repository; the package would bring Perl and what pushes and fetches.
COPY --from=git /usr/bin/git /usr/bin/git
COPY --from=builder /out/ /
ENV LANG=C.UTF-8
ENTRYPOINT ["/usr/bin/python3", "-I", "-u", "-m"]
CMD ["coverage_gate", "--help"]

ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="verdict-actions" \
      org.opencontainers.image.description="GitHub Actions that end in a verdict you can trust: pass, fail, incomplete or error." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
