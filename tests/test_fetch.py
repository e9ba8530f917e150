"""`fetch.py` against a real server on loopback, and against addresses that a stranger might give."""

import asyncio
import contextlib
import gzip
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from hugginggpt.errors import BlockedAddress, InputError, SettingsError, TooLarge
from hugginggpt.fetch import FetchCaps, Fetched, Fetcher, read_data_url, refusal

PUBLIC = "93.184.216.34"
"""A public address that no test connects to."""


class Site:
    """What the server on loopback serves, where it is, and what it was asked."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.asked: list[Request] = []
        self.port = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"


@contextlib.contextmanager
def serving(site: Site, **options: Any) -> Iterator[Site]:
    """Serves in a thread, so that one server lasts for many tests, each with an event loop of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        site.port = listener.getsockname()[1]
        config = uvicorn.Config(
            site.app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1, **options
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield site  # it listens already; what connects before the server runs waits in line
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def site(served: Site) -> Site:
    served.asked.clear()
    return served


@pytest.fixture(scope="module")
def served() -> Iterator[Site]:
    site = Site()
    app = site.app

    @app.middleware("http")
    async def remember(request: Request, call_next: Callable[[Request], Any]) -> Any:
        site.asked.append(request)
        return await call_next(request)

    @app.get("/note.txt")
    async def note() -> PlainTextResponse:
        response = PlainTextResponse("a note")
        response.set_cookie("seen", "1")
        return response

    @app.get("/to")
    async def to(where: str, code: int = 302) -> Response:
        return Response(status_code=code, headers={"location": where})

    @app.get("/loop")
    async def loop() -> RedirectResponse:
        return RedirectResponse("/loop")

    @app.get("/hops/{count}")
    async def hops(count: int) -> RedirectResponse:
        return RedirectResponse(f"/hops/{count - 1}" if count else "/note.txt")

    @app.get("/bytes/{count}")
    async def sized(count: int) -> Response:
        return Response(b"x" * count)

    @app.get("/stream/{count}")
    async def unsized(count: int) -> StreamingResponse:
        async def pieces() -> AsyncGenerator[bytes, None]:
            for _ in range(count):
                yield b"x" * 1000

        return StreamingResponse(pieces())

    @app.get("/drip")
    async def drip() -> StreamingResponse:
        async def drops() -> AsyncGenerator[bytes, None]:
            while True:
                yield b"x"
                await asyncio.sleep(0.02)

        return StreamingResponse(drops())

    @app.get("/zipped/{kind}")
    async def zipped(kind: str) -> Response:
        text = b"a note, " * 1000
        bodies = {
            "gzip": gzip.compress(text),
            "two": gzip.compress(text[:100]) + gzip.compress(text[100:]),
            "deflate": zlib.compress(text),
            "bomb": gzip.compress(bytes(20_000_000)),
            "broken": b"this is no gzip",
            "cut": gzip.compress(os.urandom(1000))[:-20],
            "br": b"whatever",
        }
        encoding = {"deflate": "deflate", "br": "br"}.get(kind, "gzip")
        return Response(bodies[kind], headers={"content-encoding": encoding})

    with serving(site):
        yield site


@contextlib.asynccontextmanager
async def fetching(site: Site | None = None, **options: Any) -> AsyncGenerator[Fetcher, None]:
    """A fetcher that may reach the site."""
    allow = frozenset({site.host}) if site else frozenset()
    async with contextlib.aclosing(Fetcher(**{"allow_hosts": allow, **options})) as fetcher:
        yield fetcher


class Wire(httpx2.AsyncBaseTransport):
    """Stands in for the network: keeps each request and answers it."""

    def __init__(self, answers: Mapping[str, httpx2.Response] | None = None) -> None:
        self.answers = answers or {}
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self.answers.get(request.url.path) or httpx2.Response(200, stream=httpx2.ByteStream(b"public"))


async def test_an_allowed_host_is_fetched_with_name_and_type(site: Site) -> None:
    async with fetching(site) as fetcher:
        got = await fetcher.fetch(site.url("/note.txt?key=secret#part"))
    assert got == Fetched(b"a note", "note.txt", "text/plain", site.url("/note.txt"))


async def test_a_request_says_who_asks_and_nothing_else(site: Site) -> None:
    async with fetching(site) as fetcher:
        await fetcher.fetch(site.url("/note.txt"))
        await fetcher.fetch(site.url("/note.txt"))  # the first answer set a cookie
    assert dict(site.asked[-1].headers) == {
        "host": site.host,
        "user-agent": "hugginggpt",
        "accept": "*/*",
        "accept-encoding": "identity",
    }


async def test_proxies_and_netrc_of_the_environment_are_not_used(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with fetching(site) as fetcher:
        assert (await fetcher.fetch(site.url("/note.txt"))).data == b"a note"
    assert "authorization" not in site.asked[0].headers


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("127.0.0.1", "this machine"),
        ("127.255.255.254", "this machine"),
        ("0.0.0.0", "this machine"),
        ("10.1.2.3", "a private address"),
        ("172.31.255.255", "a private address"),
        ("192.168.0.1", "a private address"),
        ("169.254.169.254", "a link-local address"),
        ("100.64.0.1", "an address inside a provider's network"),
        ("168.63.129.16", "a cloud's own service"),
        ("192.0.0.192", "a reserved address"),
        ("224.0.0.1", "a multicast address"),
        ("255.255.255.255", "a reserved address"),
        ("::1", "this machine"),
        ("::", "this machine"),
        ("fc00::1", "a private address"),
        ("fd00:ec2::254", "a private address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "which is no plain IP address"),
        ("fec0::1", "a reserved address"),
        ("ff02::1", "a multicast address"),
        ("::ffff:127.0.0.1", "an IPv4 address in disguise"),
        ("::ffff:7f00:1", "an IPv4 address in disguise"),
        ("::127.0.0.1", "a reserved address"),
        ("2002:7f00:1::", "a tunnel's address"),
        ("2002:a9fe:a9fe::1", "a tunnel's address"),
        ("64:ff9b::127.0.0.1", "this machine"),
        ("64:ff9b::10.0.0.1", "a private address"),
        ("64:ff9b:1::10.0.0.1", "a reserved address"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "a reserved or tunnel's address"),
        ("2600::200:5efe:10.0.0.1", "a tunnel's address"),
        ("2001:db8::1", "an address for documentation"),
        ("not an address", "which is no plain IP address"),
        (PUBLIC, ""),
        ("2606:2800:220:1:248:1893:25c8:1946", ""),
        ("64:ff9b::93.184.216.34", ""),
        ("172.32.0.1", ""),
        ("100.128.0.1", ""),
    ],
)
async def test_only_public_addresses_may_be_reached(address: str, why: str) -> None:
    assert refusal(address) == why


@given(st.ip_addresses())
def test_what_python_calls_private_is_refused(address: Any) -> None:
    if (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
    ):
        # The one exception is an IPv4 host as networks with IPv6 only reach it.
        assert refusal(str(address)) or str(address).startswith("64:ff9b::")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://10.0.0.1/",
        "http://192.168.1.1:8080/admin",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "http://[fc00::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[0:0:0:0:0:ffff:7f00:0001]/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.0x1/",
        "http://010.0.0.1/",
        "http://[127.0.0.1]/",
        "http://[fe80::1%25eth0]/",
        "http://[::1%lo]/",
    ],
)
async def test_an_address_of_this_machine_or_its_network_is_blocked_however_it_is_written(url: str) -> None:
    wire = Wire()
    async with fetching(transport=wire) as fetcher:
        with pytest.raises(BlockedAddress):
            await fetcher.fetch(url)
    assert wire.requests == []


