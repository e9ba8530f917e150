"""The one guarded way to an address that came from outside: a person's argument, a plan, what a model wrote.

`docs/security.md` says what is guarded and what is not.
"""

import asyncio
import base64
import binascii
import contextlib
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_to_bytes, urljoin

from pydantic import Field

from hugginggpt.errors import BlockedAddress, InputError, SettingsError, TooLarge
from hugginggpt.flow.artifact import Frozen

if TYPE_CHECKING:
    import httpx2


class FetchCaps(Frozen):
    """What a fetch may cost at most."""

    size_bytes: int = Field(default=50_000_000, gt=0)
    """Of the body, unpacked."""
    total_s: float = Field(default=60.0, gt=0)
    """From the call to the last byte, redirects included."""
    redirects: int = Field(default=5, ge=0)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave. Name and media type are what the other side says; `media.py` looks inside."""

    data: bytes
    name: str
    media_type: str
    url: str
    """Where it came from in the end, without its query."""


Resolve = Callable[[str, int], Sequence[str]]
"""The IP addresses of a host and port. May block: it is called in a thread. Raises OSError where there are none."""


def resolve_host(host: str, port: int) -> list[str]:
    """What the system's resolver says."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


class Fetcher:
    """Fetches public http and https addresses; each redirect is checked like the first address.

    Nothing is kept between fetches: no cookies, no credentials, no connections. It may be used by many tasks at once.
    """

    def __init__(
        self,
        *,
        caps: FetchCaps = FetchCaps(),
        allow_hosts: frozenset[str] = frozenset(),
        resolve: Resolve = resolve_host,
        transport: "httpx2.AsyncBaseTransport | None" = None,
    ) -> None:
        """`allow_hosts`, from settings only, names `host:port` pairs that may be private.

        A `transport` of one's own must keep no connection alive: one that was made for another host name would be used again.

        Raises:
            SettingsError: an entry of `allow_hosts` is not `host:port`.
        """
        self._caps = caps
        self._allowed = frozenset(map(_host_and_port, allow_hosts))
        self._resolve = resolve
        self._transport = transport
        self._opening = asyncio.Lock()

    async def fetch(self, url: str) -> Fetched:
        """The body of an address, whole.

        Raises:
            BlockedAddress: it leads, or redirects, to an address that is not public, or hides where it leads.
            TooLarge: its body is past the cap.
            InputError: it is no http or https address, or could not be fetched in time; the message holds no query.
        """
        place = _parse(url)
        try:
            async with asyncio.timeout(self._caps.total_s):
                return await self._follow(place)
        except TimeoutError:
            cure = "try again later, or download it yourself and attach the file"
            raise InputError(f"{place.shown} took longer than {self._caps.total_s:g} s", cure=cure) from None

    async def aclose(self) -> None:
        """Let go of everything; a later fetch starts anew."""
        transport, self._transport = self._transport, None
        if transport is not None:
            await transport.aclose()

    async def _follow(self, first: "_Place") -> Fetched:
        import httpx2

        place = first
        for _ in range(self._caps.redirects + 1):
            with _translated(place.shown):
                async with contextlib.aclosing(await self._get(place)) as response:
                    status = response.status_code
                    location = response.headers.get("location", "")
                    if status in _REDIRECTS and location:
                        place = _redirected(place, location)
                        continue
                    if not response.is_success:
                        raise InputError(
                            # The standard's words for the status: the server's own are a stranger's.
                            f"{place.shown} answered {status} {httpx2.codes.get_reason_phrase(status)}".rstrip(),
                            cure="check the address, or download it yourself and attach the file",
                        )
                    data = await self._body(response, place.shown)
                    media_type = response.headers.get("content-type", "")
                    return Fetched(data, place.name, _essence(media_type), place.shown)
        raise InputError(
            f"{first.shown} redirects more than {self._caps.redirects} times", cure="give the address it ends at"
        )

    async def _get(self, place: "_Place") -> "httpx2.Response":
        import httpx2

        timeout = httpx2.Timeout(self._caps.total_s, connect=min(_CONNECT_S, self._caps.total_s))
        transport = await self._opened()
        failed: httpx2.TransportError | None = None
        for address in await self._addresses(place):
            # The name is looked up once, and the connection goes to the very address that was checked: a name that
            # changes its answer between check and connection gains nothing. `Host` and the TLS name stay the name's.
            request = httpx2.Request(
                "GET",
                place.url.copy_with(host=address),
                headers={
                    "Host": place.url.netloc.decode("ascii"),
                    "User-Agent": "hugginggpt",
                    "Accept": "*/*",
                    "Accept-Encoding": "identity",
                },
                extensions={"timeout": timeout.as_dict(), "sni_hostname": place.host},
            )
            try:
                # The transport and not a client: a client brings cookies, .netrc, proxies and redirects of its own.
                return await transport.handle_async_request(request)
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                failed = error
        assert failed is not None
        raise failed

    async def _opened(self) -> "httpx2.AsyncBaseTransport":
        async with self._opening:
            if self._transport is None:
                # In a thread: reading the machine's certificates takes a while.
                self._transport = await asyncio.to_thread(_transport)
            return self._transport

    async def _addresses(self, place: "_Place") -> list[str]:
        """Where to connect: all that the name resolves to, if every one of them may be reached."""
        found: Sequence[str] = [place.host]
        if not _is_literal(place.host):
            try:
                found = await asyncio.to_thread(self._resolve, place.host, place.port)
            except (OSError, UnicodeError) as error:
                raise InputError(
                    f"the name {place.host!r} in {place.shown} leads nowhere: {_reason(error)}",
                    cure="check its spelling and the network",
                ) from None
        if not found:
            raise InputError(f"the name {place.host!r} in {place.shown} leads nowhere", cure="check its spelling")
        allowed = (place.host, place.port) in self._allowed
        for address in found:
            if why := _not_plain(address) if allowed else refusal(address):
                raise BlockedAddress(
                    f"{place.shown} leads to {address}, {why}",
                    cure="give a public address, or download it yourself and attach the file",
                )
        return list(found[:_TRIED_ADDRESSES])

    async def _body(self, response: "httpx2.Response", shown: str) -> bytes:
        cap_bytes = self._caps.size_bytes
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > cap_bytes:
            raise _too_large(shown, cap_bytes, f"{int(declared):,} bytes")
        encoding = response.headers.get("content-encoding", "").strip().lower() or "identity"
        if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
            raise InputError(
                f"{shown} came compressed as {encoding!r} though nothing of the kind was asked for",
                cure="download it yourself and attach the file",
            )
        # Raw bytes, unpacked here in small steps: the client library would unpack a whole piece, however large it gets.
        unpacked = bytearray()
        zipped = _Unzipped() if encoding != "identity" else None
        raw_bytes = 0
        async for piece in response.aiter_raw():
            raw_bytes += len(piece)
            if raw_bytes > cap_bytes:
                raise _too_large(shown, cap_bytes, "more")
            if zipped is None:
                unpacked += piece
                continue
            for step in zipped.steps(piece):
                unpacked += step
                if len(unpacked) > cap_bytes:
                    raise _too_large(shown, cap_bytes, "more once unpacked")
                await asyncio.sleep(0)
        if zipped is not None and raw_bytes and not zipped.complete:
            raise InputError(f"{shown} broke off in the middle", cure="try again")
        return bytes(unpacked)


