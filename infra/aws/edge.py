"""One base URL: a CDN in front of the public objects, and of the API below /v1.

The install path is the default behaviour: index documents and blobs straight from
the object store, no function and no database. How long something may be cached
is said by each object's own Cache-Control.

The API counts requests by the viewer's address. The managed policy forwards no
``CloudFront-Viewer-Address``, the only one that adds it forwards the Host header too, by
which API Gateway would refuse, and one that lists headers may not list Authorization. So a
function writes the address into a header of ours, over whatever the viewer sent there.

Source: CloudFront developer guide, managed policies, origin access control, CloudFront
Functions (event structure: ``viewer.ip``) and custom headers of origins.
"""

from __future__ import annotations

from chalicelib.api.client_address import EDGE_HEADER, VIEWER_HEADER
from infra.aws.names import Template, ref, sub

_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # AWS managed
_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"  # AWS managed
_SECURITY_HEADERS = "67f7725c-6f97-4210-82d7-5512b31e9d03"  # AWS managed
_YEAR_SECONDS = 31_536_000
_TELL_VIEWER = f"""function handler(event) {{
    var request = event.request;
    delete request.headers['{EDGE_HEADER}'];
    request.headers['{VIEWER_HEADER}'] = {{value: event.viewer.ip}};
    return request;
}}
"""


def edge_resources() -> Template:
    """Returns the distribution and what it needs."""
    return {
        "ObjectAccess": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {
                "OriginAccessControlConfig": {
                    "Name": sub("${Prefix}-registry"),
                    "OriginAccessControlOriginType": "s3",
                    "SigningBehavior": "always",
                    "SigningProtocol": "sigv4",
                }
            },
        },
        "ObjectCaching": {
            "Type": "AWS::CloudFront::CachePolicy",
            "Properties": {
                "CachePolicyConfig": {
                    "Name": sub("${Prefix}-registry-objects"),
                    # Nothing is cached that does not say so itself: no-cache is checked each time.
                    "MinTTL": 0,
                    "DefaultTTL": 0,
                    "MaxTTL": _YEAR_SECONDS,
                    "ParametersInCacheKeyAndForwardedToOrigin": {
                        "EnableAcceptEncodingBrotli": True,
                        "EnableAcceptEncodingGzip": True,
                        "CookiesConfig": {"CookieBehavior": "none"},
                        "HeadersConfig": {"HeaderBehavior": "none"},
                        "QueryStringsConfig": {"QueryStringBehavior": "none"},
                    },
                }
            },
        },
        "ViewerAddress": {
            "Type": "AWS::CloudFront::Function",
            "Properties": {
                "Name": sub("${Prefix}-registry-viewer-address"),
                "AutoPublish": True,
                "FunctionConfig": {
                    "Comment": "Tells the API who asks",
                    "Runtime": "cloudfront-js-2.0",
                },
                "FunctionCode": _TELL_VIEWER,
            },
        },
        "Distribution": {
            "Type": "AWS::CloudFront::Distribution",
            # The certificate is empty only where the condition does not use it.
            "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["W1030"]}}},
            "Properties": {"DistributionConfig": _config()},
        },
    }


def _config() -> Template:
    certificate = {
        "AcmCertificateArn": ref("CertificateArn"),
        "SslSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    return {
        "Enabled": True,
        "Comment": sub("${Prefix} skill registry"),
        "HttpVersion": "http2and3",
        "IPV6Enabled": True,
        "Aliases": {"Fn::If": ["HasDomain", [ref("DomainName")], ref("AWS::NoValue")]},
        "ViewerCertificate": {"Fn::If": ["HasDomain", certificate, {"CloudFrontDefaultCertificate": True}]},
        "Origins": [_object_origin(), _api_origin()],
        "DefaultCacheBehavior": {
            "TargetOriginId": "objects",
            "ViewerProtocolPolicy": "https-only",
            "AllowedMethods": ["GET", "HEAD"],
            "Compress": True,
            "CachePolicyId": ref("ObjectCaching"),
            "ResponseHeadersPolicyId": _SECURITY_HEADERS,
        },
        "CacheBehaviors": [
            {
                "PathPattern": "/v1/*",
                "TargetOriginId": "api",
                "ViewerProtocolPolicy": "https-only",
                "AllowedMethods": ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"],
                "CachePolicyId": _CACHING_DISABLED,
                "OriginRequestPolicyId": _ALL_VIEWER_EXCEPT_HOST,
                "ResponseHeadersPolicyId": _SECURITY_HEADERS,
                "FunctionAssociations": [
                    {
                        "EventType": "viewer-request",
                        "FunctionARN": {"Fn::GetAtt": ["ViewerAddress", "FunctionMetadata.FunctionARN"]},
                    }
                ],
            }
        ],
    }


def _object_origin() -> Template:
    return {
        "Id": "objects",
        "DomainName": {"Fn::GetAtt": ["RegistryBucket", "RegionalDomainName"]},
        "OriginPath": "/public",
        "OriginAccessControlId": {"Fn::GetAtt": ["ObjectAccess", "Id"]},
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }


def _api_origin() -> Template:
    return {
        "Id": "api",
        "DomainName": sub("${RestAPI}.execute-api.${AWS::Region}.${AWS::URLSuffix}"),
        "OriginPath": "/api",  # Chalice's stage
        "OriginCustomHeaders": [{"HeaderName": EDGE_HEADER, "HeaderValue": ref("EdgeSecret")}],
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
    }
