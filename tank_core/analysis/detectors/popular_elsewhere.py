"""Names worth imitating beyond PyPI and npm: crates, gems, Go modules, images, actions, editor extensions, formulas.

Data, short on purpose, as ``popular_names`` is: real names that lie one slip away from
another real one stand here, too.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


CRATES = _names(
    """
    serde serde_json serde_yaml serde_derive serde-json serde-yaml serde-derive tokio tokio-util hyper reqwest axum
    actix-web actix clap structopt anyhow thiserror tracing tracing-subscriber env_logger env-logger rayon regex
    chrono futures bytes base64 crossbeam itertools lazy_static lazy-static once_cell once-cell parking_lot
    parking-lot indexmap hashbrown num_cpus openssl rustls diesel sqlx tempfile walkdir ripgrep bindgen wasm-bindgen
    syn quote proc-macro2 semver url uuid rand rand_core getrandom libc bitflags nom winapi rusqlite tonic prost
    ratatui crossterm indicatif dialoguer colored bincode flate2 criterion proptest cargo-edit cargo-watch
    cargo-audit cargo-nextest zellij starship exa bat hyperfine
    """
)
GEMS = _names(
    """
    rails activesupport activerecord actionpack rack rake bundler nokogiri devise sidekiq puma unicorn sinatra rspec
    rspec-core rspec-rails minitest rubocop pry byebug faker capybara factory_bot factory-bot httparty faraday
    rest-client json oj pg mysql2 sqlite3 redis resque jekyll jekyll-feed cocoapods fastlane thor colorize mime-types
    rails-html-sanitizer loofah concurrent-ruby bootsnap omniauth cancancan carrierwave paperclip simplecov webmock
    activeadmin kaminari will_paginate will-paginate dotenv aws-sdk bcrypt addressable tzinfo i18n
    """
)
GO_MODULES = _names(
    """
    github.com/sirupsen/logrus github.com/spf13/cobra github.com/spf13/viper github.com/spf13/pflag
    github.com/gin-gonic/gin github.com/gorilla/mux github.com/gorilla/websocket github.com/stretchr/testify
    github.com/pkg/errors github.com/google/uuid github.com/urfave/cli github.com/go-chi/chi github.com/labstack/echo
    github.com/gofiber/fiber github.com/jackc/pgx github.com/go-redis/redis github.com/redis/go-redis
    github.com/hashicorp/terraform github.com/hashicorp/vault github.com/prometheus/client_golang
    github.com/aws/aws-sdk-go github.com/aws/aws-sdk-go-v2 github.com/docker/docker github.com/golang/protobuf
    github.com/mattn/go-sqlite3 github.com/boltdb/bolt github.com/charmbracelet/bubbletea
    github.com/golangci/golangci-lint github.com/ethereum/go-ethereum github.com/fatih/color github.com/joho/godotenv
    """
)
IMAGES = _names(
    """
    python node nginx postgres redis ubuntu alpine debian mysql mariadb mongo golang rust ruby php httpd memcached
    rabbitmq busybox openjdk eclipse-temurin elasticsearch kibana logstash traefik haproxy wordpress jenkins registry
    centos fedora amazonlinux docker influxdb grafana prometheus consul vault cassandra couchbase neo4j swift perl
    grafana/grafana prom/prometheus jenkins/jenkins bitnami/postgresql bitnami/redis hashicorp/terraform
    selenium/standalone-chrome browserless/chrome ollama/ollama n8nio/n8n portainer/portainer-ce
    """
)
ACTIONS = _names(
    """
    actions/checkout actions/setup-python actions/setup-node actions/setup-go actions/setup-java actions/setup-dotnet
    actions/cache actions/upload-artifact actions/download-artifact actions/github-script actions/labeler actions/stale
    actions/create-release actions/deploy-pages actions/configure-pages actions/upload-pages-artifact
    docker/build-push-action docker/login-action docker/setup-buildx-action docker/setup-qemu-action
    docker/metadata-action aws-actions/configure-aws-credentials google-github-actions/auth azure/login
    azure/setup-helm codecov/codecov-action softprops/action-gh-release peter-evans/create-pull-request
    hashicorp/setup-terraform github/codeql-action golangci/golangci-lint-action pypa/gh-action-pypi-publish
    astral-sh/setup-uv pnpm/action-setup oven-sh/setup-bun denoland/setup-deno ruby/setup-ruby
    dtolnay/rust-toolchain swatinem/rust-cache tj-actions/changed-files trufflesecurity/trufflehog
    anthropics/claude-code-action
    """
)
EXTENSIONS = _names(
    """
    ms-python.python ms-python.vscode-pylance ms-toolsai.jupyter ms-vscode.cpptools esbenp.prettier-vscode
    dbaeumer.vscode-eslint eamodio.gitlens github.copilot github.copilot-chat ms-azuretools.vscode-docker
    ms-vscode-remote.remote-ssh ms-vscode-remote.remote-containers golang.go rust-lang.rust-analyzer
    redhat.java redhat.vscode-yaml vscodevim.vim ritwickdey.liveserver pkief.material-icon-theme
    juanblanco.solidity nomicfoundation.hardhat-solidity anthropic.claude-code charliermarsh.ruff
    ms-dotnettools.csharp hashicorp.terraform streetsidesoftware.code-spell-checker
    """
)
FORMULAS = _names(
    """
    python python3 node nginx postgresql redis wget curl ffmpeg imagemagick ripgrep pandoc poppler tesseract graphviz
    terraform kubectl kubernetes-cli helm docker colima podman cmake automake autoconf openssl sqlite mysql mongodb
    neovim tmux zellij starship httpie yt-dlp exiftool ghostscript libreoffice awscli azure-cli google-cloud-sdk
    """
)
