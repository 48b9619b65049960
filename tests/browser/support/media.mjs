// A camera picture and a sound for each person, so that a test sees whom it sees.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const width = 320, height = 240, frames = 20;

// Luma and the two colour differences of three colours that no codec confuses.
export const colours = { red: [81, 90, 240], green: [145, 54, 34], blue: [41, 240, 110] };

/** Two seconds at 10 frames a second, which two cores can code for two people, of one colour with a bright bar that moves. */
function y4m([luma, u, v]) {
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`)];
  const chroma = width * height / 4;
  for (let n = 0; n < frames; n += 1) {
    const plane = Buffer.alloc(width * height, luma);
    const bar = Math.floor(n * width / frames);
    for (let row = 0; row < height; row += 1) plane.fill(235, row * width + bar, row * width + Math.min(bar + 10, width));
    parts.push(Buffer.from('FRAME\n'), plane, Buffer.alloc(chroma, u), Buffer.alloc(chroma, v));
  }
  return Buffer.concat(parts);
}

/** Bursts of a tone: a steady one is taken for noise and suppressed. */
function wav(frequency) {
  const rate = 48_000, seconds = 2;
  const data = Buffer.alloc(rate * seconds * 2);
  for (let i = 0; i < rate * seconds; i += 1) {
    const on = i % (rate / 2) < rate / 5;
    data.writeInt16LE(on ? Math.round(12_000 * Math.sin(2 * Math.PI * frequency * i / rate)) : 0, i * 2);
  }
  const head = Buffer.alloc(44);
  head.write('RIFF', 0); head.writeUInt32LE(36 + data.length, 4); head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16); head.writeUInt16LE(1, 20); head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24); head.writeUInt32LE(rate * 2, 28); head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34); head.write('data', 36); head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

export function writeMedia(directory) {
  Object.entries(colours).forEach(([name, colour], n) => {
    writeFileSync(join(directory, `${name}.y4m`), y4m(colour));
    writeFileSync(join(directory, `${name}.wav`), wav(330 + 220 * n));
  });
}
