"""Where Analyze runs: two subnets without any way out but to the object store and the tables.

Gateway endpoints cost nothing and carry a policy: even code that broke out of
semgrep could only reach this registry's bucket and tables, with Analyze's role.
"""

from __future__ import annotations

from infra.aws.names import BUCKET_ARN, Template, ref, sub, table_arn


def network_resources() -> Template:
    """Returns the network of the Analyze function."""
    bucket = [sub(BUCKET_ARN), sub(f"{BUCKET_ARN}/*")]
    tables = [table_arn("publishes"), table_arn("appeals")]
    return {
        "AnalyzeNetwork": {
            "Type": "AWS::EC2::VPC",
            "Properties": {
                "CidrBlock": "10.77.0.0/24",
                "EnableDnsSupport": True,
                "EnableDnsHostnames": True,
                "Tags": [{"Key": "Name", "Value": sub("${Prefix}-analyze")}],
            },
        },
        "AnalyzeSubnetA": _subnet("10.77.0.0/25", 0),
        "AnalyzeSubnetB": _subnet("10.77.0.128/25", 1),
        "AnalyzeRoutes": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": ref("AnalyzeNetwork")}},
        "AnalyzeRoutesA": _association("AnalyzeSubnetA"),
        "AnalyzeRoutesB": _association("AnalyzeSubnetB"),
        "AnalyzeToObjects": _endpoint("s3", "s3:*", bucket),
        "AnalyzeToTables": _endpoint("dynamodb", "dynamodb:*", tables),
        "AnalyzeSecurityGroup": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {
                "GroupDescription": "Analyze: nothing comes in, only TLS goes out, and routes lead to AWS alone",
                "VpcId": ref("AnalyzeNetwork"),
                "SecurityGroupEgress": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 443,
                        "ToPort": 443,
                        "CidrIp": "0.0.0.0/0",
                        "Description": "TLS to the gateway endpoints; there is no other route",
                    }
                ],
            },
        },
    }


def _subnet(cidr: str, zone: int) -> Template:
    return {
        "Type": "AWS::EC2::Subnet",
        "Properties": {
            "VpcId": ref("AnalyzeNetwork"),
            "CidrBlock": cidr,
            "AvailabilityZone": {"Fn::Select": [zone, {"Fn::GetAZs": ""}]},
            "MapPublicIpOnLaunch": False,
        },
    }


def _association(subnet: str) -> Template:
    return {
        "Type": "AWS::EC2::SubnetRouteTableAssociation",
        "Properties": {"SubnetId": ref(subnet), "RouteTableId": ref("AnalyzeRoutes")},
    }


def _endpoint(service: str, actions: str, resources: list[Template]) -> Template:
    return {
        "Type": "AWS::EC2::VPCEndpoint",
        "Properties": {
            "VpcEndpointType": "Gateway",
            "ServiceName": sub(f"com.amazonaws.${{AWS::Region}}.{service}"),
            "VpcId": ref("AnalyzeNetwork"),
            "RouteTableIds": [ref("AnalyzeRoutes")],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Principal": "*", "Action": actions, "Resource": resources}
                ],
            },
        },
    }
