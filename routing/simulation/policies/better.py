"""Of each measure of a lived stretch, whether more is better (1), worse (-1) or neither (0)."""

BETTER = {
    "in_time": 1, "left": -1, "open": -1, "wait_mean": -1, "wait_half": -1, "wait_most": -1,
    "continuity": 1, "level_3": 1, "kept": 1, "jain": 1, "gini": -1, "utilisation": 0,
}  # fmt: skip
