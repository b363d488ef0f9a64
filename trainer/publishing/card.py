"""The model card: what a version is, what it was made from, how good it is, and where it is not to be trusted.

After Mitchell et al. 2019, "Model Cards for Model Reporting" (arXiv:1810.03993).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.registry import ClassMetrics, Manifest, OnnxExport, SplitMetrics
from shared.shares import percent

# A longer table nobody reads; the manifest has all classes.
MOST_CLASSES = 50
# With fewer test pictures of a class, one picture more or less moves its recall by more than five points.
FEW = 20


def card_file(manifest: Manifest) -> bytes:
    """Returns `model-card.md`."""
    return "\n".join([*_what(manifest), *_made(manifest), *_good(manifest), *_limits(manifest), ""]).encode()


def _what(manifest: Manifest) -> Iterator[str]:
    labels = ", ".join(_text(label) for label in manifest.labels[:MOST_CLASSES])
    more = f" and {len(manifest.labels) - MOST_CLASSES} more" if len(manifest.labels) > MOST_CLASSES else ""
    yield f"# {manifest.name}, version {manifest.version}"
    yield ""
    yield f"An image classifier. It tells {len(manifest.labels)} classes apart: {labels}{more}."
    yield ""
    yield f"- Input: {_input(manifest)}"
    yield f"- Output: one probability a class ({manifest.activation}), in the order of `labels.json`"
    if manifest.onnx:
        yield f"- ONNX: {_onnx(manifest.onnx)}"
    yield f"- Made: {manifest.created_at.isoformat(timespec='seconds')}, by the job `{manifest.job_id}`"


def _onnx(export: OnnxExport) -> str:
    if not export.checked:
        return f"there is no `model.onnx`. {_text(export.reason or '')}"
    return (
        f"`model.onnx` was compared with Keras on {export.pictures} test pictures; no probability differs by more than"
        f" {export.max_difference:.1g}"
    )


def _input(manifest: Manifest) -> str:
    to = manifest.input
    colour = "RGB" if to.color == "rgb" else "grey"
    return f"{to.width} × {to.height} pixels, {colour}, fitted by {to.resize}, values scaled to {to.scale}"


def _made(manifest: Manifest) -> Iterator[str]:
    dataset = f"`{manifest.dataset.name}`, version `{manifest.dataset.version}`"
    yield from ("", "## How it was made", "")
    if manifest.origin:
        yield f"It was trained elsewhere and came in as `{_text(manifest.origin.path)}`. What it learned from is not"
        yield f"known here. It was evaluated on the test side of the dataset {dataset}."
    else:
        yield f"- Dataset: {dataset}"
        if manifest.label_changes and manifest.label_changes.total:
            changes = manifest.label_changes
            yield (
                f"- Labels changed since version {changes.version}: {changes.relabelled} pictures got another class,"
                f" {changes.excluded} were left out"
            )
        yield f"- Recipe: `{manifest.recipe}`, seed {manifest.seed}"
        yield f"- Parameters: {', '.join(f'{name} {value}' for name, value in manifest.params.items()) or 'none'}"
    yield f"- Libraries: {', '.join(f'{name} {number}' for name, number in manifest.libraries.items())}"


def _good(manifest: Manifest) -> Iterator[str]:
    yield from ("", "## How good it is", "", "| side | accuracy | loss | pictures |", "| --- | --- | --- | --- |")
    sides = {"training": manifest.metrics.train, "validation": manifest.metrics.validation}
    for name, score in {**sides, "test": manifest.metrics.test}.items():
        if score:
            yield _side(name, score)
    yield ""
    yield "Only the test side was neither trained on nor used to choose the weights."
    if manifest.fit:
        yield f"Fit: **{manifest.fit}**. The rule: {manifest.fit_rule}"
    if manifest.calibration_error is not None:
        yield f"Expected calibration error (15 bins, Guo et al. 2017): {percent(manifest.calibration_error)}."
    if manifest.gate:
        yield f"The gate: {_text(manifest.gate.reason)}"
    yield from ("", "| class | precision | recall | F1 | test pictures |", "| --- | --- | --- | --- | --- |")
    yield from (_class(one) for one in manifest.per_class[:MOST_CLASSES])


def _side(name: str, score: SplitMetrics) -> str:
    return f"| {name} | {percent(score.accuracy)} | {score.loss:.4f} | {score.count} |"


def _class(one: ClassMetrics) -> str:
    scores = " | ".join(percent(score) for score in (one.precision, one.recall, one.f1))
    return f"| {_text(one.label)} | {scores} | {one.support} |"


def _limits(manifest: Manifest) -> Iterator[str]:
    yield from ("", "## Limits", "")
    yield f"- It knows these {len(manifest.labels)} classes only: a picture of anything else is called one of them."
    yield "- Its figures hold for pictures like those of its test side, and for no others."
    weakest = min((one for one in manifest.per_class if one.support), key=lambda one: one.recall, default=None)
    if weakest:
        missed = percent(1 - weakest.recall)
        yield f"- It is weakest on {_text(weakest.label)}: of those test pictures it misses {missed}."
    few = [_text(one.label) for one in manifest.per_class if one.support < FEW]
    if few:
        more = f" and {len(few) - MOST_CLASSES} more" if len(few) > MOST_CLASSES else ""
        yield f"- Fewer than {FEW} test pictures, so with uncertain figures: {', '.join(few[:MOST_CLASSES])}{more}."
    if manifest.worst_mistakes:
        yield "- `mistakes.webp` shows the wrong answers that it was surest of."


def _text(name: str) -> str:
    """Returns a name that Markdown shows as it is."""
    line = "".join(character if character.isprintable() else "�" for character in name)
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", line)
