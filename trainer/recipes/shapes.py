"""The recipe of the built-in model: four drawn shapes, told apart in about 20 seconds on two cores."""

from __future__ import annotations

from shared.preprocess_spec import PreprocessSpec
from trainer.recipes.recipe import Param, Recipe, Step, recipes

SHAPES = recipes.register("shapes")(
    Recipe(
        name="shapes",
        help="A small network that tells circles, squares, stars and triangles apart, whatever their colours.",
        datasets=("shapes",),
        architecture="small_cnn",
        # Colours say nothing about a shape: only how far each pixel is from the picture's mean colour is looked at.
        architecture_options={"contrast": True},
        input=PreprocessSpec(width=32, height=32, color="rgb"),
        augmentations=(
            Step(name="quarter_turn"),
            Step(name="flip"),
            Step(name="warp", options={"degrees": 20, "zoom": 0.1, "shift": 0.06}),
        ),
        params={
            "epochs": Param(type="int", default=12, min=1, max=1000, help="How often every picture is seen."),
            "batch_size": Param(type="int", default=32, min=1, max=1024, help="Pictures a step."),
            "learning_rate": Param(
                type="float",
                default=0.004,
                min=1e-6,
                max=1.0,
                help="The highest learning rate; it rises to it in the first tenth of the steps and falls after.",
            ),
            "validation_fraction": Param(
                type="float",
                default=0.1,
                min=0.01,
                max=0.5,
                help="Share of the training side that chooses the best epoch and is not trained on.",
            ),
        },
    )
)
