"""Hosts that a library or a program talks to by itself, where that is certain: data, short on purpose.

A library that is pointed elsewhere by configuration (``base_url=``) is not looked up here.
"""

from __future__ import annotations

_GOOGLE, _MICROSOFT, _GITHUB = "*.googleapis.com", "graph.microsoft.com", "api.github.com"
_AWS = "*.amazonaws.com"


def _table(text: str) -> dict[str, str]:
    pairs = (line.split() for line in text.strip().splitlines())
    return {name: host for host, *names in pairs for name in names}


# Python module, or npm, RubyGems or Go package → host.
LIBRARIES = _table(
    f"""
    api.openai.com openai ruby-openai github.com/openai/openai-go github.com/sashabaranov/go-openai @ai-sdk/openai
    api.anthropic.com anthropic @anthropic-ai/sdk github.com/anthropics/anthropic-sdk-go @ai-sdk/anthropic
    api.stripe.com stripe github.com/stripe/stripe-go
    slack.com slack_sdk slack_bolt slackclient @slack/web-api @slack/bolt slack-ruby-client github.com/slack-go/slack
    {_GITHUB} github @octokit/rest @octokit/core octokit @octokit/graphql @actions/github github.com/google/go-github
    gitlab.com gitlab
    {_AWS} boto3 botocore aioboto3 aws-sdk @aws-sdk github.com/aws/aws-sdk-go github.com/aws/aws-sdk-go-v2 aws-sdk-s3
    {_GOOGLE} googleapiclient googleapis @google-cloud google.cloud google.genai google.generativeai
    {_GOOGLE} @google/generative-ai @google/genai vertexai gspread google.auth firebase_admin
    {_MICROSOFT} msgraph @microsoft/microsoft-graph-client
    api.twilio.com twilio twilio-ruby
    api.sendgrid.com sendgrid @sendgrid/mail
    api.telegram.org telegram telebot aiogram telegraf node-telegram-bot-api
    discord.com discord discord.js disnake nextcord
    api.notion.com notion_client @notionhq/client
    huggingface.co huggingface_hub @huggingface/inference @huggingface/hub
    api.cohere.com cohere cohere-ai
    api.mistral.ai mistralai @mistralai/mistralai
    api.groq.com groq groq-sdk
    api.replicate.com replicate
    api.together.xyz together together-ai
    api.elevenlabs.io elevenlabs @elevenlabs/elevenlabs-js
    api.deepgram.com deepgram @deepgram/sdk
    api.tavily.com tavily @tavily/core
    api.exa.ai exa_py exa-js
    api.firecrawl.dev firecrawl @mendable/firecrawl-js
    api.airtable.com pyairtable airtable
    api.hubapi.com hubspot @hubspot/api-client
    api.linear.app @linear/sdk
    api.resend.com resend
    api.mailgun.net mailgun.js
    api.x.com tweepy twitter-api-v2
    oauth.reddit.com praw snoowrap
    api.spotify.com spotipy
    www.youtube.com yt_dlp pytube youtube_transcript_api youtube-transcript
    query1.finance.yahoo.com yfinance yahoo-finance2
    api.asana.com asana
    api.trello.com trello
    api.shodan.io shodan
    api.apify.com apify_client apify-client
    sentry.io sentry_sdk @sentry/node
    """
)
# Program → the hosts that it talks to when one of these is its first word; "" is any.
PROGRAMS: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {}


def _program(names: str, verbs: str, *hosts: str) -> None:
    PROGRAMS.update({name: (frozenset(verbs.split()), hosts) for name in names.split()})


_program(
    "pip pip3 pipx", "install download wheel index run inject upgrade", "pypi.org", "files.pythonhosted.org"
)
_program("uvx", "", "pypi.org", "files.pythonhosted.org")
_program("uv", "pip add sync tool lock", "pypi.org", "files.pythonhosted.org")
_program("poetry", "add install update lock", "pypi.org", "files.pythonhosted.org")
_program("npm", "install i ci add exec view publish update create init audit x", "registry.npmjs.org")
_program("npx bunx pnpx", "", "registry.npmjs.org")
_program("pnpm", "install i add dlx update create", "registry.npmjs.org")
_program("bun", "install add i x create", "registry.npmjs.org")
_program("yarn", "add install dlx create", "registry.yarnpkg.com")
_program("gem", "install update", "rubygems.org")
_program("cargo", "install add update", "crates.io", "static.crates.io")
_program("go", "install get mod", "proxy.golang.org")
_program("brew", "install upgrade update tap", "formulae.brew.sh", "ghcr.io")
_program(
    "gh", "api pr issue repo release run workflow search gist auth secret label project", "api.github.com"
)
_program("glab", "", "gitlab.com")
_program("aws", "", "*.amazonaws.com")
_program("gcloud gsutil bq", "", "*.googleapis.com")
_program("docker podman", "pull push run", "registry-1.docker.io")
_program("huggingface-cli hf", "", "huggingface.co")
_program("vercel", "", "api.vercel.com")
_program("wrangler", "", "api.cloudflare.com")
_program("flyctl", "", "api.fly.io")
_program("heroku", "", "api.heroku.com")
_program("stripe", "", "api.stripe.com")
_program("yt-dlp youtube-dl", "", "www.youtube.com")


def library_host(name: str) -> str:
    """Returns the host of an imported module or package, by its longest known beginning; empty when none."""
    parts = name.replace(".", "/") if not name.startswith(("@", "github.com/")) else name
    for known in (
        name,
        name.partition(".")[0],
        "/".join(parts.split("/")[:2]),
        "/".join(name.split("/")[:3]),
    ):
        if known in LIBRARIES:
            return LIBRARIES[known]
    if name.startswith("@"):
        return LIBRARIES.get(name.partition("/")[0], "")
    dotted = ".".join(name.split(".")[:2])
    return LIBRARIES.get(dotted, "")


def program_hosts(program: str, verb: str) -> tuple[str, ...]:
    """Returns the hosts that a program talks to by itself with this first word."""
    verbs, hosts = PROGRAMS.get(program, (frozenset({"\0"}), ()))
    return hosts if not verbs or verb in verbs else ()
