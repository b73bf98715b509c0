"""The OpenAPI schema beyond the views: authentication, bodies, idempotency keys and error answers."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from tickets.models.api_answer import LONGEST_KEY

IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="The same for every copy of a request: they all get one answer, and it is done once.",
)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
REFUSALS = {
    400: "Something in the request is unknown, missing or wrong.",
    401: "The key is missing, unknown, revoked or expired.",
    403: "The key's scopes, or its owner's rights, do not cover this.",
    404: "It does not exist, or the key's owner may not see it.",
    409: "The state of things does not allow it, or the Idempotency-Key belongs to another request.",
    413: "The body is larger than 2 MB.",
    415: "The body is not application/json in UTF-8.",
    429: "More than 600 requests in a minute. Wait as long as Retry-After says, in seconds.",
    503: "A fault of our own that passes; nothing was done. Send it again with the same Idempotency-Key.",
}
WRITE_STATUSES = (409, 413, 415, 503)


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a request was refused: a code for programs, a sentence for people."""

    code = serializers.CharField()
    detail = serializers.CharField()
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="The fields that were refused, by their dotted names, and why.",
    )
    known = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="The names there are, where one was unknown."
    )


class Description(AutoSchema):
    """Describe resources by their attribute `bodies`, which they use themselves, so that both agree."""

    def get_request_serializer(self) -> Any:
        bodies = getattr(self.view, "bodies", None)
        return super().get_request_serializer() if bodies is None else bodies.get(self.method.lower())

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        return parameters if self.method in SAFE_METHODS else [*parameters, IDEMPOTENCY]

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        """Return the responses of the view, and the error answers that it may give."""
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        for status, response in self._refusals().items():
            body = self._get_response_for_code(response, str(status))  # type: ignore[no-untyped-call]
            responses.setdefault(str(status), body)
        return responses

    def _refusals(self) -> dict[int, OpenApiResponse]:
        has_own_address = "{" in self.path
        statuses = [
            status
            for status in REFUSALS
            if (status not in WRITE_STATUSES or self.method not in SAFE_METHODS)
            and (status != 404 or has_own_address)
        ]
        return {status: OpenApiResponse(ErrorSerializer, REFUSALS[status]) for status in statuses}


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Authorization: Bearer tdm_…, read by tickets.api.authentication."""

    target_class = "tickets.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the authentication scheme in the terms of OpenAPI."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "tdm_…"}
