"""nginx before the processes: pages and API to gunicorn, /ws/ to uvicorn; for `make stack` and compose."""

from __future__ import annotations

from helpdesk.processes import PROXY_KEEPS_SECONDS

LARGEST_REQUEST_MB = 60

TEMPLATE = """\
# Written by `python manage.py deployment_files`; change helpdesk/reverse_proxy.py instead.
worker_processes auto;
pid {folder}/nginx.pid;
error_log stderr warn;

events {{
    worker_connections 4096;
}}

http {{
    # Lines about requests hold the whole address, and addresses hold tokens that still work.
    access_log off;
    error_log stderr emerg;
    server_tokens off;
    client_max_body_size {largest}m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_timeout 65;
    gzip on;
    gzip_proxied any;
    gzip_types text/css text/javascript application/javascript application/json image/svg+xml;

    map $http_upgrade $connection_upgrade {{
        default upgrade;
        "" "";
    }}
    # The outermost TLS proxy may say https; nobody else is asked.
    map $http_x_forwarded_proto $scheme_seen {{
        https https;
        default $scheme;
    }}

    upstream web {{
        server {web} max_fails=0;
        keepalive 16;
        keepalive_timeout {keeps}s;
    }}
    upstream sockets {{
        server {sockets} max_fails=0;
    }}

    server {{
        listen {listen};

        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme_seen;
        proxy_connect_timeout 5s;
        proxy_read_timeout 60s;

        location /ws/ {{
            proxy_pass http://sockets;
            proxy_read_timeout 1h;
            proxy_send_timeout 1h;
        }}

        location / {{
            proxy_pass http://web;
        }}
    }}
}}
"""


def nginx_configuration(*, listen: str, web: str, sockets: str, folder: str) -> str:
    """Return nginx's whole configuration; `folder` is where it may write."""
    return TEMPLATE.format(
        listen=listen,
        web=web,
        sockets=sockets,
        folder=folder,
        largest=LARGEST_REQUEST_MB,
        keeps=PROXY_KEEPS_SECONDS,
    )
