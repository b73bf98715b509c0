"""What the API's description says about its keys."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Authorization: Bearer tdm_…, read by tickets.api.authentication."""

    target_class = "tickets.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme as OpenAPI names it."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "tdm_…"}
