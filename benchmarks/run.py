"""Timings against what a user would do instead, in the same run.

    make bench                                        # prints the tables, writes them into docs/performance.md
    python benchmarks/run.py --only refresh new       # some of the tables
    python benchmarks/run.py --scale 0.01             # smaller files, to try; nothing is written

Each ratio is the median over rounds in which ours and the other take turns, so that a machine
whose speed drifts does not favour either.
"""

from __future__ import annotations

import argparse
import datetime as dt
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import btyd
import calls
import cohorts
import duplicates
import files
import numpy as np
import pandas as pd
from measure import ROUNDS, ms, pair, put, table, timed

from crm_xl.analysis.facts import fold, merge_log
from crm_xl.analysis.rfm import rfm_scores
from crm_xl.analysis.segments import segment_codes, tag_labels
from crm_xl.functions import SEGMENT
from crm_xl.rules.defaults import default_rules

AS_OF = dt.datetime(2024, 6, 30)


def segment_rows(n: int = 100_000) -> list[tuple[str, str, str, str, str]]:
    """SEGMENT over columns, lists in and lists out, as a host hands them over."""
    rng = np.random.default_rng(1)
    spend = [[float(x)] for x in rng.random(n) * 20]
    monthly = [[float(x)] for x in rng.random(n) * 2]
    first = dt.datetime(2023, 1, 1)
    last = [[first + dt.timedelta(days=int(k))] for k in rng.integers(0, 540, n)]
    tags = np.array(
        [f"{v}{a}客户" for v in ("高价值", "中价值", "低价值") for a in ("流失", "沉睡", "活跃", "低频")], object
    )
    epoch = dt.date(1970, 1, 1).toordinal()

    def floor() -> list[list[object]]:
        """The same lists to arrays and back, and the bare expression between."""
        s = np.array([r[0] for r in spend])
        m = np.array([r[0] for r in monthly])
        days = np.array([r[0].toordinal() for r in last]) - epoch
        lost, dormant = (np.datetime64(d).astype(int) for d in ("2023-12-30", "2024-03-30"))
        value = np.where(s >= 10, 0, np.where(s >= 2, 1, 2))
        state = np.where(days <= lost, 0, np.where(days <= dormant, 1, np.where(m >= 1, 2, 3)))
        return tags[value * 4 + state].reshape(-1, 1).tolist()

    assert SEGMENT(spend, monthly, last, AS_OF) == floor()
    a, b, ratio = pair(lambda: SEGMENT(spend, monthly, last, AS_OF), floor)
    day = last[0][0]
    calls = 5_000

    def scalar() -> None:
        for _ in range(calls):
            SEGMENT(15.0, 2.0, day, AS_OF)

    scalar()
    one = statistics.median(timed(scalar) for _ in range(ROUNDS)) / calls
    return [
        ("`SEGMENT`, 100,000 rows", "lists → arrays → lists + bare numpy", ms(a), ms(b), f"{ratio:.2f} (≤ 1.5)"),
        ("`SEGMENT`, one scalar call", "", f"{one * 1e6:.0f} µs", "", "≤ 150 µs"),
    ]


def order_log(lines: int = 1_000_000, customers: int = 100_000) -> pd.DataFrame:
    """A log with text ids, about 1.4 lines per order and 10 % refunds."""
    rng = np.random.default_rng(2)
    order = rng.integers(0, 700_000, lines)
    who = (order * 7919) % customers
    days = np.datetime64("2022-01-01") + (order * 104_729) % 900
    return pd.DataFrame(
        {
            "customer_id": pd.Series([f"C{i:06d}" for i in who], dtype="str"),
            "order_no": pd.Series([f"O{i:07d}" for i in order], dtype="str"),
            "order_date": days.astype("datetime64[s]"),
            "amount": np.round(rng.normal(500, 400, lines), 2),
        }
    )


