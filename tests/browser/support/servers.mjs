// The servers under test: one that starts its own services, others that share them, and a relay.
import { mkdirSync, openSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { start } from './processes.mjs';

const secret = 'test-only-secret';
const patience = 90_000; // milliseconds; the first start makes a PostgreSQL cluster

// All people of a test come from one address, faster than people do.
const limits = {
  SEENDR_LIMITS_MATCHING: 'off', SEENDR_LIMITS_GUEST_ADDRESS: 'off', SEENDR_LIMITS_REPORTS: 'off',
};

/** @type {Map<string, import('node:child_process').ChildProcess>} the process behind an address */
const processes = new Map();

export const processOf = (site) => processes.get(site);

/** Runs `seendr serve` and returns its address once it says that it is ready. */
export async function serve(binary, args, env, log) {
  const child = start(binary, ['serve', '--port', '0', '--instances', '1', ...args], {
    env: { ...process.env, ...limits, ...env }, stdio: ['ignore', 'pipe', log],
  });
  const lines = createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the server did not get ready in time')), patience);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
    lines.once('line', (line) => {
      clearTimeout(timer);
      const address = /https?:\/\/\S+/.exec(line);
      child.once('exit', (code, signal) => console.log(`# a server ended: ${signal ?? code}`));
      if (address) { processes.set(address[0], child); resolve(address[0]); } else reject(new Error(`unexpected first line: ${line}`));
    });
  });
}

/** What tells a command or another process to use the services of the server in `data`. */
export function servicesOf(data) {
  return {
    REDIS_URL: `unix://${data}/run/state.sock`,
    CACHE_URL: `unix://${data}/run/cache.sock`,
    DATABASE_URL: `postgresql:///seendr?host=${encodeURIComponent(`${data}/run`)}&user=seendr`,
  };
}

export async function startServers(binary, directory, relay) {
  const log = (name) => openSync(join(directory, `${name}.log`), 'a');
  const data = join(directory, 'data');
  const turn = { SEENDR_TURN_URLS: relay, SEENDR_TURN_SECRET: secret };
  const first = await serve(binary, ['--data-dir', data], turn, log('first'));
  const shared = { ...servicesOf(data), ...turn };
  const [second, hidden] = await Promise.all([
    serve(binary, [], shared, log('second')),
    serve(binary, [], { ...shared, SEENDR_TURN_POLICY: 'relay' }, log('hidden')),
  ]);
  return { SITE: first, SITE_OTHER: second, SITE_RELAY: hidden };
}

/** A relay on this machine only; returns its URL. */
export async function startRelay(directory) {
  const port = await freePort();
  const home = join(directory, 'relay');
  mkdirSync(home);
  writeFileSync(join(home, 'turn.conf'), [
    'listening-ip=127.0.0.1', 'relay-ip=127.0.0.1', `listening-port=${port}`, 'min-port=49160', 'max-port=49240',
    'realm=seendr.test', 'fingerprint', 'use-auth-secret', `static-auth-secret=${secret}`, 'allow-loopback-peers',
    'no-tls', 'no-dtls', 'no-cli', 'simple-log', 'log-file=stdout',
    `pidfile=${home}/turn.pid`, `userdb=${home}/turn.db`, '',
  ].join('\n'));
  start('turnserver', ['-c', join(home, 'turn.conf')], { log: join(directory, 'relay.log'), cwd: home });
  await listening(port);
  return `turn:127.0.0.1:${port}?transport=udp`;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function listening(port) {
  for (const end = Date.now() + 15_000; ;) {
    const open = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    if (Date.now() > end) throw new Error('the relay does not listen');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * A door in front of a server. Pages that go through it have the door's origin, so a cut, or a
 * move to another process behind it, is to them what a bad network is.
 */
export class Gate {
  static #open = new Set();
  #sockets = new Set();
  #closedUntil = 0;

  static async to(site) {
    const gate = new Gate();
    gate.target = new URL(site);
    Gate.#open.add(gate);
    gate.server = createServer((socket) => gate.#pass(socket));
    await new Promise((resolve) => gate.server.listen(0, '127.0.0.1', resolve));
    gate.site = `http://127.0.0.1:${gate.server.address().port}/`;
    return gate;
  }

  #pass(socket) {
    if (Date.now() < this.#closedUntil) { socket.resetAndDestroy(); return; }
    const onward = connect(Number(this.target.port), this.target.hostname);
    for (const [one, other] of [[socket, onward], [onward, socket]]) {
      this.#sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => { this.#sockets.delete(one); other.destroy(); });
      one.pipe(other);
    }
  }

  /** Breaks every connection and lets no new one through for a while. */
  cut(milliseconds) {
    this.#closedUntil = Date.now() + milliseconds;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** New connections go to another process. */
  leadTo(site) { this.target = new URL(site); }

  /** Closes every gate, also those of a test that failed: an open one keeps the process alive. */
  static closeAll() {
    for (const gate of Gate.#open) {
      gate.cut(0);
      gate.server.close();
    }
    Gate.#open.clear();
  }
}
