"""docker-compose.yml from the table of processes."""

from __future__ import annotations

import json

from helpdesk.runtime.processes import PROCESSES, SMTP_PORT, SOCKETS_PORT, WEB_PORT, Process
from helpdesk.runtime.reverse_proxy import nginx_configuration

PROXY_PORT = 8000
PROXY_ADDRESS, NETWORK = "172.30.57.10", "172.30.57.0/24"
PROBED_PATHS = {"web": "/readyz", "sockets": "/healthz"}

OWNER_URL = "postgresql://tandem_owner:${TANDEM_OWNER_PASSWORD:?see deploy/env.example}@postgres:5432/tandem"

HEAD = f"""\
# Written by `python manage.py deployment_files` from helpdesk/runtime/processes.py; change it there.
# What to set is in deploy/env.example: copy it to .env beside this file, and fill it in.
# Then: docker compose up --build --detach
name: tandem

x-tandem: &tandem
  build: .
  image: tandem
  restart: unless-stopped
  init: true
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  security_opt: ["no-new-privileges:true"]
  volumes: ["files:/var/lib/tandem"]
  networks: [tandem]
  depends_on:
    prepare: {{condition: service_completed_successfully}}

x-environment: &environment
  DATABASE_URL: postgresql://tandem_app:${{TANDEM_APP_PASSWORD:?see deploy/env.example}}@postgres:5432/tandem
  REDIS_URL: redis://:${{TANDEM_REDIS_PASSWORD:?see deploy/env.example}}@redis:6379/0
  SECRET_KEY: ${{SECRET_KEY:?see deploy/env.example}}
  TANDEM_PUBLIC_URL: ${{TANDEM_PUBLIC_URL:?see deploy/env.example}}
  TANDEM_TRUSTED_PROXIES: {PROXY_ADDRESS} ${{TANDEM_TRUSTED_PROXIES:-}}
  TANDEM_BEHIND_TLS_PROXY: ${{TANDEM_BEHIND_TLS_PROXY:-}}
  TANDEM_MAIL_DOMAIN: ${{TANDEM_MAIL_DOMAIN:-}}
  TANDEM_METRICS_TOKEN: ${{TANDEM_METRICS_TOKEN:-}}
  TANDEM_DEMO_PASSWORD: ${{TANDEM_DEMO_PASSWORD:-}}
  TANDEM_TIME_ZONE: ${{TANDEM_TIME_ZONE:-}}
  TANDEM_S3_BUCKET: ${{TANDEM_S3_BUCKET:-}}
  EMAIL_URL: ${{EMAIL_URL:-}}
  TANDEM_MAIL_PROVIDER: ${{TANDEM_MAIL_PROVIDER:-}}
  TANDEM_MAIL_PROVIDER_OPTIONS: ${{TANDEM_MAIL_PROVIDER_OPTIONS:-}}
  TANDEM_PRIVATE_SERVERS: ${{TANDEM_PRIVATE_SERVERS:-}}
  SMTP_BIND: 0.0.0.0

services:
  postgres:
    image: postgres:18
    command: ["postgres", "-c", "log_min_error_statement=panic", "-c", "log_error_verbosity=terse"]
    restart: unless-stopped
    environment:
      POSTGRES_DB: tandem
      POSTGRES_USER: tandem_owner
      POSTGRES_PASSWORD: ${{TANDEM_OWNER_PASSWORD:?see deploy/env.example}}
      POSTGRES_INITDB_ARGS: "--locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --encoding=UTF8"
      TANDEM_APP_PASSWORD: ${{TANDEM_APP_PASSWORD:?see deploy/env.example}}
    volumes:
      - postgres:/var/lib/postgresql
      - ./deploy/application-role.sh:/docker-entrypoint-initdb.d/application-role.sh:ro
    networks: [tandem]
    shm_size: 256mb
    stop_grace_period: 60s
    healthcheck:
      test: ["CMD", "pg_isready", "--username=tandem_owner", "--dbname=tandem"]
      interval: 5s
      start_period: 60s

  redis:
    image: redis:8
    restart: unless-stopped
    command: ["sh", "-c", "exec redis-server --appendonly yes --save '' --requirepass \\"$$REDISCLI_AUTH\\""]
    environment:
      REDISCLI_AUTH: ${{TANDEM_REDIS_PASSWORD:?see deploy/env.example}}
    volumes: ["redis:/data"]
    networks: [tandem]
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 10s

  prepare:
    <<: *tandem
    restart: "no"
    command: ["python", "manage.py", "prepare_database"]
    environment:
      <<: *environment
      DATABASE_OWNER_URL: {OWNER_URL}
    depends_on:
      postgres: {{condition: service_healthy}}

  nginx:
    image: nginx:1.28
    restart: unless-stopped
    user: "101:101"
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    ports: ["${{PORT:-8000}}:{PROXY_PORT}"]
    volumes: ["./deploy/nginx.conf:/etc/nginx/nginx.conf:ro"]
    networks:
      tandem: {{ipv4_address: {PROXY_ADDRESS}}}
    depends_on: [web, sockets]
    healthcheck:
      test: ["CMD", "curl", "--silent", "--output", "/dev/null", "http://127.0.0.1:{PROXY_PORT}/healthz"]
      interval: 10s
"""

FOOT = f"""
volumes:
  postgres:
  redis:
  files:

networks:
  tandem:
    ipam:
      config: [{{subnet: {NETWORK}}}]
"""


def compose_file() -> str:
    """Return docker-compose.yml."""
    return HEAD + "".join(_service(process) for process in PROCESSES) + FOOT


def proxy_file() -> str:
    """Return the nginx configuration compose mounts."""
    return nginx_configuration(
        listen=str(PROXY_PORT),
        web=f"web:{WEB_PORT}",
        sockets=f"sockets:{SOCKETS_PORT}",
        folder="/tmp",  # noqa: S108 - the container's own
    )


def _service(process: Process) -> str:
    argv = process.argv(python="python", host="0.0.0.0", port=process.port)  # noqa: S104 - inside its container
    lines = [
        "",
        f"  {process.name}:  # {process.purpose}",
        "    <<: *tandem",
        f"    command: {json.dumps(argv)}",
        f'    environment: {{<<: *environment, TANDEM_POOL: "{process.pool}"}}',
        f"    stop_grace_period: {process.stop_seconds + 5}s",
    ]
    if process.port == SMTP_PORT:
        lines.append(f'    ports: ["${{SMTP_PORT:-2525}}:{SMTP_PORT}"]')
    if not process.may_be_many:
        lines.append("    deploy: {replicas: 1}")
    return "\n".join([*lines, *_health(process)]) + "\n"


def _health(process: Process) -> list[str]:
    """Return the health check: an HTTP answer, an SMTP greeting, or a fresh heartbeat."""
    if process.name in PROBED_PATHS:
        probe = ["http", str(process.port), PROBED_PATHS[process.name]]
    elif process.port:
        probe = ["greeting", str(process.port)]
    elif process.beats:
        probe = ["heartbeat", *process.beats]
    else:
        return []
    test = json.dumps(["CMD", "python", "bin/probe", *probe])
    return ["    healthcheck:", f"      test: {test}", "      interval: 30s", "      start_period: 60s"]
