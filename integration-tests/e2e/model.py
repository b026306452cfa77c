"""A model server on this machine that keeps what it is told, and answers or fails on demand; for canaries."""

import http.server
import json
import threading


class Model:
    """Speaks as OpenAI's API does. Fails, quoting all it was sent, where a question contains `break down`."""

    def __init__(self):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                asked.append((self.headers.get("authorization", ""), body))
                if "break down" in body:
                    self.reply(500, {"error": {"message": f"{self.headers.get('authorization')} {body}"}})
                else:
                    choice = {"index": 0, "message": {"role": "assistant", "content": "The sea is wide."}, "finish_reason": "stop"}
                    usage = {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}
                    self.reply(200, {"id": "1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage})

            def reply(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://host.docker.internal:{self.port}/v1"
