import boto3

session = boto3.Session(
    aws_access_key_id="AKIANCV4B6YA2VHMARMI",
    aws_secret_access_key="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",
)
