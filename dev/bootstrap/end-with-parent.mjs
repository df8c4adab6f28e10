/**
 * For `node --import`: ends a program when the command that started it was killed; cleanly, and
 * within half a minute in any case.
 */
import { isMainThread } from 'node:worker_threads';
import { onParentGone } from './parent.mjs';

if (isMainThread) {
  onParentGone(() => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), 30_000).unref();
  });
}
