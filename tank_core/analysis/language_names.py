"""The names by which a language is known: file extensions, whole file names, interpreters and fence tags.

Plain tables. How they are used, and what a text without a name looks like, is decided
in ``languages``.
"""

from __future__ import annotations

from tank_core.analysis.source import Language

_EXTENSIONS = {
    Language.PYTHON: ".py .pyw .pyi .pyx .rpy .bzl .star .xsh",
    Language.SHELL: ".sh .bash .zsh .ksh .fish .command .bats .profile .envrc .bashrc .zshrc .tool",
    Language.JAVASCRIPT: ".js .mjs .cjs .jsx .es6 .jsm .gs .userscript",
    Language.TYPESCRIPT: ".ts .mts .cts .tsx",
    Language.RUBY: ".rb .rake .gemspec .ru .podspec",
    Language.PHP: ".php .phtml .php5 .phar .inc",
    Language.POWERSHELL: ".ps1 .psm1 .psd1",
    Language.GO: ".go",
    Language.PERL: ".pl .pm .perl .cgi",
    Language.LUA: ".lua",
    Language.JAVA: ".java .kt .kts .groovy .gradle .scala .jsh",
    Language.CSHARP: ".cs .csx",
    Language.RUST: ".rs",
    Language.BATCH: ".bat .cmd",
    Language.APPLESCRIPT: ".applescript .scpt .jxa",
    Language.VBSCRIPT: ".vbs .vbe .vba .bas .wsf .hta",
    Language.DOCKERFILE: ".dockerfile .containerfile",
    Language.MAKEFILE: ".mk .mak .make",
    Language.CRONTAB: ".cron .crontab",
    Language.HTML: ".html .htm .xhtml .svg .vue .svelte .astro .hbs .ejs .jinja .j2",
    Language.MARKDOWN: ".md .mdx .markdown .mdc .mkd .mdown .rmd .qmd .rst .adoc .org .prompt .txt .text .rtf",
    Language.JSON: ".json .jsonc .json5 .jsonl .ndjson .webmanifest .code-workspace .har .avsc .geojson",
    Language.NOTEBOOK: ".ipynb",
    Language.YAML: ".yaml .yml",
    Language.TOML: ".toml",
    Language.INI: ".ini .cfg .conf .properties .env .desktop .service .timer .socket .path .reg .editorconfig .npmrc",
    Language.XML: ".xml .plist .xaml .csproj .pom .mobileconfig .launchd .wsdl .xsl .rss .nuspec .props .targets",
}
_FILE_NAMES = {
    Language.DOCKERFILE: "dockerfile containerfile",
    Language.MAKEFILE: "makefile gnumakefile justfile",
    Language.CRONTAB: "crontab",
    Language.RUBY: "gemfile rakefile podfile brewfile vagrantfile fastfile",
    Language.JAVA: "jenkinsfile",
    Language.PYTHON: "sconstruct tiltfile",
    Language.TOML: "pipfile cargo.lock poetry.lock uv.lock pdm.lock",
    Language.JSON: "composer.lock deno.lock bun.lock pipfile.lock flake.lock .babelrc .eslintrc .swcrc",
    Language.SHELL: ".bashrc .zshrc .profile .bash_profile .zprofile .zshenv .bash_aliases .envrc pkgbuild apkbuild "
    # Hooks of git, which have no extension and often no first line either.
    "pre-commit commit-msg prepare-commit-msg post-commit pre-push post-checkout post-merge pre-rebase post-rewrite",
    Language.INI: ".gitconfig .npmrc .yarnrc .pypirc .gitmodules procfile .netrc",
    Language.MARKDOWN: "readme agents claude gemini skill instructions install usage changelog contributing "
    ".cursorrules .windsurfrules .clinerules .aiderrules .roorules .goosehints",
}
_INTERPRETERS = {
    Language.PYTHON: "python pypy ipython uv pipx",
    Language.SHELL: "bash zsh ksh dash ash fish sh",
    Language.JAVASCRIPT: "node nodejs qjs osascript-js",
    Language.TYPESCRIPT: "deno bun ts-node tsx",
    Language.RUBY: "ruby",
    Language.PHP: "php",
    Language.POWERSHELL: "pwsh powershell",
    Language.PERL: "perl",
    Language.LUA: "lua luajit",
    Language.APPLESCRIPT: "osascript",
    Language.MAKEFILE: "make",
}
_TAGS = {
    Language.PYTHON: "python py python2 python3 py3 ipython ipython3 pycon pyodide python-repl gyp",
    Language.SHELL: "bash sh shell zsh ksh fish console terminal shell-session shellsession sh-session bash-session "
    "shellscript shell-script ash dash command commands cmdline cli term tty posix-sh user-session",
    Language.JAVASCRIPT: "javascript js jsx node nodejs mjs cjs ecmascript",
    Language.TYPESCRIPT: "typescript ts tsx mts cts deno",
    Language.RUBY: "ruby rb irb",
    Language.PHP: "php",
    Language.POWERSHELL: "powershell ps1 pwsh posh ps powershell-session",
    Language.GO: "go golang",
    Language.PERL: "perl pl",
    Language.LUA: "lua",
    Language.JAVA: "java kotlin kt groovy scala",
    Language.CSHARP: "csharp cs c#",
    Language.RUST: "rust rs",
    Language.BATCH: "bat batch cmd dos winbatch",
    Language.APPLESCRIPT: "applescript osascript",
    Language.VBSCRIPT: "vb vbs vbscript vba visualbasic",
    Language.DOCKERFILE: "dockerfile docker containerfile",
    Language.MAKEFILE: "makefile make mk just",
    Language.CRONTAB: "crontab cron",
    Language.HTML: "html htm xhtml svg vue svelte",
    Language.MARKDOWN: "markdown md mdx rst prompt instructions",
    Language.JSON: "json jsonc json5 jsonl",
    Language.YAML: "yaml yml",
    Language.TOML: "toml",
    Language.INI: "ini cfg conf properties dotenv env systemd service desktop editorconfig",
    Language.XML: "xml plist",
}


def _inverted(table: dict[Language, str]) -> dict[str, Language]:
    return {name: language for language, names in table.items() for name in names.split()}


BY_EXTENSION = _inverted(_EXTENSIONS)
BY_FILE_NAME = _inverted(_FILE_NAMES)
BY_INTERPRETER = _inverted(_INTERPRETERS)
BY_TAG = _inverted(_TAGS)