def plain_facts(log: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The same merge of lines and the same aggregation as a pandas user writes it."""
    log = log[log["order_date"] <= as_of]
    orders = log.groupby(["customer_id", "order_no", "order_date"], sort=False)["amount"].sum().reset_index()
    real = orders[orders["amount"].round(9) > 0]
    year = as_of - pd.DateOffset(months=12)
    facts = real.groupby("customer_id").agg(
        orders=("amount", "size"), first=("order_date", "min"), last=("order_date", "max")
    )
    facts["net"] = orders.groupby("customer_id")["amount"].sum()
    recent = orders[orders["order_date"] > year]
    facts["net_year"] = recent.groupby("customer_id")["amount"].sum()
    facts["orders_year"] = real[real["order_date"] > year].groupby("customer_id").size()
    return facts


def facts_rows() -> list[tuple[str, str, str, str, str]]:
    log, as_of = order_log(), pd.Timestamp(AS_OF)
    ours, other = fold(log, None, AS_OF.date()).frame, plain_facts(log, as_of)
    both = ours.loc[other.index]
    assert (both["orders"] == other["orders"]).all()
    assert np.allclose(both["net"], other["net"])
    a, b, ratio = pair(lambda: fold(log, None, AS_OF.date()), lambda: plain_facts(log, as_of), 5)
    rules = default_rules("zh", "yuan")
    facts = fold(log, None, AS_OF.date())
    ids = facts.frame.index.to_numpy(dtype=object)
    n = len(ids)
    nothing = np.full(n, np.nan)
    never = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    typed = dict.fromkeys(("annual_spend", "order_count", "average_order", "monthly_orders", "contact_frequency", "margin", "collection_days", "repurchase_rate"), nothing)  # fmt: skip
    typed |= {"first_order": never, "last_order": never, "preference": np.full(n, "", dtype=object)}
    merged = merge_log(typed, ids, facts, AS_OF.date(), rules.settings).columns
    day = np.array(AS_OF, dtype="datetime64[D]")
    tags = np.array([*tag_labels(rules.value_tiers, rules.activity_rules, "zh"), "", "潜在客户", "信息待完善"], object)

    def tag_and_rank() -> None:
        codes = segment_codes(
            merged["annual_spend"], merged["monthly_orders"], merged["last_order"], day, rules.value_tiers,
            rules.activity_rules,
        )  # fmt: skip
        tags[codes]
        days = (day - merged["last_order"]).astype(float)
        rfm_scores(days, merged["period_orders"], merged["period_spend"], 5)

    on_top = statistics.median(timed(tag_and_rank) for _ in range(ROUNDS))
    return [
        (
            "1M order lines → facts of 100,000 customers",
            "the same in plain pandas",
            ms(a),
            ms(b),
            f"{ratio:.2f} (≤ 1.0)",
        ),
        ("tags and RFM on top of it", "the facts", ms(on_top), ms(a), f"{on_top / a:.2f} (≤ 0.3)"),
    ]


def start_rows() -> list[tuple[str, str, str, str, str]]:
    command = [sys.executable, "-m", "crm_xl", "--help"]
    bare = [sys.executable, "-c", "pass"]
    a, b, _ = pair(
        lambda: subprocess.run(command, capture_output=True, check=True),
        lambda: subprocess.run(bare, capture_output=True, check=True),
    )
    return [("`crm-xl --help`", "starting Python", ms(a), ms(b), "≤ 300 ms")]


def functions() -> str:
    """What runs inside one process: the functions, the fold of an order log, the start."""
    rows = [*segment_rows(), *facts_rows(), *start_rows()]
    machine = f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}, 2 cores"
    return f"{table(('What', 'Against', 'Ours', 'Other', 'Ratio (limit)'), rows)}\n\n{machine}"


def main() -> None:
    inside = {
        "functions": functions,
        "calls": calls.calls,
        "cohorts": cohorts.cohort_table,
        "btyd": btyd.btyd_table,
        "duplicates": duplicates.duplicates_table,
    }
    known = (*inside, *files.GROUPS)
    parser = argparse.ArgumentParser(description="Timings against what a user would do instead.")
    parser.add_argument("--only", nargs="+", choices=known, default=known, help="these tables only")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the files; 1 is that of the docs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = files.Bench(Path(folder), asked.scale)
        for name in asked.only:
            text = inside[name]() if name in inside else files.GROUPS[name](bench)
            print(f"{name}\n\n{text}\n", flush=True)
            if asked.scale == 1:
                put(name, text)


if __name__ == "__main__":
    main()
