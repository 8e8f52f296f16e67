"""A person's identity: the page, the code, and the token; sigstore-python's own client drives it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import jwt
import pytest
from sigstore._internal.oidc.oauth import _OAuthFlow
from sigstore.oidc import IdentityToken, Issuer

from chalicelib.adapters.system import SystemClock
from infra.local.sigstore.authorisation import CODE_SECONDS, AuthorisationRequest, is_local
from tests.support.local_sigstore import SigstoreScene, served_sigstore
from tests.support.sigstore_api import REGISTRY_TOKEN, Api, publisher_of

OIDC = "/sigstore/oidc"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
LOOPBACK = "http://localhost:4711/auth/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "response_type": "code",
    "client_id": "sigstore",
    "redirect_uri": LOOPBACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "s&t=a<t>e",
}


def confirm(api: Api, **changed: str) -> str:
    """Plays the person; returns the code."""
    form = {**ASKED, "token": REGISTRY_TOKEN, **changed}
    answer = api("POST", f"{OIDC}/auth", urlencode(form).encode())
    assert answer.status == 303, answer.body
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == [ASKED["state"]]
    return query["code"][0]


def token_form(given: str, **changed: str) -> bytes:
    form = {
        "grant_type": "authorization_code",
        "client_id": "sigstore",
        "redirect_uri": LOOPBACK,
        "code": given,
        "code_verifier": VERIFIER,
        **changed,
    }
    return urlencode(form).encode()


# The whole flow, as sigstore-python walks it


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SigstoreScene]:
    folder = tmp_path_factory.mktemp("served") / "sigstore"
    with served_sigstore(folder, SystemClock(), publisher_of) as made:
        yield made


@pytest.fixture
def _closed_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closes what sigstore 4.5.1 leaves to the garbage collector: the socket that the browser is sent to."""
    leave = _OAuthFlow.__exit__

    def close(flow: _OAuthFlow, *error: object) -> None:
        leave(flow, *error)  # type: ignore[arg-type]
        flow._server.server_close()

    monkeypatch.setattr(_OAuthFlow, "__exit__", close)


def fill_in(client: httpx.Client, page: httpx.Response) -> httpx.Response:
    """Sends the page's form, as a browser would, with a registry token."""
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text))
    form = {name: html.unescape(value) for name, value in hidden.items()}
    action = re.search(r'action="([^"]*)"', page.text)
    assert action is not None
    return client.post(str(page.url.join(html.unescape(action[1]))), data={**form, "token": REGISTRY_TOKEN})


def address_of(token: IdentityToken) -> str:
    assert token.issuer.endswith("/sigstore/oidc")
    return token.identity


