"""Every parameter that a recipe may have, said once; a recipe's file gives its default and may narrow it.

What carries them out is the trainer: options of architectures and augmentations are parameters of the same name.
"""

from __future__ import annotations

from typing import Any

# Name → the fields of a `Param` but its default.
KNOWN: dict[str, dict[str, Any]] = {
    # --- how long and how fast -----------------------------------------------------------------------------
    "epochs": {"type": "int", "min": 1, "max": 1000, "help": "How often the pictures are gone through."},
    "frozen_epochs": {
        "type": "int",
        "min": 0,
        "max": 1000,
        "help": "Epochs before those, in which only the new last layer learns and the backbone is left as it came.",
    },
    "steps_per_epoch": {
        "type": "int",
        "min": 0,
        "max": 1_000_000,
        "help": "Batches an epoch has; 0 means every training picture once.",
    },
    "batch_size": {"type": "int", "min": 1, "max": 1024, "help": "Pictures in a batch."},
    "learning_rate": {
        "type": "float",
        "min": 1e-7,
        "max": 10.0,
        "help": "How far a step goes; where it changes over time, its highest value.",
    },
    "fine_tune_learning_rate": {
        "type": "float",
        "min": 1e-7,
        "max": 10.0,
        "help": "The learning rate once the backbone learns too; far smaller than that of a new layer.",
    },
    "schedule": {
        "type": "choice",
        "choices": ("constant", "cosine"),
        "help": "`cosine` lets the learning rate rise over the warm-up and fall after it (arXiv:1608.03983).",
    },
    "warmup_fraction": {
        "type": "float",
        "min": 0.0,
        "max": 0.9,
        "help": "Share of all steps in which the learning rate rises; with the schedule `cosine` only.",
    },
    # --- the optimizer ---------------------------------------------------------------------------------------
    "optimizer": {
        "type": "choice",
        "choices": ("adam", "adamw", "sgd"),
        "help": "The rule that turns slopes into steps; `sgd` has a momentum of 0.9.",
    },
    "weight_decay": {
        "type": "float",
        "min": 0.0,
        "max": 1.0,
        "help": "How strongly weights are pulled to zero; with the optimizer `adamw` only (arXiv:1711.05101).",
    },
    "label_smoothing": {
        "type": "float",
        "min": 0.0,
        "max": 0.5,
        "help": "Share of the certainty that is spread over all classes (arXiv:1512.00567).",
    },
    "mixed_precision": {
        "type": "bool",
        "help": "Compute in 16 bits where that is safe: faster on a GPU, slower without one.",
    },
    # --- when to stop, when to slow down -----------------------------------------------------------------------
    "validation_fraction": {
        "type": "float",
        "min": 0.01,
        "max": 0.5,
        "help": "Share of the training side that chooses the best epoch and is not trained on.",
    },
    "early_stopping_patience": {
        "type": "int",
        "min": 0,
        "max": 1000,
        "help": "End after so many epochs without a lower validation loss; 0 never does.",
    },
    "reduce_on_plateau_patience": {
        "type": "int",
        "min": 0,
        "max": 1000,
        "help": "Lower the learning rate after so many epochs without a lower validation loss; 0 never does.",
    },
    "reduce_on_plateau_factor": {
        "type": "float",
        "min": 0.01,
        "max": 0.99,
        "help": "What the learning rate is multiplied with then.",
    },
    # --- the network -----------------------------------------------------------------------------------------
    "dropout": {
        "type": "float",
        "min": 0.0,
        "max": 0.9,
        "help": "Share of the features left out in training (jmlr.org/papers/v15/srivastava14a).",
    },
    "mirror": {
        "type": "bool",
        "help": "Answer with the mean over a picture and its mirror image: better, for twice the work of the network.",
    },
    "weights": {
        "type": "path",
        "help": "The backbone's weights: a file below the import folder, as Keras publishes it.",
    },
    # --- changes to training pictures --------------------------------------------------------------------------
    "rotation": {"type": "float", "min": 0.0, "max": 180.0, "help": "Turn by at most so many degrees, either way."},
    "shear": {"type": "float", "min": 0.0, "max": 1.0, "help": "Slant by at most this angle in radians, either way."},
    "zoom": {"type": "float", "min": 0.0, "max": 0.9, "help": "Make larger or smaller by at most this share."},
    "shift": {"type": "float", "min": 0.0, "max": 0.5, "help": "Move by at most this share of the side, either way."},
    "flip": {"type": "bool", "help": "Swap left and right in one picture of two."},
    "quarter_turn": {"type": "bool", "help": "Turn by 0, 90, 180 or 270 degrees, for things that have no upright."},
    "blur": {"type": "float", "min": 0.0, "max": 5.0, "help": "Blur by at most so many pixels, one picture of two."},
    "noise": {
        "type": "float",
        "min": 0.0,
        "max": 0.5,
        "help": "Add grain of at most this deviation, as a share of full brightness, to one picture of two.",
    },
    "brightness": {
        "type": "float",
        "min": 0.0,
        "max": 0.9,
        "help": "Change brightness and contrast by at most this share, either way.",
    },
    "cutout": {
        "type": "float",
        "min": 0.0,
        "max": 0.9,
        "help": "Cover a square of at most this share of the side, in one picture of two (arXiv:1708.04552).",
    },
}
