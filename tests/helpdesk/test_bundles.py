"""collectstatic makes one style sheet a surface, and every address in it leads somewhere."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

SURFACES = ("admin", "admin-theme", "desk", "portal", "report", "wall")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("bundled")
    backend = {"BACKEND": "helpdesk.bundles.BundledManifestStorage"}
    default = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    with override_settings(STATIC_ROOT=folder, STORAGES={"default": default, "staticfiles": backend}):
        call_command("collectstatic", interactive=False, verbosity=0)
    return folder


def sheet(collected: Path, name: str) -> Path:
    [path] = (collected / "helpdesk/css").glob(f"{name}.????????????.css")
    return path


@pytest.mark.parametrize("name", SURFACES)
def test_a_surface_is_one_request(collected: Path, name: str):
    text = sheet(collected, name).read_text()
    assert "@import" not in text
    assert "{" in text


@pytest.mark.parametrize("name", SURFACES)
def test_every_address_in_a_bundle_exists(collected: Path, name: str):
    path = sheet(collected, name)
    addresses = re.findall(r'url\("([^"]+)"\)', path.read_text())
    assert [a for a in addresses if not (path.parent / a).resolve().exists()] == []


def test_djangos_own_sheets_stay_in_the_weakest_layer(collected: Path):
    text = sheet(collected, "admin").read_text()
    assert text.index("@layer django, tokens") < text.index("@layer django {") < text.index("@layer tokens {")
