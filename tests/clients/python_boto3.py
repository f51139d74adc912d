#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""AWS's own SDK: python_boto3.py ENDPOINT MODEL BODY prints the answer's bytes.

Debian's botocore does not know Bedrock's runtime; what it has to know lies in aws/.
"""

import os
import sys

import boto3
from botocore.config import Config

os.environ["AWS_DATA_PATH"] = os.path.join(os.path.dirname(os.path.abspath(__file__)), "aws")

endpoint, model, body = sys.argv[1:4]
client = boto3.client("bedrock-runtime", region_name="us-east-1", endpoint_url=endpoint,
                      aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="tests-only",
                      config=Config(retries={"max_attempts": 0}))
answer = client.invoke_model(modelId=model, body=body, contentType="application/json",
                             accept="application/json")
sys.stdout.buffer.write(answer["body"].read() + b"\n")
