"""Search tickets and customers among what the reader may see.

Offers `search.find_everything`, `find_people` and `find_words`. May import models and platform.
"""
