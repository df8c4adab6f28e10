import { expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runningFile, writePrivately } from './connection.js';

it('nobody else reads where a running world listens, and with which passwords', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cliptally-running-'));
  try {
    chmodSync(folder, 0o755);
    const file = runningFile(folder);
    writeFileSync(file, 'of an earlier start', { mode: 0o644 });
    writePrivately(file, '{}');
    expect(readFileSync(file, 'utf8')).toBe('{}');
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    expect((statSync(folder).mode & 0o777).toString(8)).toBe('700');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
