"""The template that is merged into what ``chalice package`` writes.

``python -m infra.aws.template`` prints it. Chalice contributes ``APIHandler``,
``RestAPI`` and their permission; everything else is here.
"""

from __future__ import annotations

import json
import sys

from infra.aws.edge import edge_resources
from infra.aws.functions import function_resources
from infra.aws.monitoring import monitoring_resources
from infra.aws.names import BUCKET, INDEX_FUNCTION, OCI_REGISTRY, WAIVER_FUNCTION, Template, ref, sub
from infra.aws.network import network_resources
from infra.aws.storage import storage_resources
from infra.aws.tables import table_resources
from infra.aws.workflow import workflow_resources

PENDING_URL = "https://pending.invalid"  # until the distribution's own domain is known


def merge_template() -> Template:
    """Returns parameters, conditions, resources and outputs, ready to be merged."""
    return {
        "Description": "Tank: a registry of agent skills",
        "Parameters": _parameters(),
        "Conditions": {
            "HasDomain": {"Fn::Not": [{"Fn::Equals": [ref("DomainName"), ""]}]},
            "HasAlarmEmail": {"Fn::Not": [{"Fn::Equals": [ref("AlarmEmail"), ""]}]},
        },
        "Resources": {
            **table_resources(),
            **storage_resources(),
            **function_resources(),
            **network_resources(),
            **workflow_resources(),
            **edge_resources(),
            **monitoring_resources(),
        },
        "Outputs": {
            "PublicUrl": {"Description": "What clients use", "Value": ref("PublicUrl")},
            "DistributionUrl": {
                "Description": "The CDN's own address; point a custom domain here",
                "Value": sub("https://${Distribution.DomainName}"),
            },
            "BucketName": {"Value": BUCKET},
            "TablePrefix": {"Value": ref("Prefix")},
            "OciRegistry": {"Value": OCI_REGISTRY},
            "AttestationKeyId": {"Value": ref("AttestationKey")},
            "IndexFunctionName": {"Value": INDEX_FUNCTION},
            "WaiverFunctionName": {"Value": WAIVER_FUNCTION},
            "StateMachineArn": {"Value": ref("PublishStateMachine")},
            "RescanStateMachineArn": {"Value": ref("RescanStateMachine")},
        },
    }


def _parameters() -> Template:
    return {
        "Prefix": {
            "Type": "String",
            "Default": "tank",
            "AllowedPattern": "[a-z][a-z0-9-]{1,15}",
            "Description": "Begins the name of every resource; one registry per prefix, account and region",
        },
        "PublicUrl": {
            "Type": "String",
            "Default": PENDING_URL,
            "AllowedPattern": "https://[a-z0-9.-]+",
            "Description": "The base URL that clients use; attestations name it",
        },
        "DomainName": {
            "Type": "String",
            "Default": "",
            "Description": "A domain of your own, or empty for the CDN's",
        },
        "CertificateArn": {
            "Type": "String",
            "Default": "",
            "Description": "ACM certificate of DomainName, in us-east-1; empty without a domain",
        },
        "AnalyzeImageUri": {
            "Type": "String",
            "AllowedPattern": ".+@sha256:[0-9a-f]{64}",
            "Description": "The analyze image by digest, see docs/deploy-aws.md",
        },
        "EdgeSecret": {
            "Type": "String",
            "NoEcho": True,
            "AllowedPattern": "[A-Za-z0-9_-]{43}",
            "Description": "What the CDN proves itself to the API with; made by the deploy command",
        },
        "RescanTakedown": {
            "Type": "String",
            "Default": "off",
            "AllowedValues": ["off", "fail"],
            "Description": "fail withdraws published versions that a rescan finds to be malicious",
        },
        "EarlierAttestationKeys": {
            "Type": "String",
            "Default": "",
            "Description": "PEM public keys that attested before the present one; rescans believe them",
        },
        "AlarmEmail": {"Type": "String", "Default": "", "Description": "Gets the alarms; empty for nobody"},
    }


if __name__ == "__main__":
    json.dump(merge_template(), sys.stdout, indent=2, sort_keys=True)
