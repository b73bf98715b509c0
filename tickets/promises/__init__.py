"""What customers are told about when.

Promises, the expectation in words, call-backs, the question whether to wait.

Other packages register estimators here.
"""
