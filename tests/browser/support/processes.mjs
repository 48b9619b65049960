// Child processes that end with this one, however it ends.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';

const running = new Set();

/** Starts a program; its output goes to `log`, or where `stdio` says. */
export function start(program, args, { env = process.env, log, stdio, cwd } = {}) {
  const output = log ? openSync(log, 'a') : 'inherit';
  const child = spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], {
    env, cwd, stdio: stdio ?? ['ignore', output, output],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The exit code; a signal counts as 1. */
export async function finished(child) {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

export async function stop(child, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await end;
  clearTimeout(timer);
}

export async function stopAll() {
  await Promise.all([...running].map((child) => stop(child)));
}
