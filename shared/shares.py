"""Shares and their differences as people read them, wherever that is. In the API they are numbers."""

from __future__ import annotations

# A narrow space that does not break stands between a number and its unit, as SI asks.
SPACE = "\u202f"


def percent(share: float, digits: int = 1) -> str:
    """Returns a share of 1 in percent: 97.2 %.

    What is not quite nothing or everything never looks as if it were: 0.9999 is > 99.9 %, 0.0001 is < 0.1 %.
    """
    step = 10.0**-digits
    value = share * 100
    if 100 - step / 2 <= value < 100:
        return f">{SPACE}{100 - step:.{digits}f}{SPACE}%"
    if 0 < value < step / 2:
        return f"<{SPACE}{step:.{digits}f}{SPACE}%"
    return f"{value:.{digits}f}{SPACE}%"


def cut(share: float) -> str:
    """Returns a threshold in percent, as short as it is: 60 %, 99.5 %."""
    return f"{share * 100:.10g}{SPACE}%"


def points(difference: float) -> str:
    """Returns a difference of two shares in percentage points, with its sign: +1.2, −0.4, 0.0.

    What is not quite nothing gets as many digits as it takes to show that, up to four: +0.02.
    """
    value = difference * 100
    digits = next((count for count in range(1, 5) if round(value, count)), None)
    return "0.0" if digits is None else f"{value:+.{digits}f}".replace("-", "\u2212")
