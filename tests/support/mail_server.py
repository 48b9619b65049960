"""A mail server for tests: prints its port, then one JSON object a line for each mail it took.

Who a mail is to decides what becomes of it: later@ 451, never@ 550, full@ 552 after its content,
gone@ 550 that repeats the address, stuck@ no answer. barred@ and relayed@ are refused as Postfix and
Exim refuse a client that they do not want; spam@ 554 after its content, bare@ 550 without a status.
The mode unwelcome greets nobody but with 554.
"""
import argparse
import asyncio
import email
import email.policy
import json
import ssl

from aiosmtpd.smtp import SMTP, AuthResult


def say(value):
    print(json.dumps(value), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("stuck@"):
            await asyncio.Event().wait()
        refusal = {"later": "451 4.7.1 Come back later", "never": "550 5.1.1 Nobody of that name",
                   "bare": "550 No such mailbox", "relayed": "550 Relay not permitted",
                   "barred": "554 5.7.1 <unknown[127.0.0.1]>: Client host rejected: Access denied",
                   "gone": f"550 5.1.1 <{address.lower()}>: gone, so no mail for {address}"}
        reply = refusal.get(address.split("@")[0].lower())
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos[0].startswith("full@"):
            return "552 5.2.2 The mailbox is full"
        if envelope.rcpt_tos[0].startswith("spam@"):
            return "554 5.7.1 This looks like spam"
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "greeting": session.host_name,
            "tls": session.ssl is not None,
            "user": session.auth_data,
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "subject": mail["Subject"],
            "sender": mail["From"],
            "text": mail.get_body(["plain"]).get_content().replace("\r\n", "\n"),
            "html": mail.get_body(["html"]).get_content().replace("\r\n", "\n"),
        })
        return "250 OK"


def authenticate(server, session, envelope, mechanism, login):
    good = (login.login, login.password) == (b"seendr", b"open sesame")
    return AuthResult(success=good, handled=good, auth_data=login.login.decode() if good else None)


async def silent(reader, writer):
    await reader.read()


async def unwelcome(reader, writer):
    writer.write(b"554 5.7.1 No mail from you\r\n")
    await reader.read()


async def main(options):
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate, options.key)
    loop = asyncio.get_running_loop()

    def protocol():
        starttls = options.mode == "starttls"
        return SMTP(Handler(), loop=loop, hostname="mail.test", enable_SMTPUTF8=True,
                    tls_context=context if starttls else None, require_starttls=starttls,
                    authenticator=authenticate, auth_required=options.sign_in,
                    auth_require_tls=options.mode != "tls")

    if options.mode in ("silent", "unwelcome"):
        answer = silent if options.mode == "silent" else unwelcome
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
    else:
        server = await loop.create_server(protocol, "127.0.0.1", 0,
                                          ssl=context if options.mode == "tls" else None)
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


parser = argparse.ArgumentParser()
parser.add_argument("mode", choices=["plain", "starttls", "tls", "silent", "unwelcome"])
parser.add_argument("--certificate")
parser.add_argument("--key")
parser.add_argument("--sign-in", action="store_true")
asyncio.run(main(parser.parse_args()))
