"""The reports of a refresh: each fills the tables of one subject, where the workbook has them."""

from __future__ import annotations

from collections.abc import Callable

from .accounts import write_accounts
from .calibration import write_calibration
from .care import write_care
from .case import write_case
from .clusters import write_clusters
from .cohorts import write_cohorts
from .dashboard import write_dashboard
from .evaluation import write_evaluation
from .movement import write_movement
from .portrait import write_portraits
from .profile import write_profile
from .quality import write_quality
from .reviews import write_reviews
from .rfm import write_rfm
from .risk import write_risk
from .snapshots import write_snapshots
from .story import Story
from .targets import write_targets
from .tasks import write_tasks
from .value import write_value
from .voice import write_loyalty, write_voice

REPORTS: tuple[Callable[[Story], None], ...] = (
    write_profile, write_evaluation, write_rfm, write_portraits, write_voice, write_loyalty, write_value, write_cohorts, write_risk,
    write_clusters, write_snapshots, write_calibration, write_movement, write_targets, write_reviews, write_tasks, write_care,
    write_accounts, write_case, write_dashboard, write_quality,
)  # fmt: skip
"""In the order in which they run: a later one may use what an earlier one found. Snapshots come behind all that do
without them: while these are made, the history is being read."""

__all__ = ["REPORTS", "Story"]
