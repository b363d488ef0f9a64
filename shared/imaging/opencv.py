"""OpenCV, configured once. Whoever in Loupe needs cv2 takes it from here."""

from __future__ import annotations

import cv2

# Parallel work is the worker pool's business: threads of OpenCV's own would fight over the same cores.
cv2.setNumThreads(1)
# A broken picture is an outcome that we report ourselves, not something to log line by line.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

__all__ = ["cv2"]
