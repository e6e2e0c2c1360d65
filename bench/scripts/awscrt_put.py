"""Puts a folder with the S3 client of the AWS CRT: python awscrt_put.py folder bucket url concurrency.

The CRT reads the files, splits large ones into parts and signs without the payload. It sends a CRC32 of each body in a trailer.
"""

import os
import sys
from threading import Semaphore
from urllib.parse import quote, urlsplit

from awscrt.auth import AwsCredentialsProvider
from awscrt.http import HttpHeaders, HttpRequest
from awscrt.io import ClientBootstrap, ClientTlsContext, DefaultHostResolver, EventLoopGroup, TlsContextOptions
from awscrt.s3 import (
    S3ChecksumAlgorithm,
    S3ChecksumConfig,
    S3ChecksumLocation,
    S3Client,
    S3RequestTlsMode,
    S3RequestType,
    create_default_s3_signing_config,
)

folder, bucket, url, concurrency = sys.argv[1:]
endpoint = urlsplit(url)
tls = endpoint.scheme == "https"
group = EventLoopGroup()
bootstrap = ClientBootstrap(group, DefaultHostResolver(group))
provider = AwsCredentialsProvider.new_static(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
region = os.environ["AWS_REGION"]
connection_options = None
if tls:
    options = TlsContextOptions()
    options.override_default_trust_store_from_path(None, os.environ["SSL_CERT_FILE"])
    connection_options = ClientTlsContext(options).new_connection_options()
client = S3Client(
    bootstrap=bootstrap,
    region=region,
    tls_mode=S3RequestTlsMode.ENABLED if tls else S3RequestTlsMode.DISABLED,
    tls_connection_options=connection_options,
    signing_config=create_default_s3_signing_config(region=region, credential_provider=provider),
)
in_flight = Semaphore(int(concurrency))
errors = []


def finished(error=None, **_):
    if error is not None:
        errors.append(error)
    in_flight.release()


pending = []
for path, _, names in os.walk(folder):
    for name in names:
        file = os.path.join(path, name)
        key = os.path.relpath(file, folder)
        headers = HttpHeaders([("host", endpoint.netloc), ("content-length", str(os.stat(file).st_size))])
        in_flight.acquire()
        request = client.make_request(
            type=S3RequestType.PUT_OBJECT,
            request=HttpRequest("PUT", f"/{bucket}/{quote(key)}", headers),
            send_filepath=file,
            checksum_config=S3ChecksumConfig(
                algorithm=S3ChecksumAlgorithm.CRC32, location=S3ChecksumLocation.TRAILER
            ),
            on_done=finished,
        )
        pending.append(request)
        if len(pending) > 1000:
            pending = [one for one in pending if not one.finished_future.done()]
for one in pending:
    one.finished_future.exception()
for _ in range(int(concurrency)):
    in_flight.acquire()
if errors:
    sys.exit(f"{len(errors)} failed: {errors[0]}")
