"""What testers write, as rows."""

from __future__ import annotations

from cases.models.attachment import Attachment, AttachmentUse, Content, ContentPiece
from cases.models.case import Case, Step, Tag
from cases.models.dataset import DataSet
from cases.models.environment import Environment, Variable
from cases.models.module import Module
from cases.models.schema import Schema, SchemaUse
from cases.models.user import User
from cases.models.version import CaseVersion

__all__ = [
    "Attachment",
    "AttachmentUse",
    "Case",
    "CaseVersion",
    "Content",
    "ContentPiece",
    "DataSet",
    "Environment",
    "Module",
    "Schema",
    "SchemaUse",
    "Step",
    "Tag",
    "User",
    "Variable",
]