@pytest.mark.parametrize(
    "url",
    [
        r"http://a\@b/",
        r"http:\\example.com/",
        r"http://example.com\.evil.test/",
        "http://me:secret@example.com/",
        "http://me@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com:80:81/",
        "http://example.com:port/",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://exa mple.com/",
        "http://example.com/a b",
        "http://example.com/\r\nX-Evil: 1",
        "http://exam\tple.com/",
        "http://exa\u200bmple.com/",
        "http://example.com/\u202egpj.exe",
        "http:///path",
        "http://",
        "http://?q",
        "http://.example.com/",
        "http://exam%70le.com/",
        "http://-example.com/",
        "http://example..com/",
        "http://" + "a" * 64 + ".com/",
        "http://127\u30020\u30020\u30021/",
        "http://example\u3002com/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://\u2460\u2461\u2466.0.0.1/",
        "http://[::1/",
        "http://[example.com]/",
        "http:example.com",
        "http:/example.com",
        "example.com",
        "//example.com/",
        "",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/_x",
        "ftp://example.com/",
        "data:text/plain,hello",
        "javascript:alert(1)",
        "http://example.com/" + "a" * 9_000,
    ],
)
async def test_an_address_that_is_not_plainly_http_is_refused(url: str) -> None:
    wire = Wire()
    async with fetching(transport=wire, resolve=lambda host, port: [PUBLIC]) as fetcher:
        with pytest.raises(InputError) as caught:
            await fetcher.fetch(url)
    assert wire.requests == []
    assert "secret" not in str(caught.value) and len(str(caught.value)) < 400 and "\n" not in str(caught.value)


