"""The tables: one row model each, bound to a deployment's prefix when it is opened.

``infra.aws`` makes the CloudFormation tables from these models, so that keys and
indexes are written down once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, TypeVar

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

M = TypeVar("M", bound=Model)

# An API call has to fit into a request of a few seconds, SDK retries included.
_CONNECT_SECONDS, _READ_SECONDS, _RETRIES = 3, 10, 3


class SkillRow(Model):
    """A skill. ``available_versions`` counts what search may show; ``latest`` overrides the document's."""

    name = UnicodeAttribute(hash_key=True)
    latest = UnicodeAttribute()
    available_versions = NumberAttribute(default=0)
    document = UnicodeAttribute()


class SearchTermRow(Model):
    """One search term of one skill; see ``search_index``."""

    letter = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)


class NameKeyRow(Model):
    """One key by which names that are alike are found; ``entry`` sorts by the skill's age, then by its name."""

    key = UnicodeAttribute(hash_key=True)
    entry = UnicodeAttribute(range_key=True)


class VersionRow(Model):
    """A published version. What may change later overrides the document's."""

    name = UnicodeAttribute(hash_key=True)
    version = UnicodeAttribute(range_key=True)
    publish_id = UnicodeAttribute()
    availability = UnicodeAttribute()
    availability_reason = UnicodeAttribute()
    deprecation = UnicodeAttribute()
    waivers = UnicodeAttribute(null=True)  # absent until they changed
    settled_rule_set = UnicodeAttribute(null=True)  # absent in rows of an older release, as are the next two
    failed_rule_set = UnicodeAttribute(null=True)
    failed_scans = NumberAttribute(null=True)
    document = UnicodeAttribute()


class UnfinishedIndex(GlobalSecondaryIndex["PublishRow"]):  # type: ignore[no-untyped-call]  # pynamodb's hook
    """Finds attempts that still have to end: only their rows have the attribute ``unfinished``."""

    class Meta:
        """pynamodb's settings."""

        index_name = "unfinished"
        projection = KeysOnlyProjection()

    unfinished = UnicodeAttribute(hash_key=True)
    age = UnicodeAttribute(range_key=True)


class PublishRow(Model):
    """A publish attempt. ``age`` sorts by the time of reservation, then by id."""

    publish_id = UnicodeAttribute(hash_key=True)
    revision = NumberAttribute()
    unfinished = UnicodeAttribute(null=True)
    age = UnicodeAttribute()
    document = UnicodeAttribute()
    by_age = UnfinishedIndex()


class ReservationRow(Model):
    """Which attempt last reserved a version; that attempt's state says whether it still holds it."""

    name = UnicodeAttribute(hash_key=True)
    version = UnicodeAttribute(range_key=True)
    publish_id = UnicodeAttribute()


class AuditEventRow(Model):
    """An audit event, below the subject that contains its own."""

    root = UnicodeAttribute(hash_key=True)
    event_id = UnicodeAttribute(range_key=True)
    subject = UnicodeAttribute()
    document = UnicodeAttribute()


class PublisherRow(Model):
    """A publisher."""

    publisher_id = UnicodeAttribute(hash_key=True)
    document = UnicodeAttribute()


class PublisherTokensIndex(GlobalSecondaryIndex["TokenRow"]):  # type: ignore[no-untyped-call]  # as above
    """Finds a publisher's tokens by time."""

    class Meta:
        """pynamodb's settings."""

        index_name = "publisher"
        projection = KeysOnlyProjection()

    publisher_id = UnicodeAttribute(hash_key=True)
    age = UnicodeAttribute(range_key=True)


class TokenRow(Model):
    """A token. ``revoked_at`` and ``publish_id``, once they are there, override the document's."""

    token_id = UnicodeAttribute(hash_key=True)
    publisher_id = UnicodeAttribute()
    age = UnicodeAttribute()
    revoked_at = NumberAttribute(null=True)
    publish_id = UnicodeAttribute(null=True)
    document = UnicodeAttribute()
    by_publisher = PublisherTokensIndex()


class SecretRow(Model):
    """Which token a secret's hash belongs to: makes hashes unique, and found consistently."""

    secret_sha256 = UnicodeAttribute(hash_key=True)
    token_id = UnicodeAttribute()


class OrgRow(Model):
    """An organisation with its members."""

    org = UnicodeAttribute(hash_key=True)
    revision = NumberAttribute()
    document = UnicodeAttribute()


