// Starts the servers once, runs each test file against them, one after another, and ends them.
// TEST_ONLY: a pattern of test names, for work on one of them.
import { mkdirSync, mkdtempSync, chmodSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRelay, startServers } from './support/servers.mjs';
import { writeMedia } from './support/media.mjs';
import { finished, start, stopAll } from './support/processes.mjs';

const [binary, ...names] = process.argv.slice(2);
const all = readdirSync('.').filter((file) => file.endsWith('.test.mjs')).sort();
const files = names.length > 0 ? names.map((name) => `${name}.test.mjs`) : all;
const directory = mkdtempSync(join(tmpdir(), 'seendr-browser-'));
chmodSync(directory, 0o755); // The services run as a user of their own, below it.

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, async () => {
    await stopAll();
    process.exit(1);
  });
}

const failed = [];
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
let began = Date.now();
try {
  mkdirSync(join(directory, 'media'));
  writeMedia(join(directory, 'media'));
  const relay = await startRelay(directory);
  const sites = await startServers(binary, directory, relay);
  console.log(`# servers ready in ${seconds(began)}`);
  for (const file of files) {
    began = Date.now();
    const only = process.env.TEST_ONLY ? [`--test-name-pattern=${process.env.TEST_ONLY}`] : [];
    const child = start(process.execPath, [...only, '--test', file], {
      stdio: 'inherit',
      env: { ...process.env, ...sites, TEST_BINARY: binary, TEST_DIRECTORY: directory },
    });
    const code = await finished(child);
    console.log(`# ${file} ${code === 0 ? 'passed' : 'FAILED'} in ${seconds(began)}`);
    if (code !== 0) failed.push(file);
  }
} finally {
  began = Date.now();
  await stopAll();
  console.log(`# servers stopped in ${seconds(began)}`);
}
if (failed.length > 0) {
  console.log(`# failed: ${failed.join(' ')}; logs of the servers are in ${directory}`);
  process.exit(1);
}
rmSync(directory, { recursive: true, force: true });