@given(st.text(max_size=40).map(lambda text: f"http://{text}") | st.text(max_size=40))
def test_no_text_makes_the_fetcher_stumble(url: str) -> None:
    async def fetch() -> None:
        wire = Wire()
        async with fetching(transport=wire, resolve=lambda host, port: [PUBLIC]) as fetcher:
            with contextlib.suppress(InputError):
                await fetcher.fetch(url)
        assert all(request.url.host == PUBLIC or not refusal(request.url.host) for request in wire.requests)

    asyncio.run(fetch())


@pytest.mark.parametrize(
    ("url", "pinned", "host"),
    [
        ("http://Example.COM/", "93.184.216.34", "example.com"),
        ("https://example.com:8443/a?b#c", "93.184.216.34", "example.com:8443"),
        ("http://b\u00fccher.example/", "93.184.216.34", "xn--bcher-kva.example"),
        ("http://[2606:2800:220:1::1]:81/", "2606:2800:220:1::1", "[2606:2800:220:1::1]:81"),
        ("http://8.8.8.8/", "8.8.8.8", "8.8.8.8"),
    ],
)
async def test_a_public_name_is_reached_by_its_address_under_its_name(url: str, pinned: str, host: str) -> None:
    wire = Wire()
    async with fetching(transport=wire, resolve=lambda host, port: [PUBLIC]) as fetcher:
        assert (await fetcher.fetch(url)).data == b"public"
    [request] = wire.requests
    assert (request.url.host, request.headers["host"]) == (pinned, host)
    assert request.extensions["sni_hostname"] == httpx2.URL(f"http://{host}").host.replace(
        "b\u00fccher", "xn--bcher-kva"
    )


async def test_a_name_with_one_private_address_among_public_ones_is_blocked() -> None:
    wire = Wire()
    async with fetching(transport=wire, resolve=lambda host, port: [PUBLIC, "10.0.0.1"]) as fetcher:
        with pytest.raises(BlockedAddress, match=r"http://twofaced.test/ leads to 10.0.0.1, a private address"):
            await fetcher.fetch("http://twofaced.test/?key=secret")
    assert wire.requests == []


