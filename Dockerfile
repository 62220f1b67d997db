FROM python:3.13-slim AS build
# Compiled modules save a quarter or more of the processor time of a request (docs/performance.md).
# `--build-arg COMPILE=0` leaves the image plain Python.
ARG COMPILE=1
RUN test "$COMPILE" = 0 || (apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*)
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/build && /opt/build/bin/pip install --no-cache-dir --require-hashes --requirement requirements-build.lock
RUN python -m venv /opt/mock-server && /opt/mock-server/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY setup.cfg setup.py pyproject.toml README.md LICENSE LICENSES-third-party.md ./
COPY mock_server mock_server
COPY scenarios scenarios
COPY examples/plans examples/plans
RUN MOCK_SERVER_COMPILE=$COMPILE /opt/build/bin/pip wheel --no-index --no-deps --no-build-isolation --wheel-dir /opt/wheel . \
    && /opt/mock-server/bin/pip install --no-index --no-deps /opt/wheel/*.whl

FROM python:3.13-slim
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kyc-mock-server" \
    org.opencontainers.image.description="A local stand-in for the Cloudcheck and Shufti Pro identity-verification APIs" \
    org.opencontainers.image.version="1.0.0" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.source="https://github.com/your-org/kyc-mock-server" \
    org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/mock-server /opt/mock-server
# The shipped scenarios stand where others can be mounted over them.
COPY scenarios /scenarios
ENV PATH=/opt/mock-server/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MOCK_SERVER_HOST=0.0.0.0 \
    MOCK_SERVER_PORT=8484 \
    MOCK_SERVER_SCENARIOS=/scenarios
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin mock
USER 10001
WORKDIR /tmp
EXPOSE 8484
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["mock-server", "ready"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["mock-server"]
CMD ["serve"]