def read_data_url(url: str, caps: FetchCaps = FetchCaps()) -> Fetched:
    """What a `data:` address holds.

    Raises:
        TooLarge: it holds more than the cap.
        InputError: it is no `data:` address, or broken.
    """
    head, comma, body = url.partition(",")
    if head[:5].lower() != "data:" or not comma:
        raise InputError("that is no data: address", cure="it reads data:MEDIA/TYPE;base64,BYTES")
    media_type, *parameters = head[5:].split(";")
    # Percent escapes take three characters for a byte and base64 four for three; more than that cannot fit.
    if len(body) > 3 * caps.size_bytes + 4:
        raise _too_large("a data: address", caps.size_bytes, "more")
    data = unquote_to_bytes(body)
    if any(parameter.strip().lower() == "base64" for parameter in parameters):
        packed = b"".join(data.split()).rstrip(b"=")
        try:
            data = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
        except binascii.Error as error:
            raise InputError(f"a data: address holds broken base64: {error}", cure="encode it again") from None
    if len(data) > caps.size_bytes:
        raise _too_large("a data: address", caps.size_bytes, f"{len(data):,} bytes")
    return Fetched(data, "data", _essence(media_type) if media_type else "text/plain", "data:")


_CONNECT_S = 10.0
_TRIED_ADDRESSES = 4
_LONGEST_URL = 8_192
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class _Place:
    """An address that parsed the same way twice."""

    url: "httpx2.URL"
    host: str
    """As it is looked up: lower case, ASCII; an IPv6 address without brackets."""
    port: int

    @property
    def shown(self) -> str:
        """For messages: a query may hold secrets."""
        return str(self.url.copy_with(query=None, fragment=None))

    @property
    def name(self) -> str:
        """What a file from there may be called."""
        return PurePosixPath(unquote(self.url.path)).name or self.host