async def test_a_name_that_changes_its_answer_is_reached_where_it_was_checked() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    wire = Wire()
    async with fetching(transport=wire, resolve=lambda host, port: next(answers)) as fetcher:
        await fetcher.fetch("http://rebind.test/")
        with pytest.raises(BlockedAddress):
            await fetcher.fetch("http://rebind.test/")
    assert [request.url.host for request in wire.requests] == [PUBLIC]


async def test_a_name_is_looked_up_once_for_check_and_connection(site: Site) -> None:
    lookups: list[tuple[str, int]] = []

    def resolve(host: str, port: int) -> list[str]:
        lookups.append((host, port))
        return ["127.0.0.1"] if len(lookups) == 1 else ["127.0.0.9"]

    async with fetching(resolve=resolve, allow_hosts=frozenset({f"inside.test:{site.port}"})) as fetcher:
        assert (await fetcher.fetch(f"http://inside.test:{site.port}/note.txt")).data == b"a note"
    assert lookups == [("inside.test", site.port)]
    assert site.asked[0].headers["host"] == f"inside.test:{site.port}"


async def test_the_next_address_is_tried_when_one_does_not_answer(site: Site) -> None:
    async with fetching(
        resolve=lambda host, port: ["127.0.0.9", "127.0.0.1"], allow_hosts=frozenset({f"inside.test:{site.port}"})
    ) as fetcher:
        assert (await fetcher.fetch(f"http://inside.test:{site.port}/note.txt")).data == b"a note"


async def test_an_allowed_host_is_allowed_at_its_port_only(site: Site) -> None:
    async with fetching(allow_hosts=frozenset({f"127.0.0.1:{site.port + 1}"})) as fetcher:
        with pytest.raises(BlockedAddress):
            await fetcher.fetch(site.url("/note.txt"))
    assert site.asked == []


@pytest.mark.parametrize(
    "entry", ["127.0.0.1", "http://127.0.0.1:80", "a b:80", ":80", "host:80/path", "me@host:80", ""]
)
def test_an_allowed_host_must_be_host_and_port(entry: str) -> None:
    with pytest.raises(SettingsError, match="host:port"):
        Fetcher(allow_hosts=frozenset({entry}))


async def test_a_name_that_leads_nowhere_is_named() -> None:
    def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async with fetching(resolve=resolve) as fetcher:
        with pytest.raises(InputError, match=r"the name 'nowhere.test' in https://nowhere.test/a leads nowhere: Name"):
            await fetcher.fetch("https://nowhere.test/a?key=secret")


