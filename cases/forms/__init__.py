"""Forms of what testers write; the engine itself says what is wrong with a step."""

from __future__ import annotations

from cases.forms.attachment import AttachmentForm
from cases.forms.case import CaseForm, StepForm, StepFormSet
from cases.forms.checks import check_variables
from cases.forms.dataset import DataSetForm
from cases.forms.environment import EnvironmentForm
from cases.forms.fields import ModuleField, ModulesField
from cases.forms.module import ModuleForm
from cases.forms.schema import SchemaForm
from cases.forms.variable import (
    GlobalVariableForm,
    VariableForm,
    VariableFormSet,
    WriteOnly,
)

__all__ = [
    "AttachmentForm",
    "CaseForm",
    "DataSetForm",
    "EnvironmentForm",
    "GlobalVariableForm",
    "ModuleField",
    "ModuleForm",
    "SchemaForm",
    "ModulesField",
    "StepForm",
    "StepFormSet",
    "VariableForm",
    "VariableFormSet",
    "WriteOnly",
    "check_variables",
]
