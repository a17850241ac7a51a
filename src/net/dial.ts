import { connect, type Socket } from 'node:net';
import { nameOf, type Endpoint } from './endpoint.ts';
import { plainNetwork, type Network, type NetworkSettings } from './network.ts';
import type { Host } from './noProxy.ts';
import { hostOf, proxyFor, type Proxy } from './proxy.ts';
import { emitted, reach, type Hop } from './reach.ts';
import { Unreachable } from './unreachable.ts';

/** Milliseconds for a whole connection: proxy, tunnel and TLS included. */
const patienceMs = 10_000;
/** Milliseconds of silence after which TCP asks whether the other side still is there. */
const keepAliveMs = 60_000;

/**
 * Opens the connection that HTTP, a WebSocket or SSH then uses: to a Unix socket, or over TCP, with a proxy and TLS as
 * the settings have it at this moment. An `https:` origin ends in TLS, any other one in the bare connection. What
 * neither needs is not loaded: Node's TLS and HTTP are half of the time in which ssh-proxy starts.
 * @throws Unreachable naming who did not let us through and what can be done; also when the signal is aborted.
 */
export async function dial(
  endpoint: Pick<Endpoint, 'origin' | 'socketPath'>,
  network: Network = plainNetwork,
  signal?: AbortSignal,
): Promise<Socket> {
  const patience = AbortSignal.timeout(patienceMs);
  const until = signal ? AbortSignal.any([signal, patience]) : patience;
  const name = nameOf(endpoint);
  if (endpoint.socketPath) return open({ name }, connect(endpoint.socketPath), until);

  const hop = { name, advice: "Check this machine's network; if it needs a proxy, name that in http.proxy." };
  const url = new URL(endpoint.origin);
  const settings = network.settings();
  const proxy = proxyFor(url, settings);
  for (const secret of proxy?.secrets ?? []) network.hide(secret);
  const socket = proxy
    ? await throughProxy(proxy, hostOf(url), settings, until)
    : await open(hop, connectTo(hostOf(url)), until);
  return url.protocol === 'https:' ? encrypt(hop, socket, hostOf(url).name, settings, until) : socket;
}

async function throughProxy(
  proxy: Proxy,
  host: Host,
  settings: NetworkSettings,
  until: AbortSignal,
): Promise<Socket> {
  const hop = {
    name: `The proxy ${proxy.url.host}`,
    advice: `Check ${proxy.source}, or add ${host.name} to http.noProxy or NO_PROXY.`,
  };
  const bare = await open(hop, connectTo(hostOf(proxy.url)), until);
  const socket =
    proxy.url.protocol === 'https:'
      ? await encrypt(hop, bare, hostOf(proxy.url).name, settings, until)
      : bare;
  const { openTunnel } = await import('./tunnel.ts');
  const tunnel = openTunnel(socket, host, proxy.authorization, until);
  const { status, reason } = await reach(hop, socket, tunnel, until);
  if (status >= 200 && status < 300) return socket;
  socket.destroy();
  throw refused(hop, host, status, reason);
}

function refused({ name, advice }: Hop, host: Host, status: number, reason: string): Unreachable {
  const message = `${name} does not let us through to ${host.name}: ${status} ${reason}`.trim();
  if (status !== 407) return new Unreachable('network', message, { passing: isPassing(status), advice });
  return new Unreachable('network', message, {
    passing: false,
    advice:
      'It asks for a user and a password: http://USER:PASSWORD@… in http.proxy, or http.proxyAuthorization.',
  });
}

const isPassing = (status: number): boolean => status === 502 || status === 503 || status === 504;

const connectTo = ({ name, port }: Host): Socket =>
  connect({ host: name, port }).setNoDelay(true).setKeepAlive(true, keepAliveMs);

async function open(hop: Hop, socket: Socket, until: AbortSignal): Promise<Socket> {
  await reach(hop, socket, emitted(socket, 'connect', until), until);
  return socket;
}

async function encrypt(
  hop: Hop,
  bare: Socket,
  host: string,
  settings: NetworkSettings,
  until: AbortSignal,
): Promise<Socket> {
  const { secure } = await import('./secure.ts');
  const socket = secure(bare, host, settings);
  await reach(hop, socket, emitted(socket, 'secureConnect', until), until);
  return socket;
}
