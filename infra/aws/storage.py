"""The object store, the two signing keys, and who may use them from outside a function."""

from __future__ import annotations

from infra.aws.names import BUCKET, BUCKET_ARN, INDEX_KEY_ALIAS, KEY_ALIAS, Template, arn_of, ref, sub


def storage_resources() -> Template:
    """Returns the bucket with its policy, and the keys with their aliases."""
    return {
        "RegistryBucket": _bucket(),
        "RegistryBucketPolicy": _bucket_policy(),
        "AttestationKey": _key(
            "Signs the registry's attestations of published versions, and its waivers",
            "Store",
            "RescanRecord",
            "Waive",
            readers=("Score",),
        ),
        "IndexKey": _key("Signs the registry's index", "Index"),
        "IndexKeyAlias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": INDEX_KEY_ALIAS, "TargetKeyId": ref("IndexKey")},
        },
        "AttestationKeyAlias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": KEY_ALIAS, "TargetKeyId": ref("AttestationKey")},
        },
    }


def _bucket() -> Template:
    return {
        "Type": "AWS::S3::Bucket",
        "DependsOn": ["StarterPermission"],
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "BucketName": BUCKET,
            "VersioningConfiguration": {"Status": "Enabled"},
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LifecycleConfiguration": {
                "Rules": [
                    *map(_expiry, ("incoming/", "work/")),
                    *map(_replaced, ("public/tuf/", "public/targets/index/")),
                    _abandoned_uploads(),
                ]
            },
            "NotificationConfiguration": {
                "LambdaConfigurations": [
                    {
                        "Event": "s3:ObjectCreated:*",
                        "Function": arn_of("StarterFunction"),
                        "Filter": {
                            "S3Key": {
                                "Rules": [
                                    {"Name": "prefix", "Value": "incoming/"},
                                    {"Name": "suffix", "Value": "/archive.tgz"},
                                ]
                            }
                        },
                    }
                ]
            },
        },
    }


def _expiry(prefix: str) -> Template:
    """A failed publish can be driven again for a week; then nothing refers to its bytes."""
    return {
        "Id": f"expire-{prefix.rstrip('/')}",
        "Status": "Enabled",
        "Prefix": prefix,
        "ExpirationInDays": 7,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
    }


def _replaced(prefix: str) -> Template:
    """What the index writer replaced or deleted holds no package; a month is for looking into an attack."""
    return {
        "Id": f"forget-{prefix.strip('/').replace('/', '-')}",
        "Status": "Enabled",
        "Prefix": prefix,
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "ExpiredObjectDeleteMarker": True,
    }


def _abandoned_uploads() -> Template:
    return {
        "Id": "abort-multipart",
        "Status": "Enabled",
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }


def _bucket_policy() -> Template:
    from_our_cdn = {
        "StringEquals": {
            "AWS:SourceArn": sub(
                "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
            )
        }
    }
    cdn = {"Service": "cloudfront.amazonaws.com"}
    return {
        "Type": "AWS::S3::BucketPolicy",
        "Properties": {
            "Bucket": ref("RegistryBucket"),
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "ReadersSeePublishedBytesOnly",
                        "Effect": "Allow",
                        "Principal": cdn,
                        "Action": "s3:GetObject",
                        "Resource": sub(f"{BUCKET_ARN}/public/*"),
                        "Condition": from_our_cdn,
                    },
                    {
                        # Without it a missing key answers 403, which reads as "withheld". The
                        # distribution can send no listing: every path of it begins with public/.
                        "Sid": "AbsentIsNotFound",
                        "Effect": "Allow",
                        "Principal": cdn,
                        "Action": "s3:ListBucket",
                        "Resource": sub(BUCKET_ARN),
                        "Condition": from_our_cdn,
                    },
                    {
                        "Sid": "TlsOnly",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": [sub(BUCKET_ARN), sub(f"{BUCKET_ARN}/*")],
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    },
                ],
            },
        },
    }


def _key(description: str, *functions: str, readers: tuple[str, ...] = ()) -> Template:
    """The key's own policy is all there is: these functions sign, and no IAM policy can add to them."""
    uses = [
        *((f"{name}Signs", name, ["kms:Sign", "kms:GetPublicKey"]) for name in functions),
        *((f"{name}Verifies", name, ["kms:GetPublicKey"]) for name in readers),
    ]
    return {
        "Type": "AWS::KMS::Key",
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "Description": description,
            "KeySpec": "ECC_NIST_P256",
            "KeyUsage": "SIGN_VERIFY",
            "PendingWindowInDays": 30,
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "AccountAdministersAndCannotSign",
                        "Effect": "Allow",
                        "Principal": {"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")},
                        "Action": [
                            "kms:CancelKeyDeletion",
                            "kms:CreateAlias",
                            "kms:DeleteAlias",
                            "kms:DescribeKey",
                            "kms:DisableKey",
                            "kms:EnableKey",
                            "kms:GetKeyPolicy",
                            "kms:GetPublicKey",
                            "kms:ListAliases",
                            "kms:ListResourceTags",
                            "kms:PutKeyPolicy",
                            "kms:ScheduleKeyDeletion",
                            "kms:TagResource",
                            "kms:UntagResource",
                            "kms:UpdateAlias",
                            "kms:UpdateKeyDescription",
                        ],
                        "Resource": "*",
                    },
                    # A P-256 key knows one algorithm only, so there is nothing to narrow further.
                    *(
                        {
                            "Sid": sid,
                            "Effect": "Allow",
                            "Principal": {"AWS": arn_of(f"{name}Role")},
                            "Action": actions,
                            "Resource": "*",
                        }
                        for sid, name, actions in uses
                    ),
                ],
            },
        },
    }
