"""Character sets, encoded words, parameters and transfer encodings of mails."""