@pytest.mark.usefixtures("_closed_sockets")
def test_the_browser_flow_of_sigstore_python_ends_with_a_token(
    served: SigstoreScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def browse(url: str) -> bool:
        def run() -> None:
            with httpx.Client(follow_redirects=True, timeout=10) as client:
                fill_in(client, client.get(url)).raise_for_status()

        browser.append(threading.Thread(target=run))
        browser[0].start()
        return True

    browser: list[threading.Thread] = []
    monkeypatch.setattr("webbrowser.open", browse)
    with_issuer(served, lambda issuer: address_of(issuer.identity_token()))
    browser[0].join(10)


@pytest.mark.usefixtures("_closed_sockets")
def test_the_out_of_band_flow_of_sigstore_python_ends_with_a_token(
    served: SigstoreScene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def copy_code(_prompt: str) -> str:
        link = capsys.readouterr().err.split()[-1]
        with httpx.Client(timeout=10) as client:
            shown = fill_in(client, client.get(link))
        assert "location" not in shown.headers
        found = re.search(r"<code>([^<]+)</code>", shown.text)
        assert found is not None
        return found[1]

    monkeypatch.setattr("builtins.input", copy_code)
    with_issuer(served, lambda issuer: address_of(issuer.identity_token(force_oob=True)))


def with_issuer(served: SigstoreScene, flow: Callable[[Issuer], str]) -> None:
    issuer = Issuer(f"{served.base_url}{OIDC}")
    try:
        assert flow(issuer) == "alice@127.0.0.1"
    finally:
        issuer.session.close()


def test_discovery_names_endpoints_below_the_issuer(api: Api) -> None:
    found = json.loads(api("GET", f"{OIDC}/.well-known/openid-configuration").body)
    assert found["issuer"] == "http://registry.example:8470/sigstore/oidc"
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        assert found[name].startswith(found["issuer"] + "/")


# The page


def test_the_page_runs_and_loads_nothing_and_escapes_what_it_was_given(api: Api) -> None:
    answer = api("GET", f"{OIDC}/auth?{urlencode(ASKED)}")
    policy = answer.headers["content-security-policy"]
    assert answer.status == 200
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "form-action 'self' http://localhost:4711;" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert b"s&amp;t=a&lt;t&gt;e" in answer.body
    assert b"<script" not in answer.body
    style = re.search(rb"<style>(.*)</style>", answer.body)
    assert style is not None
    assert base64.b64encode(hashlib.sha256(style[1]).digest()).decode() in policy


def test_every_field_of_the_page_has_a_label_and_the_page_a_language_and_a_title(api: Api) -> None:
    page = api("GET", f"{OIDC}/auth?{urlencode(ASKED)}").body.decode()
    assert '<html lang="en">' in page
    assert "<title>Who is signing?</title>" in page
    assert '<label for="token">' in page
    assert 'id="token"' in page
    assert 'autocomplete="off"' in page


def test_a_wrong_token_shows_the_page_again_and_says_so_where_a_screen_reader_hears_it(api: Api) -> None:
    form = urlencode({**ASKED, "token": "tank_wrong"}).encode()
    answer = api("POST", f"{OIDC}/auth", form)
    assert answer.status == 400
    assert b'<p role="alert" id="complaint">' in answer.body
    assert b'aria-describedby="complaint"' in answer.body
    assert b"tank_wrong" not in answer.body


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"response_type": "token"}, "something else than a code"),
        ({"client_id": "other"}, "client_id"),
        ({"client_id": ""}, "client_id"),
        ({"code_challenge_method": "plain"}, "PKCE"),
        ({"code_challenge": ""}, "PKCE"),
        ({"code_challenge": "x" * 42}, "PKCE"),
        ({"redirect_uri": "https://attacker.example/"}, "loopback"),
        ({"state": "x" * 513}, "state or nonce"),
        ({"state": "a\nb"}, "state or nonce"),
        ({"nonce": "x" * 513}, "state or nonce"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_that_is_not_safe_gets_no_page_and_no_code(
    api: Api, method: str, changed: dict[str, str], reason: str
) -> None:
    given = urlencode({**ASKED, "token": REGISTRY_TOKEN, **changed})
    target = f"{OIDC}/auth?{given}" if method == "GET" else f"{OIDC}/auth"
    status, code, why = api.refusal(method, target, b"" if method == "GET" else given.encode())
    assert (status, code) == (400, "authorisation-refused")
    assert reason in why


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("http://localhost:1/auth/callback", True),
        ("http://127.0.0.1:65535/", True),
        ("http://[::1]:80/x", True),
        (OUT_OF_BAND, True),
        ("http://localhost/auth", False),
        ("https://localhost:1/", False),
        ("http://localhost.attacker.example:1/", False),
        ("http://localhost:1@attacker.example:2/", False),
        ("http://attacker.example#@localhost:1/", False),
        ("http://user@localhost:1/", False),
        ("http://localhost:1/?a=b", False),
        ("http://localhost:1/#f", False),
        ("http://localhost:1/; form-action *", False),
        ("http://localhost:1/'", False),
        ("http://localhost:99999/", False),
        ("http://0.0.0.0:1/", False),
        ("http://192.0.2.1:1/", False),
        ("javascript:alert(1)", False),
        ("//localhost:1/", False),
        ("", False),
    ],
)
def test_an_answer_goes_to_this_machine_only(uri: str, expected: bool) -> None:
    assert is_local(uri) is expected


