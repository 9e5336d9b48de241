# The bot without a shell entry point, compiler or root. Any platform that takes an image runs it.
FROM python:3.11-slim AS build
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes \
        -r /tmp/requirements.txt \
    && /venv/bin/pip uninstall --yes --quiet pip setuptools \
    && echo /app > "$(/venv/bin/python -c 'import site; print(site.getsitepackages()[0])')/aibrief.pth"

FROM python:3.11-slim
# A fixed id, so that a volume can be given to it: chown 10001 /data
RUN useradd --system --uid 10001 --no-create-home aibrief \
    && install --directory --owner=aibrief /data
COPY --from=build /venv /venv
COPY bot /app/bot
COPY briefs /app/briefs
COPY config /app/config
RUN /venv/bin/python -m compileall -q /app/bot
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
USER aibrief
# Where the SQLite file goes if DATABASE_URL is not set; it lasts only on a volume.
WORKDIR /data
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=20s --interval=60s CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT', '8080')}/healthz\", timeout=5)"]
CMD ["python", "-m", "bot", "serve"]
