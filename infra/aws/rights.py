"""Least privilege, written down once: what each function may do, and nothing more.

The audit trail is append-only for everybody: no role may update or delete an
event. Only the API, and a rescan's Withdraw, delete a package that is published, and only
to move a withdrawn version out of the public area and out of the OCI mirror. Only the index
function writes the signed index, and deletes what it replaced there; whoever wants
the index to change asks it, and it asks the catalog.
"""

from __future__ import annotations

from dataclasses import dataclass

from infra.aws.names import (
    BUCKET_ARN,
    INDEX_FUNCTION_ARN,
    OCI_REPOSITORIES_ARN,
    STATE_MACHINE_ARN,
    WAIVER_FUNCTION_ARN,
    Template,
    index_arn,
    objects_arn,
    sub,
    table_arn,
)

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
CHECK = ("dynamodb:ConditionCheckItem",)
PUT = ("dynamodb:PutItem",)
WRITE = ("dynamodb:PutItem", "dynamodb:UpdateItem")
BATCH = ("dynamodb:BatchWriteItem",)
DELETE = ("dynamodb:DeleteItem",)

READ_OBJECT = ("s3:GetObject", "s3:GetObjectVersion")


@dataclass(frozen=True, slots=True)
class Right:
    """Actions allowed on resources."""

    actions: tuple[str, ...]
    resources: tuple[Template | str, ...]

    def statement(self) -> Template:
        """Returns the IAM statement."""
        return {"Effect": "Allow", "Action": sorted(self.actions), "Resource": list(self.resources)}


def table(name: str, *actions: tuple[str, ...]) -> Right:
    """Returns actions on a table; reading includes its indexes."""
    allowed = tuple(action for group in actions for action in group)
    resources = (table_arn(name), index_arn(name)) if READ in actions else (table_arn(name),)
    return Right(allowed, resources)


def objects(actions: tuple[str, ...], *prefixes: str) -> Right:
    """Returns actions on the objects below some prefixes."""
    return Right(actions, tuple(objects_arn(*prefixes)))


# HeadObject of an absent key answers 404 only to those who may list, else 403.
_LIST = Right(("s3:ListBucket", "s3:ListBucketVersions"), (sub(BUCKET_ARN),))
_PROGRESS = (table("publishes", READ, PUT),)
_UPLOAD = (objects(READ_OBJECT, "incoming/"), _LIST)
_WORK = (objects((*READ_OBJECT, "s3:PutObject"), "work/"),)
_TRAIL = (table("audit_events", PUT),)
_START = (Right(("states:StartExecution",), (sub(STATE_MACHINE_ARN),)),)

_WITHDRAW_IMAGE = Right(
    ("ecr:BatchDeleteImage", "ecr:BatchGetImage", "ecr:ListImages"), (sub(OCI_REPOSITORIES_ARN),)
)
_SIGN_IN_TO_IMAGES = Right(("ecr:GetAuthorizationToken",), ("*",))
_PUSH_IMAGE = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
_UPDATE = ("dynamodb:UpdateItem",)

_INDEX = (Right(("lambda:InvokeFunction",), (sub(INDEX_FUNCTION_ARN),)),)

