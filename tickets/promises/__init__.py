"""When a person will answer: promises, their wording, callbacks, and the question whether to wait.

Higher packages register the functions that estimate (`promises.register_estimator`,
`wait_question.register_question`). May import models, customers, hours, wording and the channel registry.
"""
