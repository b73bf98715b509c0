"""nginx before the processes: pages and API to gunicorn, /ws/ to uvicorn; for `make stack` and compose."""

from __future__ import annotations

from helpdesk.runtime.processes import PROXY_KEEPS_SECONDS

LARGEST_REQUEST_MB = 60
MOST_REQUESTS_FROM_ONE_ADDRESS = 200

TEMPLATE = """\
# Written by `python manage.py deployment_files`; change helpdesk/runtime/reverse_proxy.py instead.
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
    # A client has so long for its whole head, and between two pieces of its body or of our answer.
    client_header_timeout 15s;
    client_body_timeout 15s;
    send_timeout 60s;
    reset_timedout_connection on;
    large_client_header_buffers 4 16k;
    # Requests under way from one address; generous, since a proxy before this one makes all clients one.
    limit_conn_zone $binary_remote_addr zone=addresses:10m;
    limit_conn_status 429;
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
            limit_conn addresses {most};
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
        most=MOST_REQUESTS_FROM_ONE_ADDRESS,
        keeps=PROXY_KEEPS_SECONDS,
    )