# Codes and tokens


def test_a_code_becomes_a_token_for_the_publisher(api: Api, scene: SigstoreScene) -> None:
    answer = api("POST", f"{OIDC}/token", token_form(confirm(api, nonce="n-1")))
    found = json.loads(answer.body)
    assert (answer.status, found["token_type"], found["expires_in"]) == (200, "Bearer", 600)
    assert answer.headers["cache-control"] == "no-store"
    assert found["access_token"] == found["id_token"]
    claims = scene.sigstore.tokens.verified(found["id_token"], "sigstore")
    assert (claims["email"], claims["sub"]) == ("alice@registry.example", "alice@registry.example")
    assert (claims["email_verified"], claims["nonce"]) == (True, "n-1")


def test_a_client_may_name_itself_in_the_authorization_header(api: Api) -> None:
    form = token_form(confirm(api)).replace(b"client_id=sigstore&", b"")
    basic = base64.b64encode(b"sigstore:").decode()
    assert api("POST", f"{OIDC}/token", form, authorization=f"Basic {basic}").status == 200


def test_a_token_for_the_registry_has_its_audience(api: Api) -> None:
    form = token_form(confirm(api, client_id="tank"), client_id="tank")
    token = json.loads(api("POST", f"{OIDC}/token", form).body)["id_token"]
    assert jwt.decode(token, options={"verify_signature": False})["aud"] == "tank"


def test_a_code_is_good_once(api: Api) -> None:
    form = token_form(confirm(api))
    assert api("POST", f"{OIDC}/token", form).status == 200
    assert "used already" in api.refusal("POST", f"{OIDC}/token", form)[2]


def test_a_code_that_met_a_wrong_guess_is_gone(api: Api) -> None:
    code = confirm(api)
    wrong = token_form(code, code_verifier="w" * 43)
    assert "code_verifier" in api.refusal("POST", f"{OIDC}/token", wrong)[2]
    assert "used already" in api.refusal("POST", f"{OIDC}/token", token_form(code))[2]


def test_a_code_is_gone_after_two_minutes(api: Api, scene: SigstoreScene) -> None:
    code = confirm(api)
    scene.clock.move(CODE_SECONDS)
    assert "has expired" in api.refusal("POST", f"{OIDC}/token", token_form(code))[2]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"grant_type": "password"}, "grant_type"),
        ({"code": "guessed"}, "was never given"),
        ({"client_id": "tank"}, "another client"),
        ({"redirect_uri": "http://localhost:4712/auth/callback"}, "another client"),
        ({"code_verifier": ""}, "code_verifier"),
        ({"code_verifier": "v" * 42}, "code_verifier"),
        ({"client_id": ""}, "names no client"),
    ],
)
def test_a_token_request_is_refused_for_its_own_reason(
    api: Api, changed: dict[str, str], reason: str
) -> None:
    status, code, why = api.refusal("POST", f"{OIDC}/token", token_form(confirm(api), **changed))
    assert (status, code) == (400, "authorisation-refused")
    assert reason in why


def test_codes_do_not_pile_up(scene: SigstoreScene) -> None:
    asked = AuthorisationRequest.from_query(ASKED)
    codes = [scene.sigstore.codes.give(asked, "alice") for _ in range(1001)]
    assert len(scene.sigstore.codes) == 1000
    form = {"grant_type": "authorization_code", "redirect_uri": LOOPBACK, "code_verifier": VERIFIER}
    assert scene.sigstore.codes.redeem({**form, "code": codes[-1]}, "sigstore").publisher == "alice"
