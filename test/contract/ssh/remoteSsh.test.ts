import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { outcomeOf } from './sshHost.ts';
import { sharedEngineHost } from './sharedEngineHost.ts';

const there = await sharedEngineHost();
const { host } = there;

/**
 * Stands for the server that Remote-SSH installs: says over which port it listens, answers HTTP, and echoes what comes
 * over a WebSocket, whose frames it reads itself.
 */
const server = String.raw`
import base64, hashlib, http.server, os, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *args): pass
    def do_GET(self):
        key = self.headers.get('Sec-WebSocket-Key')
        if key is None:
            body = b'version ' + sys.argv[1].encode()
            self.send_response(200)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        accept = base64.b64encode(hashlib.sha1((key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').encode()).digest())
        self.send_response(101)
        self.send_header('Upgrade', 'websocket'); self.send_header('Connection', 'Upgrade')
        self.send_header('Sec-WebSocket-Accept', accept.decode())
        self.end_headers()
        while True:
            head = self.rfile.read(2)
            if len(head) < 2 or head[0] & 15 == 8: break
            length = head[1] & 127
            if length == 126: length = int.from_bytes(self.rfile.read(2), 'big')
            elif length == 127: length = int.from_bytes(self.rfile.read(8), 'big')
            mask = self.rfile.read(4)
            data = self.rfile.read(length)
            full = (mask * (length // 4 + 1))[:length]
            plain = (int.from_bytes(data, 'big') ^ int.from_bytes(full, 'big')).to_bytes(length, 'big')
            size = bytes([length]) if length < 126 else bytes([126]) + length.to_bytes(2, 'big') if length < 65536 else bytes([127]) + length.to_bytes(8, 'big')
            self.wfile.write(bytes([130]) + size + plain)
        self.close_connection = True
s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
print(s.server_address[1], file=open(sys.argv[2], 'w'), flush=True)
s.serve_forever()
`;

/** The shape of the script that Remote-SSH and its kin send: it unpacks, starts in the background, and reports. */
const installScript = (id: string) => `
set -e
folder="$HOME/.vscode-server/bin/${id}"
mkdir -p "$folder"
cat > "$folder/server.py" <<'THE_END'
${server}
THE_END
rm -f "$folder/port"
nohup python3 "$folder/server.py" ${id} "$folder/port" >"$folder/log" 2>&1 </dev/null &
pid=$!
for nth in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  [ -s "$folder/port" ] && break
  sleep 0.2
done
echo "${id}: start"
echo "exitCode==0=="
echo "listeningOn==$(cat "$folder/port")=="
echo "osReleaseId==$(. /etc/os-release; echo $ID)=="
echo "arch==$(uname -m)=="
echo "pid==$pid=="
echo "${id}: end"
`;

const field = (text: string, name: string) => new RegExp(`^${name}==(.*)==$`, 'm').exec(text)?.[1] ?? '';

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** Asks a SOCKS server (RFC 1928) for a connection, as Remote-SSH does with that of its `-D`. */
async function throughSocks(socksPort: number, port: number): Promise<Socket> {
  const socket = connect(socksPort, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(Buffer.of(5, 1, 0));
  await once(socket, 'readable');
  expect(socket.read(2)).toEqual(Buffer.of(5, 0));
  socket.write(Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255));
  await once(socket, 'readable');
  expect(socket.read(10)?.[1]).toBe(0);
  return socket;
}

async function get(socket: Socket): Promise<string> {
  const asking = request({ host: 'server', path: '/version', createConnection: () => socket }).end();
  const [response] = await once(asking, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

it('Remote-SSH starts its server, and speaks to it', async () => {
  const socks = await freePort();
  // One connection does it all: the script comes by its input while it forwards.
  const ssh = host.startSsh('bash', { options: ['-T', '-D', String(socks), '-o', 'ConnectTimeout=15'] });
  let said = '';
  ssh.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const id = randomBytes(8).toString('hex');
  ssh.stdin?.write(installScript(id));
  await expect.poll(() => said).toContain(`${id}: end`);
  const port = Number(field(said, 'listeningOn'));
  expect(field(said, 'arch')).not.toBe('');

  expect(await get(await throughSocks(socks, port))).toBe(`version ${id}`);

  const connection = await throughSocks(socks, port);
  const socket = new WebSocket('ws://server/', {
    createConnection: () => connection,
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  const messages = [Buffer.from('hello'), randomBytes(70_000), randomBytes(3_000_000)];
  const echoed: string[] = [];
  socket.on('message', (data: Buffer) => echoed.push(hash(data)));
  for (const message of messages) socket.send(message);
  await expect.poll(() => echoed).toEqual(messages.map(hash));
  socket.terminate();

  ssh.stdin?.end('kill $pid\n');
  expect((await outcomeOf(ssh)).code).toBe(0);
  await expect.poll(() => host.proxies()).toEqual([]);
});

it('a script runs from the input of a shell, and its server outlives the connection', async () => {
  const id = randomBytes(8).toString('hex');
  const { code, stdout } = await host.ssh('sh -s', installScript(id), { options: ['-T'] });
  expect(code).toBe(0);
  const port = field(stdout.toString(), 'listeningOn');
  expect(
    await there.run(
      `python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:${port}").read().decode())'`,
    ),
  ).toBe(`version ${id}\n`);
});

it('a script comes as one long command, too', async () => {
  const id = randomBytes(8).toString('hex');
  const { code, stdout } = await host.ssh(`bash -c '${installScript(id).replaceAll("'", String.raw`'\''`)}'`);
  expect([code, field(stdout.toString(), 'exitCode')]).toEqual([0, '0']);
});

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