RIGHTS: dict[str, tuple[Right, ...]] = {
    "Api": (
        table("skills", READ, WRITE, CHECK),
        table("skill_versions", READ, ("dynamodb:UpdateItem",), CHECK),
        table("search_terms", READ),
        table("publishes", READ, PUT, CHECK),
        table("reservations", READ, PUT),
        table("audit_events", READ, PUT),
        table("publishers", READ, PUT),
        table("tokens", READ, WRITE),
        table("token_secrets", READ, PUT),
        table("orgs", READ, PUT),
        table("org_members", READ, PUT, DELETE),
        table("rate_limits", ("dynamodb:UpdateItem",)),
        table("appeals", READ, PUT),
        table("appeal_ids", READ, PUT),
        # The upload link carries the API's own right to put.
        objects(("s3:PutObject",), "incoming/", "quarantine/"),
        objects(READ_OBJECT, "incoming/", "public/", "quarantine/", "work/"),
        objects(("s3:DeleteObject",), "public/blobs/"),
        # A takedown withdraws the OCI mirror, and finds by subject what hangs on it.
        _WITHDRAW_IMAGE,
        _LIST,
        *_START,
        *_INDEX,
        # It may use no key itself; what it can have signed is a waiver.
        Right(("lambda:InvokeFunction",), (sub(WAIVER_FUNCTION_ARN),)),
    ),
    "Starter": (*_PROGRESS, *_UPLOAD, objects(("s3:DeleteObject",), "incoming/"), *_START),
    "Sign": (
        *_PROGRESS,
        *_UPLOAD,
        *_WORK,
        table("publishers", READ),
        table("orgs", READ),
        table("tokens", READ),
        table("skill_versions", READ),
    ),
    "Analyze": (*_PROGRESS, *_UPLOAD, *_WORK, table("appeals", ("dynamodb:Query",))),
    "Validate": (
        *_PROGRESS,
        *_UPLOAD,
        *_WORK,
        table("skills", READ),
        table("skill_versions", READ),
        table("name_keys", ("dynamodb:Query",)),
        table("orgs", ("dynamodb:GetItem",)),
    ),
    "Score": (
        *_PROGRESS,
        *_UPLOAD,
        *_WORK,
        table("appeals", ("dynamodb:Query",)),
        objects(READ_OBJECT, "public/blobs/"),
    ),
    "Store": (
        *_PROGRESS,
        *_UPLOAD,
        *_WORK,
        *_TRAIL,
        table("skills", READ, WRITE),
        table("skill_versions", READ, WRITE),  # a waiver that was revoked meanwhile is corrected
        table("appeals", ("dynamodb:Query",)),
        table("search_terms", READ, PUT, BATCH),
        table("name_keys", BATCH),
        objects((*READ_OBJECT, "s3:PutObject"), "public/blobs/"),
        *_INDEX,
        _SIGN_IN_TO_IMAGES,
        Right((*_PUSH_IMAGE, "ecr:CreateRepository"), (sub(OCI_REPOSITORIES_ARN),)),
    ),
    # The only role that may write what clients read the index from, and use its key (``storage``).
    "Index": (
        table("skills", READ, ("dynamodb:Scan",)),
        table("skill_versions", READ),
        table("index_state", ("dynamodb:GetItem",), PUT),
        objects((*READ_OBJECT, "s3:PutObject", "s3:DeleteObject"), "public/tuf/", "public/targets/"),
        _LIST,
    ),
    # May use the attestation key (``storage``), as Store and RescanRecord; it signs waivers alone.
    "Waive": (objects(("s3:PutObject",), "public/blobs/"),),
    "Reject": (*_PROGRESS, *_TRAIL),
    "Fail": (*_PROGRESS, *_TRAIL),
    "RescanPick": (table("skill_versions", READ, ("dynamodb:Scan",)),),
    # Runs semgrep: it knows no table and no key, and what it writes is believed by digest only.
    "RescanScan": (objects(READ_OBJECT, "public/blobs/"), objects(("s3:PutObject",), "work/rescans/")),
    # Beside Store the only role that signs attestations (``storage``).
    "RescanRecord": (
        *_TRAIL,
        table("skills", READ, _UPDATE),
        table("skill_versions", READ, _UPDATE),
        table("name_keys", BATCH),
        table("appeals", ("dynamodb:Query",)),
        objects(READ_OBJECT, "public/blobs/", "work/rescans/"),
        objects(("s3:PutObject",), "public/blobs/"),
        _LIST,  # a waiver whose bytes are gone counts for nothing
        *_INDEX,
        _SIGN_IN_TO_IMAGES,
        Right(_PUSH_IMAGE, (sub(OCI_REPOSITORIES_ARN),)),
    ),
    "RescanWithdraw": (
        *_TRAIL,
        table("skills", READ, _UPDATE),
        table("skill_versions", READ, _UPDATE),
        objects(READ_OBJECT, "public/blobs/", "quarantine/"),
        objects(("s3:PutObject",), "quarantine/"),
        objects(("s3:DeleteObject",), "public/blobs/"),
        _LIST,
        *_INDEX,
        _WITHDRAW_IMAGE,
    ),
    "RescanFail": (table("skills", READ), table("skill_versions", READ, _UPDATE)),
}
