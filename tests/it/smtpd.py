"""A real SMTP server for tests: aiosmtpd, keeping each mail as a file.

    smtpd.py PORT FOLDER

Mail to `nobody@…` is refused for good, mail to `later@…` for now.
"""

import sys
import time

from aiosmtpd.controller import Controller


class Keeper:
    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is no such mailbox"
        if address.startswith("later@"):
            return "451 4.3.0 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = f"{self.folder}/{self.count}.eml"
        with open(name, "wb") as file:
            file.write(envelope.content)
        return "250 kept"


controller = Controller(Keeper(sys.argv[2]), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print("ready", flush=True)
# Gone with whoever started it.
sys.stdin.read()
controller.stop()