# Host and port as RFC 3986 has them, and nothing looser.
_HTTP = re.compile(r"(?i:(?P<scheme>https?))://(?P<host>\[[^\]]*\]|[^/?#\[\]:]*)(?::(?P<port>[0-9]{1,5}))?(?:[/?#].*)?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def _parse(url: str) -> _Place:
    """One reading of an address, or none.

    It is read twice, by a narrow pattern here and by the library that will fetch it, and refused where they differ: a
    check that reads an address in one way guards nothing if the fetch reads it in another.
    """
    import httpx2

    shown = _shown(url)
    if len(url) > _LONGEST_URL:
        raise InputError(f"an address of {len(url):,} characters", cure=f"{_LONGEST_URL:,} are the most")
    if odd := next((char for char in url if not char.isprintable() or char.isspace() or char == "\\"), None):
        raise InputError(f"the address {shown!r} has {odd!r} in it", cure="write it as %XX if it belongs there")
    scheme = url.partition(":")[0].lower()
    if scheme not in ("http", "https"):
        raise InputError(f"{shown!r} is no http or https address", cure="only those are fetched")
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    if "@" in authority:
        raise InputError(f"the address {shown!r} has a name or password before its host", cure="leave it out")
    match = _HTTP.fullmatch(url)
    if match is None:
        raise InputError(f"{shown!r} is no address", cure="it reads https://host/path")
    host = _strict_host(match["host"], shown)
    port = int(match["port"] or {"http": 80, "https": 443}[scheme])
    if not 0 < port < 65_536:
        raise InputError(f"the address {shown!r} has no port {port}", cure="ports go from 1 to 65535")
    try:
        parsed = httpx2.URL(url).copy_with(fragment=None)
    except (httpx2.InvalidURL, UnicodeError, ValueError):
        raise InputError(f"{shown!r} is no address", cure="it reads https://host/path") from None
    second = (parsed.scheme, _canonical(parsed.raw_host.decode("ascii")), parsed.port or port, parsed.userinfo)
    if second != (scheme, host, port, b""):
        raise BlockedAddress(f"the address {shown!r} can be read in two ways", cure="write it plainly")
    return _Place(parsed, host, port)


def _strict_host(written: str, shown: str) -> str:
    host = written.lower()
    if not host:
        raise InputError(f"the address {shown!r} has no host", cure="it reads https://host/path")
    if not host.isascii():
        host = _idna(host, shown)
    labels = host.split(".")
    bracketed = host.startswith("[")
    if bracketed or _NUMBER.fullmatch(labels[-1]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to some resolvers; only the plain forms are read.
        address = host[1:-1] if bracketed else host
        if _not_plain(address) or (":" in address) != bracketed:
            raise BlockedAddress(f"the address {shown!r} hides an IP address in odd writing", cure="write it plainly")
        return _canonical(address)
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise InputError(f"the address {shown!r} has no proper host name", cure="it reads https://host/path")
    return host


def _idna(host: str, shown: str) -> str:
    import idna

    try:
        encoded = idna.encode(host).decode("ascii")
        if idna.decode(encoded) == host:
            return encoded
    except (idna.IDNAError, UnicodeError):
        pass
    # Letters that stand for others (full-width digits, ideographic dots) do not come back as they went.
    raise InputError(f"the host in {shown!r} is no proper international name", cure="write it in its xn-- form")


def _canonical(host: str) -> str:
    return str(ipaddress.ip_address(host)) if _is_literal(host) else host


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host_and_port(entry: str) -> tuple[str, int]:
    try:
        place = _parse(f"http://{entry}")
    except InputError:
        place = None
    if place is None or place.url.path != "/" or not re.search(r":[0-9]+$", entry):
        raise SettingsError(f"allow_hosts has {entry!r}", cure="write it as host:port, such as '10.0.0.7:8080'")
    return place.host, place.port


def _redirected(place: _Place, location: str) -> _Place:
    # The raw text is looked at before it is joined: joining would already give a reading of a backslash.
    if any(not char.isprintable() or char.isspace() or char == "\\" for char in location):
        raise BlockedAddress(
            f"{place.shown} redirects to an address that can be read in two ways", cure="give the address it ends at"
        )
    try:
        target = _parse(urljoin(str(place.url), location))
    except ValueError:
        raise InputError(f"{place.shown} redirects to what is no address", cure="check it in a browser") from None
    except InputError as error:
        raise type(error)(f"{place.shown} redirects: {error.message}", cure=error.cure) from None
    if (place.url.scheme, target.url.scheme) == ("https", "http"):
        raise BlockedAddress(
            f"{place.shown} redirects from https to {target.shown}", cure="give that address itself if you trust it"
        )
    return target


# What the IANA registries of special addresses call not globally reachable, and what only tunnels reach. A table of our
# own: `ipaddress.is_global` differs between Python versions and calls 6to4, multicast and some translated addresses global.
_REFUSED: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str], ...] = tuple(
    (ipaddress.ip_network(network), why)
    for network, why in {
        "0.0.0.0/8": "this machine",
        "10.0.0.0/8": "a private address",
        "100.64.0.0/10": "an address inside a provider's network",
        "127.0.0.0/8": "this machine",
        "168.63.129.16/32": "a cloud's own service",
        "169.254.0.0/16": "a link-local address",
        "172.16.0.0/12": "a private address",
        "192.0.0.0/24": "a reserved address",
        "192.0.2.0/24": "an address for documentation",
        "192.88.99.0/24": "a tunnel's address",
        "192.168.0.0/16": "a private address",
        "198.18.0.0/15": "an address for benchmarks",
        "198.51.100.0/24": "an address for documentation",
        "203.0.113.0/24": "an address for documentation",
        "224.0.0.0/4": "a multicast address",
        "240.0.0.0/4": "a reserved address",
        "::/128": "this machine",
        "::1/128": "this machine",
        "::ffff:0:0/96": "an IPv4 address in disguise",
        "fc00::/7": "a private address",
        "fe80::/10": "a link-local address",
        "ff00::/8": "a multicast address",
        "2001::/23": "a reserved or tunnel's address",
        "2001:db8::/32": "an address for documentation",
        "2002::/16": "a tunnel's address",
        "3fff::/20": "an address for documentation",
    }.items()
)
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _not_plain(address: str) -> str:
    # `fe80::1%eth0` names a network card of this machine besides an address.
    return "" if _is_literal(address) and "%" not in address else "which is no plain IP address"


