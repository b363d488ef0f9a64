"""A manifest with everything filled in, for tests that need one and not a training."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.preprocess_spec import PreprocessSpec
from shared.registry import ClassMetrics, Dataset, GateRule, GateVerdict, Manifest, Metrics, SplitMetrics
from shared.shares import SPACE


def toy_manifest(name: str = "pets", version: int = 1, labels: tuple[str, ...] = ("cat", "dog")) -> Manifest:
    """Returns the manifest of a version that was never trained, without files."""
    side = SplitMetrics(accuracy=0.75, loss=0.5, count=4)
    return Manifest(
        name=name,
        version=version,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        job_id="019ae000-0000-7000-8000-000000000000",
        recipe="toy",
        params={"epochs": 1},
        seed=7,
        dataset=Dataset(name=name, version="0123456789ab"),
        labels=list(labels),
        activation="softmax",
        input=PreprocessSpec(width=8, height=8, color="rgb"),
        metrics=Metrics(train=side, validation=side, test=side),
        per_class=[ClassMetrics(label=label, precision=0.75, recall=0.75, f1=0.75, support=2) for label in labels],
        confusion=[[2 if row == column else 0 for column in labels] for row in labels],
        libraries={"python": "3.11"},
    )


def first_verdict() -> GateVerdict:
    """Returns the verdict on the toy version where no other is served."""
    return GateVerdict(
        policy="if_better",
        passed=True,
        code="first_version",
        reason="It is the first.",
        champion=None,
        accuracy=0.75,
        champion_accuracy=None,
        count=4,
        rules=[],
    )


def refused_verdict() -> GateVerdict:
    """Returns the verdict on a version of the shapes that is worse than v1, and worst at stars."""
    return GateVerdict(
        policy="if_better",
        passed=False,
        code="not_better",
        reason=f"Its accuracy is 91.9{SPACE}% on 400 test pictures against 92.4{SPACE}% of version 1.",
        champion=1,
        accuracy=0.919,
        champion_accuracy=0.924,
        count=400,
        rules=[
            GateRule(rule="min_gain", limit=0.0, value=-0.005, passed=False),
            GateRule(rule="max_class_drop", limit=0.02, value=0.031, label="star", passed=False),
            GateRule(rule="min_accuracy", limit=0.9, value=0.919, passed=True),
        ],
    )
