"""What the AWS template promises, asserted on the template itself."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.settings import from_environment
from infra.aws.functions import environment
from infra.aws.tables import table_names
from infra.aws.template import merge_template
from infra.aws.workflow import MACHINES, definition, invoked_functions

TEMPLATE = merge_template()
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]


def _type(name: str) -> str:
    return str(RESOURCES[name].get("Type", ""))


ROLES = sorted(name for name in RESOURCES if _type(name) == "AWS::IAM::Role")
FUNCTIONS = sorted(name for name in RESOURCES if _type(name) == "AWS::Serverless::Function")


def _statements(role: str) -> Iterator[dict[str, Any]]:
    for policy in RESOURCES[role]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def _actions(statement: dict[str, Any]) -> list[str]:
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)


def _resources(statement: dict[str, Any]) -> list[str]:
    resources = statement["Resource"]
    return [json.dumps(one) for one in (resources if isinstance(resources, list) else [resources])]


def _completed() -> dict[str, Any]:
    """Returns the template with stand-ins for the two resources that Chalice writes."""
    api = {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.11",
            "Handler": "app.app",
            "CodeUri": "./deployment.zip",
            **RESOURCES["APIHandler"]["Properties"],
        },
    }
    rest = {
        "Type": "AWS::Serverless::Api",
        "Properties": {
            "StageName": "api",
            "DefinitionBody": {"swagger": "2.0", "info": {"title": "tank", "version": "1"}, "paths": {}},
        },
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        **TEMPLATE,
        "Resources": {**RESOURCES, "APIHandler": api, "RestAPI": rest},
    }


def _lint(program: str, *arguments: str) -> str:
    """Returns what a linter of this environment says, and that it failed if it did."""
    command = [str(Path(sys.executable).with_name(program)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    return done.stdout + done.stderr + (f"exit {done.returncode}" if done.returncode else "")


def test_cfn_lint_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps(_completed()))
    assert _lint("cfn-lint", "--regions", "eu-central-1", "--", str(path)) == ""


@pytest.mark.parametrize("machine", MACHINES)
def test_statelint_finds_nothing_once_the_functions_have_addresses(tmp_path: Path, machine: str) -> None:
    text = json.dumps(definition(machine))
    for function in invoked_functions(machine):
        arn = f"arn:aws:lambda:eu-central-1:123456789012:function:{function}"
        text = text.replace(f"${{{function}FunctionArn}}", arn)
    path = tmp_path / f"{machine}.asl.json"
    path.write_text(text)
    assert _lint("statelint", str(path)) == ""


@pytest.mark.parametrize("machine", MACHINES)
def test_no_state_leads_to_one_that_is_not_there(machine: str) -> None:
    states = definition(machine)["States"]
    for state in states.values():
        choices = [*state.get("Choices", []), *state.get("Catch", [])]
        following = [state.get("Next"), state.get("Default"), *(choice["Next"] for choice in choices)]
        assert {name for name in following if name} <= states.keys()


@pytest.mark.parametrize("machine", MACHINES)
def test_every_function_that_a_state_machine_runs_exists(machine: str) -> None:
    functions = invoked_functions(machine)
    substitutions = RESOURCES[f"{machine.title()}StateMachine"]["Properties"]["DefinitionSubstitutions"]
    assert sorted(substitutions) == [f"{name}FunctionArn" for name in functions]
    assert {f"{name}Function" for name in functions} <= set(FUNCTIONS)


def test_a_state_machine_may_run_its_own_functions_and_no_other() -> None:
    for machine in MACHINES:
        (run,) = [
            s for s in _statements(f"{machine.title()}Role") if _actions(s) == ["lambda:InvokeFunction"]
        ]
        assert run["Resource"] == [
            {"Fn::GetAtt": [f"{name}Function", "Arn"]} for name in invoked_functions(machine)
        ]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_function_gives_up_no_later_than_its_state(machine: str) -> None:
    for state in definition(machine)["States"].values():
        if state["Type"] == "Task":
            name = state["Resource"].removeprefix("${").removesuffix("Arn}")
            assert RESOURCES[name]["Properties"]["Timeout"] <= state["TimeoutSeconds"], name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_handler_exists(name: str) -> None:
    properties = RESOURCES[name]["Properties"]
    (handler,) = properties.get("ImageConfig", {}).get("Command", [properties.get("Handler")])
    module, _, attribute = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_environment_is_what_the_settings_read() -> None:
    given = dict.fromkeys(environment()["Variables"], "https://registry.example")
    assert from_environment(given).aws is not None


@pytest.mark.parametrize(
    ("key", "roles"),
    [("AttestationKey", ["StoreRole", "RescanRecordRole", "WaiveRole"]), ("IndexKey", ["IndexRole"])],
)
def test_only_these_roles_may_sign_with_a_key_and_only_by_the_keys_own_policy(
    key: str, roles: list[str]
) -> None:
    for every in ROLES:
        assert not [a for s in _statements(every) for a in _actions(s) if a.startswith("kms:")], every
    policy = RESOURCES[key]["Properties"]["KeyPolicy"]["Statement"]
    signers = [s["Principal"] for s in policy if "kms:Sign" in _actions(s) or "kms:*" in _actions(s)]
    assert signers == [{"AWS": {"Fn::GetAtt": [role, "Arn"]}} for role in roles]


def test_the_role_that_signs_waivers_can_do_nothing_else_but_store_them() -> None:
    allowed = {
        (action, one) for s in _statements("WaiveRole") for action in _actions(s) for one in _resources(s)
    }
    writing = {(a, one) for a, one in allowed if not a.startswith(("logs:", "xray:"))}
    assert {action for action, _ in writing} == {"s3:PutObject"}
    assert all("/public/blobs/*" in one for _, one in writing)


@pytest.mark.parametrize("name", ["Score", "RescanRecord"])
def test_who_counts_waivers_can_verify_them(name: str) -> None:
    policy = RESOURCES["AttestationKey"]["Properties"]["KeyPolicy"]["Statement"]
    role = {"AWS": {"Fn::GetAtt": [f"{name}Role", "Arn"]}}
    assert ["kms:GetPublicKey" in _actions(s) for s in policy if s["Principal"] == role] == [True]
    assert any("-appeals" in one for _, one in _allowed(f"{name}Role", "dynamodb:Query"))
    assert any("/public/blobs/*" in one for _, one in _allowed(f"{name}Role", "s3:GetObject"))
    variables = RESOURCES[f"{name}Function"]["Properties"]["Environment"]["Variables"]
    assert variables["TANK_EARLIER_KEYS"] == {"Ref": "EarlierAttestationKeys"}


def test_only_the_api_may_ask_for_a_waiver() -> None:
    asking = {
        role
        for role in ROLES
        for statement in _statements(role)
        if "lambda:InvokeFunction" in _actions(statement) and "-waive" in "".join(_resources(statement))
    }
    assert asking == {"ApiRole"}


@pytest.mark.parametrize("role", ROLES)
def test_nobody_may_change_or_delete_an_audit_event(role: str) -> None:
    forbidden = {"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}
    for statement in _statements(role):
        if any("-audit_events" in resource for resource in _resources(statement)):
            assert not forbidden & set(_actions(statement))


def test_only_takedowns_delete_images_and_only_those_of_this_registry() -> None:
    deleting = [
        (role, s) for role in ROLES for s in _statements(role) if "ecr:BatchDeleteImage" in _actions(s)
    ]
    assert [role for role, _ in deleting] == ["ApiRole", "RescanWithdrawRole"]
    for _, statement in deleting:
        assert all(":repository/${Prefix}/*" in resource for resource in _resources(statement))


@pytest.mark.parametrize("role", ROLES)
def test_no_role_has_a_wildcard_action(role: str) -> None:
    assert not [a for s in _statements(role) for a in _actions(s) if "*" in a]


@pytest.mark.parametrize("role", ROLES)
def test_any_resource_is_allowed_only_where_aws_knows_no_narrower_one(role: str) -> None:
    without_resources = ("xray:", "logs:", "ecr:GetAuthorizationToken")
    for statement in _statements(role):
        if '"*"' in _resources(statement):
            assert all(action.startswith(without_resources) for action in _actions(statement))


def test_analyze_can_write_nothing_but_working_documents_and_progress() -> None:
    writes = {
        (action, resource)
        for statement in _statements("AnalyzeRole")
        for action in _actions(statement)
        for resource in _resources(statement)
        if action.startswith(
            ("s3:Put", "s3:Delete", "dynamodb:Put", "dynamodb:Update", "dynamodb:Delete", "ecr:")
        )
    }
    assert sorted(action for action, _ in writes) == ["dynamodb:PutItem", "dynamodb:PutItem", "s3:PutObject"]
    assert all("-publishes" in resource or "/work/*" in resource for _, resource in writes)


def _allowed(role: str, *prefixes: str) -> set[tuple[str, str]]:
    """Returns action and resource of what a role may do, of these services."""
    return {
        (action, resource)
        for statement in _statements(role)
        for action in _actions(statement)
        for resource in _resources(statement)
        if action.startswith(prefixes)
    }


def test_the_step_of_a_rescan_that_runs_semgrep_reads_blobs_writes_reports_and_nothing_else() -> None:
    everything = _allowed("RescanScanRole", "")
    beyond = {one for one in everything if not one[0].startswith(("s3:", "logs:", "xray:"))}
    assert beyond == set()
    assert {
        resource.rpartition("${AWS::Region}/")[2] for _, resource in _allowed("RescanScanRole", "s3:Put")
    } == {'work/rescans/*"}'}
    read = {resource.rpartition("${AWS::Region}/")[2] for _, resource in _allowed("RescanScanRole", "s3:Get")}
    assert read == {'public/blobs/*"}'}
    properties = RESOURCES["RescanScanFunction"]["Properties"]
    assert properties["VpcConfig"] == RESOURCES["AnalyzeFunction"]["Properties"]["VpcConfig"]


def test_the_step_of_a_rescan_that_signs_deletes_nothing_and_that_which_withdraws_signs_nothing() -> None:
    assert not _allowed("RescanRecordRole", "s3:Delete", "ecr:BatchDelete", "dynamodb:Delete")
    put = {
        resource.rpartition("${AWS::Region}/")[2] for _, resource in _allowed("RescanWithdrawRole", "s3:Put")
    }
    assert put == {'quarantine/*"}'}


def test_rescans_are_looked_for_every_hour_by_a_role_that_may_start_them_and_nothing_else() -> None:
    schedule = RESOURCES["RescanSchedule"]["Properties"]
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert [target["Arn"] for target in schedule["Targets"]] == [{"Ref": "RescanStateMachine"}]
    (statement,) = _statements("RescanScheduleRole")
    assert (_actions(statement), statement["Resource"]) == (
        ["states:StartExecution"],
        {"Ref": "RescanStateMachine"},
    )


def test_a_takedown_by_a_rescan_is_off_unless_the_operator_wants_it() -> None:
    assert TEMPLATE["Parameters"]["RescanTakedown"]["Default"] == "off"
    for name in FUNCTIONS:
        variables = RESOURCES[name]["Properties"].get("Environment", {}).get("Variables", {})
        expected = name in ("RescanRecordFunction", "RescanWithdrawFunction")
        assert ("TANK_RESCAN_TAKEDOWN" in variables) is expected, name
    for word, wanted in (("off", False), ("fail", True)):
        given = dict.fromkeys(environment()["Variables"], "https://registry.example")
        assert from_environment({**given, "TANK_RESCAN_TAKEDOWN": word}).takes_down_failed is wanted


def test_a_rescan_that_breaks_off_rings() -> None:
    alarm = RESOURCES["RescanFailedAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/States", "ExecutionsFailed")
    assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": {"Ref": "RescanStateMachine"}}]


def test_the_network_of_analyze_leads_nowhere_but_to_objects_and_tables() -> None:
    outward = {
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::Route",
        "AWS::EC2::VPCGatewayAttachment",
    }
    assert not outward & {_type(name) for name in RESOURCES}
    endpoints = [v["Properties"] for v in RESOURCES.values() if v.get("Type") == "AWS::EC2::VPCEndpoint"]
    assert sorted(json.dumps(e["ServiceName"]).rpartition(".")[2] for e in endpoints) == [
        'dynamodb"}',
        's3"}',
    ]
    assert all('"*"' not in _resources(s) for e in endpoints for s in e["PolicyDocument"]["Statement"])


def test_every_table_that_a_right_names_exists() -> None:
    text = json.dumps([list(_statements(role)) for role in ROLES])
    named = {part.partition('"')[0].partition("/")[0] for part in text.split("table/${Prefix}-")[1:]}
    assert named == set(table_names())


def test_tables_are_kept_encrypted_and_recoverable() -> None:
    for name in RESOURCES:
        if _type(name) == "AWS::DynamoDB::Table":
            table, properties = RESOURCES[name], RESOURCES[name]["Properties"]
            assert table["DeletionPolicy"] == "Retain"
            assert properties["SSESpecification"] == {"SSEEnabled": True}
            assert properties["DeletionProtectionEnabled"] is True
            recoverable = properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
            assert recoverable is ("TimeToLiveSpecification" not in properties)


def test_the_bucket_keeps_versions_and_is_closed() -> None:
    properties = RESOURCES["RegistryBucket"]["Properties"]
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    readers = RESOURCES["RegistryBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [s for s in readers if s["Effect"] == "Allow"]
    assert {json.dumps(s["Principal"]) for s in allowed} == {'{"Service": "cloudfront.amazonaws.com"}'}
    assert all("Condition" in s for s in allowed)
    assert [
        s["Resource"]["Fn::Sub"].rpartition("}")[2] for s in allowed if s["Action"] == "s3:GetObject"
    ] == ["/public/*"]


def test_published_bytes_never_expire() -> None:
    rules = RESOURCES["RegistryBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = [rule for rule in rules if "ExpirationInDays" in rule or "NoncurrentVersionExpiration" in rule]
    assert sorted(rule["Prefix"] for rule in expiring if "ExpirationInDays" in rule) == ["incoming/", "work/"]
    replaced = [rule["Prefix"] for rule in expiring if "ExpirationInDays" not in rule]
    assert sorted(replaced) == ["public/targets/index/", "public/tuf/"]


def _writers(prefix: str) -> set[str]:
    """Returns the roles that may put, copy onto or delete an object below a prefix."""
    writing = ("s3:Put", "s3:Delete", "s3:Replicate", "s3:Restore")
    return {
        role
        for role in ROLES
        for statement in _statements(role)
        for resource in _resources(statement)
        if any(action.startswith(writing) for action in _actions(statement))
        and _covers(resource.rpartition("${AWS::Region}/")[2].rstrip('"}'), prefix)
    }


def _covers(pattern: str, prefix: str) -> bool:
    begins = pattern.rstrip("*")
    return begins.startswith(prefix) or prefix.startswith(begins)


@pytest.mark.parametrize("prefix", ["public/tuf/", "public/targets/", "public/index"])
def test_only_the_index_function_may_write_the_index(prefix: str) -> None:
    assert _writers(prefix) <= {"IndexRole"}


def test_the_rights_that_the_last_test_looks_at_are_found() -> None:
    assert _writers("public/tuf/") == {"IndexRole"}
    writers = {"ApiRole", "StoreRole", "WaiveRole", "RescanRecordRole", "RescanWithdrawRole"}
    assert _writers("public/blobs/") == writers
    assert "IndexRole" not in _writers("incoming/")


def test_only_the_index_function_may_write_what_it_wrote_last() -> None:
    named = {
        role
        for role in ROLES
        for statement in _statements(role)
        if any("-index_state" in one for one in _resources(statement))
    }
    assert named == {"IndexRole"}


def test_the_index_function_runs_once_at_a_time_and_signs_again_every_hour() -> None:
    properties = RESOURCES["IndexFunction"]["Properties"]
    assert properties["ReservedConcurrentExecutions"] == 1
    schedule = RESOURCES["IndexSchedule"]["Properties"]
    assert schedule["ScheduleExpression"] == "rate(1 hour)"
    assert [json.loads(target["Input"]) for target in schedule["Targets"]] == [{"resign": True}]
    alarm = RESOURCES["IndexAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")


def test_only_who_changes_the_catalog_may_ask_for_the_index_to_be_written() -> None:
    asking = {
        role
        for role in ROLES
        for statement in _statements(role)
        if "lambda:InvokeFunction" in _actions(statement) and "-index" in "".join(_resources(statement))
    }
    assert asking == {"ApiRole", "StoreRole", "RescanRecordRole", "RescanWithdrawRole"}
