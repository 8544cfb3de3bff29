# The registry as an image: dependencies from the lock file, an unprivileged user, nothing to compile with inside.
FROM debian:bookworm-slim AS build

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY requirements-server.lock ./
RUN python3 -m venv /opt/moorings \
    && /opt/moorings/bin/pip install --no-cache-dir --require-hashes -r requirements-server.lock
COPY pyproject.toml README.md LICENSE ./
COPY compat compat
COPY clients clients
COPY registry registry
RUN /opt/moorings/bin/pip install --no-cache-dir --no-deps . ./registry

FROM debian:bookworm-slim

# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/moorings --create-home moorings
COPY --from=build /opt/moorings /opt/moorings
USER 10001
WORKDIR /var/lib/moorings
VOLUME /var/lib/moorings
ENV PATH=/opt/moorings/bin:$PATH \
    MOORINGS_LEDGER=sqlite:////var/lib/moorings/ledger.db \
    MOORINGS_BASE_FOLDER=/var/lib/moorings/bases
EXPOSE 8081
# Without sign-in the registry answers its own machine alone: share the network of the pod or of the host. Beyond it, serve
# on 0.0.0.0 with MOORINGS_HOST, MOORINGS_ISSUERS, MOORINGS_TLS_CERTIFICATE and MOORINGS_TLS_KEY, files mounted read-only.
# It asks itself, so the certificate needs no name of this machine.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD ["python3", "-c", "import os, ssl, urllib.request as r; s = 's' if 'MOORINGS_TLS_CERTIFICATE' in os.environ else ''; c = ssl.create_default_context(); c.check_hostname = False; c.verify_mode = ssl.CERT_NONE; r.urlopen(f'http{s}://127.0.0.1:' + os.environ.get('MOORINGS_PORT', '8081') + '/readyz', timeout=2, context=c)"]
ENTRYPOINT ["moorings-registry"]
CMD ["serve"]
