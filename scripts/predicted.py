"""Predicted and measured freshness, copy by copy, as a table. Called by scripts/predict.

    predicted.py SUMMARY
"""

import json
import sys

WITHIN = 0.30

with open(sys.argv[1]) as file:
    summary = json.load(file)
if "prediction" not in summary:
    sys.exit("the summary has no prediction: the run named no profile, or was not one on real stores")


def shown(nanos):
    return "never" if nanos is None else f"{nanos / 1e6:.3g} ms"


def ratio(predicted, measured):
    """Nothing to compare is no agreement, unless both say so."""
    if not predicted or not measured:
        return 1.0 if predicted == measured else float("inf")
    return predicted / measured


off = {}
print("| strategy | copy | p50 predicted | measured | ratio | p99 predicted | measured | ratio |")
print("|---|---|--:|--:|--:|--:|--:|--:|")
for copy in summary["prediction"]["copies"]:
    cells = [copy["strategy"], copy["sink"]]
    worst = off.setdefault(copy["strategy"], 0.0)
    for quantile in ("p50_nanos", "p99_nanos"):
        predicted, measured = copy["predicted"][quantile], copy["measured"][quantile]
        found = ratio(predicted, measured)
        off[copy["strategy"]] = max(off[copy["strategy"]], abs(found - 1.0))
        cells += [shown(predicted), shown(measured), f"{found:.2f}"]
    print(f"| {' | '.join(cells)} |")

print()
for strategy, worst in off.items():
    print(f"{'within' if worst <= WITHIN else 'NOT within'} {WITHIN:.0%}: {strategy}, at worst {worst:.0%} off")
beyond = [strategy for strategy, worst in off.items() if worst > WITHIN]
print(f"\n{len(off) - len(beyond)} of {len(off)} strategies are predicted within {WITHIN:.0%}")
sys.exit(1 if beyond else 0)
