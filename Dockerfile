# testhub in a container: the console by default, any command of manage.py instead.
# docs/guides/containers.md says how to run it; compose.yaml runs all of it.

FROM python:3.11-slim-bookworm AS build
# mysqlclient has no wheels for Linux: the compiler stays in this stage.
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential pkg-config libmariadb-dev \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/requirements.txt
RUN /opt/venv/bin/pip install --no-cache-dir -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --home-dir /srv/testhub --no-create-home testhub
WORKDIR /srv/testhub
COPY --from=build /opt/venv /opt/venv
COPY manage.py ./
COPY testhub testhub
COPY cases cases
COPY runs runs
COPY templates templates
COPY static static
COPY locale locale
COPY demo demo
COPY deploy/prepare.py deploy/prepare.py
# Keys, SQLite and the notes of workers for each other; all else stays as it was built.
RUN mkdir var && chown testhub: var
VOLUME /srv/testhub/var
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Exec form, here and in compose.yaml: a shell in between would keep the signal to itself,
# and run_workers must get SIGTERM alone, not its children.
CMD ["gunicorn", "testhub.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "45", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
