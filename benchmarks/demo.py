"""The main job on real data: the CDNOW order log becomes an analysed workbook.

CDNOW is the log of 6,919 orders of 2,357 customers of a music shop, January 1997 to June 1998
(Fader and Hardie), carried by the package `lifetimes`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import lifetimes
import pandas as pd

import crm_xl
from crm_xl.cli import print_report
from crm_xl.vocabulary.cli_texts import text

AS_OF = "1998-07-01"
FEWEST = 3


def cdnow_orders() -> pd.DataFrame:
    """The order log: customer_id, order_date, amount (in the shop's currency, shown as 元)."""
    path = Path(lifetimes.__file__).parent / "datasets" / "CDNOW_sample.txt"
    log = pd.read_csv(path, sep=r"\s+", header=None, names=["master", "id", "day", "discs", "amount"], dtype=str)
    return pd.DataFrame(
        {
            "customer_id": log["id"],
            "order_date": pd.to_datetime(log["day"], format="%Y%m%d").astype("datetime64[s]"),
            "amount": log["amount"].astype(float),
        }
    )


def main(out: Path) -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    report = crm_xl.new_workbook(
        out, orders=cdnow_orders(), as_of=AS_OF, value_method="shares", unit="yuan", force=True
    )
    print_report(report, "yuan")
    print(text("written", "zh", path=out))
    if len(report.segments) < FEWEST or len(report.stages) < FEWEST:
        print("fewer than three segments or stages", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/demo.xlsx")))
