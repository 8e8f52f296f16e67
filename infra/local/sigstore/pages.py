"""The two pages of the local issuer: asking a person for a token, and showing a code to copy.

No script, no image, nothing from elsewhere; every text is escaped. The style's digest
stands in the content security policy.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict
from html import escape

from infra.local.sigstore.authorisation import AuthorisationRequest

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}"
    "label,input,button{display:block;font:inherit}"
    "input{width:100%;box-sizing:border-box;padding:.5rem;margin:.25rem 0 1rem;border:1px solid #555}"
    "button{padding:.5rem 1.25rem;border:1px solid #1a1a1a;background:#1a1a1a;color:#fff}"
    ":focus-visible{outline:3px solid #0b57d0;outline-offset:2px}"
    "[role=alert]{border-left:.3rem solid #b3261e;padding-left:.75rem}"
    "code{overflow-wrap:anywhere;font-size:1.1rem}"
)
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def policy(form_targets: str) -> str:
    """Returns the content security policy of a page. ``form_targets``: sources for form-action."""
    return (
        f"default-src 'none'; style-src 'sha256-{_STYLE_DIGEST}'; form-action {form_targets}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


def asking(request: AuthorisationRequest, action: str, complaint: str = "") -> str:
    """Returns the page that asks for a registry token.

    Args:
        request: carried along in hidden fields.
        action: path that the form is sent to.
        complaint: what was wrong with the last try; "" at the first.
    """
    fields = {"response_type": "code", "code_challenge_method": "S256", **asdict(request)}
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )
    alert = f'<p role="alert" id="complaint">{escape(complaint)}</p>' if complaint else ""
    described = ' aria-describedby="complaint" aria-invalid="true"' if complaint else ""
    purpose = "sign a package" if request.client_id == "sigstore" else "publish a package"
    return _page(
        "Who is signing?",
        f"<p>A command on your machine asks for your identity, to {purpose}. Go on only if you have just "
        "started it yourself.</p>"
        "<p>This registry runs its own Sigstore. What it certifies counts for clients of this registry "
        "only.</p>"
        f'{alert}<form method="post" action="{escape(action)}">{hidden}'
        '<label for="token">Your registry token</label>'
        f'<input id="token" name="token" type="password" autocomplete="off" required autofocus{described}>'
        "<button>Confirm my identity</button></form>",
    )


def showing(code: str) -> str:
    """Returns the page with a code to copy into the terminal."""
    return _page(
        "Copy this code",
        "<p>Paste it into the command that you started. Give it to nobody: for two minutes it stands for "
        f"you.</p><p><code>{escape(code)}</code></p>",
    )


def _page(title: str, content: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{escape(title)}</h1>{content}</main></body></html>"
    )
