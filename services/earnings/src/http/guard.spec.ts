import { describe, expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { systemTimers } from '@cliptally/contracts';
import type { Access } from './auth/access.js';
import { OperationGuard } from './guard.js';

describe('the pace of callers', () => {
  let now = 0;
  const timers = { ...systemTimers, now: () => now };
  const reflector = { get: () => ({ roles: ['admin'] }) } as unknown as Reflector;
  const access = {
    callerOf: (subject: string) => Promise.resolve({ role: 'admin', subject }),
  } as unknown as Access;
  const ask = (guard: OperationGuard, subject: string) =>
    guard.canActivate({
      getHandler: () => null,
      switchToHttp: () => ({
        getRequest: () => ({
          headers: { authorization: subject },
          params: {},
          query: {},
          method: 'GET',
          path: '/',
        }),
      }),
    } as unknown as ExecutionContext);

  it('is remembered though more than 10,000 others ask: nobody has a new allowance because there are many', async () => {
    const guard = new OperationGuard(reflector, access, { burst: 2, perSecond: 1 }, timers);
    await ask(guard, 'greedy');
    for (let i = 0; i < 11_000; i++) {
      if (i === 9_000) await ask(guard, 'greedy');
      await ask(guard, `other-${i}`);
    }
    await expect(ask(guard, 'greedy')).rejects.toMatchObject({ status: 429 });
    now += 2_000;
    await expect(ask(guard, 'greedy')).resolves.toBe(true);
  });
});
