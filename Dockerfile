# One image for every process. Debian, because the wheels (PostgreSQL's programs among them) need its C library.
FROM python:3.13-slim-bookworm AS built
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.txt /tmp/
RUN /opt/venv/bin/pip install --require-hashes --only-binary :all: -r /tmp/requirements.txt

FROM python:3.13-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    TANDEM_DATA=/var/lib/tandem TANDEM_STATIC=/srv/tandem-static
RUN useradd --system --uid 10001 --home-dir /var/lib/tandem --create-home tandem
COPY --from=built /opt/venv /opt/venv
WORKDIR /srv/tandem
COPY . .
# Collected and compiled as root: the running user may only read them. The data folder of the build is thrown away.
RUN TANDEM_DATA=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
    && rm -rf /tmp/build && python -m compileall -q helpdesk metrics routing tickets
USER tandem
EXPOSE 8001 8002 2525
CMD ["python", "manage.py", "help"]
