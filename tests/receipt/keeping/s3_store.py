"""A store that speaks S3 over HTTP and checks every signature, in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
import httpx

# What is done before it asks for signatures: a bucket, and a user with a key who may use it.
UNSIGNED = "4"
BUCKET = "kho-bien-lai"
REGION = "ap-southeast-1"
POLICY = (
    '{"Version": "2012-10-17",'
    ' "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
)
START_SECONDS_MAX = 60


@dataclass(frozen=True)
class Store:
    endpoint: str
    access_key: str
    secret: str


@contextmanager
def running_store() -> Iterator[Store]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": UNSIGNED},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(endpoint, process)
        yield _opened(endpoint)
    finally:
        process.kill()
        process.wait()


def _wait(endpoint: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(f"{endpoint}/moto-api/", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the store did not start")


def _opened(endpoint: str) -> Store:
    told = {
        "endpoint_url": endpoint,
        "region_name": REGION,
        "aws_access_key_id": "nobody",
        "aws_secret_access_key": "nothing",
    }
    with_iam = boto3.client("iam", **told)
    store = boto3.client("s3", **told)
    store.create_bucket(
        Bucket=BUCKET,
        ObjectLockEnabledForBucket=True,
        CreateBucketConfiguration={"LocationConstraint": REGION},
    )
    with_iam.create_user(UserName="lephi")
    with_iam.put_user_policy(UserName="lephi", PolicyName="kho", PolicyDocument=POLICY)
    key = with_iam.create_access_key(UserName="lephi")["AccessKey"]
    return Store(endpoint, key["AccessKeyId"], key["SecretAccessKey"])
