"""Print release notes from the git history, grouped by the kind of each commit."""

import argparse
import re
import subprocess
import sys

SUBJECT = re.compile(r"(?P<kind>[a-z]+)(?:\((?P<scope>[^)]*)\))?(?P<breaking>!)?:\s*(?P<text>.+)")
TITLES = {"feat": "New", "fix": "Fixed", "perf": "Faster", "docs": "Documentation"}


def git(*arguments):
    """Return the output of one git command, without the final newline."""
    result = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(result.stderr.strip() or "git failed")
    return result.stdout.rstrip("\n")


def last_tag():
    """Return the newest tag that HEAD contains, or an empty string when there is none."""
    tags = git("tag", "--merged", "HEAD", "--sort=-creatordate").splitlines()
    return tags[0] if tags else ""


def grouped(subjects):
    """Return section title to lines, for (subject, body) pairs, newest first."""
    sections = {}
    for subject, body in subjects:
        match = SUBJECT.match(subject)
        kind = match["kind"] if match else ""
        scope = f"**{match['scope']}**: " if match and match["scope"] else ""
        line = scope + (match["text"] if match else subject)
        breaking = bool(match and match["breaking"]) or "BREAKING CHANGE" in body
        title = "Breaking changes" if breaking else TITLES.get(kind, "Other")
        sections.setdefault(title, []).append(line)
    return sections


def commits(since):
    """Return (subject, body) of every commit after the given revision, merges left out."""
    revisions = [f"{since}..HEAD"] if since else ["HEAD"]
    log = git("log", "--no-merges", "--format=%s%x1f%b%x1e", *revisions)
    records = (record.strip("\n").partition("\x1f") for record in log.split("\x1e"))
    return [(subject, body) for subject, _, body in records if subject]


def main():
    """Print the notes as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", help="tag or commit to start after; the last tag by default")
    parser.add_argument("--title", default="Unreleased")
    arguments = parser.parse_args()
    sections = grouped(commits(arguments.since or last_tag()))
    print(f"## {arguments.title}")
    for title in ("Breaking changes", *TITLES.values(), "Other"):
        if title in sections:
            print(f"\n### {title}\n")
            print("\n".join(f"- {line}" for line in sections[title]))


if __name__ == "__main__":
    main()
