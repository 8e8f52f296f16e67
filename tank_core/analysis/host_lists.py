"""The lists behind ``hosts.kind_of``: data, short on purpose, one entry covers its subdomains.

The names below ``.invalid`` stand for their kind in samples and tests: they can never
exist, so that no sample has to name a real host.
"""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Identifiers that look like addresses.
NAMESPACES = _names(
    """
    www.w3.org schemas.xmlsoap.org json-schema.org schemas.openxmlformats.org purl.org
    """
)
# Places made for receiving data from anywhere, for tunnels, and for hiding where a link leads.
DROPS = _names(
    """
    drop.invalid webhook.site requestbin.com requestbin.net pipedream.net requestcatcher.com beeceptor.com
    oast.fun oast.live oast.me oast.pro oast.site oastify.com interact.sh burpcollaborator.net
    ngrok.io ngrok.app ngrok-free.app ngrok-free.dev trycloudflare.com serveo.net localhost.run
    loca.lt bore.pub hooks.zapier.com hook.eu1.make.com hook.us1.make.com pastebin.com paste.ee hastebin.com
    glot.io rentry.co rentry.org ghostbin.com
    dpaste.org 0x0.st transfer.sh file.io gofile.io anonfiles.com catbox.moe temp.sh bashupload.com
    termbin.com bit.ly tinyurl.com is.gd cutt.ly rebrand.ly t.ly mockbin.org hookb.in postb.in dnslog.cn
    ceye.io canarytokens.com transfer.sh oshi.at tmpfiles.org filebin.net ix.io sprunge.us paste.rs dpaste.com
    controlc.com privatebin.net snippet.host textbin.net webhook.cool typedwebhook.tools ptsv3.com
    requestrepo.com
    pinggy.link pinggy.io localtunnel.me telebit.io pagekite.me ngrok.dev lhr.life onion.ly onion.ws
    """
)
# Well-known places to which anybody may upload.
FORGES = _names(
    """
    forge.invalid github.com raw.githubusercontent.com gist.githubusercontent.com gist.github.com gitlab.com
    bitbucket.org codeberg.org sourceforge.net cdn.discordapp.com discord.com dropbox.com
    drive.google.com mediafire.com mega.nz s3.amazonaws.com storage.googleapis.com t.me
    api.telegram.org objects.githubusercontent.com cdn.jsdelivr.net unpkg.com ghcr.io quay.io gcr.io pkg.dev
    """
)
# Platforms that give anybody a name below theirs in minutes, and a program behind it.
HOSTED = _names(
    """
    hosted.invalid r2.dev vercel.app netlify.app pages.dev workers.dev herokuapp.com onrender.com github.io
    gitlab.io
    web.app firebaseapp.com glitch.me replit.app repl.co deno.dev fly.dev up.railway.app surge.sh
    azurewebsites.net
    cloudfunctions.net run.app ondigitalocean.app execute-api.us-east-1.amazonaws.com
    lambda-url.us-east-1.on.aws on.aws
    pythonanywhere.com 000webhostapp.com infinityfreeapp.com supabase.co appspot.com duckdns.org no-ip.org
    ddns.net
    sslip.io nip.io script.google.com hf.space
    """
)
# The public package registries, by top-level domain.
_REGISTRIES = {"com": "npmjs", "org": "debian npmjs pypi pythonhosted"}
# Vendors whose installers and interfaces honest skills use.
_VENDORS = _names(
    """
    vendor.invalid python.org nodejs.org nodesource.com deno.land
    deno.com bun.sh rustup.rs rust-lang.org crates.io golang.org go.dev ruby-lang.org rubygems.org
    ubuntu.com alpinelinux.org fedoraproject.org brew.sh get.docker.com docker.com
    docker.io kubernetes.io k8s.io helm.sh k3s.io hashicorp.com terraform.io amazonaws.com
    aws.amazon.com download.pytorch.org data.pyg.org apt.llvm.org googleapis.com google.com cloud.google.com
    sdk.cloud.google.com microsoft.com
    azure.com azureedge.net windows.net aka.ms visualstudio.com powershellgallery.com openai.com
    anthropic.com claude.ai claude.com huggingface.co ollama.com ollama.ai cloudflare.com
    digitalocean.com heroku.com vercel.com netlify.com fly.io railway.app api.github.com astral.sh
    get.pnpm.io pnpm.io yarnpkg.com volta.sh install.python-poetry.org get.sdkman.io nixos.org
    conda.io anaconda.com apache.org mozilla.org jquery.com cli.github.com slack.com notion.com
    atlassian.com atlassian.net stripe.com twilio.com sendgrid.com wikipedia.org wikimedia.org
    exa.ai tavily.com serpapi.com serper.dev search.brave.com brave.com perplexity.ai deepseek.com
    openrouter.ai groq.com
    mistral.ai cohere.com cohere.ai replicate.com elevenlabs.io deepgram.com assemblyai.com pinecone.io
    together.ai
    together.xyz fireworks.ai x.ai stability.ai fal.ai bigmodel.cn moonshot.cn minimax.chat siliconflow.cn
    baidu.com
    baidubce.com aliyun.com aliyuncs.com alibabacloud.com dashscope.aliyuncs.com tencent.com qq.com
    weixin.qq.com feishu.cn
    larksuite.com dingtalk.com bilibili.com zhihu.com volces.com bytedance.com exchangerate-api.com
    open-meteo.com
    openweathermap.org weatherapi.com weather.gov wttr.in coingecko.com coinmarketcap.com binance.com
    coinbase.com
    kraken.com bybit.com okx.com infura.io alchemy.com ankr.com publicnode.com etherscan.io polygonscan.com
    basescan.org
    polymarket.com solana.com jup.ag helius-rpc.com foundry.paradigm.xyz anza.xyz osv.dev deps.dev ipinfo.io
    ipapi.co
    ip-api.com ipify.org newsapi.org themoviedb.org imdb.com spotify.com reddit.com twitter.com x.com
    facebook.com
    instagram.com linkedin.com tiktok.com youtube.com pinterest.com twitch.tv trello.com asana.com
    linear.app clickup.com
    monday.com airtable.com todoist.com dropboxapi.com box.com zoom.us calendly.com intercom.io zendesk.com
    hubspot.com
    hubapi.com salesforce.com shopify.com paypal.com squareup.com plaid.com intuit.com xero.com
    mailchimp.com mailgun.net
    postmarkapp.com resend.com brevo.com line.me matrix.org mastodon.social bsky.app bsky.social medium.com
    dev.to
    wordpress.com wordpress.org webflow.com figma.com canva.com miro.com sentry.io datadoghq.com
    newrelic.com grafana.com
    grafana.net pagerduty.com opsgenie.com circleci.com travis-ci.com sonarcloud.io snyk.io virustotal.com
    shodan.io
    abuse.ch otx.alienvault.com greynoise.io haveibeenpwned.com nist.gov mitre.org cisa.gov first.org censys.io
    urlscan.io crt.sh arxiv.org semanticscholar.org crossref.org openalex.org nih.gov europa.eu data.gov
    census.gov
    sec.gov stlouisfed.org worldbank.org wolframalpha.com openstreetmap.org mapbox.com tailscale.com yahoo.com
    alphavantage.co finnhub.io polygon.io tradingview.com duckduckgo.com bing.com archive.org gutenberg.org
    stackexchange.com stackoverflow.com npmjs.com clawhub.ai clawhub.com clawdhub.com openclaw.ai molt.bot
    moltbook.com
    jsr.io esm.sh cdnjs.com maven.org gradle.org nuget.org hex.pm pub.dev cocoapods.org swift.org dart.dev
    flutter.dev
    microsoftonline.com abuseipdb.com scorecard.dev algolia.com proton.me dl.cloudsmith.io
    gnu.org kernel.org linuxfoundation.org packagist.org getcomposer.org
    """
)
WELL_KNOWN = (
    *_VENDORS,
    *(f"{name}.{top_level}" for top_level, names in _REGISTRIES.items() for name in _names(names)),
)