async def test_a_closed_port_is_an_input_error(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with fetching(allow_hosts=frozenset({f"127.0.0.1:{port}"})) as fetcher:
        with pytest.raises(InputError, match="could not be fetched"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(site: Site, code: int) -> None:
    async with fetching(site) as fetcher:
        got = await fetcher.fetch(site.url(f"/to?where=/note.txt&code={code}"))
    assert (got.data, got.url) == (b"a note", site.url("/note.txt"))


@pytest.mark.parametrize(
    "where",
    [
        "http://127.0.0.1:1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://localhost/",
        "//10.0.0.1/",
        "http://0x7f.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:70/",
        "data:text/plain,hello",
        r"http://127.0.0.1\@example.com/",
        r"\\10.0.0.1\a",
        "http://me:secret@example.com/",
        "http://[::1",
    ],
)
async def test_a_redirect_is_checked_like_the_first_address(site: Site, where: str) -> None:
    async with fetching(site) as fetcher:
        with pytest.raises(InputError, match="redirects|leads to") as caught:
            await fetcher.fetch(str(httpx2.URL(site.url("/to"), params={"where": where})))
    assert "secret" not in str(caught.value)
    assert len(site.asked) == 1


async def test_a_redirect_from_https_to_http_is_blocked() -> None:
    wire = Wire({"/": httpx2.Response(302, headers={"location": "http://example.com/b"})})
    async with fetching(transport=wire, resolve=lambda host, port: [PUBLIC]) as fetcher:
        with pytest.raises(BlockedAddress, match="redirects from https to http://example.com/b"):
            await fetcher.fetch("https://example.com/")
    assert len(wire.requests) == 1


async def test_redirects_are_counted(site: Site) -> None:
    async with fetching(site) as fetcher:
        assert (await fetcher.fetch(site.url("/hops/4"))).data == b"a note"
        with pytest.raises(InputError, match="redirects more than 5 times"):
            await fetcher.fetch(site.url("/hops/5"))
        with pytest.raises(InputError, match="redirects more than 5 times"):
            await fetcher.fetch(site.url("/loop"))


async def test_a_refusal_of_the_server_names_the_address_without_its_query(site: Site) -> None:
    async with fetching(site) as fetcher:
        with pytest.raises(InputError, match="answered 404 Not Found") as caught:
            await fetcher.fetch(site.url("/missing?token=secret"))
    assert site.url("/missing") in str(caught.value) and "secret" not in str(caught.value)


async def test_a_body_of_the_cap_is_taken_and_one_byte_more_is_not(site: Site) -> None:
    async with fetching(site, caps=FetchCaps(size_bytes=5_000)) as fetcher:
        assert len((await fetcher.fetch(site.url("/bytes/5000"))).data) == 5_000
        assert len((await fetcher.fetch(site.url("/stream/5"))).data) == 5_000
        with pytest.raises(TooLarge, match="holds 5,001 bytes; the cap is 5,000 bytes"):
            await fetcher.fetch(site.url("/bytes/5001"))
        with pytest.raises(TooLarge, match="holds more; the cap is 5,000 bytes"):
            await fetcher.fetch(site.url("/stream/6"))


async def test_a_body_that_never_ends_is_cut_off_at_the_cap(site: Site) -> None:
    async with fetching(site, caps=FetchCaps(size_bytes=5_000)) as fetcher:
        with pytest.raises(TooLarge):
            await fetcher.fetch(site.url("/stream/1000000000"))


async def test_a_body_that_drips_is_cut_off_in_time(site: Site) -> None:
    async with fetching(site, caps=FetchCaps(total_s=0.3)) as fetcher:
        began = time.monotonic()
        with pytest.raises(InputError, match=r"/drip took longer than 0.3 s"):
            await fetcher.fetch(site.url("/drip"))
        assert 0.25 < time.monotonic() - began < 2


async def test_a_resolver_that_hangs_is_cut_off_in_time() -> None:
    def resolve(host: str, port: int) -> list[str]:
        time.sleep(0.6)
        return [PUBLIC]

    async with fetching(resolve=resolve, transport=Wire(), caps=FetchCaps(total_s=0.1)) as fetcher:
        began = time.monotonic()
        with pytest.raises(InputError, match="took longer"):
            await fetcher.fetch("http://slow.test/")
        assert time.monotonic() - began < 0.5


@pytest.mark.parametrize("kind", ["gzip", "two", "deflate"])
async def test_a_body_that_comes_compressed_though_not_asked_for_is_unpacked(site: Site, kind: str) -> None:
    async with fetching(site) as fetcher:
        assert (await fetcher.fetch(site.url(f"/zipped/{kind}"))).data == b"a note, " * 1000


async def test_a_compressed_bomb_is_cut_off_at_the_cap(site: Site) -> None:
    async with fetching(site, caps=FetchCaps(size_bytes=1_000_000)) as fetcher:
        with pytest.raises(TooLarge, match="holds more once unpacked"):
            await fetcher.fetch(site.url("/zipped/bomb"))


@pytest.mark.parametrize(
    ("kind", "words"),
    [("broken", "sent a broken body"), ("cut", "broke off in the middle"), ("br", "compressed as 'br'")],
)
async def test_a_body_that_does_not_unpack_is_an_input_error(site: Site, kind: str, words: str) -> None:
    async with fetching(site) as fetcher:
        with pytest.raises(InputError, match=words):
            await fetcher.fetch(site.url(f"/zipped/{kind}"))


async def test_a_server_that_does_not_speak_http_is_an_input_error() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with fetching(allow_hosts=frozenset({host})) as fetcher:
            with pytest.raises(InputError, match="could not be fetched"):
                await fetcher.fetch(f"http://{host}/")


async def test_many_fetches_at_once_share_one_fetcher(site: Site) -> None:
    async with fetching(site) as fetcher:
        got = await asyncio.gather(*(fetcher.fetch(site.url(f"/bytes/{count}")) for count in range(30)))
    assert [len(one.data) for one in got] == list(range(30))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key and a certificate for `expert.test`."""
    if not shutil.which("openssl"):
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem"
    about = ["-days", "2", "-subj", "/CN=expert.test", "-addext", "subjectAltName=DNS:expert.test"]
    subprocess.run([*command.split(), *about], cwd=folder, check=True, capture_output=True)
    return folder


async def test_a_certificate_must_be_for_the_name_and_not_for_the_address(certificate: Path) -> None:
    site = Site()

    @site.app.get("/")
    async def root() -> PlainTextResponse:
        return PlainTextResponse("over TLS")

    trusting = ssl.create_default_context(cafile=certificate / "cert.pem")
    transport = httpx2.AsyncHTTPTransport(verify=trusting, limits=httpx2.Limits(max_keepalive_connections=0))
    with serving(site, ssl_keyfile=certificate / "key.pem", ssl_certfile=certificate / "cert.pem"):
        allow = frozenset({f"expert.test:{site.port}", f"other.test:{site.port}"})
        async with fetching(
            resolve=lambda host, port: ["127.0.0.1"], allow_hosts=allow, transport=transport
        ) as fetcher:
            assert (await fetcher.fetch(f"https://expert.test:{site.port}/")).data == b"over TLS"
            with pytest.raises(InputError, match="has no valid certificate: Hostname mismatch"):
                await fetcher.fetch(f"https://other.test:{site.port}/")
        async with fetching(resolve=lambda host, port: ["127.0.0.1"], allow_hosts=allow) as stranger:
            with pytest.raises(InputError, match="has no valid certificate"):
                await stranger.fetch(f"https://expert.test:{site.port}/")


@pytest.mark.parametrize(
    ("url", "data", "media_type"),
    [
        ("data:,hello%20world", b"hello world", "text/plain"),
        ("data:text/csv;charset=utf-8,a%2Cb", b"a,b", "text/csv"),
        ("data:image/png;base64,iVBORw0KGgo=", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("DATA:image/png;BASE64,iVBORw0KGgo", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("data:;base64,aGk%3D", b"hi", "text/plain"),
        ("data:nonsense;base64,aGk=", b"hi", "application/octet-stream"),
    ],
)
def test_a_data_address_is_read(url: str, data: bytes, media_type: str) -> None:
    assert read_data_url(url) == Fetched(data, "data", media_type, "data:")


@pytest.mark.parametrize(
    "url", ["data:", "data:text/plain;base64", "http://a/,", "data:;base64,a", "data:;base64,!!!!", ""]
)
def test_a_broken_data_address_is_refused(url: str) -> None:
    with pytest.raises(InputError):
        read_data_url(url)


def test_a_data_address_past_the_cap_is_refused() -> None:
    caps = FetchCaps(size_bytes=10)
    assert read_data_url("data:," + "%41" * 10, caps).data == b"A" * 10
    for body in ("," + "a" * 11, "," + "%41" * 11, ";base64,QUJDREVGR0hJSktM", "," + "a" * 1_000):
        with pytest.raises(TooLarge):
            read_data_url(f"data:{body}", caps)


def test_importing_fetch_loads_no_http_client() -> None:
    code = "import sys, hugginggpt.fetch; assert not {'httpx2', 'httpcore2', 'idna'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