def refusal(address: str) -> str:
    """Why no stranger may send us to an IP address; empty if it is public."""
    if why := _not_plain(address):
        return why
    ip = ipaddress.ip_address(address)
    for network, why in _REFUSED:
        if ip in network:
            return why
    if isinstance(ip, ipaddress.IPv4Address):
        return ""
    if ip in _NAT64:
        # Networks with IPv6 only reach every IPv4 host so; what counts is the address inside.
        return refusal(str(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)))
    if ip not in _PUBLIC_V6:
        return "a reserved address"
    # ISATAP: an interface id of 0:5efe:a.b.c.d tunnels to that IPv4 address.
    return "a tunnel's address" if (int(ip) >> 32) & 0xFDFF_FFFF == 0x5EFE else ""


def _transport() -> "httpx2.AsyncBaseTransport":
    import httpx2

    return httpx2.AsyncHTTPTransport(limits=httpx2.Limits(max_connections=20, max_keepalive_connections=0))


class _Unzipped:
    """A gzip or zlib stream, unpacked in small steps."""

    _STEP_BYTES = 1 << 20
    _EITHER = zlib.MAX_WBITS | 32

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(self._EITHER)

    @property
    def complete(self) -> bool:
        return self._stream.eof

    def steps(self, piece: bytes) -> Iterator[bytes]:
        """What one piece unpacks to, at most `_STEP_BYTES` at a time."""
        while True:
            if self._stream.eof:
                if not piece:
                    return
                self._stream = zlib.decompressobj(self._EITHER)  # gzip streams may follow one another
            out = self._stream.decompress(piece, self._STEP_BYTES)
            yield out
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if not piece and len(out) < self._STEP_BYTES:
                return


@contextlib.contextmanager
def _translated(shown: str) -> Iterator[None]:
    """The libraries' errors as ours, here and nowhere else."""
    import httpx2

    try:
        yield
    except httpx2.TimeoutException:
        raise InputError(f"{shown} did not answer in time", cure="try again later") from None
    except httpx2.HTTPError as error:
        if tls := _tls_error(error):
            reason = getattr(tls, "verify_message", "") or _reason(tls)
            raise InputError(f"{shown} has no valid certificate: {reason}", cure="check the address") from None
        raise InputError(f"{shown} could not be fetched: {_reason(error)}", cure="check it and the network") from None
    except zlib.error:
        raise InputError(f"{shown} sent a broken body", cure="download it yourself and attach the file") from None


def _tls_error(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error


def _reason(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:200] or type(error).__name__


def _too_large(shown: str, cap_bytes: int, got: str) -> TooLarge:
    return TooLarge(f"{shown} holds {got}; the cap is {cap_bytes:,} bytes", cure="give a smaller file")


def _essence(content_type: str) -> str:
    """A media type without its parameters; `application/octet-stream` where there is none to speak of."""
    essence = content_type.partition(";")[0].strip().lower()
    return essence if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", essence) else "application/octet-stream"


def _shown(url: str) -> str:
    """An address that is not parsed yet, for messages: no query, no name or password, no contents, not too long."""
    if url[:5].lower() == "data:":
        return "data:"
    bare = re.split(r"[?#]", url[:_LONGEST_URL], maxsplit=1)[0]
    return re.sub(r"(?is)^([a-z][a-z0-9+.-]*:/*)[^/]*@", r"\1", bare)[:200]
