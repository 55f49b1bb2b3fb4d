# Stage 1: what the lock file names, installed into /app/.venv by uv.
FROM python:3.13-slim-trixie AS build
COPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev
COPY manage.py ./
COPY backend backend
COPY alumni alumni
COPY notifications notifications
COPY examples examples
# Static files are collected with throw-away keys: none of them stays in the image.
RUN VAR_DIR=/tmp/build STATIC_ROOT=/app/static BROKER_URL=memory:// CACHE_URL=memory \
    .venv/bin/python manage.py collectstatic --noinput && rm -rf /tmp/build

# Stage 2: the same files, no build tools, an ordinary user.
FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --home /data kring && install -d -o kring -g kring -m 0700 /data
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/data STATIC_ROOT=/app/static
USER kring
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=5 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
CMD ["gunicorn", "backend.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--access-logfile", "/dev/null", "--worker-tmp-dir", "/dev/shm"]
