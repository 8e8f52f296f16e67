"""Names worth imitating: much-used packages and the vendors that skills are written for.

Data, short on purpose. Real names that lie one slip away from another real one are in
the same list, so that neither is taken for an imitation.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


PYPI = _names(
    """
    requests request urllib3 urllib numpy pandas scipy matplotlib seaborn scikit-learn tensorflow pytorch
    torch torchvision keras
    transformers datasets tokenizers accelerate openai anthropic langchain langchain-core llama-index
    chromadb faiss-cpu tiktoken
    flask fastapi django starlette uvicorn gunicorn pydantic sqlalchemy alembic psycopg2 psycopg2-binary
    pymongo redis celery boto3
    botocore awscli google-cloud-storage google-auth azure-identity paramiko cryptography pycryptodome pyjwt
    bcrypt passlib httpx
    httpcore aiohttp websockets websocket-client beautifulsoup4 lxml selenium playwright scrapy pillow
    opencv-python imageio reportlab pypdf
    pypdf2 pdfplumber python-docx python-pptx openpyxl xlsxwriter markdown markdown2 mistune jinja2 click
    typer rich tqdm colorama
    pyyaml tomli toml python-dotenv dotenv jsonschema pytest pytest-cov coverage black flake8 pylint mypy
    isort setuptools wheel
    twine virtualenv pipenv poetry docker kubernetes ansible fabric psutil schedule apscheduler
    python-dateutil dateutil arrow pendulum pytz
    web3 eth-account solana ccxt yfinance python-binance stripe twilio slack-sdk slack-bolt discord
    discord.py tweepy python-telegram-bot
    notion-client github3 pygithub gitpython feedparser newspaper3k nltk spacy gensim networkx sympy plotly
    dash streamlit gradio
    bs4 attrs certifi idna charset-normalizer chardet six packaging marshmallow orjson ujson simplejson
    msgpack protobuf grpcio
    """
)
NPM = _names(
    """
    express react react-dom next vue svelte angular lodash underscore axios node-fetch request got chalk
    commander yargs inquirer
    typescript ts-node eslint prettier webpack rollup vite esbuild babel jest mocha chai vitest puppeteer
    playwright cheerio
    dotenv cross-env cross-spawn rimraf glob minimist semver uuid nanoid moment dayjs date-fns socket.io
    mongoose sequelize
    prisma knex mysql mysql2 sqlite3 better-sqlite3 redis ioredis bcrypt bcryptjs jsonwebtoken passport
    helmet cors body-parser
    morgan winston pino nodemailer multer sharp jimp openai anthropic langchain ethers web3 discord.js
    telegraf twilio stripe
    @anthropic-ai/sdk @anthropic-ai/claude-code @modelcontextprotocol/sdk tailwindcss postcss autoprefixer
    bootstrap jquery
    graphql apollo-server nodemon concurrently husky lint-staged colors debug async bluebird rxjs immer
    zustand redux mobx
    electron preact solid-js fastify hapi koa nest turbo lerna serverless aws-sdk firebase firebase-admin
    firebase-tools
    """
)
VENDORS = _names(
    """
    anthropic claude openai chatgpt google gemini microsoft github gitlab bitbucket slack discord telegram
    whatsapp notion
    linear atlassian confluence stripe paypal shopify hubspot salesforce amazon cloudflare vercel netlify
    supabase firebase
    docker kubernetes terraform jenkins datadog sentry grafana postgres postgresql mongodb elasticsearch
    coinbase binance
    metamask phantom ethereum bitcoin solana polymarket facebook instagram twitter youtube linkedin spotify
    airtable zapier
    clawhub openclaw cursor windsurf copilot figma
    """
)
