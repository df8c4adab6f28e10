import { readFileSync } from 'node:fs';

/**
 * Calls back once the process that started this one is gone. Signals are not sent for that, least
 * of all when it was killed.
 */
export function onParentGone(callback) {
  const born = lineage();
  const timer = setInterval(() => {
    if (lineage() === born) return;
    clearInterval(timer);
    callback();
  }, 500).unref();
}

/**
 * npm runs scripts by way of a shell, which outlives a killed npm: then the shell's own parent is
 * the one that counts.
 */
function lineage() {
  const { ppid, platform } = process;
  if (platform !== 'linux') return `${ppid}`;
  try {
    const status = readFileSync(`/proc/${ppid}/status`, 'utf8');
    const isShell = /^Name:\s*(sh|dash|bash)$/m.test(status);
    return isShell ? `${ppid} of ${/^PPid:\s*(\d+)$/m.exec(status)?.[1]}` : `${ppid}`;
  } catch {
    return 'gone';
  }
}
