"""Bounds of the parser: what a hostile mail may make it read, build or keep."""

HEADER_BLOCK_BYTES = 256 * 1024
HEADER_VALUE_BYTES = 32 * 1024  # of one header that is decoded for people: subject, names, file names
HEADER_FIELDS = 2_000
NESTING = 50
PARTS = 1_000
ADDRESSES = 500
REFERENCES = 100
PARAMETERS = 100
FILE_NAME_CHARACTERS = 180
SUBJECT_CHARACTERS = 2_000
NAME_CHARACTERS = 300
ADDRESS_CHARACTERS = 320  # 64 + "@" + 255, RFC 5321 section 4.5.3.1
TEXT_CHARACTERS = 2_000_000
REPLY_CHARACTERS = 500_000  # beyond it the whole text is shown as new
HTML_CHARACTERS = 2_000_000
HTML_DEPTH = 1_000
HTML_LINKS = 5_000
HTML_TAGS = 150_000  # opening and closing
HTML_ATTRIBUTES = 10_000  # characters of one tag outside quotes
HTML_ENTITIES = 30_000  # in one run of text
HTML_MOVED = 2_000  # tags between the cells of tables
HTML_ROOTS = 50
HTML_WORK = 3_000_000  # tags times what is open around them
CHARSET_GUESSES = 3  # per mail; each costs tens of milliseconds
DEFECTS = 50
