"""Extract the mail part inside a CMS signature that wraps it. Source: RFC 5652 section 5.1."""

SIGNED = "signed"
WRAPPED = ("application/pkcs7-mime", "application/x-pkcs7-mime")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
SEQUENCE, OBJECT_ID, OCTETS, CONSTRUCTED_OCTETS, FIRST = 0x30, 0x06, 0x04, 0x24, 0xA0
MAX_STEPS = 10_000


def extract_wrapped_content(data: bytes) -> bytes:
    """Return the mail part inside a wrapping signature, or b"" if it cannot be actual.

    Structure: ContentInfo { signedData, [0] { version, digests, { data, [0] octets } } }.
    """
    try:
        place = _enter(data, 0, SEQUENCE)
        kind, start, end = _read_element(data, place)
        if kind != OBJECT_ID or data[start:end] != SIGNED_DATA:
            return b""
        place = _enter(data, _enter(data, end, FIRST), SEQUENCE)
        place = _skip(data, _skip(data, place))  # version, digest algorithms
        place = _enter(data, place, SEQUENCE)
        return _read_octets(data, _enter(data, _skip(data, place), FIRST))
    except (IndexError, ValueError):
        return b""


def _read_element(data: bytes, place: int) -> tuple[int, int, int]:
    """Return tag, start and end of an element's content; the end is -1 for an indefinite length."""
    tag, length, start = data[place], data[place + 1], place + 2
    if length == 0x80:
        return tag, start, -1
    if length & 0x80:
        count = length & 0x7F
        if count > 6:
            raise ValueError("length too long")
        length, start = int.from_bytes(data[start : start + count]), start + count
    return tag, start, start + length


def _enter(data: bytes, place: int, tag: int) -> int:
    actual, start, _ = _read_element(data, place)
    if actual != tag:
        raise ValueError("another element")
    return start


def _skip(data: bytes, place: int) -> int:
    _, _, end = _read_element(data, place)
    if end < 0:
        raise ValueError("no length")
    return end


def _read_octets(data: bytes, place: int) -> bytes:
    """Return an octet string, which may consist of several pieces."""
    tag, start, end = _read_element(data, place)
    if tag == OCTETS and end >= 0:
        return data[start:end]
    if tag != CONSTRUCTED_OCTETS:
        raise ValueError("no octets")
    pieces = bytearray()
    place, stop = start, len(data) if end < 0 else end
    for _ in range(MAX_STEPS):
        if place >= stop or data[place] == 0:
            break
        piece, start, end = _read_element(data, place)
        if piece != OCTETS or end < 0:
            raise ValueError("no octets")
        pieces += data[start:end]
        place = end
    return bytes(pieces)
