"""The dry run of a classification: reads and counts everything, says what would be refused, and creates nothing."""

from __future__ import annotations

from collections.abc import Sequence

from api.access.caller import caller
from api.intake.findings import Findings
from api.intake.rows import too_many
from api.intake.source import Source
from api.model_choice import answering, choose_model
from api.services import Services
from shared.errors import LoupeError
from shared.heartbeat import processes
from shared.schemas.classification import CheckLimits, ClassificationCheck, Options
from shared.schemas.job import VersionRef
from shared.schemas.problem import CodedError, ProblemField


def check(services: Services, source: Source, options: Options, findings: Findings) -> ClassificationCheck:
    """Returns what a classification would come to.

    Args:
        findings: what is wrong with the source's items.
    """
    problems: list[LoupeError] = []
    model = None
    if source.total > services.settings.max_items:
        problems.append(too_many(services.settings.max_items))
    try:
        choice = choose_model(services.registry, services.settings, options.model)
        if not source.single:
            choice = answering(services.registry, processes(services.redis), choice)
        model = VersionRef(name=choice.name, version=choice.version)
    except LoupeError as error:
        problems.append(error)
    try:
        services.check_webhook(options.webhook)
    except LoupeError as error:
        problems.append(error)
    try:
        services.jobs.check_room(source.distinct)
    except LoupeError as error:
        problems.append(error)
    try:
        asking = caller()
        if asking is not None:
            services.limits.check_left(asking.key, source.total)
    except LoupeError as error:
        problems.append(error)
    return ClassificationCheck(
        accepted=not problems and not findings.total,
        items=source.total,
        distinct=source.distinct,
        repeats=source.repeats,
        single=source.single,
        model=model,
        limits=_limits(services),
        problems=_coded(problems),
        errors=[ProblemField(field=wrong.field, message=wrong.message) for wrong in findings.errors],
        errors_total=findings.total,
    )


def _limits(services: Services) -> CheckLimits:
    settings = services.settings
    return CheckLimits(
        max_items=settings.max_items,
        max_queued_items=settings.max_queued_items,
        queued_items=services.jobs.open_items(),
    )


def _coded(problems: Sequence[LoupeError]) -> list[CodedError]:
    return [CodedError(code=error.code, message=error.message) for error in problems]
