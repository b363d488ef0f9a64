"""What the description of a model may name: Keras's own layers and operations that compute, and nothing that reads.

Keras's safe mode refuses what is known to be dangerous, and each year somebody finds something that it does not know
(`tests/unit/trainer/model_import/hostile_models.py` lists them). This is the other way round: what is not here is
refused, whatever a later Keras can do.
"""

from __future__ import annotations

import re

# Not among them: what runs code (Lambda, TFSMLayer, TorchModuleWrapper, JaxLayer, FlaxLayer), and what may read its
# vocabulary from a file or an address (StringLookup, IntegerLookup, TextVectorization).
LAYERS = frozenset(
    # As prose, because one name a line would take two hundred of them.
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention AugMix
    AutoContrast Average AveragePooling1D AveragePooling2D AveragePooling3D BatchNormalization Bidirectional
    CenterCrop Concatenate ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose
    Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D CutMix Dense
    DepthwiseConv1D DepthwiseConv2D Dot Dropout ELU EinsumDense Embedding Equalization Flatten GRU GRUCell
    GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization GroupQueryAttention Identity InputLayer
    LSTM LSTMCell LayerNormalization LeakyReLU Masking MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum MixUp
    MultiHeadAttention Multiply Normalization PReLU Permute Pipeline RMSNormalization RNN RandAugment RandomBrightness
    RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip
    RandomGaussianBlur RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
    RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling Reshape
    Resizing SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell Softmax Solarization SpatialDropout1D
    SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells Subtract TimeDistributed UnitNormalization
    UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """.split()  # noqa: SIM905
)
MODELS = frozenset({"Functional", "Model", "Sequential"})
POLICIES = frozenset({"DTypePolicy", "FloatDTypePolicy"})
# Operations on tensors. Not among those of `core`: what takes a function.
CORE = frozenset({"Cast", "Shape", "Slice", "SliceUpdate", "Scatter", "ScatterUpdate", "StopGradient", "Unstack"})
NAMED: dict[str, frozenset[str]] = {
    "keras": MODELS | POLICIES,
    "keras.dtype_policies": POLICIES,
    "keras.layers": LAYERS,
    "keras.models": MODELS,
    "keras.random": frozenset({"SeedGenerator"}),
    "keras.src.applications.convnext": frozenset({"LayerScale"}),
    "keras.src.models.functional": MODELS,
    "keras.src.ops.core": CORE,
}
# All classes of these only compute. The last four are what a part of the model was compiled with.
WHOLE = frozenset(
    {
        "keras.src.ops.image",
        "keras.src.ops.linalg",
        "keras.src.ops.math",
        "keras.src.ops.nn",
        "keras.src.ops.numpy",
        "keras.constraints",
        "keras.initializers",
        "keras.regularizers",
        "keras.losses",
        "keras.metrics",
        "keras.optimizers",
        "keras.optimizers.schedules",
    }
)
# Values that JSON has no words for. Not among them: `__lambda__` and `__typespec__`.
VALUES = frozenset({"__keras_tensor__", "__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__slice__"})
# Functions go by their names, as `relu` does; these three make or look up other objects.
FUNCTIONS_OF = frozenset({"builtins", "keras.activations", "keras.losses", "keras.metrics"})
MAKERS = frozenset({"deserialize", "get", "serialize"})
CLASS = re.compile(r"[A-Z][A-Za-z0-9]{0,99}")
FUNCTION = re.compile(r"[a-z][a-z0-9_]{0,99}")


def is_class(module: object, name: object) -> bool:
    """Says whether a description may name a class of a module."""
    if not isinstance(module, str) or not isinstance(name, str):
        return False
    return name in NAMED.get(module, ()) or (module in WHOLE and CLASS.fullmatch(name) is not None)


def is_function(module: object, name: object) -> bool:
    """Says whether a description may name a function of a module."""
    known = isinstance(module, str) and module in FUNCTIONS_OF and isinstance(name, str)
    return known and FUNCTION.fullmatch(str(name)) is not None and name not in MAKERS
