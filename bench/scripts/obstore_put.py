"""Puts a folder with obstore, the Python face of Rust's object_store: python obstore_put.py folder bucket url concurrency.

It signs every body by SHA-256, also over TLS, and sends no other checksum. It trusts SSL_CERT_FILE.
"""

import asyncio
import os
import sys
from pathlib import Path

from obstore.store import S3Store

folder, bucket, url, concurrency = sys.argv[1:]
store = S3Store(
    bucket,
    endpoint=url,
    access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
    secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    region=os.environ["AWS_REGION"],
    virtual_hosted_style_request=False,
    client_options={"allow_http": url.startswith("http:")},
)
files = (os.path.join(path, name) for path, _, names in os.walk(folder) for name in names)


async def work():
    for file in files:
        await store.put_async(os.path.relpath(file, folder), Path(file))


async def main():
    await asyncio.gather(*(work() for _ in range(int(concurrency))))


asyncio.run(main())
# Its threads can abort the process while the interpreter ends.
os._exit(0)
