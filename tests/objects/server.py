"""A server that speaks S3, on loopback, for tests: moto's, one request at a time, so that a put under a condition is one step.

Prints its port, serves until standard input ends, and writes each request as a line to the file that is named. It takes one pair of
credentials. What a test asks of it goes to /-/: that the answer to the next put of a name be lost, that conditions be passed over.
"""

import os
import sys
import threading

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

ACCESS_KEY = "utfall"
DENIED = b"<?xml version='1.0'?><Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>"


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        pass


class Server:
    def __init__(self, log):
        self.app = DomainDispatcherApplication(create_backend_app)
        self.log = open(log, "a", buffering=1)
        self.losing = None
        self.keeps_conditions = True

    def __call__(self, environ, start):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path.startswith("/-/lose/"):
            self.losing = path[len("/-/lose/"):]
            start("204 No Content", [])
            return []
        if path == "/-/unfit":
            self.keeps_conditions = False
            start("204 No Content", [])
            return []
        if f"Credential={ACCESS_KEY}/" not in environ.get("HTTP_AUTHORIZATION", ""):
            start("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(DENIED)))])
            return [DENIED]
        condition = " ".join(f"{name}" for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH") if name in environ)
        self.log.write(f"{method} {path}?{environ.get('QUERY_STRING', '')} {condition}\n")
        if not self.keeps_conditions:
            environ.pop("HTTP_IF_NONE_MATCH", None)
            environ.pop("HTTP_IF_MATCH", None)
        answer = self.app(environ, start)
        if method == "PUT" and self.losing and path.endswith(self.losing):
            self.losing = None
            b"".join(answer)
            environ["werkzeug.socket"].shutdown(2)
        return answer


def main():
    server = make_server("127.0.0.1", 0, Server(sys.argv[1]), threaded=False, request_handler=Quiet)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


main()
