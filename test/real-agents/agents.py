"""Agents on the server libraries of hosted agents, for tests.

What an agent does stands in its input, a JSON object such as
``{"case": "long", "do": "work", "seconds": 2}``. What it has done stands in the
ledger, a file with one JSON object a line: it outlives a server that is killed.

    python agents.py PORT LEDGER [--resilient]
"""

import argparse
import asyncio
import json
import re
import sys
import time
import uuid

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("ledger")
parser.add_argument("--resilient", action="store_true")
options = parser.parse_args()


def note(event, **facts):
    """Writes a line of the ledger. It is there when the call returns."""
    line = json.dumps({"event": event, "at": time.time(), **facts})
    with open(options.ledger, "a", encoding="utf-8") as ledger:
        ledger.write(line + "\n")


def refuse_calls_out(event, arguments):
    """Tests call nobody: the libraries would send telemetry, if they were let."""
    if event == "socket.connect":
        address = arguments[1]
        is_outside = isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1")
    elif event == "socket.getaddrinfo":
        address = arguments[0]
        is_outside = address not in (None, "", "127.0.0.1", "::1", "localhost")
    else:
        return
    if is_outside:
        note("called-out", address=str(address))
        raise ConnectionRefusedError(f"A test must not call {address}")


sys.addaudithook(refuse_calls_out)

# The hook sees what the libraries do when they are loaded, too.
from azure.ai.agentserver.invocations import InvocationAgentServerHost  # noqa: E402
from azure.ai.agentserver.responses import (  # noqa: E402
    ResponseEventStream,
    ResponsesAgentServerHost,
    ResponsesServerOptions,
)
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse  # noqa: E402


class Agents(InvocationAgentServerHost, ResponsesAgentServerHost):
    """One server that speaks both protocols."""


app = Agents(
    options=ResponsesServerOptions(resilient_background=options.resilient),
    configure_observability=None,
    access_log=None,
)


class Broken(Exception):
    """What an agent's own code throws."""


def words_of(order):
    """The text in pieces that joined are the text."""
    return re.findall(r"\S+\s*", order["text"])


async def first_of(seconds, *events):
    """Waits for the seconds to pass or for an event; says whether the time has passed."""
    waits = [asyncio.ensure_future(asyncio.sleep(seconds, "passed"))]
    waits += [asyncio.ensure_future(event.wait()) for event in events]
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return any(wait.result() == "passed" for wait in done)
    finally:
        for wait in waits:
            wait.cancel()


# What a response is called in the ledger when the agent has ended it in that way.
ENDS = {"fail": "failed", "ask": "asked", "refuse": "refused"}


@app.response_handler
async def respond(request, context, cancellation_signal):
    """By Responses: created, in progress, then what the input asks for."""
    order = json.loads(await context.get_input_text())
    facts = {"case": order["case"], "id": context.response_id}
    stream = ResponseEventStream(response_id=context.response_id, request=request)
    note("begun", **facts, again=bool(context.is_recovery))
    how = "broken off"
    try:
        yield stream.emit_created()
        yield stream.emit_in_progress()
        signals = [] if order.get("stubborn") else [cancellation_signal]
        if not await first_of(order.get("seconds", 0), *signals):
            how = "cancelled"
            return
        if order["do"] == "raise":
            how = "raised"
            raise Broken("The agent's own code broke")
        how = ENDS.get(order["do"], "completed")
        for event in end_of(stream, order):
            yield event
    finally:
        note("ended", **facts, how=how)


def end_of(stream, order):
    """The events that end a response: a failure, or an item and the completion."""
    if order["do"] == "fail":
        yield stream.emit_failed(code="server_error", message="The agent gave up")
        return
    yield from request_for_approval(stream) if order["do"] == "ask" else message_of(stream, order)
    yield stream.emit_completed(usage=order.get("usage"))


def request_for_approval(stream):
    """An item that waits for an answer."""
    item = {
        "type": "mcp_approval_request",
        "id": f"mcpr_{uuid.uuid4().hex}",
        "server_label": "mail",
        "name": "send_mail",
        "arguments": "{}",
    }
    builder = stream.add_output_item_mcp_approval_request()
    yield builder.emit_added(item)
    yield builder.emit_done(item)


def message_of(stream, order):
    """A message with a refusal, or with a text bit by bit."""
    message = stream.add_output_item_message()
    yield message.emit_added()
    if order["do"] == "refuse":
        part = message.add_refusal_content()
        yield part.emit_added()
        yield part.emit_refusal_done("The agent does not do that")
    else:
        part = message.add_text_content()
        yield part.emit_added()
        for word in words_of(order):
            yield part.emit_delta(word)
        yield part.emit_text_done(order["text"])
    yield part.emit_done()
    yield message.emit_done()


invocations = {}


@app.invoke_handler
async def invoke(request):
    """By Invocations: an answer, a stream, or work that is accepted with 202."""
    order = await request.json()
    invocation_id = request.state.invocation_id
    facts = {"case": order["case"], "id": invocation_id}
    if order["do"] == "work":
        if invocation_id not in invocations:
            invocation = {"order": order, "status": "running", "cancel": asyncio.Event()}
            invocations[invocation_id] = invocation
            invocation["task"] = asyncio.ensure_future(work(invocation, facts))
        return JSONResponse({"invocation_id": invocation_id, "status": "running"}, status_code=202)
    note("begun", **facts, again=False)
    if order["do"] == "stream":
        return StreamingResponse(words(order, facts), media_type="text/event-stream")
    await asyncio.sleep(order.get("seconds", 0))
    if order["do"] == "raise":
        note("ended", **facts, how="raised")
        raise Broken("The agent's own code broke")
    note("ended", **facts, how="completed")
    return PlainTextResponse(order["text"])


async def words(order, facts):
    """The events of an answer, one word each; the order may cut them off."""
    how = "broken off"
    try:
        for number, word in enumerate(words_of(order)):
            await asyncio.sleep(order.get("seconds", 0))
            if number == order.get("cut_after"):
                raise Broken("The stream is cut")
            yield f"data: {json.dumps({'delta': word})}\n\n"
        how = "completed"
        yield f"data: {json.dumps({'status': 'completed'})}\n\n"
    finally:
        note("ended", **facts, how=how)


async def work(invocation, facts):
    """Work that goes on behind a 202."""
    note("begun", **facts, again=False)
    order = invocation["order"]
    passed = await first_of(order.get("seconds", 0), invocation["cancel"])
    invocation["status"] = "completed" if passed else "cancelled"
    note("ended", **facts, how=invocation["status"])


def not_known():
    """The answer to a question about an invocation that there is not."""
    return JSONResponse({"error": {"code": "not_found", "message": "Not known"}}, status_code=404)


@app.get_invocation_handler
async def show_invocation(request):
    """What has become of accepted work."""
    invocation = invocations.get(request.path_params["invocation_id"])
    if invocation is None:
        return not_known()
    answer = {"status": invocation["status"]}
    if answer["status"] == "completed":
        answer["output"] = invocation["order"]["text"]
    return JSONResponse(answer)


@app.cancel_invocation_handler
async def cancel_invocation(request):
    """Tells accepted work to stop."""
    invocation = invocations.get(request.path_params["invocation_id"])
    if invocation is None:
        return not_known()
    invocation["cancel"].set()
    return JSONResponse({"status": "cancelled"})


app.run(host="127.0.0.1", port=options.port)
