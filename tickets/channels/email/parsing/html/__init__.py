"""The HTML of mails: to text, and made safe."""