class MembershipRow(Model):
    """That a publisher is a member of an organisation; the role is in the organisation."""

    publisher_id = UnicodeAttribute(hash_key=True)
    org = UnicodeAttribute(range_key=True)


class RateWindowRow(Model):
    """The requests of one caller in one window; DynamoDB deletes it after ``expires_at``."""

    window = UnicodeAttribute(hash_key=True)
    requests = NumberAttribute()
    expires_at = NumberAttribute()


class IndexStateRow(Model):
    """What the index writer wrote last; the table has one item."""

    registry = UnicodeAttribute(hash_key=True)
    revision = NumberAttribute()
    document = UnicodeAttribute()


class OpenAppealsIndex(GlobalSecondaryIndex["AppealRow"]):  # type: ignore[no-untyped-call]  # as above
    """Finds appeals that nobody decided: only their rows have the attribute ``open``."""

    class Meta:
        """pynamodb's settings."""

        index_name = "open"
        projection = KeysOnlyProjection()

    open = UnicodeAttribute(hash_key=True)
    age = UnicodeAttribute(range_key=True)


class AppealRow(Model):
    """An appeal, below the version that it is about. ``age`` sorts by the time of filing, then by id."""

    about = UnicodeAttribute(hash_key=True)
    age = UnicodeAttribute(range_key=True)
    revision = NumberAttribute()
    open = UnicodeAttribute(null=True)
    document = UnicodeAttribute()
    undecided = OpenAppealsIndex()


class AppealIdRow(Model):
    """Where an appeal is: makes ids unique, and found consistently."""

    appeal_id = UnicodeAttribute(hash_key=True)
    about = UnicodeAttribute()
    age = UnicodeAttribute()


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of one deployment; a field's name is the table's name after the prefix."""

    connection: Connection
    skills: type[SkillRow]
    skill_versions: type[VersionRow]
    search_terms: type[SearchTermRow]
    name_keys: type[NameKeyRow]
    publishes: type[PublishRow]
    reservations: type[ReservationRow]
    audit_events: type[AuditEventRow]
    publishers: type[PublisherRow]
    tokens: type[TokenRow]
    token_secrets: type[SecretRow]
    orgs: type[OrgRow]
    org_members: type[MembershipRow]
    rate_limits: type[RateWindowRow]
    index_state: type[IndexStateRow]
    appeals: type[AppealRow]
    appeal_ids: type[AppealIdRow]

    def models(self) -> dict[str, type[Model]]:
        """Returns the bound row model of every table, by the table's name without its prefix."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "connection"}


def open_tables(prefix: str, *, region: str | None = None) -> Tables:
    """Returns the tables of a deployment; nothing is sent yet.

    Args:
        prefix: of every table's name: ``<prefix>-skills`` and so on.
        region: None takes it from where botocore finds it.
    """
    connection = Connection(
        region=region,
        connect_timeout_seconds=_CONNECT_SECONDS,
        read_timeout_seconds=_READ_SECONDS,
        max_retry_attempts=_RETRIES,
    )

    def bound(name: str, model: type[M]) -> type[M]:
        meta: Any = type(
            "Meta",
            (),
            {
                "table_name": f"{prefix}-{name}",
                "region": region,
                "connect_timeout_seconds": _CONNECT_SECONDS,
                "read_timeout_seconds": _READ_SECONDS,
                "max_retry_attempts": _RETRIES,
            },
        )
        row: type[M] = type(model.__name__, (model,), {"Meta": meta, "__module__": __name__})
        # pynamodb 6.1 gives every model a client of its own, and a cold start pays for each.
        own = row._get_connection()
        connection.add_meta_table(own.get_meta_table())
        own.connection = connection
        return row

    return Tables(
        connection=connection,
        skills=bound("skills", SkillRow),
        skill_versions=bound("skill_versions", VersionRow),
        search_terms=bound("search_terms", SearchTermRow),
        name_keys=bound("name_keys", NameKeyRow),
        publishes=bound("publishes", PublishRow),
        reservations=bound("reservations", ReservationRow),
        audit_events=bound("audit_events", AuditEventRow),
        publishers=bound("publishers", PublisherRow),
        tokens=bound("tokens", TokenRow),
        token_secrets=bound("token_secrets", SecretRow),
        orgs=bound("orgs", OrgRow),
        org_members=bound("org_members", MembershipRow),
        rate_limits=bound("rate_limits", RateWindowRow),
        index_state=bound("index_state", IndexStateRow),
        appeals=bound("appeals", AppealRow),
        appeal_ids=bound("appeal_ids", AppealIdRow),
    )
