"""Check-ups: each rule names a disease, the place, and what to try.

To add one: a function in a file here, its name in RULES, one test row.
"""

import numpy as np

from bplab.microscope.health.finding import Finding, Patient, patient_of
from bplab.microscope.health.gradients import exploding, not_finite, update_ratio, update_sizes, vanishing
from bplab.microscope.health.losses import overfitting, rate_too_large
from bplab.microscope.health.neurons import dead, saturated, symmetric

__all__ = ["RULES", "Finding", "Patient", "check_up", "patient_of", "update_ratio"]

RULES = (not_finite, symmetric, dead, saturated, vanishing, exploding, rate_too_large, update_sizes, overfitting)


def check_up(patient: Patient) -> tuple[Finding, ...]:
    """Return everything that ails a network, the gravest first; nothing for a healthy one."""
    with np.errstate(all="ignore"):  # what is ill may hold any number
        return tuple(finding for rule in RULES for finding in rule(patient))
